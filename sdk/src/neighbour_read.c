/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/territory_async.h>
#include <cpts/v1/territory.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static bool fill(struct cpts_neighbours *neighbours, const Cpts__V1__ListNeighboursResponse *from,
                 struct arena *arena)
{
    struct cpts_neighbour *own = arena_alloc(arena, (from->n_neighbours + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_neighbours; i++) {
        const Cpts__V1__Neighbour *one = from->neighbours[i];
        own[i] = (struct cpts_neighbour){
            .cpts_id = one->cpts_id,
            .name = one->name,
            .stage = (enum cpts_stage)one->stage,
            .lead_region = one->lead_region,
            .population_count = one->population_count,
            .distance_km = one->distance_km,
            .centre = cpts_convert__position(one->centre),
            .synthetic = one->synthetic,
        };
    }
    *neighbours = (struct cpts_neighbours){
        .neighbours = own,
        .neighbour_count = from->n_neighbours,
        .origin = cpts_convert__position(from->origin),
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .message = from,
    };
    return true;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    return fill(answer->result, (const Cpts__V1__ListNeighboursResponse *)answer->message,
                answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_neighbours_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_neighbours_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_neighbours_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListNeighboursRequest request = CPTS__V1__LIST_NEIGHBOURS_REQUEST__INIT;
    request.id = cpts_convert__text(own.id);
    request.commune = cpts_convert__text(own.commune);
    request.limit = own.limit;
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_TERRITORY_NEIGHBOURS,
                                .request = &request.base,
                                .response = &cpts__v1__list_neighbours_response__descriptor,
                                .result_bytes = sizeof(struct cpts_neighbours),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_neighbours_list(cpts_client *client, const struct cpts_neighbours_query *query,
                                 int32_t timeout_ms, struct cpts_neighbours **ret_neighbours,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_neighbours = result;
    return status;
}

cpts_status cpts_neighbours_list_start(cpts_client *client,
                                       const struct cpts_neighbours_query *query,
                                       const struct cpts_async *async,
                                       cpts_neighbours_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, query, &launch, err);
}

char *cpts_neighbours_json(const struct cpts_neighbours *neighbours, int indent_spaces)
{
    return cpts_convert__json(neighbours->message, indent_spaces);
}

void cpts_neighbours_free(struct cpts_neighbours *neighbours)
{
    cpts_exchange__release(neighbours);
}
