/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/registry.h>
#include <cpts/v1/registry.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define REQUEST_ARENA_BYTES ((size_t)64 * 1024)

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
}

static bool fill_stages(struct cpts_record *record, const Cpts__V1__Cpts *from, struct arena *arena)
{
    struct cpts_stage_entry *stages = arena_alloc(arena, (from->n_stages + 1) * sizeof *stages);
    if (stages == NULL)
        return false;
    for (size_t i = 0; i < from->n_stages; i++) {
        const Cpts__V1__StageEntry *entry = from->stages[i];
        stages[i] = (struct cpts_stage_entry){
            .stage = (enum cpts_stage)entry->stage,
            .effective_on = entry->effective_on,
            .successor_id = entry->successor_id,
            .recorded_at_us = cpts_convert__instant_us(entry->recorded_at),
        };
    }
    record->stages = stages;
    record->stage_count = from->n_stages;
    return true;
}

static bool fill_territory(struct cpts_record *record, const Cpts__V1__Cpts *from,
                           struct arena *arena)
{
    struct cpts_territory_unit *units = arena_alloc(arena, (from->n_territory + 1) * sizeof *units);
    if (units == NULL)
        return false;
    for (size_t i = 0; i < from->n_territory; i++) {
        const Cpts__V1__TerritoryUnit *unit = from->territory[i];
        units[i] = (struct cpts_territory_unit){.unit_code = unit->unit_code,
                                                .share = unit->share,
                                                .name = unit->name,
                                                .population_count = unit->population_count};
    }
    record->territory = units;
    record->unit_count = from->n_territory;
    return true;
}

static bool fill_record(struct cpts_record *record, const Cpts__V1__Cpts *from, struct arena *arena)
{
    *record = (struct cpts_record){
        .id = from->id,
        .version = from->version,
        .name = from->name,
        .lead_region = from->lead_region,
        .stage = (enum cpts_stage)from->stage,
        .stage_on = from->stage_on,
        .population_count = from->population_count,
        .synthetic = from->synthetic,
        .finess = from->finess,
        .website = from->website,
        .owner_node = from->owner_node,
        .epoch = from->epoch,
        .created_at_us = cpts_convert__instant_us(from->created_at),
        .updated_at_us = cpts_convert__instant_us(from->updated_at),
        .message = from,
    };
    return fill_stages(record, from, arena) && fill_territory(record, from, arena);
}

static cpts_status take_record(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetCptsResponse *response = (const Cpts__V1__GetCptsResponse *)answer->message;
    if (response->cpts == NULL)
        return error_set(err, REASON_INTERNAL_ERROR, "the answer holds no CPTS");
    return fill_record(answer->result, response->cpts, answer->arena) ? CPTS_OK : no_memory(err);
}

static void deliver_record(const struct completion *completion)
{
    ((cpts_record_callback *)completion->callback)(completion->status, completion->result,
                                                   &completion->err, completion->data);
}

static cpts_status make_get(cpts_client *client, const char *id, const struct cpts_when *when,
                            const struct launch *launch, struct cpts_error *err)
{
    struct cpts_when own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, when, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__GetCptsRequest request = CPTS__V1__GET_CPTS_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_REGISTRY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_cpts_response__descriptor,
                                .result_bytes = sizeof(struct cpts_record),
                                .take = take_record};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_registry_get(cpts_client *client, const char *id, const struct cpts_when *when,
                              int32_t timeout_ms, struct cpts_record **ret_record,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_record = result;
    return status;
}

cpts_status cpts_registry_get_start(cpts_client *client, const char *id,
                                    const struct cpts_when *when, const struct cpts_async *async,
                                    cpts_record_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_record, ret_call);
    return make_get(client, id, when, &launch, err);
}

static bool fill_page(struct cpts_page *page, const Cpts__V1__ListCptsResponse *from,
                      struct arena *arena)
{
    struct cpts_record *records = arena_alloc(arena, (from->n_cpts + 1) * sizeof *records);
    if (records == NULL)
        return false;
    for (size_t i = 0; i < from->n_cpts; i++) {
        if (!fill_record(&records[i], from->cpts[i], arena))
            return false;
    }
    *page = (struct cpts_page){.records = records,
                               .record_count = from->n_cpts,
                               .next_page_token = from->next_page_token,
                               .message = from};
    return true;
}

static cpts_status take_page(const struct answer *answer, struct cpts_error *err)
{
    return fill_page(answer->result, (const Cpts__V1__ListCptsResponse *)answer->message,
                     answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_page(const struct completion *completion)
{
    ((cpts_page_callback *)completion->callback)(completion->status, completion->result,
                                                 &completion->err, completion->data);
}

static cpts_status make_list(cpts_client *client, const struct cpts_list_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_list_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListCptsRequest request = CPTS__V1__LIST_CPTS_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.commune = cpts_convert__text(own.commune);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct arena *arena = arena_new(REQUEST_ARENA_BYTES);
    if (arena != NULL)
        request.stages = cpts_convert__stages(own.stages, own.stage_count, arena);
    request.n_stages = own.stage_count;
    struct exchange exchange = {.operation = OPERATION_REGISTRY_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_cpts_response__descriptor,
                                .result_bytes = sizeof(struct cpts_page),
                                .take = take_page};
    status = request.stages == NULL ? no_memory(err)
                                    : cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_registry_list(cpts_client *client, const struct cpts_list_query *query,
                               int32_t timeout_ms, struct cpts_page **ret_page,
                               struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_page = result;
    return status;
}

cpts_status cpts_registry_list_start(cpts_client *client, const struct cpts_list_query *query,
                                     const struct cpts_async *async, cpts_page_callback *callback,
                                     uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_page, ret_call);
    return make_list(client, query, &launch, err);
}

char *cpts_record_json(const struct cpts_record *record, int indent_spaces)
{
    return cpts_convert__json(record->message, indent_spaces);
}

char *cpts_page_json(const struct cpts_page *page, int indent_spaces)
{
    return cpts_convert__json(page->message, indent_spaces);
}

void cpts_record_free(struct cpts_record *record)
{
    cpts_exchange__release(record);
}

void cpts_page_free(struct cpts_page *page)
{
    cpts_exchange__release(page);
}
