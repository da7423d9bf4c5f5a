/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_AUDIT_H
#define CPTS_AUDIT_H

/**
 * @file
 * The audit trail of referrals: who read and did what, when and why; and its two
 * chains of hashes, to be verified without trusting the node.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Instants are microseconds since 1970 UTC.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>
#include <cpts/referral_value.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cpts_audit_chain {
    CPTS_AUDIT_BOTH = 0,
    CPTS_AUDIT_READS = 1,
    CPTS_AUDIT_ACTS = 2,
};

/** Which entries. Texts may be NULL. */
struct cpts_audit_query {
    /** sizeof of this struct. */
    size_t size;
    /** One referral; else those of one's own CPTS, region or node. */
    const char *referral_id;
    /** One CPTS that acted or read. */
    const char *cpts_id;
    enum cpts_audit_chain chain;
    /** Days, YYYY-MM-DD; the last 30. */
    const char *from;
    const char *to;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    const char *page_token;
    /** On whose behalf it is read, and why. */
    const struct cpts_actor *actor;
};

/** One entry. Who acted is as the calling structure stated it; all empty for what
 * the node did by itself. */
struct cpts_audit_entry {
    enum cpts_audit_chain chain;
    /** In its chain; 0 for a read that is not chained yet. */
    int64_t position;
    int64_t at_us;
    const char *principal;
    const char *rpps;
    const char *profession;
    const char *function;
    /** Number of cpts.v1.Purpose. */
    int32_t purpose;
    /** Name of the RPC, or of the step. */
    const char *what;
    const char *referral_id;
    const char *const *parts;
    size_t part_count;
    int32_t item_count;
    int32_t version;
};

/** A page, newest first; the token is "" on the last one. */
struct cpts_audit_entries {
    const struct cpts_audit_entry *entries;
    size_t entry_count;
    const char *next_page_token;
    const void *message;
};

/** How far a chain was verified: all zeros before the first link. */
struct cpts_audit_proof {
    int64_t position;
    uint8_t hash[32];
};

/** How far one call went, and where the chain ends now. */
struct cpts_audit_progress {
    struct cpts_audit_proof proof;
    int64_t head_position;
    /** Links that were verified by this call. */
    int32_t link_count;
    const void *message;
};

/** Where a chain ends, as the node says. */
struct cpts_audit_head {
    enum cpts_audit_chain chain;
    /** Node whose acts it holds; the one asked, for the reads. */
    const char *origin_node;
    struct cpts_audit_proof proof;
    /** 0 when it is empty. */
    int64_t at_us;
};

/** The reads, then the acts of each node; a chain without any is not there. */
struct cpts_audit_heads {
    const struct cpts_audit_head *heads;
    size_t head_count;
    /** Reads that are recorded and not chained yet. */
    int64_t pending_count;
    const void *message;
};

/* clang-format off */

/** A page of entries. It is a read, and leaves an entry. @return CPTS_OK ·
 * NOT_FOUND / REFERRAL_NOT_FOUND · INVALID_ARGUMENT / ACTOR_INVALID, FIELD_INVALID,
 * PAGE_TOKEN_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_list(
    cpts_client *client, const struct cpts_audit_query *query, int32_t timeout_ms,
    struct cpts_audit_entries **ret_entries, struct cpts_error *err);

/** As the callbacks of cpts/async.h. */
typedef void cpts_audit_entries_callback(cpts_status status, struct cpts_audit_entries *entries,
                                         const struct cpts_error *err, void *data);

/** As cpts_audit_list(), without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_list_start(
    cpts_client *client, const struct cpts_audit_query *query, const struct cpts_async *async,
    cpts_audit_entries_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Fetches the next links of a chain and verifies that they follow @p proof: their
 * positions, the hash before them, and their own over the bytes they carry. Goes on
 * until ret_progress->proof.position is ret_progress->head_position.
 * @param proof  Of the call before, or of one long ago; NULL = from the first link.
 * @return CPTS_OK · FAILED_PRECONDITION / AUDIT_CHAIN_BROKEN: the detail is the
 *         position · PERMISSION_DENIED / ROLE_NOT_ALLOWED: for the node's operator ·
 *         what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_verify(
    cpts_client *client, enum cpts_audit_chain chain, const struct cpts_audit_proof *proof,
    int32_t timeout_ms, struct cpts_audit_progress **ret_progress, struct cpts_error *err);

/** As the callbacks of cpts/async.h. */
typedef void cpts_audit_progress_callback(cpts_status status, struct cpts_audit_progress *progress,
                                          const struct cpts_error *err, void *data);

/** As cpts_audit_verify(), without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_verify_start(
    cpts_client *client, enum cpts_audit_chain chain, const struct cpts_audit_proof *proof,
    const struct cpts_async *async, cpts_audit_progress_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Where the chains end. @return CPTS_OK · PERMISSION_DENIED / ROLE_NOT_ALLOWED: for the
 * operator, nodes, the DGOS and the ARS · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_heads_get(
    cpts_client *client, int32_t timeout_ms, struct cpts_audit_heads **ret_heads,
    struct cpts_error *err);

/** As the callbacks of cpts/async.h. */
typedef void cpts_audit_heads_callback(cpts_status status, struct cpts_audit_heads *heads,
                                       const struct cpts_error *err, void *data);

/** As cpts_audit_heads_get(), without waiting; see cpts/async.h. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_audit_heads_get_start(
    cpts_client *client, const struct cpts_async *async, cpts_audit_heads_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

/** A result as proto3 JSON; NULL when memory is out. @param indent_spaces 0 = one
 * line. Free with cpts_string_free(). */
CPTS_API char *cpts_audit_entries_json(const struct cpts_audit_entries *entries, int indent_spaces);

/** Release results; NULL is fine. */
CPTS_API void cpts_audit_entries_free(struct cpts_audit_entries *entries);
CPTS_API void cpts_audit_progress_free(struct cpts_audit_progress *progress);
CPTS_API void cpts_audit_heads_free(struct cpts_audit_heads *heads);

#ifdef __cplusplus
}
#endif

#endif
