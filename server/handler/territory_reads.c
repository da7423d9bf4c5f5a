/* SPDX-License-Identifier: Apache-2.0 */
/* GetTerritory. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/maturity.h"
#include "domain/territory_resolve.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of territory_get.sql. */
enum territory_column {
    ID,
    VERSION,
    NAME,
    LEAD_REGION,
    STAGE,
    SYNTHETIC,
    VINTAGE,
    LATITUDE,
    LONGITUDE,
    QUALITY,
    EXACT_SHARE,
    SIZE_CODE,
    SIZE_LABEL,
    SIZE_LEAST,
    SIZE_LIMIT,
    SIZE_SOURCE,
    POPULATION,
    KNOWN_AT,
    UNIT_CODE,
    UNIT_KIND,
    UNIT_NAME,
    DEPARTMENT,
    DEPARTMENT_NAME,
    REGION,
    REGION_NAME,
    SHARE,
    UNIT_POPULATION,
    ZONE,
};

/* Inhabitants of one area while they are added up. */
struct area_sum {
    const char *code;
    const char *name;
    double population_count;
};

cpts_status territory_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetTerritoryRequest *request = message;
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
    call->query = query_new(call->arena, STATEMENT_TERRITORY_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = (char *)as_of;
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    return CPTS_OK;
}

static Cpts__V1__ClaimedUnit *read_unit(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__ClaimedUnit *unit = request_message(call, &cpts__v1__claimed_unit__descriptor);
    if (unit == NULL)
        return NULL;
    unit->unit_code = (char *)rows_text(rows, row, UNIT_CODE);
    unit->name = (char *)rows_text(rows, row, UNIT_NAME);
    unit->kind = filter_unit_kind(rows_text(rows, row, UNIT_KIND));
    unit->department = (char *)rows_text(rows, row, DEPARTMENT);
    unit->region = (char *)rows_text(rows, row, REGION);
    unit->share = rows_double(rows, row, SHARE);
    unit->population_count = (int32_t)rows_int(rows, row, UNIT_POPULATION);
    unit->zone = filter_zone(rows_text(rows, row, ZONE));
    return unit;
}

static bool read_units(struct call *call, const struct rows *rows,
                       Cpts__V1__GetTerritoryResponse *response)
{
    response->units =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->units);
    if (response->units == NULL)
        return false;
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, UNIT_CODE); row++) {
        Cpts__V1__ClaimedUnit *unit = read_unit(call, rows, row);
        if (unit == NULL)
            return false;
        response->units[response->n_units++] = unit;
    }
    return true;
}

static int compare_sums(const void *one, const void *other)
{
    const struct area_sum *left = one, *right = other;
    if (left->population_count != right->population_count)
        return left->population_count > right->population_count ? -1 : 1;
    return strcmp(left->code, right->code);
}

/* Adds up one column's areas; the number of them, or -1 when the arena is full. */
static int sum_areas(struct call *call, const struct rows *rows, int column,
                     struct area_sum **ret_sums)
{
    int count = 0;
    struct area_sum *sums = arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *sums);
    if (sums == NULL)
        return -1;
    for (int row = 0; row < rows_count(rows); row++) {
        const char *code = rows_text(rows, row, column);
        int index = 0;
        if (code[0] == '\0')
            continue;
        while (index < count && strcmp(sums[index].code, code) != 0)
            index++;
        if (index == count)
            sums[count++] = (struct area_sum){code, rows_text(rows, row, column + 1), 0};
        sums[index].population_count +=
            rows_double(rows, row, SHARE) * (double)rows_int(rows, row, UNIT_POPULATION);
    }
    qsort(sums, (size_t)count, sizeof *sums, compare_sums);
    *ret_sums = sums;
    return count;
}

static Cpts__V1__AreaPopulation **read_areas(struct call *call, const struct rows *rows, int column,
                                             size_t *ret_count)
{
    struct area_sum *sums = NULL;
    int count = sum_areas(call, rows, column, &sums);
    if (count < 0)
        return NULL;
    Cpts__V1__AreaPopulation **areas =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__AreaPopulation *));
    for (int i = 0; areas != NULL && i < count; i++) {
        areas[i] = request_message(call, &cpts__v1__area_population__descriptor);
        if (areas[i] == NULL)
            return NULL;
        areas[i]->code = (char *)sums[i].code;
        areas[i]->name = (char *)sums[i].name;
        areas[i]->population_count = (int32_t)(sums[i].population_count + 0.5);
    }
    *ret_count = (size_t)count;
    return areas;
}

