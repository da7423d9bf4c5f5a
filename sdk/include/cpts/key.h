/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_KEY_H
#define CPTS_KEY_H

/**
 * @file
 * The directory of public keys, which a node serves and cannot forge.
 *
 * A client with a federation root (cpts/client.h: key_root_file or key_root)
 * believes a key only when the root certifies the authority of its region, that
 * authority signed it, it holds today, it is not revoked, its serial is not lower
 * than one seen before and the same serial is the same key. Anything else is
 * FAILED_PRECONDITION / KEY_NOT_VOUCHED. What was seen is remembered in
 * key_memory_file: the highest serial of each CPTS, and the head of the
 * directory, whose chain must lead from the head seen last to the one told now.
 * Every change is reported to key_event.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/command.h>
#include <cpts/key_document.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Most keys asked for at once. */
#define CPTS_KEYS_ASKED_MAX 32

/** A verified key of a CPTS. */
struct cpts_key {
    const char *cpts_id;
    /** INSEE code of the region whose authority vouches for it. */
    const char *region;
    int32_t serial;
    uint8_t encryption_key[CPTS_KEY_BYTES];
    uint8_t signing_key[CPTS_KEY_BYTES];
    int64_t valid_from_us;
    int64_t valid_to_us;
};

/** Which key is wanted. */
struct cpts_key_question {
    const char *cpts_id;
    /** 0 = the one to seal for today. Else the one that signed something: it must
     * have held at `at_us`. */
    int32_t serial;
    /** When it signed, microseconds since 1970 UTC; 0 = now. */
    int64_t at_us;
};

struct cpts_keys_query {
    size_t size;
    /** 1..CPTS_KEYS_ASKED_MAX. */
    const struct cpts_key_question *questions;
    size_t question_count;
};

/** Keys in the order of the questions. */
struct cpts_keys {
    const struct cpts_key *keys;
    size_t key_count;
    const void *message;
};

/** A document to be published. */
struct cpts_key_publication {
    size_t size;
    /** A statement, or a revocation. */
    const char *document;
};

/** Which part of the directory is wanted. */
struct cpts_key_changes_query {
    size_t size;
    int64_t after_position;
    /** 1..500; 0 = 50. */
    int32_t page_size;
};

/** An entry of the directory, its place in the chain checked. */
struct cpts_key_change {
    int64_t position;
    int64_t recorded_at_us;
    /** What it says; is_vouched when the client has a root that vouches for it. */
    struct cpts_key_document document;
};

/** A page of the directory. */
struct cpts_key_changes {
    const struct cpts_key_change *changes;
    size_t change_count;
    /** Where the directory ends, and its hash. */
    int64_t head_position;
    uint8_t head_hash[32];
    const void *message;
};

/* clang-format off */

/** Publishes a statement: its serial is the last published one plus 1. As the
 * commands of cpts/command.h.
 * @return also FAILED_PRECONDITION / KEY_NOT_VOUCHED, KEY_SERIAL_NOT_NEXT
 *         (`detail`: the last serial), CPTS_ENDED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_publish(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Publishes a revocation.
 * @return also FAILED_PRECONDITION / KEY_NOT_VOUCHED, KEY_REVOKED · NOT_FOUND /
 *         KEY_NOT_PUBLISHED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_revoke(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Publishes the root's revocation of a region's authority.
 * @return also FAILED_PRECONDITION / KEY_NOT_VOUCHED, KEY_REVOKED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_authority_revoke(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);

/** Verified keys, all that were asked for or none. Follows the chain of the
 * directory when its head moved.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_NOT_VOUCHED (`detail`: the CPTS) ·
 *         NOT_FOUND / KEY_NOT_PUBLISHED (`detail`: the CPTS) · INVALID_ARGUMENT ·
 *         what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keys_get(
    cpts_client *client, const struct cpts_keys_query *query, int32_t timeout_ms,
    struct cpts_keys **ret_keys, struct cpts_error *err);

/** A page of the directory, its chain checked from `after_position` on: the first
 * page from the beginning, any other within itself.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_NOT_VOUCHED: the chain is broken. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_changes(
    cpts_client *client, const struct cpts_key_changes_query *query, int32_t timeout_ms,
    struct cpts_key_changes **ret_changes, struct cpts_error *err);

/* clang-format on */

/** Results as proto3 JSON; NULL when memory is out. @param indent_spaces
 * 0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_keys_json(const struct cpts_keys *keys, int indent_spaces);
CPTS_API char *cpts_key_changes_json(const struct cpts_key_changes *changes, int indent_spaces);

/** Release results; NULL is fine. */
CPTS_API void cpts_keys_free(struct cpts_keys *keys);
CPTS_API void cpts_key_changes_free(struct cpts_key_changes *changes);

#ifdef __cplusplus
}
#endif
#endif
