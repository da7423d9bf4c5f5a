/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_FEDERATION_NODE_H
#define CPTS_FEDERATION_NODE_H

/**
 * @file
 * The federation as its operators see it: which nodes there are, how each direction
 * fares, whether logs are what their origins wrote; nodes suspended, let in again, fenced.
 * What waits for people is in cpts/federation_desk.h; nodes are enrolled as anybody is
 * (cpts/enrolment.h).
 *
 * For the role OPERATOR. X_start() is X() without waiting, as cpts/async.h says. Results
 * belong to the caller, who releases them; every text inside lives as long as its result
 * and is never NULL. Instants are microseconds since 1970 UTC, 0 = never.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a node may do. */
enum cpts_node_state {
    CPTS_NODE_STATE_UNSPECIFIED = 0,
    /** Its region's records are handed over once it has caught up. */
    CPTS_NODE_ENROLLED = 1,
    /** It owns the records of its region. */
    CPTS_NODE_OWNER = 2,
    /** They were taken back, and it is not let in. */
    CPTS_NODE_SUSPENDED = 3,
    /** The node that is asked. */
    CPTS_NODE_SELF = 4,
    /** The national node, seen from a regional one. */
    CPTS_NODE_UPSTREAM = 5
};

/** A node of the federation. */
struct cpts_federation_node {
    /** `national` or `region/<INSEE>`. */
    const char *name;
    /** host:port. */
    const char *address;
    enum cpts_node_state state;
    /** Its epoch, from 1, and that of its region's new records (0 = none). */
    int32_t epoch;
    int32_t ownership_epoch;
    /** Hexadecimal, or empty. */
    const char *checkpoint_key_id;
    int32_t cpts_count;
    int32_t open_referral_count;
    /** Aggregates on their way to it: not released yet, or not confirmed. */
    int32_t pending_count;
    const char *suspended_reason;
    int64_t enrolled_at_us;
    int64_t suspended_at_us;
};

struct cpts_federation_nodes {
    const struct cpts_federation_node *nodes;
    size_t node_count;
    const void *message;
};

struct cpts_node_suspension {
    size_t size;
    /** `region/<INSEE>`. */
    const char *node;
    /** For people, 1..200 characters. */
    const char *reason;
};

struct cpts_node_resumption {
    size_t size;
    const char *node;
};

struct cpts_node_epoch_raise {
    size_t size;
    const char *node;
    /** That was seen, from 1. */
    int32_t expected_epoch;
    const char *reason;
};

/** One direction between two nodes. */
struct cpts_federation_way {
    int64_t head_position;
    int64_t acknowledged_position;
    int64_t lag_change_count;
    int64_t lag_byte_count;
    /** Age of the oldest change that waits, microseconds. */
    int64_t oldest_age_us;
    /** Since the server started. */
    int64_t change_count;
    int64_t byte_count;
    int64_t succeeded_at_us;
};

/** How another node fares. */
struct cpts_federation_peer {
    const char *node;
    const char *address;
    enum cpts_node_state state;
    int32_t epoch;
    bool is_connected;
    struct cpts_federation_way sent;
    struct cpts_federation_way received;
    int32_t parked_count;
    int64_t oldest_parked_at_us;
    int32_t alarm_count;
    int64_t session_count;
    int64_t failed_at_us;
    const char *failed_reason;
    int64_t clock_skew_us;
    /** -1 = unknown. */
    int32_t certificate_days_left;
    int32_t snapshot_chunk_count;
    int32_t snapshot_chunk_total;
    int32_t digest_mismatch_count;
    int64_t digest_compared_at_us;
    int64_t absorbed_count;
    int64_t checkpoint_position;
};

struct cpts_federation_report {
    /** The node that answered, its clock and epoch. */
    const char *node;
    int64_t time_us;
    int32_t epoch;
    /** Why it takes no commands, or empty. */
    const char *read_only_reason;
    int64_t log_position;
    int64_t checkpoint_position;
    const struct cpts_federation_peer *peers;
    size_t peer_count;
    const void *message;
};

struct cpts_federation_comparison {
    size_t size;
    /** NULL or empty = every node that is connected. */
    const char *node;
    /** What differs is fetched from its owner. */
    bool repair;
};

/** Comparing was asked for; what came of it is in the report. */
struct cpts_federation_compared {
    int32_t node_count;
    const void *message;
};

typedef void cpts_federation_nodes_callback(cpts_status status, struct cpts_federation_nodes *nodes,
                                            const struct cpts_error *err, void *data);
typedef void cpts_federation_report_callback(cpts_status status,
                                             struct cpts_federation_report *report,
                                             const struct cpts_error *err, void *data);
typedef void cpts_federation_compared_callback(cpts_status status,
                                               struct cpts_federation_compared *compared,
                                               const struct cpts_error *err, void *data);

/** "ENROLLED", "OWNER", "SUSPENDED", "SELF", "UPSTREAM". Static text. */
CPTS_API const char *cpts_node_state_name(enum cpts_node_state state);

/* clang-format off */

/** The nodes by name. @return CPTS_OK · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_node_list(
    cpts_client *client, int32_t timeout_ms, struct cpts_federation_nodes **ret_nodes,
    struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_node_list_start(
    cpts_client *client, const struct cpts_async *async, cpts_federation_nodes_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/** Takes a region's records back at once. command_id as in cpts/command.h.
 * @return CPTS_OK · NOT_FOUND / NODE_NOT_FOUND · FAILED_PRECONDITION /
 *         NODE_ALREADY_SUSPENDED, NOT_OWNER (of the national node alone). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_suspend(
    cpts_client *client, const struct cpts_node_suspension *suspension, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_suspend_start(
    cpts_client *client, const struct cpts_node_suspension *suspension, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Lets a suspended node come again. @return as above, NODE_NOT_SUSPENDED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_resume(
    cpts_client *client, const struct cpts_node_resumption *resumption, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_resume_start(
    cpts_client *client, const struct cpts_node_resumption *resumption, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Fences whoever has the node's older epoch. @return as above, ABORTED /
 * NODE_EPOCH_STALE (detail: the epoch now). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_raise_epoch(
    cpts_client *client, const struct cpts_node_epoch_raise *raise, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_node_raise_epoch_start(
    cpts_client *client, const struct cpts_node_epoch_raise *raise, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** How the federation fares. @param node  NULL = every node. @return CPTS_OK ·
 * NOT_FOUND / NODE_NOT_FOUND. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_status(
    cpts_client *client, const char *node, int32_t timeout_ms,
    struct cpts_federation_report **ret_report, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_status_start(
    cpts_client *client, const char *node, const struct cpts_async *async,
    cpts_federation_report_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Has digests compared, at the next occasion. @return as above. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_verify(
    cpts_client *client, const struct cpts_federation_comparison *comparison, int32_t timeout_ms,
    struct cpts_federation_compared **ret_compared, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_federation_verify_start(
    cpts_client *client, const struct cpts_federation_comparison *comparison,
    const struct cpts_async *async, cpts_federation_compared_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** JSON of a result, as in cpts/value.h; release it with cpts_string_free(). */
CPTS_API char *cpts_federation_nodes_json(const struct cpts_federation_nodes *nodes,
                                          int indent_spaces);
CPTS_API char *cpts_federation_report_json(const struct cpts_federation_report *report,
                                           int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_federation_nodes_free(struct cpts_federation_nodes *nodes);
CPTS_API void cpts_federation_report_free(struct cpts_federation_report *report);
CPTS_API void cpts_federation_compared_free(struct cpts_federation_compared *compared);

#ifdef __cplusplus
}
#endif
#endif
