/* SPDX-License-Identifier: Apache-2.0 */
#include "app/clocks.h"

#include <semaphore.h>
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "store/lane.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define RAISE_TIMEOUT_MS 5000
#define NS_PER_MS 1000000LL
#define ARENA_BYTES (64u * 1024)
#define CODE_BYTES 48
#define DATE_BYTES 11
#define METHOD "/cpts.v1.Clock/Raise"

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

/* One round: what was found, then a call for each. */
struct round {
    const struct clocks_node *node;
    struct due dues[CLOCKS_RAISED_MAX];
    int due_count;
    struct call calls[CLOCKS_RAISED_MAX];
    cpts_status statuses[CLOCKS_RAISED_MAX];
    bool raised[CLOCKS_RAISED_MAX];
    cpts_status find_status;
    sem_t answered;
};

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

static struct call new_call(const struct clocks_node *node, struct round *round,
                            void (*done)(struct call *, cpts_status, const struct rows *))
{
    struct call call = {.arena = arena_new(ARENA_BYTES),
                        .state = round,
                        .deadline_ns = clock_monotonic_ns() + RAISE_TIMEOUT_MS * NS_PER_MS,
                        .done = done};
    snprintf(call.principal.uri, sizeof call.principal.uri, "spiffe://%s/node/%s",
             node->trust_domain, node->node);
    snprintf(call.principal.scope, sizeof call.principal.scope, "*");
    return call;
}

#define COPY(to, from) snprintf((to), sizeof(to), "%s", (from))

static void take_found(struct call *call, cpts_status status, const struct rows *rows)
{
    struct round *round = call->state;
    round->find_status = status;
    for (int row = 0; status == CPTS_OK && row < rows_count(rows) && row < CLOCKS_RAISED_MAX;
         row++) {
        struct due *due = &round->dues[round->due_count++];
        COPY(due->clock_id, rows_text(rows, row, CLOCK_ID));
        COPY(due->cpts_id, rows_text(rows, row, CPTS_ID));
        COPY(due->kind, rows_text(rows, row, KIND));
        COPY(due->mission, rows_text(rows, row, MISSION));
        COPY(due->started_on, rows_text(rows, row, STARTED_ON));
        COPY(due->due_on, rows_text(rows, row, DUE_ON));
    }
    sem_post(&round->answered);
}

static cpts_status find(struct round *round, struct cpts_error *err)
{
    struct call call = new_call(round->node, round, take_found);
    if (call.arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to look for due clocks");
    call.query = query_new(call.arena, STATEMENT_CLOCK_FIND);
    query_text(call.query, round->node->node);
    query_int(call.query, CLOCKS_RAISED_MAX);
    lane_submit(round->node->slow_lane, &call);
    wait_for(&round->answered);
    if (round->find_status != CPTS_OK && err != NULL)
        *err = call.error;
    arena_free(call.arena);
    return round->find_status;
}

static void take_raised(struct call *call, cpts_status status, const struct rows *rows)
{
    struct round *round = call->state;
    ptrdiff_t index = call - round->calls;
    round->statuses[index] = status;
    round->raised[index] =
        status == CPTS_OK && rows_count(rows) == 1 && strcmp(rows_text(rows, 0, 0), "OK") == 0;
    sem_post(&round->answered);
}

/* The same change for the same clock, whoever raises it. */
static uint8_t *pack_change(struct call *call, const struct due *due, const char *command_id,
                            size_t *ret_bytes)
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
    change.schema_version = 1;
    change.aggregate_id = (char *)due->cpts_id;
    change.actor = call->principal.uri;
    change.command_id = (char *)command_id;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_CLOCK_DUE;
    change.cpts_clock_due = &event;
    *ret_bytes = cpts__v1__change__get_packed_size(&change);
    uint8_t *bytes = arena_alloc(call->arena, *ret_bytes + 1);
    if (bytes != NULL)
        cpts__v1__change__pack(&change, bytes);
    return bytes;
}

static bool bind(struct call *call, const struct clocks_node *node, const struct due *due)
{
    char command_text[UUID_TEXT_BYTES];
    uint8_t command_id[16];
    uint8_t hash[DIGEST_BYTES];
    size_t byte_count = 0;
    uuid_derive("cpts.clock_due", due->clock_id, command_id);
    uuid_format(command_id, command_text);
    uint8_t *bytes = pack_change(call, due, command_text, &byte_count);
    call->query = query_new(call->arena, STATEMENT_CLOCK_RAISE);
    if (bytes == NULL || call->query == NULL)
        return false;
    digest_command(METHOD, bytes, byte_count, hash);
    query_text(call->query, call->principal.uri);
    query_uuid(call->query, command_id);
    query_bytes(call->query, hash, sizeof hash);
    query_text(call->query, due->cpts_id);
    query_text(call->query, node->node);
    query_bytes(call->query, bytes, byte_count);
    query_text(call->query, due->clock_id);
    return true;
}

static void raise_all(struct round *round)
{
    int sent = 0;
    for (int i = 0; i < round->due_count; i++) {
        round->calls[i] = new_call(round->node, round, take_raised);
        struct call *call = &round->calls[i];
        if (call->arena == NULL || !bind(call, round->node, &round->dues[i])) {
            round->statuses[i] = CPTS_RESOURCE_EXHAUSTED;
            continue;
        }
        lane_submit(round->node->write_lane, call);
        sent++;
    }
    for (; sent > 0; sent--)
        wait_for(&round->answered);
}

cpts_status clocks_raise(const struct clocks_node *node, int *ret_count, struct cpts_error *err)
{
    static struct round round;
    int count = 0;
    memset(&round, 0, sizeof round);
    round.node = node;
    sem_init(&round.answered, 0, 0);
    cpts_status status = find(&round, err);
    if (status == CPTS_OK)
        raise_all(&round);
    for (int i = 0; i < round.due_count; i++) {
        if (round.statuses[i] != CPTS_OK && status == CPTS_OK) {
            status = round.statuses[i];
            if (err != NULL)
                *err = round.calls[i].error;
        }
        count += round.raised[i];
        arena_free(round.calls[i].arena);
    }
    sem_destroy(&round.answered);
    *ret_count = count;
    return status;
}
