/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_IDENTITY_H
#define CPTS_IDENTITY_H

/**
 * @file
 * Who of a region may call at its node: roles and certificates are given at the national
 * node, and count at the region's as well. For the node of a region alone, be it cptsd or
 * an information system of its own: it asks every few seconds, stores the whole set when it
 * changed, and tells which certificates were revoked at its place.
 *
 * Threads: any thread.
 */

#include <cpts/async.h>
#include <cpts/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of the hash of a set. */
#define CPTS_IDENTITIES_HASH_BYTES 32
/** Revocations that are told at once. */
#define CPTS_REVOCATIONS_MAX 500

/** A certificate that is no longer believed. */
struct cpts_revocation {
    /** Upper-case hexadecimal, 2 to 64 digits. */
    const char *serial;
    /** SPIFFE URI, or empty. */
    const char *principal;
    /** For people, at most 200 characters. */
    const char *reason;
};

/** A role of a person or a CPTS of the region. */
struct cpts_identity_role {
    const char *principal;
    /** ARS_AGENT or CPTS_COORDINATOR. */
    const char *role;
    /** `region:<INSEE>` or `cpts:<uuid>`. */
    const char *scope;
    /** YYYY-MM-DD; until: the first day on which it no longer counts, empty = for ever. */
    const char *valid_from;
    const char *valid_to;
};

struct cpts_identities_question {
    size_t size;
    /** Hash of the set that is stored, CPTS_IDENTITIES_HASH_BYTES; NULL = none. */
    const uint8_t *known_hash;
    /** Revoked at the region and not told yet, at most CPTS_REVOCATIONS_MAX. Borrowed. */
    const struct cpts_revocation *revoked;
    size_t revoked_count;
};

/** The whole set; release it with cpts_identities_free(). */
struct cpts_identities {
    /** Hash of it, to be given with the next question. */
    const uint8_t *hash;
    /** It is the set that is stored already: the lists are empty. */
    bool is_unchanged;
    const struct cpts_identity_role *roles;
    size_t role_count;
    /** Those whose certificates may still be valid. */
    const struct cpts_revocation *revoked;
    size_t revoked_count;
    /** Told revocations that are of nobody of the region: not believed. */
    int32_t refused_count;
    const void *message;
};

/** As the callbacks of cpts/async.h. */
typedef void cpts_identities_callback(cpts_status status, struct cpts_identities *identities,
                                      const struct cpts_error *err, void *data);

/* clang-format off */

/** Asks for the set, and tells revocations. Repeating it changes nothing.
 * @return CPTS_OK · PERMISSION_DENIED / NODE_UNKNOWN, NODE_SUSPENDED · INVALID_ARGUMENT /
 *         FIELD_INVALID · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_identities_exchange(
    cpts_client *client, const struct cpts_identities_question *question, int32_t timeout_ms,
    struct cpts_identities **ret_identities, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_identities_exchange_start(
    cpts_client *client, const struct cpts_identities_question *question,
    const struct cpts_async *async, cpts_identities_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** NULL is fine. */
CPTS_API void cpts_identities_free(struct cpts_identities *identities);

#ifdef __cplusplus
}
#endif
#endif
