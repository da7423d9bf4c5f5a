/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/territory_async.h>
#include <cpts/v1/territory.pb-c.h>
#include <strings.h>

#include "command_call.h"
#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

/* How people write the zones; the first of each is the node's own. */
static const struct {
    const char *text;
    enum cpts_zone zone;
} ZONES[] = {
    {"ZIP_PLUS", CPTS_ZONE_ZIP_PLUS},
    {"ZIP+", CPTS_ZONE_ZIP_PLUS},
    {"ZIP PLUS", CPTS_ZONE_ZIP_PLUS},
    {"ZIP", CPTS_ZONE_ZIP},
    {"ZAC", CPTS_ZONE_ZAC},
    {"HORS_ZONAGE", CPTS_ZONE_HORS_ZONAGE},
    {"HORS ZONAGE", CPTS_ZONE_HORS_ZONAGE},
    {"HORS-ZONAGE", CPTS_ZONE_HORS_ZONAGE},
    {"HZ", CPTS_ZONE_HORS_ZONAGE},
};
#define ZONE_COUNT (sizeof ZONES / sizeof ZONES[0])

const char *cpts_zone_name(enum cpts_zone zone)
{
    for (size_t i = 0; i < ZONE_COUNT; i++) {
        if (ZONES[i].zone == zone)
            return ZONES[i].text;
    }
    return "";
}

bool cpts_zone_parse(const char *text, enum cpts_zone *ret_zone)
{
    for (size_t i = 0; i < ZONE_COUNT; i++) {
        if (strcasecmp(text, ZONES[i].text) == 0) {
            *ret_zone = ZONES[i].zone;
            return true;
        }
    }
    return false;
}

static bool fill(struct cpts_zoning *zoning, const Cpts__V1__ListZoningResponse *from,
                 struct arena *arena)
{
    struct cpts_zoned_unit *own = arena_alloc(arena, (from->n_units + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_units; i++) {
        const Cpts__V1__ZonedUnit *one = from->units[i];
        own[i] = (struct cpts_zoned_unit){
            .unit_code = one->unit_code,
            .name = one->name,
            .department = one->department,
            .region = one->region,
            .zone = (enum cpts_zone)one->zone,
            .valid_from = one->valid_from,
            .valid_to = one->valid_to,
            .source = one->source,
            .population_count = one->population_count,
        };
    }
    *zoning = (struct cpts_zoning){
        .units = own,
        .unit_count = from->n_units,
        .next_page_token = from->next_page_token,
        .total_count = from->unit_count,
        .version = from->version,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .message = from,
    };
    return true;
}

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    return fill(answer->result, (const Cpts__V1__ListZoningResponse *)answer->message,
                answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_zoning_callback *)completion->callback)(completion->status, completion->result,
                                                   &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_zoning_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_zoning_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListZoningRequest request = CPTS__V1__LIST_ZONING_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.commune = cpts_convert__text(own.commune);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_ZONING_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_zoning_response__descriptor,
                                .result_bytes = sizeof(struct cpts_zoning),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_zoning_list(cpts_client *client, const struct cpts_zoning_query *query,
                             int32_t timeout_ms, struct cpts_zoning **ret_zoning,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_zoning = result;
    return status;
}

cpts_status cpts_zoning_list_start(cpts_client *client, const struct cpts_zoning_query *query,
                                   const struct cpts_async *async, cpts_zoning_callback *callback,
                                   uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, query, &launch, err);
}

static const struct exchange SET = {.operation = OPERATION_ZONING_SET,
                                    .response = &cpts__v1__set_zoning_response__descriptor};

static Cpts__V1__ZoneEntry **entries(const struct cpts_zoning_change *change, struct arena *arena)
{
    size_t count = change->entry_count;
    Cpts__V1__ZoneEntry **list = arena_alloc(arena, (count + 1) * sizeof(Cpts__V1__ZoneEntry *));
    Cpts__V1__ZoneEntry *own = arena_alloc(arena, (count + 1) * sizeof *own);
    if (list == NULL || own == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &own[i];
        cpts__v1__zone_entry__init(list[i]);
        list[i]->unit_code = cpts_convert__text(change->entries[i].unit_code);
        list[i]->zone = (Cpts__V1__Zone)change->entries[i].zone;
    }
    return list;
}

static cpts_status set_in(const struct command_call *command,
                          const struct cpts_zoning_change *change, struct cpts_error *err)
{
    Cpts__V1__SetZoningRequest request = CPTS__V1__SET_ZONING_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.region = cpts_convert__text(change->region);
    request.expected_version = change->expected_version;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.source = cpts_convert__text(change->source);
    request.n_entries = change->entry_count;
    request.entries = entries(change, command->arena);
    if (request.entries == NULL)
        return no_memory(err);
    return cpts_command__make(command, &SET, &request.base, err);
}

static void deliver_set(const struct completion *completion)
{
    ((cpts_outcome_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status set(cpts_client *client, const struct cpts_zoning_change *change,
                       uint8_t *command_id, const struct launch *launch, struct cpts_error *err)
{
    struct cpts_zoning_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = set_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_zoning_set(cpts_client *client, const struct cpts_zoning_change *change,
                            uint8_t *command_id, int32_t timeout_ms,
                            struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = set(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_zoning_set_start(cpts_client *client, const struct cpts_zoning_change *change,
                                  uint8_t *command_id, const struct cpts_async *async,
                                  cpts_outcome_callback *callback, uint64_t *ret_call,
                                  struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_set, ret_call);
    return set(client, change, command_id, &launch, err);
}

char *cpts_zoning_json(const struct cpts_zoning *zoning, int indent_spaces)
{
    return cpts_convert__json(zoning->message, indent_spaces);
}

void cpts_zoning_free(struct cpts_zoning *zoning)
{
    cpts_exchange__release(zoning);
}
