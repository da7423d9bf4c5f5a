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

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "store/lane.h"

struct aci_grids;
struct clock_rules;
struct failure_limit;
struct federation;
struct feed;
struct issuer;
struct key_directory;
struct units;

/** The clocks of referrals that this server fired since it started. Lateness: from
 * when a clock was due to the end of its effect, microseconds. */
struct clock_figures {
    int64_t fired_count;
    int64_t last_lateness_us;
    int64_t worst_lateness_us;
};

/** What the sessions with another node did since the server started. Instants are
 * microseconds since 1970 UTC, 0 = never. */
struct session_figures {
    bool is_connected;
    int64_t session_count;
    int64_t sent_change_count;
    int64_t sent_byte_count;
    int64_t sent_success_us;
    int64_t received_change_count;
    int64_t received_byte_count;
    int64_t received_oldest_age_us; /**< microseconds; 0 = nothing waits there */
    int64_t absorbed_count;
    int32_t snapshot_chunk_total; /**< 0 = unknown */
    int32_t digest_mismatch_count;
    int64_t digest_compared_us;
    int64_t failed_us;
    char failed_reason[48];
    int64_t clock_skew_us; /**< how far its clock is ahead */
};

/** The server at this moment. */
struct service_state {
    int64_t started_at_us;     /**< since 1970 UTC */
    int port;                  /**< of the main address */
    int64_t certificate_end_s; /**< since 1970 UTC; 0 without TLS */
    struct clock_figures referral_clocks;
    struct lane_statistics lanes[LANE_KIND_COUNT]; /**< by enum lane_kind */
};

struct service {
    /** Name of this node, for example `national`. */
    const char *node;
    /** Version of the server. */
    const char *version;
    /** Of the identities: `spiffe://<trust_domain>/...`. */
    const char *trust_domain;
    /** What signs certificates; NULL = nobody enrols at this node. */
    const struct issuer *issuer;
    /** Who failed to enrol lately. */
    struct failure_limit *failures;
    /** Newcomers have a port. */
    bool has_enrolment_port;
    /** The geographic reference, the grids of the ACI, how long legal clocks run.
     * Replaced when the reference data has changed: each half of a call reads its
     * pointer once. A copy outlives every call that could have seen it
     * (app/reference_copy.h). */
    _Atomic(const struct units *) units;
    _Atomic(const struct aci_grids *) grids;
    _Atomic(const struct clock_rules *) clock_rules;
    /** Public keys of CPTS that the federation root vouches for
     * (handler/key_directory.h): who checks a signature or a wrap asks here. */
    struct key_directory *key_directory;
    /** Sessions with other nodes; NULL = none are taken. */
    struct federation *federation;
    /** The log as a stream; and what of it is about referrals, by who takes part. */
    struct feed *feed;
    struct feed *referral_feed;
    /** Counts of people below this are small (domain/suppression.h); 1..1000. */
    int32_t disclosure_threshold_count;
    /** Fills @p ret_state; any thread. */
    void (*state)(const struct service *service, struct service_state *ret_state);
    /** Fills @p ret_figures of the sessions with a node, all zero when there was none; any
     * thread. NULL: this server has none with anybody. */
    void (*session)(const struct service *service, const char *node,
                    struct session_figures *ret_figures);
    /** Has digests compared with a node that is connected ("" = with all), and repairs.
     * @return with how many; any thread. NULL: there is nobody. */
    int32_t (*verify)(const struct service *service, const char *node, bool repair);
};

#endif
