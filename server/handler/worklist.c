/* SPDX-License-Identifier: Apache-2.0 */
/* ListReferrals. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/enum_word.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/referral_message.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define LEVEL_ANY 1
#define LEVEL_DESK 3

/* Columns of the worklists' statements behind those of an attempt; the first one says what a
 * row of the page is. */
enum worklist_column {
    PAGE_ID = 0,
    CLOCK_ASSIGNMENT = ATTEMPT_COLUMN_END,
    CLOCK_KIND,
    CLOCK_INSTANT,
    CLOCK_LEVEL,
};

/* Attempts that wait for their destination. */
static const char *const WAITING[] = {"DELIVERED", "ACCEPTED", "SCHEDULED", "IN_PROGRESS",
                                      "CANCEL_REQUESTED"};
static const char *const NOT_OVER[] = {"OPEN", "TO_REASSIGN"};
static const char *const TO_REASSIGN[] = {"TO_REASSIGN"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* A list, as one kind of caller is given it. */
struct worklist {
    Cpts__V1__Worklist list;
    bool of_desk;
    enum statement_id statement;
    /* Statuses, for those that are asked for some. */
    const char *const *words;
    size_t word_count;
    /* Level at least, for those that are asked for one; and the list's name with it. */
    int level;
    const char *name;
};

static const struct worklist WORKLISTS[] = {
    {.list = CPTS__V1__WORKLIST__WORKLIST_INBOX, .statement = STATEMENT_REFERRAL_INBOX},
    {.list = CPTS__V1__WORKLIST__WORKLIST_OUTBOX,
     .statement = STATEMENT_REFERRAL_OUTBOX,
     .words = NOT_OVER,
     .word_count = COUNT(NOT_OVER)},
    {.list = CPTS__V1__WORKLIST__WORKLIST_TO_REASSIGN,
     .statement = STATEMENT_REFERRAL_OUTBOX,
     .words = TO_REASSIGN,
     .word_count = COUNT(TO_REASSIGN)},
    {.list = CPTS__V1__WORKLIST__WORKLIST_TO_REASSIGN,
     .of_desk = true,
     .statement = STATEMENT_REFERRAL_TO_REASSIGN},
    {.list = CPTS__V1__WORKLIST__WORKLIST_OVERDUE,
     .statement = STATEMENT_REFERRAL_OVERDUE,
     .level = LEVEL_ANY,
     .name = "OVERDUE"},
    {.list = CPTS__V1__WORKLIST__WORKLIST_OVERDUE,
     .of_desk = true,
     .statement = STATEMENT_REFERRAL_OVERDUE,
     .level = LEVEL_ANY,
     .name = "OVERDUE"},
    {.list = CPTS__V1__WORKLIST__WORKLIST_DESK,
     .of_desk = true,
     .statement = STATEMENT_REFERRAL_OVERDUE,
     .level = LEVEL_DESK,
     .name = "DESK"},
};

static cpts_status find_worklist(const struct call *call, Cpts__V1__Worklist list,
                                 const struct worklist **ret_worklist, struct cpts_error *err)
{
    bool of_desk = strncmp(call->principal.scope, "cpts:", strlen("cpts:")) != 0;
    bool exists = false;
    for (size_t i = 0; i < COUNT(WORKLISTS); i++) {
        exists = exists || WORKLISTS[i].list == list;
        if (WORKLISTS[i].list == list && WORKLISTS[i].of_desk == of_desk) {
            *ret_worklist = &WORKLISTS[i];
            return CPTS_OK;
        }
    }
    if (exists)
        return error_set_field(err, REASON_WRONG_PARTY, "worklist",
                               of_desk ? "that is a list of a CPTS" : "that is a list of the desk");
    return error_set_field(err, REASON_FIELD_INVALID, "worklist", "no such list");
}

/* Binds the states of the inbox. */
static cpts_status bind_states(struct call *call, const Cpts__V1__ListReferralsRequest *request,
                               struct cpts_error *err)
{
    const char *codes[ASSIGNMENT_ACTIVE_COUNT];
    if (request->n_states > ASSIGNMENT_ACTIVE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "states", "each state once");
    for (size_t i = 0; i < request->n_states; i++) {
        if (!assignment_is_active((int)request->states[i]))
            return error_set_field(err, REASON_FIELD_INVALID, "states", "active states only");
        codes[i] = assignment_state_code((int)request->states[i]);
    }
    query_text_array(call->query, request->n_states == 0 ? WAITING : codes,
                     request->n_states == 0 ? COUNT(WAITING) : request->n_states);
    return CPTS_OK;
}

static cpts_status bind(struct call *call, const Cpts__V1__ListReferralsRequest *request,
                        const struct worklist *worklist, struct cpts_error *err)
{
    const struct listing *listing = call->state;
    call->query = query_new(call->arena, worklist->statement);
    if (call->query == NULL)
        return request_no_memory(err);
    actor_bind(call, request->actor);
    listing_bind(call, listing);
    query_text(call->query, enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case));
    if (worklist->statement == STATEMENT_REFERRAL_INBOX)
        return bind_states(call, request, err);
    if (request->n_states > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "states", "of the inbox only");
    if (worklist->words != NULL)
        query_text_array(call->query, worklist->words, worklist->word_count);
    if (worklist->level > 0) {
        query_int(call->query, worklist->level);
        query_text(call->query, worklist->name);
    }
    return CPTS_OK;
}

