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

static const struct cpts_claimed_unit *units(const Cpts__V1__GetTerritoryResponse *from,
                                             struct arena *arena)
{
    struct cpts_claimed_unit *own = arena_alloc(arena, (from->n_units + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_units; i++) {
        const Cpts__V1__ClaimedUnit *one = from->units[i];
        own[i] = (struct cpts_claimed_unit){
            .unit_code = one->unit_code,
            .name = one->name,
            .kind = (enum cpts_unit_kind)one->kind,
            .department = one->department,
            .region = one->region,
            .share = one->share,
            .population_count = one->population_count,
            .zone = (enum cpts_zone)one->zone,
        };
    }
    return own;
}

static const struct cpts_area_population *areas(Cpts__V1__AreaPopulation *const *from, size_t count,
                                                struct arena *arena)
{
    struct cpts_area_population *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] =
            (struct cpts_area_population){from[i]->code, from[i]->name, from[i]->population_count};
    return own;
}

static const struct cpts_warning *warnings(const Cpts__V1__GetTerritoryResponse *from,
                                           struct arena *arena)
{
    struct cpts_warning *own = arena_alloc(arena, (from->n_warnings + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_warnings; i++)
        own[i] = (struct cpts_warning){from->warnings[i]->reason, from->warnings[i]->message,
                                       from->warnings[i]->field};
    return own;
}

static bool fill(struct cpts_territory *territory, const Cpts__V1__GetTerritoryResponse *from,
                 struct arena *arena)
{
    *territory = (struct cpts_territory){
        .id = from->id,
        .version = from->version,
        .name = from->name,
        .stage = (enum cpts_stage)from->stage,
        .synthetic = from->synthetic,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .population_count = from->population_count,
        .size_class = from->size_class == NULL ? "" : from->size_class->code,
        .size_label = from->size_class == NULL ? "" : from->size_class->label,
        .units = units(from, arena),
        .unit_count = from->n_units,
        .regions = areas(from->regions, from->n_regions, arena),
        .region_count = from->n_regions,
        .departments = areas(from->departments, from->n_departments, arena),
        .department_count = from->n_departments,
        .lead_region = from->lead_region,
        .suggested_region = from->suggested_region,
        .warnings = warnings(from, arena),
        .warning_count = from->n_warnings,
        .centre = cpts_convert__position(from->centre),
        .exact_position_share = from->exact_position_share,
        .population_vintage = from->population_vintage,
        .message = from,
    };
    return territory->units != NULL && territory->regions != NULL &&
           territory->departments != NULL && territory->warnings != NULL;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    return fill(answer->result, (const Cpts__V1__GetTerritoryResponse *)answer->message,
                answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_get(const struct completion *completion)
{
    ((cpts_territory_callback *)completion->callback)(completion->status, completion->result,
                                                      &completion->err, completion->data);
}

static cpts_status get(cpts_client *client, const char *id, const struct cpts_when *when,
                       const struct launch *launch, struct cpts_error *err)
{
    struct cpts_when own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, when, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__GetTerritoryRequest request = CPTS__V1__GET_TERRITORY_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_TERRITORY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_territory_response__descriptor,
                                .result_bytes = sizeof(struct cpts_territory),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_territory_get(cpts_client *client, const char *id, const struct cpts_when *when,
                               int32_t timeout_ms, struct cpts_territory **ret_territory,
                               struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_territory = result;
    return status;
}

cpts_status cpts_territory_get_start(cpts_client *client, const char *id,
                                     const struct cpts_when *when, const struct cpts_async *async,
                                     cpts_territory_callback *callback, uint64_t *ret_call,
                                     struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_get, ret_call);
    return get(client, id, when, &launch, err);
}

char *cpts_territory_json(const struct cpts_territory *territory, int indent_spaces)
{
    return cpts_convert__json(territory->message, indent_spaces);
}

void cpts_territory_free(struct cpts_territory *territory)
{
    cpts_exchange__release(territory);
}
