/* SPDX-License-Identifier: Apache-2.0 */
/* SetZoning. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "domain/territory_resolve.h"
#include "domain/units.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/territory_message.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

/* The largest region has some 5,100 communes. */
#define ENTRIES_MAX 6000
#define SOURCE_CHARACTERS_MAX 200

/* A zoning as it is recorded: units as in a territory, and a zone each. */
struct zoning {
    struct territory *territory;
    const char **zones;
};

static cpts_status check_head(const struct call *call, const Cpts__V1__SetZoningRequest *request,
                              struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    if (request->region[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "region", "whose zoning is it?");
    if (!units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    if (request->expected_version < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "expected_version",
                               "the version you have seen, 0 when there was none");
    cpts_status status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status != CPTS_OK)
        return status;
    return cpts_text_check(request->source, SOURCE_CHARACTERS_MAX, true, "source", err);
}

static cpts_status check_entry(const struct call *call, const Cpts__V1__SetZoningRequest *request,
                               size_t index, struct cpts_error *err)
{
    const struct units *units = call->service->units;
    const Cpts__V1__ZoneEntry *entry = request->entries[index];
    char field[CPTS_FIELD_BYTES];
    snprintf(field, sizeof field, "entries[%zu].zone", index);
    if (filter_zone_code(entry->zone) == NULL)
        return error_set_field(err, REASON_FIELD_INVALID, field, "ZIP+, ZIP, ZAC or hors zonage");
    snprintf(field, sizeof field, "entries[%zu].unit_code", index);
    const struct unit *unit = units_find(units, entry->unit_code);
    if (unit == NULL)
        unit = units_find_old(units, entry->unit_code);
    if (unit == NULL || unit->is_part)
        return error_set_field(err, REASON_UNKNOWN_UNIT, field,
                               "no commune or arrondissement municipal has the code '%.20s'",
                               entry->unit_code);
    if (strcmp(unit->region, request->region) != 0)
        return error_set_field(err, REASON_UNIT_OUTSIDE_REGION, field, "%s lies in region %s",
                               unit->code, unit->region);
    return CPTS_OK;
}

/* Units as a territory has them, entry by entry, so that each knows its zone:
 * the same codes, the same warnings, nothing twice. */
static cpts_status read_entries(struct call *call, const Cpts__V1__SetZoningRequest *request,
                                struct zoning *zoning, struct cpts_error *err)
{
    size_t count = request->n_entries;
    struct territory_item *items = arena_alloc(call->arena, (count + 1) * sizeof *items);
    zoning->territory = arena_alloc(call->arena, sizeof *zoning->territory);
    if (items == NULL || zoning->territory == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        cpts_status status = check_entry(call, request, i, err);
        if (status != CPTS_OK)
            return status;
        items[i] = (struct territory_item){.code = request->entries[i]->unit_code, .share = 1};
    }
    struct territory_list list = {.items = items, .item_count = count};
    return territory_units_resolve(call->service->units, &list, ENTRIES_MAX, call->arena,
                                   zoning->territory, err);
}

static cpts_status read_zoning(struct call *call, const Cpts__V1__SetZoningRequest *request,
                               struct zoning *zoning, struct cpts_error *err)
{
    if (request->n_entries == 0 || request->n_entries > ENTRIES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "entries", "1 to %d units", ENTRIES_MAX);
    cpts_status status = read_entries(call, request, zoning, err);
    if (status != CPTS_OK)
        return status;
    const struct territory *territory = zoning->territory;
    zoning->zones = arena_alloc(call->arena, (territory->unit_count + 1) * sizeof *zoning->zones);
    if (zoning->zones == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < territory->unit_count; i++)
        zoning->zones[i] = filter_zone_code(request->entries[territory->item_indexes[i]]->zone);
    return CPTS_OK;
}

static Cpts__V1__ZoneFact **zone_facts(struct call *call, const struct zoning *zoning)
{
    size_t count = zoning->territory->unit_count;
    Cpts__V1__ZoneFact **facts =
        arena_alloc(call->arena, (count + 1) * sizeof(Cpts__V1__ZoneFact *));
    for (size_t i = 0; facts != NULL && i < count; i++) {
        facts[i] = request_message(call, &cpts__v1__zone_fact__descriptor);
        if (facts[i] == NULL)
            return NULL;
        facts[i]->unit_code = (char *)zoning->territory->codes[i];
        facts[i]->zone = (char *)zoning->zones[i];
    }
    return facts;
}

static cpts_status bind(struct call *call, const Cpts__V1__SetZoningRequest *request,
                        const struct zoning *zoning, struct cpts_error *err)
{
    uint8_t id[16];
    Cpts__V1__ZoningSet set = CPTS__V1__ZONING_SET__INIT;
    set.region = request->region;
    set.effective_on = request->effective_on;
    set.source = request->source;
    set.n_zones = zoning->territory->unit_count;
    set.zones = zone_facts(call, zoning);
    if (set.zones == NULL)
        return request_no_memory(err);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_ZONING_SET;
    change.zoning_set = &set;
    request_aggregate_id("ZONING", request->region, id);
    struct command command = {STATEMENT_ZONING_SET, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->region);
    query_text(call->query, request->effective_on);
    query_text(call->query, request->source);
    query_text_array(call->query, zoning->territory->codes, zoning->territory->unit_count);
    query_text_array(call->query, zoning->zones, zoning->territory->unit_count);
    query_int(call->query, zoning->territory->reference_version);
    return CPTS_OK;
}

cpts_status zoning_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetZoningRequest *request = message;
    struct zoning zoning = {0};
    cpts_status status = check_head(call, request, err);
    if (status == CPTS_OK)
        status = read_zoning(call, request, &zoning, err);
    if (status != CPTS_OK)
        return status;
    call->state = zoning.territory;
    return bind(call, request, &zoning, err);
}

cpts_status zoning_set_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct territory *territory = call->state;
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__set_zoning_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__SetZoningResponse *response = (Cpts__V1__SetZoningResponse *)call->response;
    response->warnings = territory_warnings(call, territory);
    if (response->warnings == NULL)
        return request_no_memory(err);
    response->n_warnings = territory->warning_count;
    return CPTS_OK;
}
