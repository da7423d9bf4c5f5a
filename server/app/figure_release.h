/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_FIGURE_RELEASE_H
#define APP_FIGURE_RELEASE_H

/**
 * @file
 * Figures of referrals for those who take no part in them: each quarter, and each
 * year of unmet demand, is released once, some days after its end. What is held
 * back is decided then, for all of it together (domain/figure_cube.h), and nothing
 * else is kept. Several servers on one database release a period once.
 *
 * Threads: any but the completion queue's and the lanes'.
 */

#include <cpts/status.h>

struct lane;

/** Days after the end of a period: what was sent on its last day has come to an end. */
#define FIGURES_RELEASED_AFTER_DAYS 30

/** Releases the next period, if there is one to be released.
 * @param find_lane  Reads; @p record_lane writes, a statement at a time.
 * @param threshold_count  Counts below it are small.
 * @param ret_period  Its name, "" when nothing was to be done; set on CPTS_OK only.
 * @return CPTS_OK, or why it waits. */
CPTS_MUST_CHECK cpts_status figures_release(struct lane *find_lane, struct lane *record_lane,
                                            int threshold_count, char ret_period[8],
                                            struct cpts_error *err);

#endif
