/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/funding_row.h"

#include <stdlib.h>

#include "base/call.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status funding_question_read(struct call *call, int32_t year, const char *as_of,
                                  const Google__Protobuf__Timestamp *known_at,
                                  struct funding_question *ret_question, struct cpts_error *err)
{
    struct funding_question question = {0};
    if (year != 0 && (year < ENTITLEMENT_YEAR_MIN || year > ENTITLEMENT_YEAR_MAX))
        return error_set_field(err, REASON_FIELD_INVALID, "year", "%d to %d, or 0",
                               ENTITLEMENT_YEAR_MIN, ENTITLEMENT_YEAR_MAX);
    cpts_status status = request_as_of(call, as_of, &question.as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, known_at, &question.known_at, err);
    if (status != CPTS_OK)
        return status;
    question.year = year != 0 ? year : (int)strtol(question.as_of, NULL, 10);
    if (question.year < ENTITLEMENT_YEAR_MIN || question.year > ENTITLEMENT_YEAR_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "as_of", "years %d to %d have budgets",
                               ENTITLEMENT_YEAR_MIN, ENTITLEMENT_YEAR_MAX);
    *ret_question = question;
    return CPTS_OK;
}

/* Two arrays of one length, as columns; -1 when the arena is full or they are
 * not of one length. */
static int read_pair(const struct rows *rows, int row, int column, struct arena *arena,
                     char **ret_columns[2])
{
    int count = rows_array(rows, row, column, arena, &ret_columns[0]);
    return rows_array(rows, row, column + 1, arena, &ret_columns[1]) == count ? count : -1;
}

static bool read_missions(const struct rows *rows, int row, struct arena *arena,
                          struct entitlement_facts *facts)
{
    char **columns[2];
    char **dates = NULL;
    int count = read_pair(rows, row, FUNDING_MISSIONS, arena, columns);
    if (count < 0 || rows_array(rows, row, FUNDING_MISSION_DATES, arena, &dates) != count)
        return false;
    struct mission_step *steps = arena_alloc(arena, (size_t)(count + 1) * sizeof *steps);
    for (int i = 0; steps != NULL && i < count; i++)
        steps[i] =
            (struct mission_step){columns[0][i], mission_status_find(columns[1][i]), dates[i]};
    facts->steps = steps;
    facts->step_count = (size_t)count;
    return steps != NULL;
}

static bool read_crises(const struct rows *rows, int row, struct arena *arena,
                        struct entitlement_facts *facts)
{
    char **columns[2];
    int count = read_pair(rows, row, FUNDING_CRISES, arena, columns);
    if (count < 0)
        return false;
    struct crisis_fact *crises = arena_alloc(arena, (size_t)(count + 1) * sizeof *crises);
    for (int i = 0; crises != NULL && i < count; i++)
        crises[i] = (struct crisis_fact){crisis_kind_find(columns[0][i]), columns[1][i]};
    facts->crises = crises;
    facts->crisis_count = (size_t)count;
    return crises != NULL;
}

static bool read_achieved(const struct rows *rows, int row, struct arena *arena,
                          struct entitlement_facts *facts)
{
    char **columns[2];
    int count = read_pair(rows, row, FUNDING_ACHIEVED_MISSIONS, arena, columns);
    if (count < 0)
        return false;
    struct achieved_fact *achieved = arena_alloc(arena, (size_t)(count + 1) * sizeof *achieved);
    for (int i = 0; achieved != NULL && i < count; i++)
        achieved[i] = (struct achieved_fact){columns[0][i], strtoll(columns[1][i], NULL, 10)};
    facts->achieved = achieved;
    facts->achieved_count = (size_t)count;
    return achieved != NULL;
}

bool funding_row_read(const struct rows *rows, int row, const struct funding_question *question,
                      struct arena *arena, struct entitlement_facts *ret_facts)
{
    *ret_facts = (struct entitlement_facts){
        .year = question->year,
        .as_of = question->as_of,
        .letter_on = rows_text(rows, row, FUNDING_LETTER_ON),
        .project_on = rows_text(rows, row, FUNDING_PROJECT_ON),
        .signed_on = rows_text(rows, row, FUNDING_SIGNED_ON),
        .renewed_on = rows_text(rows, row, FUNDING_RENEWED_ON),
        .ended_on = rows_text(rows, row, FUNDING_ENDED_ON),
        .letter_size = (int)rows_int(rows, row, FUNDING_LETTER_SIZE),
        .size = (int)rows_int(rows, row, FUNDING_SIZE),
    };
    return read_missions(rows, row, arena, ret_facts) && read_crises(rows, row, arena, ret_facts) &&
           read_achieved(rows, row, arena, ret_facts);
}

Cpts__V1__FundingTotals *funding_totals_message(struct call *call,
                                                const struct entitlement_totals *totals)
{
    Cpts__V1__FundingTotals *message = request_message(call, &cpts__v1__funding_totals__descriptor);
    if (message == NULL)
        return NULL;
    message->maximum_cents = totals->maximum_cents;
    message->certain_cents = totals->certain_cents;
    message->advance_cents = totals->advance_cents;
    message->balance_cents = totals->balance_cents;
    message->cut_cents = totals->cut_cents;
    return message;
}
