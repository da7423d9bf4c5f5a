/* SPDX-License-Identifier: Apache-2.0 */
/* ListBeliefChanges. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/method.h"
#include "cpts/v1/history.pb-c.h"
#include "domain/calendar.h"
#include "domain/maturity.h"
#include "domain/units.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define US_PER_SECOND INT64_C(1000000)
#define US_PER_DAY (INT64_C(86400) * US_PER_SECOND)

/* Columns of belief_list.sql. */
enum belief_column {
    ID,
    NAME,
    SYNTHETIC,
    BEFORE,
    AFTER = BEFORE + 4,
    VERSIONS = AFTER + 4,
    KINDS,
    RECORDED,
    ACTORS,
    REASONS,
    EVIDENCES,
    DIFFERING,
    COUNTS_BEFORE,
    COUNTS_AFTER,
    KNOWN_TO,
};

/* Of one belief, from BEFORE or AFTER on. */
enum belief_part { STAGE, STAGE_ON, LEAD_REGION, POPULATION };

/* Its instant is the later one. */
static const struct listing_rule PAGES = {LISTING_BY_ID, 50, 500, "known_to"};

/* The question, for the second half. */
struct question {
    const char *as_of;
    int64_t known_from_us;
    struct listing *listing;
};

static cpts_status check(const struct call *call, const Cpts__V1__ListBeliefChangesRequest *request,
                         struct cpts_error *err)
{
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    return CPTS_OK;
}

/* An instant that is given, in microseconds; request_known_at() has checked it. */
static int64_t instant_us(const Google__Protobuf__Timestamp *instant)
{
    return instant->seconds * US_PER_SECOND + instant->nanos / 1000;
}

static cpts_status read_earlier(struct call *call,
                                const Cpts__V1__ListBeliefChangesRequest *request,
                                struct question *question, struct cpts_error *err)
{
    const char *checked = NULL;
    cpts_status status = request_known_at(call, request->known_from, &checked, err);
    if (status != CPTS_OK)
        return status;
    question->known_from_us = request->known_from == NULL
                                  ? (calendar_day(question->as_of) + 1) * US_PER_DAY
                                  : instant_us(request->known_from);
    int64_t latest_us =
        request->known_to == NULL ? clock_realtime_us() : instant_us(request->known_to);
    if (question->known_from_us > latest_us)
        return error_set_field(err, REASON_FIELD_INVALID, "known_from",
                               request->known_from == NULL
                                   ? "the end of `as_of` lies after `known_to`: say which instant"
                                   : "the earlier instant lies after the later one");
    return CPTS_OK;
}

cpts_status belief_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListBeliefChangesRequest *request = message;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_BELIEF_LIST);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = check(call, request, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status =
            listing_begin(call, &PAGES, &request->base, question->as_of, &question->listing, err);
    if (status == CPTS_OK)
        status = read_earlier(call, request, question, err);
    if (status != CPTS_OK)
        return status;
    call->state = question;
    query_text(call->query, request->region);
    query_text(call->query, question->as_of);
    query_text(call->query, request_instant_text(call, question->known_from_us));
    query_text(call->query, question->listing->known_at);
    listing_bind(call, question->listing);
    return CPTS_OK;
}

/* One belief of a row; NULL in @p ret_belief when the CPTS was not there.
 * @return false when the arena is full. */
static bool read_belief(struct call *call, const struct rows *rows, int row, int first,
                        Cpts__V1__Belief **ret_belief)
{
    if (rows_is_null(rows, row, first + STAGE))
        return true;
    Cpts__V1__Belief *belief = request_message(call, &cpts__v1__belief__descriptor);
    if (belief == NULL)
        return false;
    belief->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, first + STAGE));
    belief->stage_on = (char *)rows_text(rows, row, first + STAGE_ON);
    belief->lead_region = (char *)rows_text(rows, row, first + LEAD_REGION);
    belief->population_count = (int32_t)rows_int(rows, row, first + POPULATION);
    *ret_belief = belief;
    return true;
}

