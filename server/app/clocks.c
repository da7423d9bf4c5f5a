/* SPDX-License-Identifier: Apache-2.0 */
#include "app/clocks.h"

#include <stdio.h>

#include "cpts/v1/change.pb-c.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/uuid.h"

#define CODE_BYTES 48
#define DATE_BYTES 11

/* Columns of clock_find.sql. */
enum column { CLOCK_ID, CPTS_ID, KIND, MISSION, STARTED_ON, DUE_ON };

/* A clock that is due. */
struct due {
    char clock_id[UUID_TEXT_BYTES];
    char cpts_id[UUID_TEXT_BYTES];
    char kind[CODE_BYTES];
    char mission[CODE_BYTES];
    char started_on[DATE_BYTES];
    char due_on[DATE_BYTES];
};

/* One round: what was found, then an errand for each. */
struct round {
    struct due dues[ERRANDS_MAX];
    int due_count;
    struct errand errands[ERRANDS_MAX];
};

#define COPY(to, from) snprintf((to), sizeof(to), "%s", (from))

static void take_found(const struct rows *rows, void *context)
{
    struct round *round = context;
    for (int row = 0; row < rows_count(rows) && row < ERRANDS_MAX; row++) {
        struct due *due = &round->dues[round->due_count++];
        COPY(due->clock_id, rows_text(rows, row, CLOCK_ID));
        COPY(due->cpts_id, rows_text(rows, row, CPTS_ID));
        COPY(due->kind, rows_text(rows, row, KIND));
        COPY(due->mission, rows_text(rows, row, MISSION));
        COPY(due->started_on, rows_text(rows, row, STARTED_ON));
        COPY(due->due_on, rows_text(rows, row, DUE_ON));
    }
}

static void begin(struct errand *errand, const struct errand_node *node, const struct due *due)
{
    Cpts__V1__ClockFact clock = CPTS__V1__CLOCK_FACT__INIT;
    clock.clock_id = (char *)due->clock_id;
    clock.kind = (char *)due->kind;
    clock.mission = (char *)due->mission;
    clock.started_on = (char *)due->started_on;
    clock.due_on = (char *)due->due_on;
    Cpts__V1__CptsClockDue event = CPTS__V1__CPTS_CLOCK_DUE__INIT;
    event.clock = &clock;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_CLOCK_DUE;
    change.cpts_clock_due = &event;
    const struct errand_order order = {.statement = STATEMENT_CLOCK_RAISE,
                                       .method = "/cpts.v1.Clock/Raise",
                                       .space = "cpts.clock_due",
                                       .name = due->clock_id,
                                       .aggregate_id = due->cpts_id,
                                       .change = &change};
    if (errand_begin(errand, node, &order))
        query_text(errand->call.query, due->clock_id);
}

cpts_status clocks_raise(const struct errand_node *node, int *ret_count, struct cpts_error *err)
{
    static struct round round;
    round.due_count = 0;
    *ret_count = 0;
    cpts_status status =
        errand_find(node, STATEMENT_CLOCK_FIND, CLOCKS_RAISED_MAX, take_found, &round, err);
    if (status != CPTS_OK)
        return status;
    for (int i = 0; i < round.due_count; i++)
        begin(&round.errands[i], node, &round.dues[i]);
    return errands_run(node, round.errands, round.due_count, ret_count, err);
}
