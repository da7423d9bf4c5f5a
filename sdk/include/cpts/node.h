/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_NODE_H
#define CPTS_NODE_H

/**
 * @file
 * How a node fares, and as whom it sees the caller.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Figures of one of the node's ways to its database, since its start. */
struct cpts_lane {
    /** `read`, `write` or `slow`. */
    const char *name;
    /** Connected to the database. */
    bool connected;
    /** Calls that wait now. */
    int32_t queue_length;
    /** Calls answered; refused because the queue was full; dropped because their
     * deadline had passed. */
    int64_t calls_done;
    int64_t calls_refused;
    int64_t calls_expired;
    int64_t batches;
    /** Batches that aborted and were redone call by call. */
    int64_t batches_retried;
    /** Commands whose outcome was unknown: found out, and not. */
    int64_t outcomes_resolved;
    int64_t outcomes_unknown;
    /** Connections lost and made again. */
    int64_t reconnects;
    /** Stalled holders of the log's lock that were ended. */
    int64_t stalls_ended;
};

/** How a node fares. Instants are microseconds since 1970 UTC, 0 = absent. */
struct cpts_node_status {
    /** For example `national`. */
    const char *node;
    /** Of the server, for example `0.1.0`. */
    const char *version;
    int64_t time_us;
    int64_t started_at_us;
    /** When the server's certificate expires; absent without TLS. */
    int64_t certificate_not_after_us;
    /** Of PostgreSQL. */
    const char *database_version;
    int64_t database_time_us;
    /** Of the reference data, from 1; 0 when none is loaded; and the year of its
     * list of communes. */
    int32_t reference_version;
    int32_t population_vintage;
    /** Last position of the node's log; 0 when it is empty. */
    int64_t log_position;
    /** The caller, a SPIFFE URI. */
    const char *identity;
    const char *const *roles;
    size_t role_count;
    /** What the caller's commands may touch: `*`, `region:<INSEE>`, `cpts:<uuid>`
     * or `read` (nothing). */
    const char *scope;
    const struct cpts_lane *lanes;
    size_t lane_count;
    /** The library's own. */
    const void *message;
    /** Ed25519 public key with which the node signs the checkpoints of its log, 32 bytes, as
     * cpts_replica_options wants it; NULL = it signs none. */
    const uint8_t *checkpoint_key;
};

/** Asks how the node fares.
 * @return CPTS_OK · UNAVAILABLE / DATABASE_UNAVAILABLE: its database does not
 *         answer · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_status(cpts_client *client, int32_t timeout_ms,
                                                      struct cpts_node_status **ret_status,
                                                      struct cpts_error *err);

/** As the callbacks of cpts/async.h. */
typedef void cpts_node_status_callback(cpts_status status, struct cpts_node_status *node,
                                       const struct cpts_error *err, void *data);

/** As cpts_node_status(), without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_status_start(cpts_client *client,
                                                            const struct cpts_async *async,
                                                            cpts_node_status_callback *callback,
                                                            uint64_t *ret_call,
                                                            struct cpts_error *err);

/** The result as proto3 JSON (`cpts.v1.GetNodeStatusResponse`); NULL when memory
 * is out. @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_node_status_json(const struct cpts_node_status *status, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_node_status_free(struct cpts_node_status *status);

#ifdef __cplusplus
}
#endif
#endif
