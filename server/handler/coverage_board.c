/* SPDX-License-Identifier: Apache-2.0 */
/* GetCoverage. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/coverage.pb-c.h"
#include "domain/units.h"
#include "handler/counted_stages.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of coverage.sql and coverage_department.sql. */
enum coverage_column {
    CODE,
    NAME,
    POPULATION,
    STAGE_FIRST,
    COVERED_SET = STAGE_FIRST + STAGE_LIVE_COUNT,
    COVERED_LIVE,
    COVERED_ACI,
    SYNTHETIC,
    LAST_STAGE_ON,
    TARGET,
    VINTAGE,
    KNOWN_AT,
};

/* What was asked, for the second half. */
struct question {
    const char *as_of;
    bool by_region; /* the nation: a line a region */
    struct counted_stages set;
};

static cpts_status check_area(const struct call *call, const Cpts__V1__GetCoverageRequest *request,
                              struct cpts_error *err)
{
    const struct units *units = call->service->units;
    if (request->region[0] != '\0' && request->department[0] != '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "department",
                               "a region or a département, not both");
    if (request->region[0] != '\0' && !units_has_region(units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    if (request->department[0] != '\0' && !units_has_department(units, request->department))
        return error_set_field(err, REASON_UNKNOWN_DEPARTMENT, "department",
                               "no département has this code");
    return CPTS_OK;
}

static void bind(struct call *call, const Cpts__V1__GetCoverageRequest *request,
                 const struct question *question, const char *known_at)
{
    query_text(call->query, request->department[0] != '\0' ? request->department : request->region);
    query_text(call->query, question->as_of);
    query_text(call->query, known_at);
    counted_stages_bind(call, &question->set);
}

cpts_status coverage_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCoverageRequest *request = message;
    bool department = request->department[0] != '\0';
    const char *known_at = NULL;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query =
        query_new(call->arena, department ? STATEMENT_COVERAGE_DEPARTMENT : STATEMENT_COVERAGE);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = check_area(call, request, err);
    if (status == CPTS_OK)
        status = counted_stages_read(request->stages, request->n_stages, &question->set, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    question->by_region = !department && request->region[0] == '\0';
    call->state = question;
    bind(call, request, question, known_at);
    return CPTS_OK;
}

static int32_t sum(const struct rows *rows, int column)
{
    int64_t total = 0;
    for (int row = 0; row < rows_count(rows); row++)
        total += rows_int(rows, row, column);
    return (int32_t)total;
}

/* Counts by stage over the rows first..last, the stage set only. */
static Cpts__V1__StageCount **stage_counts(struct call *call, const struct rows *rows, int first,
                                           int last, int32_t *ret_project_count)
{
    const struct question *question = call->state;
    Cpts__V1__StageCount **counts =
        arena_alloc(call->arena, (question->set.count + 1) * sizeof(Cpts__V1__StageCount *));
    size_t filled = 0;
    *ret_project_count = 0;
    for (int stage = 1; counts != NULL && stage <= STAGE_LIVE_COUNT; stage++) {
        if (!question->set.has[stage])
            continue;
        Cpts__V1__StageCount *count = request_message(call, &cpts__v1__stage_count__descriptor);
        if (count == NULL)
            return NULL;
        count->stage = (Cpts__V1__Stage)stage;
        for (int row = first; row <= last; row++)
            count->count += (int32_t)rows_int(rows, row, STAGE_FIRST + stage - 1);
        *ret_project_count += count->count;
        counts[filled++] = count;
    }
    return counts;
}

static Cpts__V1__RegionCoverage *read_region(struct call *call, const struct rows *rows, int row)
{
    const struct question *question = call->state;
    Cpts__V1__RegionCoverage *region =
        request_message(call, &cpts__v1__region_coverage__descriptor);
    if (region == NULL)
        return NULL;
    region->region = (char *)rows_text(rows, row, CODE);
    region->name = (char *)rows_text(rows, row, NAME);
    region->n_stages = question->set.count;
    region->stages = stage_counts(call, rows, row, row, &region->project_count);
    region->population_covered = (int32_t)rows_int(rows, row, COVERED_SET);
    region->population_total = (int32_t)rows_int(rows, row, POPULATION);
    return region->stages == NULL ? NULL : region;
}

static bool add_regions(struct call *call, const struct rows *rows,
                        Cpts__V1__GetCoverageResponse *response)
{
    const struct question *question = call->state;
    if (!question->by_region)
        return true;
    size_t count = (size_t)rows_count(rows);
    response->regions = arena_alloc(call->arena, (count + 1) * sizeof *response->regions);
    if (response->regions == NULL)
        return false;
    for (int row = 0; row < rows_count(rows); row++) {
        response->regions[row] = read_region(call, rows, row);
        if (response->regions[row] == NULL)
            return false;
    }
    response->n_regions = count;
    return true;
}

static bool add_definitions(struct call *call, const struct rows *rows,
                            Cpts__V1__GetCoverageResponse *response)
{
    Cpts__V1__DefinitionCount *live =
        request_message(call, &cpts__v1__definition_count__descriptor);
    Cpts__V1__DefinitionCount *aci = request_message(call, &cpts__v1__definition_count__descriptor);
    response->definitions = arena_alloc(call->arena, 2 * sizeof *response->definitions);
    if (live == NULL || aci == NULL || response->definitions == NULL)
        return false;
    live->definition = CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_ALL_LIVE;
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++)
        live->project_count += sum(rows, STAGE_FIRST + stage - 1);
    live->population_covered = sum(rows, COVERED_LIVE);
    aci->definition = CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_ACI_SIGNED;
    aci->project_count = sum(rows, STAGE_FIRST + STAGE_ACI_SIGNE - 1);
    aci->population_covered = sum(rows, COVERED_ACI);
    response->definitions[0] = live;
    response->definitions[1] = aci;
    response->n_definitions = 2;
    return true;
}

static bool add_stage_set(struct call *call, Cpts__V1__GetCoverageResponse *response)
{
    const struct question *question = call->state;
    response->stage_set = counted_stages_list(call, &question->set);
    response->n_stage_set = question->set.count;
    response->definition = counted_stages_definition(&question->set);
    return response->stage_set != NULL;
}

static void add_provenance(struct call *call, const struct rows *rows,
                           Cpts__V1__GetCoverageResponse *response)
{
    const struct question *question = call->state;
    const char *last = "";
    for (int row = 0; row < rows_count(rows); row++) {
        if (strcmp(rows_text(rows, row, LAST_STAGE_ON), last) > 0)
            last = rows_text(rows, row, LAST_STAGE_ON);
    }
    response->last_stage_on = (char *)last;
    response->as_of = (char *)question->as_of;
    response->synthetic = sum(rows, SYNTHETIC) > 0;
    response->target_count = (int32_t)rows_int(rows, 0, TARGET);
    response->population_vintage = (int32_t)rows_int(rows, 0, VINTAGE);
    response->known_at = request_timestamp(call, rows_time_us(rows, 0, KNOWN_AT));
}

cpts_status coverage_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct question *question = call->state;
    if (rows_count(rows) == 0)
        return error_set(err, REASON_INTERNAL_ERROR, "the reference data is not loaded");
    Cpts__V1__GetCoverageResponse *response =
        request_message(call, &cpts__v1__get_coverage_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->n_stages = question->set.count;
    response->stages = stage_counts(call, rows, 0, rows_count(rows) - 1, &response->project_count);
    response->population_covered = sum(rows, COVERED_SET);
    response->population_total = sum(rows, POPULATION);
    if (response->stages == NULL || !add_regions(call, rows, response) ||
        !add_definitions(call, rows, response) || !add_stage_set(call, response))
        return request_no_memory(err);
    add_provenance(call, rows, response);
    if (response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
