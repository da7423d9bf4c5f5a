/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_CLOCKS_H
#define APP_CLOCKS_H

/**
 * @file
 * Raises legal clocks that are due: a change of the log, CPTS_CLOCK_DUE, once a
 * clock (see app/errand.h). What became due while no server ran is raised at the
 * next start.
 *
 * Threads: one thread at a time, not the completion queue's nor a lane's.
 */

#include <cpts/status.h>

#include "app/errand.h"

/** Clocks raised by one call at most; the next one takes the rest. */
#define CLOCKS_RAISED_MAX ERRANDS_MAX

/** Raises what is due now, and waits for it.
 * @param ret_count  Clocks raised by this call.
 * @return CPTS_OK, or why the database could not be asked; nothing is lost then:
 *         call again. */
CPTS_MUST_CHECK cpts_status clocks_raise(const struct errand_node *node, int *ret_count,
                                         struct cpts_error *err);

#endif
