/* SPDX-License-Identifier: Apache-2.0 */
/* GetCpts and ListCpts. */
#include <stdlib.h>

#include "base/call.h"
#include "base/method.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/units.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/transition.h"

/* Columns of cpts_get.sql; cpts_list.sql has the first ones. */
enum cpts_column {
    ID,
    VERSION,
    NAME,
    LEAD_REGION,
    STAGE,
    STAGE_ON,
    POPULATION_COUNT,
    SYNTHETIC,
    FINESS,
    WEBSITE,
    OWNER_NODE,
    EPOCH,
    CREATED,
    UPDATED,
    STAGES,
    STAGE_DATES,
    SUCCESSORS,
    RECORDED,
    UNIT_CODES,
    SHARES,
    UNIT_NAMES,
    UNIT_POPULATIONS,
};

/* The last column of cpts_list.sql. */
#define LIST_KNOWN_AT (UPDATED + 1)

static Cpts__V1__Cpts *read_cpts(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Cpts *cpts = request_message(call, &cpts__v1__cpts__descriptor);
    if (cpts == NULL)
        return NULL;
    cpts->id = (char *)rows_text(rows, row, ID);
    cpts->version = (int32_t)rows_int(rows, row, VERSION);
    cpts->name = (char *)rows_text(rows, row, NAME);
    cpts->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    cpts->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, STAGE));
    cpts->stage_on = (char *)rows_text(rows, row, STAGE_ON);
    cpts->population_count = (int32_t)rows_int(rows, row, POPULATION_COUNT);
    cpts->synthetic = rows_bool(rows, row, SYNTHETIC);
    cpts->finess = (char *)rows_text(rows, row, FINESS);
    cpts->website = (char *)rows_text(rows, row, WEBSITE);
    cpts->owner_node = (char *)rows_text(rows, row, OWNER_NODE);
    cpts->epoch = (int32_t)rows_int(rows, row, EPOCH);
    cpts->created_at = request_timestamp(call, rows_time_us(rows, row, CREATED));
    cpts->updated_at = request_timestamp(call, rows_time_us(rows, row, UPDATED));
    return cpts->created_at == NULL || cpts->updated_at == NULL ? NULL : cpts;
}

/* One array column of the row; false when the arena is full or its length is
 * not the others'. */
static bool read_column(struct call *call, const struct rows *rows, int column, int expected,
                        char ***ret_elements)
{
    return rows_array(rows, 0, column, call->arena, ret_elements) == expected;
}

static bool read_stages(struct call *call, const struct rows *rows, Cpts__V1__Cpts *cpts)
{
    char **stages = NULL;
    char **dates = NULL;
    char **successors = NULL;
    char **recorded = NULL;
    int count = rows_array(rows, 0, STAGES, call->arena, &stages);
    if (count < 0 || !read_column(call, rows, STAGE_DATES, count, &dates) ||
        !read_column(call, rows, SUCCESSORS, count, &successors) ||
        !read_column(call, rows, RECORDED, count, &recorded))
        return false;
    cpts->stages = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *cpts->stages);
    if (cpts->stages == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        Cpts__V1__StageEntry *entry = request_message(call, &cpts__v1__stage_entry__descriptor);
        if (entry == NULL)
            return false;
        entry->stage = (Cpts__V1__Stage)stage_find(stages[i]);
        entry->effective_on = dates[i];
        entry->successor_id = successors[i];
        entry->recorded_at = request_timestamp(call, strtoll(recorded[i], NULL, 10));
        if (entry->recorded_at == NULL)
            return false;
        cpts->stages[cpts->n_stages++] = entry;
    }
    return true;
}

static bool read_territory(struct call *call, const struct rows *rows, Cpts__V1__Cpts *cpts)
{
    char **codes = NULL;
    char **shares = NULL;
    char **names = NULL;
    char **populations = NULL;
    int count = rows_array(rows, 0, UNIT_CODES, call->arena, &codes);
    if (count < 0 || !read_column(call, rows, SHARES, count, &shares) ||
        !read_column(call, rows, UNIT_NAMES, count, &names) ||
        !read_column(call, rows, UNIT_POPULATIONS, count, &populations))
        return false;
    cpts->territory = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *cpts->territory);
    if (cpts->territory == NULL)
        return false;
    for (int i = 0; i < count; i++) {
        Cpts__V1__TerritoryUnit *unit =
            request_message(call, &cpts__v1__territory_unit__descriptor);
        if (unit == NULL)
            return false;
        unit->unit_code = codes[i];
        unit->share = strtod(shares[i], NULL);
        unit->name = names[i];
        unit->population_count = (int32_t)strtol(populations[i], NULL, 10);
        cpts->territory[cpts->n_territory++] = unit;
    }
    return true;
}

