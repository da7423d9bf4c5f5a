/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ask.h"

#include <semaphore.h>
#include <stdio.h>

#include "base/call.h"
#include "base/clock.h"
#include "store/lane.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

#define QUESTION_BYTES (64u * 1024)
#define NS_PER_MS 1000000LL
#define SCOPE_READ "read"
#define SCOPE_ALL "*"

struct question {
    cpts_status (*read)(const struct rows *rows, void *context, struct cpts_error *err);
    void *context;
    const char *scope;
    cpts_status status;
    sem_t answered;
};

static void answer(struct call *call, cpts_status status, const struct rows *rows)
{
    struct question *question = call->state;
    question->status =
        status == CPTS_OK ? question->read(rows, question->context, &call->error) : status;
    sem_post(&question->answered);
}

static void wait_for(sem_t *semaphore)
{
    while (sem_wait(semaphore) != 0)
        continue;
}

/* Waits for the answer to @p question in an arena of its own. */
static cpts_status put(struct lane *lane, struct question *question, struct query *query,
                       int timeout_ms, struct cpts_error *err)
{
    sem_init(&question->answered, 0, 0);
    struct call call = {
        .arena = query->arena,
        .query = query,
        .state = question,
        .deadline_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS,
        .done = answer,
    };
    snprintf(call.principal.uri, sizeof call.principal.uri, "server");
    snprintf(call.principal.scope, sizeof call.principal.scope, "%s", question->scope);
    lane_submit(lane, &call);
    wait_for(&question->answered);
    if (question->status != CPTS_OK && err != NULL)
        *err = call.error;
    sem_destroy(&question->answered);
    return question->status;
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a question to the database");
}

cpts_status ask(struct lane *lane, enum statement_id statement, int timeout_ms,
                cpts_status (*read)(const struct rows *rows, void *context, struct cpts_error *err),
                void *context, struct cpts_error *err)
{
    struct question question = {.read = read, .context = context, .scope = SCOPE_READ};
    struct arena *arena = arena_new(QUESTION_BYTES);
    struct query *query = arena == NULL ? NULL : query_new(arena, statement);
    cpts_status status =
        query == NULL ? no_memory(err) : put(lane, &question, query, timeout_ms, err);
    arena_free(arena);
    return status;
}

cpts_status
ask_behind(struct lane *lane, enum statement_id statement, int64_t position, int timeout_ms,
           cpts_status (*read)(const struct rows *rows, void *context, struct cpts_error *err),
           void *context, struct cpts_error *err)
{
    struct question question = {.read = read, .context = context, .scope = SCOPE_READ};
    struct arena *arena = arena_new(QUESTION_BYTES);
    struct query *query = arena == NULL ? NULL : query_new(arena, statement);
    if (query != NULL)
        query_int(query, position);
    cpts_status status =
        query == NULL ? no_memory(err) : put(lane, &question, query, timeout_ms, err);
    arena_free(arena);
    return status;
}

cpts_status ask_bound(struct lane *lane, struct query *query, int timeout_ms,
                      cpts_status (*read)(const struct rows *rows, void *context,
                                          struct cpts_error *err),
                      void *context, struct cpts_error *err)
{
    struct question question = {.read = read, .context = context, .scope = SCOPE_ALL};
    return put(lane, &question, query, timeout_ms, err);
}
