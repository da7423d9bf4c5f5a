/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_UPKEEP_H
#define APP_UPKEEP_H

/**
 * @file
 * What the server does for referrals by itself, on a thread of its own: once a
 * second it chains the reads that were recorded, once a minute it destroys the
 * sealed parts whose time is over, a few dozen at a time, uploads that nobody
 * finished and parked acts that are settled for long, once an hour it releases
 * the figures of periods that are over (app/figure_release.h). Any number of servers
 * on one database may do so: the effect is had once.
 *
 * Threads: any thread for start and stop, one at a time.
 */

#include <cpts/status.h>

#include "app/errand.h"

struct lane;
struct upkeep;

struct upkeep_options {
    /** Strings and lanes are borrowed and outlive the thread. */
    struct errand_node node;
    /** Where reads are recorded. */
    struct lane *trace_lane;
    /** Years that sealed parts are kept after the end of their referral, and parked
     * acts after they were resolved. */
    int retention_years;
    /** Days that an attachment may take to be whole. */
    int upload_days;
    /** Only the national node: two nodes that released the same period would have told what
     * each of them holds back. */
    bool releases_figures;
    /** Counts below it are small in figures that are released. */
    int threshold_count;
};

CPTS_MUST_CHECK cpts_status upkeep_start(const struct upkeep_options *options,
                                         struct upkeep **ret_upkeep, struct cpts_error *err);

/** Ends the thread, after what it is at, and frees. Accepts NULL. The lanes still stand. */
void upkeep_stop(struct upkeep *upkeep);

#endif