static bool read_size_class(struct call *call, const struct rows *rows,
                            Cpts__V1__GetTerritoryResponse *response)
{
    if (rows_is_null(rows, 0, SIZE_CODE))
        return true;
    response->size_class = request_message(call, &cpts__v1__size_class__descriptor);
    if (response->size_class == NULL)
        return false;
    response->size_class->code = (char *)rows_text(rows, 0, SIZE_CODE);
    response->size_class->label = (char *)rows_text(rows, 0, SIZE_LABEL);
    response->size_class->population_min = (int32_t)rows_int(rows, 0, SIZE_LEAST);
    response->size_class->population_max = (int32_t)rows_int(rows, 0, SIZE_LIMIT);
    response->size_class->source = (char *)rows_text(rows, 0, SIZE_SOURCE);
    return true;
}

static bool read_centre(struct call *call, const struct rows *rows,
                        Cpts__V1__GetTerritoryResponse *response)
{
    response->centre = request_message(call, &cpts__v1__position__descriptor);
    if (response->centre == NULL)
        return false;
    response->centre->latitude = rows_double(rows, 0, LATITUDE);
    response->centre->longitude = rows_double(rows, 0, LONGITUDE);
    response->centre->quality = filter_position_quality(rows_text(rows, 0, QUALITY));
    response->exact_position_share = rows_double(rows, 0, EXACT_SHARE);
    return true;
}

static bool add_warning(struct call *call, Cpts__V1__GetTerritoryResponse *response,
                        const char *reason, const char *message)
{
    Cpts__V1__Warning *warning = request_message(call, &cpts__v1__warning__descriptor);
    if (warning == NULL || message == NULL)
        return false;
    warning->reason = (char *)reason;
    warning->message = (char *)message;
    response->warnings[response->n_warnings++] = warning;
    return true;
}

static bool add_warnings(struct call *call, const struct rows *rows,
                         Cpts__V1__GetTerritoryResponse *response)
{
    double population = rows_double(rows, 0, POPULATION);
    response->warnings = arena_alloc(call->arena, 2 * sizeof *response->warnings);
    if (response->warnings == NULL)
        return false;
    if (response->n_units > 0 && territory_is_outside_guidance(population) &&
        !add_warning(call, response, "POPULATION_OUTSIDE_GUIDANCE",
                     arena_printf(call->arena, "%.0f inhabitants; the guidance is %d to %d",
                                  population, TERRITORY_POPULATION_MIN, TERRITORY_POPULATION_MAX)))
        return false;
    bool differs = response->suggested_region[0] != '\0' &&
                   strcmp(response->suggested_region, response->lead_region) != 0;
    return !differs ||
           add_warning(call, response, "LEAD_REGION_DIFFERS",
                       arena_printf(call->arena,
                                    "most inhabitants live in region %s; the project is counted in "
                                    "%s",
                                    response->suggested_region, response->lead_region));
}

static void read_subject(struct call *call, const struct rows *rows,
                         Cpts__V1__GetTerritoryResponse *response)
{
    response->id = (char *)rows_text(rows, 0, ID);
    response->version = (int32_t)rows_int(rows, 0, VERSION);
    response->name = (char *)rows_text(rows, 0, NAME);
    response->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, 0, STAGE));
    response->synthetic = rows_bool(rows, 0, SYNTHETIC);
    response->as_of = call->state;
    response->known_at = request_timestamp(call, rows_time_us(rows, 0, KNOWN_AT));
    response->population_count = (int32_t)(rows_double(rows, 0, POPULATION) + 0.5);
    response->lead_region = (char *)rows_text(rows, 0, LEAD_REGION);
    response->population_vintage = (int32_t)rows_int(rows, 0, VINTAGE);
}

cpts_status territory_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    Cpts__V1__GetTerritoryResponse *response =
        request_message(call, &cpts__v1__get_territory_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    read_subject(call, rows, response);
    response->regions = read_areas(call, rows, REGION, &response->n_regions);
    response->departments = read_areas(call, rows, DEPARTMENT, &response->n_departments);
    if (response->known_at == NULL || response->regions == NULL || response->departments == NULL ||
        !read_units(call, rows, response) || !read_size_class(call, rows, response) ||
        !read_centre(call, rows, response))
        return request_no_memory(err);
    if (response->n_regions > 0 && response->regions[0]->population_count > 0)
        response->suggested_region = response->regions[0]->code;
    if (!add_warnings(call, rows, response))
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
