/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_LANE_H
#define STORE_LANE_H

/**
 * @file
 * A lane: a bounded queue of calls in front of the database.
 *
 * The write lane is one thread that owns one pipelined connection (batches of
 * up to 128, depth 2), the read lane a few of them that share one queue; the
 * slow lane too, with one call at a time each. A write batch is one
 * transaction that begins with the log's lock and ends in one Sync, hence one
 * fsync; its replies leave only after that Sync answered. The transactions of
 * the read and the slow lane are read-only. The trace lane is a read lane whose
 * calls also record who read: its transactions may write, without the log's
 * lock, and its replies leave after the Sync. A call of it whose outcome is
 * unknown is simply asked again: its statements may run twice.
 *
 * Threads: lane_submit() from any thread; the rest from the app's.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/method.h"

struct call;
struct lane;

/** What a lane needs to know. */
struct lane_options {
    enum lane_kind kind;
    /** libpq connection string; borrowed for the lane's life. */
    const char *conninfo;
    /** Name of this node, for example `national`: cpts.log_begin()'s argument.
     * Borrowed for the lane's life; a write lane must have it. */
    const char *node;
    /** Calls that may wait; more are refused with QUEUE_FULL. 0 = 4096. */
    int queue_length_max;
    /** Connections of a read, a trace or a slow lane, each with its thread; 0 = 2. The
     * write lane has one: its transactions follow each other anyway. */
    int connection_count;
    /** Server-side limit of one statement, milliseconds. 0 = 5000 (slow: 60000). */
    int statement_timeout_ms;
    /** Longest wait for a lock, the log's included; then DATABASE_BUSY. 0 = 3000. */
    int lock_timeout_ms;
    /** How long a session may hold the log's lock while it waits for its
     * client, before the write lane's watchdog ends it. 0 = 3000. */
    int stall_limit_ms;
    /** Sets app.scope / app.principal before calls. False only in benchmarks. */
    bool without_scope;
};

/** Figures of a lane since its start. */
struct lane_statistics {
    int64_t calls_done;    /**< answered, the refused ones excepted */
    int64_t calls_refused; /**< QUEUE_FULL */
    int64_t calls_expired; /**< dropped before SQL, deadline passed */
    int64_t batches;
    int64_t batches_retried;   /**< aborted, redone one by one */
    int64_t outcomes_resolved; /**< no Sync seen, settled by asking again */
    int64_t outcomes_unknown;
    int64_t reconnects;
    int64_t stalls_ended; /**< lock holders terminated by the watchdog */
    int queue_length;
    bool connected;
};

/** Starts a lane's threads. It connects by itself, now and after every loss;
 * calls that come before that wait, up to their deadline.
 * @param ret_lane  Set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID when conninfo
 *         cannot be read or a number is out of range · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status lane_open(const struct lane_options *options, struct lane **ret_lane,
                                      struct cpts_error *err);

/** Gives a call with a bound query to the lane. Never blocks. The lane answers
 * through call->done exactly once, on its own thread, or at once on the
 * caller's when the queue is full, the query failed or the lane is closing. */
void lane_submit(struct lane *lane, struct call *call);

/** Waits until everything submitted was answered, at most until
 * @p deadline_ns (CLOCK_MONOTONIC); the rest is answered SHUTTING_DOWN (or
 * OUTCOME_UNKNOWN when it was sent). Then ends the threads. NULL is fine. */
void lane_close(struct lane *lane, int64_t deadline_ns);

/** Copies the figures. Any thread. */
void lane_statistics_get(struct lane *lane, struct lane_statistics *ret_statistics);

#endif