cpts_status cpts_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCptsRequest *request = message;
    uint8_t id[16];
    const char *as_of = NULL;
    const char *known_at = NULL;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CPTS_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = (void *)known_at;
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    return CPTS_OK;
}

cpts_status cpts_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(
            err, REASON_CPTS_NOT_FOUND, "id",
            call->state == NULL ? "no CPTS has this id"
                                : "no CPTS has this id, or it was not known yet at that instant");
    Cpts__V1__GetCptsResponse *response =
        request_message(call, &cpts__v1__get_cpts_response__descriptor);
    Cpts__V1__Cpts *cpts = read_cpts(call, rows, 0);
    if (response == NULL || cpts == NULL || !read_stages(call, rows, cpts) ||
        !read_territory(call, rows, cpts))
        return request_no_memory(err);
    response->cpts = cpts;
    call->response = &response->base;
    return CPTS_OK;
}

static cpts_status check_filter(const struct call *call, const Cpts__V1__ListCptsRequest *request,
                                const char **ret_commune, struct cpts_error *err)
{
    const struct units *units = call->service->units;
    if (request->region[0] != '\0' && !units_has_region(units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region", "no region has this code");
    if (request->department[0] != '\0' && !units_has_department(units, request->department))
        return error_set_field(err, REASON_UNKNOWN_DEPARTMENT, "department",
                               "no département has this code");
    *ret_commune = "";
    if (request->commune[0] == '\0')
        return CPTS_OK;
    const struct unit *unit = units_find(units, request->commune);
    if (unit == NULL)
        unit = units_find_old(units, request->commune);
    if (unit == NULL)
        return error_set_field(err, REASON_UNKNOWN_UNIT, "commune",
                               "no commune or arrondissement municipal has this code");
    *ret_commune = unit->code;
    return CPTS_OK;
}

static cpts_status read_stage_filter(const Cpts__V1__ListCptsRequest *request,
                                     const char *ret_codes[STAGE_COUNT], size_t *ret_count,
                                     struct cpts_error *err)
{
    bool wanted[STAGE_COUNT + 1] = {false};
    for (size_t i = 0; i < request->n_stages; i++) {
        if (!stage_is_known((int)request->stages[i]))
            return error_set_field(err, REASON_FIELD_INVALID, "stages", "not a stage");
        wanted[request->stages[i]] = true;
    }
    *ret_count = 0;
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        if (request->n_stages == 0 ? stage_is_live(stage) : wanted[stage])
            ret_codes[(*ret_count)++] = stage_code(stage);
    }
    return CPTS_OK;
}

static void bind_list(struct call *call, const Cpts__V1__ListCptsRequest *request,
                      const char *commune, const char *as_of, const struct listing *listing)
{
    query_text(call->query, request->region);
    query_text(call->query, request->department);
    query_text(call->query, commune);
    const char *codes[STAGE_COUNT];
    size_t count = 0;
    if (read_stage_filter(request, codes, &count, NULL) == CPTS_OK)
        query_text_array(call->query, codes, count);
    query_text(call->query, as_of);
    query_text(call->query, listing->known_at);
    listing_bind(call, listing);
}

cpts_status cpts_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListCptsRequest *request = message;
    const char *commune = NULL;
    const char *as_of = NULL;
    const char *codes[STAGE_COUNT];
    size_t count = 0;
    cpts_status status = check_filter(call, request, &commune, err);
    if (status == CPTS_OK)
        status = read_stage_filter(request, codes, &count, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    struct listing *listing = NULL;
    if (status == CPTS_OK)
        status = listing_begin(call, &LISTING_USUAL, &request->base, as_of, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CPTS_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = listing;
    bind_list(call, request, commune, as_of, listing);
    return CPTS_OK;
}

cpts_status cpts_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    listing_read_instant(listing, rows, LIST_KNOWN_AT);
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListCptsResponse *response =
        request_message(call, &cpts__v1__list_cpts_response__descriptor);
    Cpts__V1__Cpts **page =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__Cpts *));
    if (response == NULL || page == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        page[row] = read_cpts(call, rows, row);
        if (page[row] == NULL)
            return request_no_memory(err);
    }
    response->cpts = page;
    response->n_cpts = (size_t)count;
    call->response = &response->base;
    return listing_next(call, listing, rows_count(rows), count == 0 ? NULL : page[count - 1]->id,
                        &response->next_page_token, err);
}
