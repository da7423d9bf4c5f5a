/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_REFERRAL_CLOCKS_H
#define APP_REFERRAL_CLOCKS_H

/**
 * @file
 * Fires the clocks of referrals, on a thread of its own, within a second of their
 * time: OVERDUE raises the level and tells, WIDEN asks the next candidate. A clock
 * never ends a referral.
 *
 * The clocks are rows of cpts.referral_clock; nothing of them is kept here, so
 * that a restart, a failover or a second server changes nothing: what was due
 * meanwhile fires on return, the earliest first. One expiry has one effect (see
 * app/errand.h). Time is the database's, never before an entry of the log: while
 * the machine's clock is set back, no clock fires early or twice.
 *
 * Looks again when the next clock is due, half a second later at most.
 *
 * Threads: any thread for start, stop and read, one at a time.
 */

#include <cpts/status.h>
#include <stdint.h>

#include "app/errand.h"
#include "handler/service.h"

struct referral_clocks;

/** Starts to fire. @p node is copied; its strings and lanes are borrowed and
 * outlive the thread. */
CPTS_MUST_CHECK cpts_status referral_clocks_start(const struct errand_node *node,
                                                  struct referral_clocks **ret_clocks,
                                                  struct cpts_error *err);

/** What was fired; zeros for NULL. */
void referral_clocks_read(struct referral_clocks *clocks, struct clock_figures *ret_figures);

/** Ends the thread, after the round it is in. Accepts NULL. The lanes still stand. */
void referral_clocks_stop(struct referral_clocks *clocks);

/** Frees what was stopped, once nobody reads its figures any more. Accepts NULL. */
void referral_clocks_free(struct referral_clocks *clocks);

#endif
