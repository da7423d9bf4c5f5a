/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_SERVICE_H
#define HANDLER_SERVICE_H

/**
 * @file
 * What every handler knows apart from the call: which node this is, the
 * reference data, and how the server fares. Lives as long as the server.
 *
 * Threads: read-only, any thread; what `feed` points to takes care of itself.
 */

#include <stdint.h>

#include "store/lane.h"

struct clock_rules;
struct feed;
struct units;

/** The server at this moment. */
struct service_state {
    int64_t started_at_us;                       /**< since 1970 UTC */
    int64_t certificate_end_s;                   /**< since 1970 UTC; 0 without TLS */
    struct lane_statistics lanes[LANE_SLOW + 1]; /**< by enum lane_kind */
};

struct service {
    /** Name of this node, for example `national`. */
    const char *node;
    /** Version of the server. */
    const char *version;
    const struct units *units;
    /** How long legal clocks run. */
    const struct clock_rules *clock_rules;
    /** The log as a stream. */
    struct feed *feed;
    /** Counts of people below this are small (domain/suppression.h); 1..1000. */
    int32_t disclosure_threshold_count;
    /** Fills @p ret_state; any thread. */
    void (*state)(const struct service *service, struct service_state *ret_state);
};

#endif
