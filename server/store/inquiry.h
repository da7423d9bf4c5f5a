/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_INQUIRY_H
#define STORE_INQUIRY_H

/**
 * @file
 * A connection that is asked one question at a time, by a thread that may be
 * woken or stopped in the middle of its waiting.
 *
 * Threads: inquiry_wake() and inquiry_stop() from any, the rest from one.
 */

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/connection.h"
#include "store/statement.h"

#define INQUIRY_PARAMETERS_MAX 8

struct inquiry {
    struct connection connection;
    int event;
    _Atomic bool is_stopped;
    int answer_timeout_ms;
    /** Rows come in PostgreSQL's binary format, which rows.h reads as well; false
     * after inquiry_init(). */
    bool wants_binary;
};

/** @return false when descriptors are out. */
bool inquiry_init(struct inquiry *inquiry, const struct connection_options *options,
                  int answer_timeout_ms);

/** Ends a wait, if there is one, else the next one. */
void inquiry_wake(struct inquiry *inquiry);

/** From now on nothing waits any more, and everything says so. */
void inquiry_stop(struct inquiry *inquiry);

/** Waits until the socket has something, somebody wakes, or @p timeout_ms passed. */
void inquiry_wait(struct inquiry *inquiry, int64_t timeout_ms);

/** Waits until the connection is ready. @return false when it was stopped. */
bool inquiry_become_ready(struct inquiry *inquiry);

/** As inquiry_become_ready(), but waits @p timeout_ms at most. */
bool inquiry_become_ready_within(struct inquiry *inquiry, int64_t timeout_ms);

/** Asks one statement with its text parameters.
 * @param ret_rows  Its rows, owned; NULL for a statement that has none. Set on
 *                  success only.
 * @return false when it failed, the connection broke (it is lost in both cases)
 *         or the inquiry was stopped. */
bool inquiry_ask(struct inquiry *inquiry, enum statement_id statement, const char *const *values,
                 int value_count, PGresult **ret_rows);

/** Closes everything; inquiry_init() must have succeeded. */
void inquiry_done(struct inquiry *inquiry);

#endif
