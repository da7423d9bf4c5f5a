/* SPDX-License-Identifier: Apache-2.0 */
/* Conflicts and gaps. */
#include <cpts/territory_async.h>
#include <cpts/v1/territory.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define REQUEST_ARENA_BYTES ((size_t)64 * 1024)

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static const struct cpts_claimant *claimants(const Cpts__V1__Conflict *from, struct arena *arena)
{
    struct cpts_claimant *own = arena_alloc(arena, (from->n_claimants + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_claimants; i++) {
        const Cpts__V1__Claimant *one = from->claimants[i];
        own[i] = (struct cpts_claimant){.cpts_id = one->cpts_id,
                                        .name = one->name,
                                        .stage = (enum cpts_stage)one->stage,
                                        .share = one->share,
                                        .lead_region = one->lead_region};
    }
    return own;
}

static bool fill_conflict(struct cpts_conflict *conflict, const Cpts__V1__Conflict *from,
                          struct arena *arena)
{
    *conflict = (struct cpts_conflict){
        .unit_code = from->unit_code,
        .name = from->name,
        .kind = (enum cpts_unit_kind)from->kind,
        .department = from->department,
        .region = from->region,
        .population_count = from->population_count,
        .share_sum = from->share_sum,
        .excess_count = from->excess_count,
        .claimants = claimants(from, arena),
        .claimant_count = from->n_claimants,
    };
    return conflict->claimants != NULL;
}

static bool fill_conflicts(struct cpts_conflicts *conflicts,
                           const Cpts__V1__ListConflictsResponse *from, struct arena *arena)
{
    struct cpts_conflict *own = arena_alloc(arena, (from->n_conflicts + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_conflicts; i++) {
        if (!fill_conflict(&own[i], from->conflicts[i], arena))
            return false;
    }
    *conflicts = (struct cpts_conflicts){
        .conflicts = own,
        .conflict_count = from->n_conflicts,
        .next_page_token = from->next_page_token,
        .unit_count = from->unit_count,
        .excess_count = from->excess_count,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .synthetic = from->synthetic,
        .message = from,
    };
    return true;
}

static cpts_status take_conflicts(const struct answer *answer, struct cpts_error *err)
{
    return fill_conflicts(answer->result, (const Cpts__V1__ListConflictsResponse *)answer->message,
                          answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_list_conflicts(const struct completion *completion)
{
    ((cpts_conflicts_callback *)completion->callback)(completion->status, completion->result,
                                                      &completion->err, completion->data);
}

static cpts_status list_conflicts(cpts_client *client, const struct cpts_conflicts_query *query,
                                  const struct launch *launch, struct cpts_error *err)
{
    struct cpts_conflicts_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListConflictsRequest request = CPTS__V1__LIST_CONFLICTS_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    request.include_shared = own.include_shared;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_TERRITORY_CONFLICTS,
                                .request = &request.base,
                                .response = &cpts__v1__list_conflicts_response__descriptor,
                                .result_bytes = sizeof(struct cpts_conflicts),
                                .take = take_conflicts};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_territory_conflicts(cpts_client *client, const struct cpts_conflicts_query *query,
                                     int32_t timeout_ms, struct cpts_conflicts **ret_conflicts,
                                     struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_conflicts(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_conflicts = result;
    return status;
}

cpts_status cpts_territory_conflicts_start(cpts_client *client,
                                           const struct cpts_conflicts_query *query,
                                           const struct cpts_async *async,
                                           cpts_conflicts_callback *callback, uint64_t *ret_call,
                                           struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  deliver_list_conflicts, ret_call);
    return list_conflicts(client, query, &launch, err);
}

static bool fill_gaps(struct cpts_gaps *gaps, const Cpts__V1__ListGapsResponse *from,
                      struct arena *arena)
{
    struct cpts_gap *own = arena_alloc(arena, (from->n_gaps + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_gaps; i++) {
        const Cpts__V1__Gap *one = from->gaps[i];
        own[i] = (struct cpts_gap){
            .code = one->code,
            .name = one->name,
            .department = one->department,
            .region = one->region,
            .population_count = one->population_count,
            .uncovered_count = one->uncovered_count,
            .uncovered_share = one->uncovered_share,
            .gap_unit_count = one->gap_unit_count,
            .unit_count = one->unit_count,
            .zone = (enum cpts_zone)one->zone,
            .epci = one->epci,
        };
    }
    *gaps = (struct cpts_gaps){
        .gaps = own,
        .gap_count = from->n_gaps,
        .next_page_token = from->next_page_token,
        .row_count = from->row_count,
        .uncovered_count = from->uncovered_count,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .message = from,
    };
    return true;
}

static cpts_status take_gaps(const struct answer *answer, struct cpts_error *err)
{
    return fill_gaps(answer->result, (const Cpts__V1__ListGapsResponse *)answer->message,
                     answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_list_gaps(const struct completion *completion)
{
    ((cpts_gaps_callback *)completion->callback)(completion->status, completion->result,
                                                 &completion->err, completion->data);
}

static cpts_status list_gaps(cpts_client *client, const struct cpts_gaps_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_gaps_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListGapsRequest request = CPTS__V1__LIST_GAPS_REQUEST__INIT;
    request.level = (Cpts__V1__GapLevel)own.level;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct arena *arena = arena_new(REQUEST_ARENA_BYTES);
    if (arena != NULL)
        request.stages = cpts_convert__stages(own.stages, own.stage_count, arena);
    request.n_stages = own.stage_count;
    struct exchange exchange = {.operation = OPERATION_TERRITORY_GAPS,
                                .request = &request.base,
                                .response = &cpts__v1__list_gaps_response__descriptor,
                                .result_bytes = sizeof(struct cpts_gaps),
                                .take = take_gaps};
    status = request.stages == NULL ? no_memory(err)
                                    : cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_territory_gaps(cpts_client *client, const struct cpts_gaps_query *query,
                                int32_t timeout_ms, struct cpts_gaps **ret_gaps,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_gaps(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_gaps = result;
    return status;
}

cpts_status cpts_territory_gaps_start(cpts_client *client, const struct cpts_gaps_query *query,
                                      const struct cpts_async *async, cpts_gaps_callback *callback,
                                      uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list_gaps, ret_call);
    return list_gaps(client, query, &launch, err);
}

char *cpts_conflicts_json(const struct cpts_conflicts *conflicts, int indent_spaces)
{
    return cpts_convert__json(conflicts->message, indent_spaces);
}

char *cpts_gaps_json(const struct cpts_gaps *gaps, int indent_spaces)
{
    return cpts_convert__json(gaps->message, indent_spaces);
}

void cpts_conflicts_free(struct cpts_conflicts *conflicts)
{
    cpts_exchange__release(conflicts);
}

void cpts_gaps_free(struct cpts_gaps *gaps)
{
    cpts_exchange__release(gaps);
}
