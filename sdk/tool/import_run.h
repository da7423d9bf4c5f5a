/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_RUN_H
#define TOOL_IMPORT_RUN_H

/**
 * @file
 * Sending the rows, several at once (crew.h).
 *
 * Threads: import_run() uses its own and returns when they have ended.
 */

#include "import_finding.h"
#include "import_row.h"
#include "session.h"

/** The rows of one file. */
struct import {
    struct import_row *rows;
    size_t row_count;
    /** What a person should know; none of the own format. */
    struct findings findings;
    /** Texts of the rows that are no cells. */
    struct import_pool pool;
    /** Compared with the node (import_plan.h). */
    bool is_planned;
};

/** Rows by what became of them, and by when the sending ended. */
struct import_totals {
    size_t waiting;
    size_t created;
    size_t replayed;
    size_t refused;
    size_t unknown;
    size_t unchanged;
    size_t different;
    size_t updated;
};

/** Counts the rows by state. */
struct import_totals import_count(const struct import *import);

/** Sends every waiting row through @p job_count threads and sets its state. A
 * failure that would meet every row (no connection, no permission) stops the
 * rest, which keeps waiting.
 * @param ret_stop  That failure; status CPTS_OK when there was none. */
void import_run(const struct session *session, struct import *import, int job_count,
                struct cpts_error *ret_stop);

#endif
