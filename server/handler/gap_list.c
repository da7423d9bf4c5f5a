/* SPDX-License-Identifier: Apache-2.0 */
/* ListGaps. */
#include "base/call.h"
#include "cpts/v1/territory.pb-c.h"
#include "handler/filter.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of gap_list.sql and gap_area_list.sql. */
enum gap_column {
    CODE,
    NAME,
    DEPARTMENT,
    REGION,
    POPULATION,
    UNCOVERED,
    GAP_UNITS,
    UNITS,
    ZONE,
    ROW_COUNT,
    UNCOVERED_TOTAL,
    EPCI,
    KNOWN_AT,
};

/* Levels by their number; NULL has a statement of its own. */
static const char *const LEVELS[] = {
    [CPTS__V1__GAP_LEVEL__GAP_LEVEL_UNSPECIFIED] = NULL,
    [CPTS__V1__GAP_LEVEL__GAP_LEVEL_COMMUNE] = NULL,
    [CPTS__V1__GAP_LEVEL__GAP_LEVEL_EPCI] = "EPCI",
    [CPTS__V1__GAP_LEVEL__GAP_LEVEL_DEPARTMENT] = "DEPARTMENT",
    [CPTS__V1__GAP_LEVEL__GAP_LEVEL_REGION] = "REGION",
};
#define LEVEL_COUNT (sizeof LEVELS / sizeof LEVELS[0])

static const struct listing_rule PAGES = {LISTING_BY_RANK, 100, 1000, "known_at"};

/* What the second half needs to know. */
struct question {
    struct listing *listing;
    struct stage_set stages;
    const char *as_of;
};

static cpts_status read_question(struct call *call, const Cpts__V1__ListGapsRequest *request,
                                 struct question *question, struct cpts_error *err)
{
    if ((unsigned)request->level >= LEVEL_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "level",
                               "commune, EPCI, département or region");
    cpts_status status = filter_area_check(call, request->region, request->department, err);
    if (status == CPTS_OK)
        status = filter_stages_read(request->stages, request->n_stages, &question->stages, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status =
            listing_begin(call, &PAGES, &request->base, question->as_of, &question->listing, err);
    return status;
}

cpts_status gap_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListGapsRequest *request = message;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    if (question == NULL)
        return request_no_memory(err);
    cpts_status status = read_question(call, request, question, err);
    if (status != CPTS_OK)
        return status;
    const char *level = LEVELS[request->level];
    call->query =
        query_new(call->arena, level == NULL ? STATEMENT_GAP_LIST : STATEMENT_GAP_AREA_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = question;
    query_text(call->query, request->region);
    query_text(call->query, request->department);
    filter_stages_bind(call, &question->stages);
    query_text(call->query, question->as_of);
    query_text(call->query, question->listing->known_at);
    listing_bind(call, question->listing);
    if (level != NULL)
        query_text(call->query, level);
    return CPTS_OK;
}

static Cpts__V1__Gap *read_gap(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Gap *gap = request_message(call, &cpts__v1__gap__descriptor);
    if (gap == NULL)
        return NULL;
    double uncovered = rows_double(rows, row, UNCOVERED);
    gap->code = (char *)rows_text(rows, row, CODE);
    gap->name = (char *)rows_text(rows, row, NAME);
    gap->department = (char *)rows_text(rows, row, DEPARTMENT);
    gap->region = (char *)rows_text(rows, row, REGION);
    gap->population_count = (int32_t)rows_int(rows, row, POPULATION);
    gap->uncovered_count = (int32_t)(uncovered + 0.5);
    if (gap->population_count > 0)
        gap->uncovered_share = uncovered / gap->population_count;
    gap->gap_unit_count = (int32_t)rows_int(rows, row, GAP_UNITS);
    gap->unit_count = (int32_t)rows_int(rows, row, UNITS);
    gap->zone = filter_zone(rows_text(rows, row, ZONE));
    gap->epci = (char *)rows_text(rows, row, EPCI);
    return gap;
}

static bool read_gaps(struct call *call, const struct rows *rows,
                      Cpts__V1__ListGapsResponse *response)
{
    const struct question *question = call->state;
    int count = listing_count(question->listing, rows_count(rows));
    response->gaps = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->gaps);
    if (response->gaps == NULL)
        return false;
    for (int row = 0; row < count && !rows_is_null(rows, row, CODE); row++) {
        Cpts__V1__Gap *gap = read_gap(call, rows, row);
        if (gap == NULL)
            return false;
        response->gaps[response->n_gaps++] = gap;
    }
    return true;
}

cpts_status gap_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct question *question = call->state;
    listing_read_instant(question->listing, rows, KNOWN_AT);
    Cpts__V1__ListGapsResponse *response =
        request_message(call, &cpts__v1__list_gaps_response__descriptor);
    if (response == NULL || !read_gaps(call, rows, response))
        return request_no_memory(err);
    if (rows_count(rows) > 0) {
        response->row_count = (int32_t)rows_int(rows, 0, ROW_COUNT);
        response->uncovered_count = (int32_t)(rows_double(rows, 0, UNCOVERED_TOTAL) + 0.5);
    }
    response->stage_set = filter_stages_list(call, &question->stages, &response->n_stage_set);
    response->as_of = (char *)question->as_of;
    response->known_at = request_timestamp(call, question->listing->token.known_at_us);
    if (response->stage_set == NULL || response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return listing_next(call, question->listing, rows_count(rows), NULL, &response->next_page_token,
                        err);
}
