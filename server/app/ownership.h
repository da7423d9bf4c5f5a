/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_OWNERSHIP_H
#define APP_OWNERSHIP_H

/**
 * @file
 * Hands aggregates over between nodes: a region's records to its node once that has
 * caught up, back when it is suspended, a referral to the national node before it leaves
 * its region; confirms what was given to this node; delivers referrals that another node
 * has stored. Each is a command of the log, found again after a restart. A thread of its
 * own looks twice a second, and goes on at once while there is more.
 *
 * Threads: one thread at a time, not the completion queue's nor a lane's.
 */

#include <cpts/status.h>

#include "app/errand.h"

struct ownership;

/** Starts the thread. @param node  Copied; what it points to outlives the thread. */
CPTS_MUST_CHECK cpts_status ownership_start(const struct errand_node *node,
                                            struct ownership **ret_ownership,
                                            struct cpts_error *err);

/** Ends it; waits for what is under way. NULL is fine. */
void ownership_stop(struct ownership *ownership);

#endif
