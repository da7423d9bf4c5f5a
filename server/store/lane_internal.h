/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LANE_INTERNAL_H
#define STORE_LANE_INTERNAL_H

/**
 * @file
 * A lane's inside: the parts its files share.
 *
 * Threads: the counters any thread; the options never change.
 */

#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>

#include "base/call_queue.h"
#include "store/batch.h"
#include "store/lane.h"
#include "wire/reason.h"

/** Batches under way at once: while the database works on one, the next is
 * already there. */
#define LANE_DEPTH 2
#define LANE_CONNECTIONS_MAX 16

struct worker;
struct watchdog;

struct lane {
    /** With every default filled in. */
    struct lane_options options;
    struct batch_manner manner;
    const char *application_name;
    struct call_queue *queue;
    _Atomic int64_t calls_done;
    _Atomic int64_t calls_refused;
    _Atomic int64_t calls_expired;
    _Atomic int64_t batches;
    _Atomic int64_t batches_retried;
    _Atomic int64_t outcomes_resolved;
    _Atomic int64_t outcomes_unknown;
    _Atomic int64_t reconnects;
    _Atomic int64_t stalls_ended;
    /** Connections that are ready. */
    _Atomic int connected_count;
    /** CLOCK_MONOTONIC nanoseconds at which everything left is given up;
     * INT64_MAX while the lane is open. */
    _Atomic int64_t closing_ns;
    struct worker *workers[LANE_CONNECTIONS_MAX];
    int worker_count;
    struct watchdog *watchdog;
};

/** Answers with rows and releases @p result. */
void lane_answer_rows(struct lane *lane, const struct ticket *ticket, PGresult *result);

/** Answers with a failure. */
void lane_answer_reason(struct lane *lane, struct call *call, enum reason reason,
                        const char *sentence);

/** Answers with what the SQL error @p error means, and logs it. */
void lane_answer_error(struct lane *lane, struct call *call, const PGresult *error);

/** Answers a call whose outcome nobody will learn here. */
void lane_answer_unknown(struct lane *lane, struct call *call);

/** Answers a call whose deadline passed before it was certainly sent. */
void lane_answer_expired(struct lane *lane, const struct ticket *ticket);

/** Starts a thread with every signal blocked.
 * @return 0 or an errno. */
int lane_thread_start(pthread_t *thread, const char *name, void *(*run)(void *), void *argument);

/** Starts a worker: one thread with one pipelined connection that keeps up to
 * @p depth batches of up to @p calls_max calls under way. NULL when threads or
 * memory are out. */
struct worker *worker_start(struct lane *lane, int depth, int calls_max);

/** Waits for the end of a worker whose lane is closing; NULL is fine. */
void worker_join(struct worker *worker);

#endif
