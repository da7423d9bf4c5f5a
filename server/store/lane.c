/* SPDX-License-Identifier: Apache-2.0 */
#include "store/lane.h"

#include <libpq-fe.h>
#include <signal.h>
#include <stdlib.h>

#include "base/call.h"
#include "store/lane_internal.h"
#include "store/query.h"
#include "store/watchdog.h"
#include "wire/error.h"

#define QUEUE_LENGTH_DEFAULT 4096
#define QUEUE_LENGTH_MAX (1 << 20)
/* A connection is one backend, hence one core. */
#define CONNECTION_COUNT_DEFAULT 2
#define STATEMENT_TIMEOUT_DEFAULT_MS 5000
#define STATEMENT_TIMEOUT_SLOW_DEFAULT_MS 60000
#define LOCK_TIMEOUT_DEFAULT_MS 3000
#define STALL_LIMIT_DEFAULT_MS 3000

int lane_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument)
{
    sigset_t every;
    sigset_t before;
    sigfillset(&every);
    pthread_sigmask(SIG_SETMASK, &every, &before);
    int failure = pthread_create(thread, NULL, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failure == 0)
        (void)pthread_setname_np(*thread, name);
    return failure;
}

static const char *name_application(enum lane_kind kind)
{
    switch (kind) {
    case LANE_READ:
        return "cptsd read";
    case LANE_WRITE:
        return "cptsd write";
    case LANE_SLOW:
        return "cptsd slow";
    case LANE_TRACE:
        return "cptsd trace";
    default:
        return NULL;
    }
}

static void fill_default(int *number, int value)
{
    if (*number == 0)
        *number = value;
}

static void fill_defaults(struct lane_options *options)
{
    bool is_slow = options->kind == LANE_SLOW;
    fill_default(&options->queue_length_max, QUEUE_LENGTH_DEFAULT);
    fill_default(&options->connection_count, CONNECTION_COUNT_DEFAULT);
    fill_default(&options->statement_timeout_ms,
                 is_slow ? STATEMENT_TIMEOUT_SLOW_DEFAULT_MS : STATEMENT_TIMEOUT_DEFAULT_MS);
    fill_default(&options->lock_timeout_ms, LOCK_TIMEOUT_DEFAULT_MS);
    fill_default(&options->stall_limit_ms, STALL_LIMIT_DEFAULT_MS);
}

static bool are_numbers_right(const struct lane_options *options)
{
    return options->queue_length_max > 0 && options->queue_length_max <= QUEUE_LENGTH_MAX &&
           options->connection_count > 0 && options->connection_count <= LANE_CONNECTIONS_MAX &&
           options->statement_timeout_ms > 0 && options->lock_timeout_ms > 0 &&
           options->stall_limit_ms > 0;
}

static bool is_conninfo_readable(const char *conninfo)
{
    PQconninfoOption *parsed = conninfo == NULL ? NULL : PQconninfoParse(conninfo, NULL);
    bool is_readable = parsed != NULL;
    PQconninfoFree(parsed);
    return is_readable;
}

static cpts_status check_options(const struct lane_options *options, struct cpts_error *err)
{
    if (name_application(options->kind) == NULL ||
        (options->kind == LANE_WRITE && options->node == NULL))
        return error_set(err, REASON_CONFIGURATION_INVALID, "a lane needs its kind and its node");
    if (!are_numbers_right(options))
        return error_set(err, REASON_CONFIGURATION_INVALID, "a number of a lane is out of range");
    if (!is_conninfo_readable(options->conninfo))
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "the connection string of the database cannot be read");
    return CPTS_OK;
}

static bool start_workers(struct lane *lane)
{
    bool is_slow = lane->options.kind == LANE_SLOW;
    int count = lane->options.kind == LANE_WRITE ? 1 : lane->options.connection_count;
    for (int i = 0; i < count; i++) {
        lane->workers[i] =
            worker_start(lane, is_slow ? 1 : LANE_DEPTH, is_slow ? 1 : BATCH_CALLS_MAX);
        if (lane->workers[i] == NULL)
            return false;
        lane->worker_count++;
    }
    if (lane->options.kind == LANE_WRITE)
        lane->watchdog = watchdog_start(lane);
    return lane->options.kind != LANE_WRITE || lane->watchdog != NULL;
}

cpts_status lane_open(const struct lane_options *options, struct lane **ret_lane,
                      struct cpts_error *err)
{
    struct lane_options filled = *options;
    fill_defaults(&filled);
    cpts_status status = check_options(&filled, err);
    if (status != CPTS_OK)
        return status;
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a lane");
    lane->options = filled;
    lane->manner = (struct batch_manner){.writes = filled.kind == LANE_WRITE,
                                         .records = filled.kind == LANE_TRACE,
                                         .without_scope = filled.without_scope,
                                         .node = filled.node};
    lane->application_name = name_application(filled.kind);
    atomic_store(&lane->closing_ns, INT64_MAX);
    lane->queue = call_queue_new(filled.queue_length_max);
    if (lane->queue == NULL) {
        free(lane);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory or descriptor for a lane");
    }
    if (!start_workers(lane)) {
        lane_close(lane, 0);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory or thread for a lane");
    }
    *ret_lane = lane;
    return CPTS_OK;
}

void lane_submit(struct lane *lane, struct call *call)
{
    if (call->query == NULL || call->query->failed) {
        lane_answer_reason(lane, call, REASON_OUT_OF_MEMORY,
                           "the call needs more memory than one may use");
        return;
    }
    switch (call_queue_give(lane->queue, call)) {
    case CALL_QUEUED:
        break;
    case CALL_QUEUE_FULL:
        lane_answer_reason(lane, call, REASON_QUEUE_FULL, "too many calls are waiting");
        break;
    case CALL_QUEUE_CLOSED:
        lane_answer_reason(lane, call, REASON_SHUTTING_DOWN, "the server is shutting down");
        break;
    }
}

void lane_close(struct lane *lane, int64_t deadline_ns)
{
    if (lane == NULL)
        return;
    atomic_store(&lane->closing_ns, deadline_ns < INT64_MAX ? deadline_ns : INT64_MAX - 1);
    call_queue_close(lane->queue);
    for (int i = 0; i < lane->worker_count; i++)
        worker_join(lane->workers[i]);
    watchdog_stop(lane->watchdog);
    call_queue_free(lane->queue);
    free(lane);
}

void lane_statistics_get(struct lane *lane, struct lane_statistics *ret_statistics)
{
    *ret_statistics = (struct lane_statistics){
        .calls_done = atomic_load(&lane->calls_done),
        .calls_refused = atomic_load(&lane->calls_refused),
        .calls_expired = atomic_load(&lane->calls_expired),
        .batches = atomic_load(&lane->batches),
        .batches_retried = atomic_load(&lane->batches_retried),
        .outcomes_resolved = atomic_load(&lane->outcomes_resolved),
        .outcomes_unknown = atomic_load(&lane->outcomes_unknown),
        .reconnects = atomic_load(&lane->reconnects),
        .stalls_ended = atomic_load(&lane->stalls_ended),
        .queue_length = call_queue_length(lane->queue),
        .connected = atomic_load(&lane->connected_count) > 0,
    };
}