cpts_status worklist_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListReferralsRequest *request = message;
    const struct worklist *worklist = NULL;
    struct listing *listing = NULL;
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK && request->use_case != 0 &&
        enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case)[0] == '\0')
        status = error_set_field(err, REASON_FIELD_INVALID, "use_case", "no such use case");
    if (status == CPTS_OK)
        status = find_worklist(call, request->worklist, &worklist, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &LISTING_PRESENT, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    return bind(call, request, worklist, err);
}

/* Rows of the same page row, from @p row on. */
static int count_alike(const struct rows *rows, int row)
{
    int count = 1;
    while (row + count < rows_count(rows) &&
           strcmp(rows_text(rows, row, PAGE_ID), rows_text(rows, row + count, PAGE_ID)) == 0)
        count++;
    return count;
}

/* The clock that fires first among those of the rows. */
static bool add_clock(struct call *call, const struct rows *rows, int row, int count,
                      Cpts__V1__WorklistRow *to)
{
    int first = -1;
    for (int i = row; i < row + count; i++) {
        bool is_sooner = first < 0 || rows_time_us(rows, i, CLOCK_INSTANT) <
                                          rows_time_us(rows, first, CLOCK_INSTANT);
        if (!rows_is_null(rows, i, CLOCK_KIND) && is_sooner)
            first = i;
    }
    if (first < 0)
        return true;
    to->next_clock = referral_clock_message(
        call, rows_text(rows, first, CLOCK_ASSIGNMENT), rows_text(rows, first, CLOCK_KIND),
        rows_time_us(rows, first, CLOCK_INSTANT), (int32_t)rows_int(rows, first, CLOCK_LEVEL));
    return to->next_clock != NULL;
}

static cpts_status add_row(struct call *call, const struct rows *rows, int row, int count,
                           Cpts__V1__ListReferralsResponse *response, struct cpts_error *err)
{
    Cpts__V1__WorklistRow *to = request_message(call, &cpts__v1__worklist_row__descriptor);
    if (to == NULL || !add_clock(call, rows, row, count, to))
        return request_no_memory(err);
    cpts_status status = referral_read(call, rows, row, count, &to->referral, err);
    if (status != CPTS_OK)
        return status;
    response->synthetic = response->synthetic || to->referral->synthetic;
    response->rows[response->n_rows++] = to;
    return CPTS_OK;
}

cpts_status worklist_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    Cpts__V1__ListReferralsResponse *response =
        request_message(call, &cpts__v1__list_referrals_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->rows =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->rows);
    if (response->rows == NULL)
        return request_no_memory(err);
    const char *last_id = NULL;
    int found = 0;
    for (int row = 0; row < rows_count(rows); found++) {
        int count = count_alike(rows, row);
        if (found < listing->page_size) {
            cpts_status status = add_row(call, rows, row, count, response, err);
            if (status != CPTS_OK)
                return status;
            last_id = rows_text(rows, row, PAGE_ID);
        }
        row += count;
    }
    call->response = &response->base;
    return listing_next(call, listing, found, last_id, &response->next_page_token, err);
}
