/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

/**
 * @file
 * A progress bar on stderr, when that is a terminal and the user is not --quiet.
 *
 * Threads: one thread at a time.
 */

#include "session.h"

struct progress {
    const struct session *session;
    size_t total;
    bool is_shown;
    /** Monotonic time of the last drawing, milliseconds. */
    int64_t drawn_ms;
};

void progress_begin(struct progress *progress, const struct session *session, size_t total);

/** Draws anew, at most ten times a second. */
void progress_show(struct progress *progress, size_t done, size_t refused);

/** Wipes the bar's line. */
void progress_end(struct progress *progress);

#endif
