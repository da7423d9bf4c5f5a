/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/funding_row.h"

#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "handler/word_list.h"
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

#define WORDS_MAX 4

/* One element of a list: words between spaces, the first ones a date and the
 * version that recorded it. */
struct element {
    const char *words[WORDS_MAX];
    long version;
};

/* By date, then as recorded. */
static int compare(const void *one, const void *other)
{
    const struct element *a = one;
    const struct element *b = other;
    int order = strcmp(a->words[0], b->words[0]);
    if (order != 0)
        return order;
    return (a->version > b->version) - (a->version < b->version);
}

/* The elements of a list in order, each of @p word_count words.
 * @return how many; -1 when the arena is full or an element has not its words. */
static int read_list(const struct rows *rows, int row, int column, size_t word_count,
                     struct arena *arena, struct element **ret_elements)
{
    const char *cell = rows_text(rows, row, column);
    char *text = arena_copy(arena, cell, strlen(cell));
    size_t room = 1;
    for (const char *at = cell; *at != '\0'; at++)
        room += *at == ',';
    struct element *elements = arena_alloc(arena, room * sizeof *elements);
    const char **parts = arena_alloc(arena, room * sizeof(const char *));
    if (text == NULL || elements == NULL || parts == NULL)
        return -1;
    size_t count = word_list_split(text, ',', parts, room);
    for (size_t i = 0; i < count; i++) {
        if (word_list_split((char *)parts[i], ' ', elements[i].words, WORDS_MAX) != word_count)
            return -1;
        elements[i].version = strtol(elements[i].words[1], NULL, 10);
    }
    qsort(elements, count, sizeof *elements, compare);
    *ret_elements = elements;
    return (int)count;
}

static bool read_missions(const struct rows *rows, int row, struct arena *arena,
                          struct entitlement_facts *facts)
{
    struct element *elements = NULL;
    int count = read_list(rows, row, FUNDING_MISSION_STEPS, 4, arena, &elements);
    if (count < 0)
        return false;
    struct mission_step *steps = arena_alloc(arena, (size_t)(count + 1) * sizeof *steps);
    for (int i = 0; steps != NULL && i < count; i++)
        steps[i] = (struct mission_step){
            elements[i].words[2], mission_status_find(elements[i].words[3]), elements[i].words[0]};
    facts->steps = steps;
    facts->step_count = (size_t)count;
    return steps != NULL;
}

static bool read_crises(const struct rows *rows, int row, struct arena *arena,
                        struct entitlement_facts *facts)
{
    struct element *elements = NULL;
    int count = read_list(rows, row, FUNDING_CRISIS_FACTS, 3, arena, &elements);
    if (count < 0)
        return false;
    struct crisis_fact *crises = arena_alloc(arena, (size_t)(count + 1) * sizeof *crises);
    for (int i = 0; crises != NULL && i < count; i++)
        crises[i] =
            (struct crisis_fact){crisis_kind_find(elements[i].words[2]), elements[i].words[0]};
    facts->crises = crises;
    facts->crisis_count = (size_t)count;
    return crises != NULL;
}

bool funding_indicators_read(struct call *call, const struct rows *rows,
                             struct funding_question *question)
{
    return rows_count(rows) == 0 ||
           achieved_definitions_read(rows_text(rows, 0, FUNDING_INDICATORS), call->arena,
                                     &question->definitions);
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
           achieved_list_read(rows_text(rows, row, FUNDING_LOCKED_VALUES),
                              rows_text(rows, row, FUNDING_STEP_TABLES), &question->definitions,
                              arena, ret_facts);
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
