/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CLOCKS_H
#define APP_CLOCKS_H

/**
 * @file
 * Raises legal clocks that are due: a change of the log, CPTS_CLOCK_DUE, once a
 * clock, whatever is restarted and however many servers share the database. The
 * command's id is derived from the clock's, and the statement raises only what
 * is not raised: the effect is had once, also when it is asked for twice. What
 * became due while no server ran is raised at the next start.
 *
 * Threads: one thread at a time, not the completion queue's nor a lane's.
 */

#include <cpts/status.h>

struct lane;

/** Clocks raised by one call at most; the next one takes the rest. */
#define CLOCKS_RAISED_MAX 64

/** Who raises them. */
struct clocks_node {
    /** Name of this node, for example `national`. */
    const char *node;
    const char *trust_domain;
    /** Reads what is due. */
    struct lane *slow_lane;
    /** Writes. */
    struct lane *write_lane;
};

/** Raises what is due now, and waits for it.
 * @param ret_count  Clocks raised by this call.
 * @return CPTS_OK, or why the database could not be asked; nothing is lost then:
 *         call again. */
CPTS_MUST_CHECK cpts_status clocks_raise(const struct clocks_node *node, int *ret_count,
                                         struct cpts_error *err);

#endif