/* The changes of a row: six arrays of one length. */
static bool read_changes(struct call *call, const struct rows *rows, int row,
                         Cpts__V1__BeliefChange *change)
{
    char **parts[EVIDENCES - VERSIONS + 1] = {NULL};
    int count = rows_array(rows, row, VERSIONS, call->arena, &parts[0]);
    for (int column = KINDS; column <= EVIDENCES; column++) {
        if (count < 0 ||
            rows_array(rows, row, column, call->arena, &parts[column - VERSIONS]) != count)
            return false;
    }
    change->changes = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *change->changes);
    for (int i = 0; change->changes != NULL && i < count; i++) {
        Cpts__V1__ChangeNote *note = request_message(call, &cpts__v1__change_note__descriptor);
        if (note == NULL)
            return false;
        note->version = (int32_t)strtol(parts[0][i], NULL, 10);
        note->kind = parts[KINDS - VERSIONS][i];
        note->recorded_at =
            request_timestamp(call, strtoll(parts[RECORDED - VERSIONS][i], NULL, 10));
        note->actor = parts[ACTORS - VERSIONS][i];
        note->reason = parts[REASONS - VERSIONS][i];
        note->evidence = parts[EVIDENCES - VERSIONS][i];
        if (note->recorded_at == NULL)
            return false;
        change->changes[change->n_changes++] = note;
    }
    return change->changes != NULL;
}

static Cpts__V1__BeliefChange *read_change(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__BeliefChange *change = request_message(call, &cpts__v1__belief_change__descriptor);
    if (change == NULL)
        return NULL;
    change->id = (char *)rows_text(rows, row, ID);
    change->name = (char *)rows_text(rows, row, NAME);
    change->synthetic = rows_bool(rows, row, SYNTHETIC);
    if (!read_belief(call, rows, row, BEFORE, &change->before) ||
        !read_belief(call, rows, row, AFTER, &change->after) ||
        !read_changes(call, rows, row, change))
        return NULL;
    return change;
}

static bool add_totals(struct call *call, const struct rows *rows,
                       Cpts__V1__ListBeliefChangesResponse *response)
{
    char **before = NULL;
    char **after = NULL;
    if (rows_array(rows, 0, COUNTS_BEFORE, call->arena, &before) != STAGE_LIVE_COUNT ||
        rows_array(rows, 0, COUNTS_AFTER, call->arena, &after) != STAGE_LIVE_COUNT)
        return false;
    response->totals = arena_alloc(call->arena, STAGE_LIVE_COUNT * sizeof *response->totals);
    for (int i = 0; response->totals != NULL && i < STAGE_LIVE_COUNT; i++) {
        Cpts__V1__BeliefTotal *total = request_message(call, &cpts__v1__belief_total__descriptor);
        if (total == NULL)
            return false;
        total->stage = (Cpts__V1__Stage)(i + 1);
        total->count_before = (int32_t)strtol(before[i], NULL, 10);
        total->count_after = (int32_t)strtol(after[i], NULL, 10);
        response->totals[response->n_totals++] = total;
    }
    return response->totals != NULL;
}

/* The page itself; false when the arena is full. */
static bool add_page(struct call *call, const struct rows *rows, int count,
                     Cpts__V1__ListBeliefChangesResponse *response)
{
    response->changes = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->changes);
    for (int row = 0; response->changes != NULL && row < count; row++) {
        Cpts__V1__BeliefChange *change = read_change(call, rows, row);
        if (change == NULL)
            return false;
        response->changes[response->n_changes++] = change;
        response->synthetic |= change->synthetic;
    }
    return response->changes != NULL;
}

cpts_status belief_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct question *question = call->state;
    struct listing *listing = question->listing;
    /* A report without changes is one row without an id. */
    int found = rows_is_null(rows, 0, ID) ? 0 : rows_count(rows);
    int count = listing_count(listing, found);
    listing_read_instant(listing, rows, KNOWN_TO);
    Cpts__V1__ListBeliefChangesResponse *response =
        request_message(call, &cpts__v1__list_belief_changes_response__descriptor);
    if (response == NULL || !add_page(call, rows, count, response) ||
        !add_totals(call, rows, response))
        return request_no_memory(err);
    response->differing_count = (int32_t)rows_int(rows, 0, DIFFERING);
    response->as_of = (char *)question->as_of;
    response->known_from = request_timestamp(call, question->known_from_us);
    response->known_to = request_timestamp(call, listing->token.known_at_us);
    if (response->known_from == NULL || response->known_to == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return listing_next(call, listing, found, count == 0 ? NULL : response->changes[count - 1]->id,
                        &response->next_page_token, err);
}
