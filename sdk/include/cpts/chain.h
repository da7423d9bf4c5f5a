/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_CHAIN_H
#define CPTS_CHAIN_H

/**
 * @file
 * The log of a node as a chain, and the points of it that the node signed: for whoever
 * checks them, without believing the node that tells them.
 *
 * For the role OPERATOR. X_start() is X() without waiting, as cpts/async.h says. Results
 * belong to the caller, who releases them.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPTS_LOG_HASH_BYTES 32

/** How far a chain was verified: all zeros before the first entry. */
struct cpts_log_proof {
    int64_t position;
    uint8_t hash[CPTS_LOG_HASH_BYTES];
};

/** Entries that follow the proof, each verified. */
struct cpts_log_progress {
    /** After the last of them. */
    struct cpts_log_proof proof;
    /** After each, in order; entries that the node may not see are one. */
    const struct cpts_log_proof *links;
    size_t link_count;
    /** Entries that the node may not see. */
    int64_t withheld_count;
    /** The node has the chain after that position only (it began with a snapshot): the
     * first entry is believed for what it says of the one before it. 0 = from the first. */
    int64_t begins_after;
    const void *message;
};

/** A signed point of a chain. */
struct cpts_log_checkpoint {
    struct cpts_log_proof point;
    int64_t signed_at_us;
    /** The signature is that of the key over node, point and instant. */
    bool is_signed;
};

struct cpts_log_checkpoints {
    const struct cpts_log_checkpoint *checkpoints;
    size_t checkpoint_count;
    /** 32 bytes, or none: no signature can be verified. */
    const uint8_t *key;
    size_t key_bytes;
    const void *message;
};

typedef void cpts_log_progress_callback(cpts_status status, struct cpts_log_progress *progress,
                                        const struct cpts_error *err, void *data);
typedef void cpts_log_checkpoints_callback(cpts_status status,
                                           struct cpts_log_checkpoints *checkpoints,
                                           const struct cpts_error *err, void *data);

/* clang-format off */

/** Fetches the entries of @p node that follow @p proof (NULL = from the first) and
 * verifies that they do: no links = the end. @return CPTS_OK · FAILED_PRECONDITION /
 * LOG_CHAIN_BROKEN: the detail is the position. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_log_verify(
    cpts_client *client, const char *node, const struct cpts_log_proof *proof, int32_t timeout_ms,
    struct cpts_log_progress **ret_progress, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_log_verify_start(
    cpts_client *client, const char *node, const struct cpts_log_proof *proof,
    const struct cpts_async *async, cpts_log_progress_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** The signed points of @p node after a position, at most 1,024. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_log_checkpoints_list(
    cpts_client *client, const char *node, int64_t after, int32_t timeout_ms,
    struct cpts_log_checkpoints **ret_checkpoints, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_log_checkpoints_list_start(
    cpts_client *client, const char *node, int64_t after, const struct cpts_async *async,
    cpts_log_checkpoints_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** NULL is fine. */
CPTS_API void cpts_log_progress_free(struct cpts_log_progress *progress);
CPTS_API void cpts_log_checkpoints_free(struct cpts_log_checkpoints *checkpoints);

#ifdef __cplusplus
}
#endif
#endif
