/* SPDX-License-Identifier: Apache-2.0 */
/* ListConflicts. */
#include <stdlib.h>

#include "base/call.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/maturity.h"
#include "handler/filter.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of conflict_list.sql. */
enum conflict_column {
    UNIT_CODE,
    KIND,
    NAME,
    DEPARTMENT,
    REGION,
    POPULATION,
    SHARE_SUM,
    EXCESS,
    UNIT_COUNT,
    EXCESS_TOTAL,
    CPTS_IDS,
    CPTS_NAMES,
    STAGES,
    SHARES,
    LEAD_REGIONS,
    SYNTHETIC,
    KNOWN_AT,
};

static const struct listing_rule PAGES = {LISTING_BY_RANK, 50, 500, "known_at"};

/* What the second half needs to know. */
struct question {
    struct listing *listing;
    const char *as_of;
};

cpts_status conflict_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListConflictsRequest *request = message;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_CONFLICT_LIST);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = filter_area_check(call, request->region, request->department, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status =
            listing_begin(call, &PAGES, &request->base, question->as_of, &question->listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = question;
    query_text(call->query, request->region);
    query_text(call->query, request->department);
    query_text(call->query, question->as_of);
    query_text(call->query, question->listing->known_at);
    query_bool(call->query, request->include_shared);
    listing_bind(call, question->listing);
    return CPTS_OK;
}

/* One array column of a row; false when the arena is full or its length is not
 * the others'. */
static bool read_column(struct call *call, const struct rows *rows, int row, int column,
                        int expected, char ***ret_elements)
{
    return rows_array(rows, row, column, call->arena, ret_elements) == expected;
}

static bool read_claimants(struct call *call, const struct rows *rows, int row,
                           Cpts__V1__Conflict *conflict)
{
    char **ids = NULL, **names = NULL, **stages = NULL, **shares = NULL, **regions = NULL;
    int count = rows_array(rows, row, CPTS_IDS, call->arena, &ids);
    if (count < 0 || !read_column(call, rows, row, CPTS_NAMES, count, &names) ||
        !read_column(call, rows, row, STAGES, count, &stages) ||
        !read_column(call, rows, row, SHARES, count, &shares) ||
        !read_column(call, rows, row, LEAD_REGIONS, count, &regions))
        return false;
    conflict->claimants =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof *conflict->claimants);
    for (int i = 0; conflict->claimants != NULL && i < count; i++) {
        Cpts__V1__Claimant *claimant = request_message(call, &cpts__v1__claimant__descriptor);
        if (claimant == NULL)
            return false;
        claimant->cpts_id = ids[i];
        claimant->name = names[i];
        claimant->stage = (Cpts__V1__Stage)stage_find(stages[i]);
        claimant->share = strtod(shares[i], NULL);
        claimant->lead_region = regions[i];
        conflict->claimants[conflict->n_claimants++] = claimant;
    }
    return conflict->claimants != NULL;
}

static Cpts__V1__Conflict *read_conflict(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Conflict *conflict = request_message(call, &cpts__v1__conflict__descriptor);
    if (conflict == NULL)
        return NULL;
    conflict->unit_code = (char *)rows_text(rows, row, UNIT_CODE);
    conflict->name = (char *)rows_text(rows, row, NAME);
    conflict->kind = filter_unit_kind(rows_text(rows, row, KIND));
    conflict->department = (char *)rows_text(rows, row, DEPARTMENT);
    conflict->region = (char *)rows_text(rows, row, REGION);
    conflict->population_count = (int32_t)rows_int(rows, row, POPULATION);
    conflict->share_sum = rows_double(rows, row, SHARE_SUM);
    conflict->excess_count = (int32_t)(rows_double(rows, row, EXCESS) + 0.5);
    return read_claimants(call, rows, row, conflict) ? conflict : NULL;
}

static bool read_conflicts(struct call *call, const struct rows *rows,
                           Cpts__V1__ListConflictsResponse *response)
{
    const struct question *question = call->state;
    int count = listing_count(question->listing, rows_count(rows));
    response->conflicts =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->conflicts);
    if (response->conflicts == NULL)
        return false;
    for (int row = 0; row < count && !rows_is_null(rows, row, UNIT_CODE); row++) {
        Cpts__V1__Conflict *conflict = read_conflict(call, rows, row);
        if (conflict == NULL)
            return false;
        response->conflicts[response->n_conflicts++] = conflict;
        response->synthetic = response->synthetic || rows_bool(rows, row, SYNTHETIC);
    }
    return true;
}

cpts_status conflict_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct question *question = call->state;
    listing_read_instant(question->listing, rows, KNOWN_AT);
    Cpts__V1__ListConflictsResponse *response =
        request_message(call, &cpts__v1__list_conflicts_response__descriptor);
    if (response == NULL || !read_conflicts(call, rows, response))
        return request_no_memory(err);
    if (rows_count(rows) > 0) {
        response->unit_count = (int32_t)rows_int(rows, 0, UNIT_COUNT);
        response->excess_count = (int32_t)(rows_double(rows, 0, EXCESS_TOTAL) + 0.5);
    }
    response->as_of = (char *)question->as_of;
    response->known_at = request_timestamp(call, question->listing->token.known_at_us);
    if (response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return listing_next(call, question->listing, rows_count(rows), NULL, &response->next_page_token,
                        err);
}
