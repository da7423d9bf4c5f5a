/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_KEY_CHAIN_H
#define WIRE_KEY_CHAIN_H

/**
 * @file
 * The chain of trust behind a CPTS's public keys: federation root → key
 * authority of its region → key statement or revocation. One check for server
 * and SDK; both ends of every rule are here.
 *
 * What is signed is the packed message as it came, under KEY_LABEL_* (signature.h).
 *
 * A statement holds at an instant when its own dates and those of its
 * authority's certificate hold both at that instant, and region and serials are
 * what they should be.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

#include "cpts/v1/key.pb-c.h"

#define KEY_BYTES 32
#define KEY_REGION_BYTES 8
#define KEY_DEVICES_MAX 16
/** Longest validity of a statement and of an authority's certificate, seconds. */
#define KEY_STATEMENT_VALID_S_MAX (INT64_C(3) * 366 * 86400)
#define KEY_AUTHORITY_VALID_S_MAX (INT64_C(5) * 366 * 86400)
/** Packed statement, revocation or certificate, bytes at most. */
#define KEY_MESSAGE_BYTES_MAX 4096

#define KEY_LABEL_AUTHORITY "cpts.fr/key-authority/1"
#define KEY_LABEL_STATEMENT "cpts.fr/key-statement/1"
#define KEY_LABEL_AUTHORITY_REVOCATION "cpts.fr/key-authority-revocation/1"
#define KEY_LABEL_REVOCATION "cpts.fr/key-revocation/1"
#define KEY_LABEL_REQUEST "cpts.fr/key-request/1"

/** What a statement says, and how it stands. */
struct key_public {
    uint8_t cpts_id[16];
    int32_t serial; /**< from 1 */
    char region[KEY_REGION_BYTES];
    uint8_t encryption_key[KEY_BYTES]; /**< X25519 */
    uint8_t signing_key[KEY_BYTES];    /**< Ed25519 */
    int64_t valid_from_s;              /**< since 1970 UTC */
    int64_t valid_to_s;                /**< since 1970 UTC; the statement's or its
                                            authority's, whichever is first */
    int64_t revoked_at_s;              /**< since 1970 UTC; 0 = it is not */
    int32_t authority_serial;          /**< of the certificate of who signed it; 0 = not checked */
    bool is_orphan;                    /**< that authority was revoked */
};

/** What a revocation says. */
struct key_revoked {
    uint8_t cpts_id[16];
    int32_t serial;
    char region[KEY_REGION_BYTES];
    int64_t revoked_at_s;
    int32_t reason; /**< cpts.v1.KeyRevocationReason */
};

/** What a revocation of an authority says. */
struct key_authority_revoked {
    char region[KEY_REGION_BYTES];
    int32_t serial; /**< of its certificate; those before it, too */
    int64_t revoked_at_s;
    int32_t reason; /**< cpts.v1.KeyRevocationReason */
};

/** What a certificate says. */
struct key_authority {
    char region[KEY_REGION_BYTES];
    int32_t serial;
    uint8_t signing_key[KEY_BYTES];
    int64_t valid_from_s;
    int64_t valid_to_s;
};

/** Checks a certificate against the root, at no instant.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_NOT_VOUCHED. Also below. */
CPTS_MUST_CHECK cpts_status key_authority_check(const uint8_t root[KEY_BYTES],
                                                const Cpts__V1__AuthorityCertificate *certificate,
                                                struct key_authority *ret_authority,
                                                struct cpts_error *err);

/** Checks a statement against the root; whether it holds now is another
 * question (key_holds_check()). Outputs are set on CPTS_OK only. */
CPTS_MUST_CHECK cpts_status key_statement_check(const uint8_t root[KEY_BYTES],
                                                const Cpts__V1__SignedKeyStatement *statement,
                                                struct key_public *ret_key, struct cpts_error *err);

/** Checks a revocation against the root. The authority's dates count at the
 * instant of the revocation. */
CPTS_MUST_CHECK cpts_status key_revocation_check(const uint8_t root[KEY_BYTES],
                                                 const Cpts__V1__SignedKeyRevocation *revocation,
                                                 struct key_revoked *ret_revoked,
                                                 struct cpts_error *err);

/** Checks the revocation of an authority against the root. */
CPTS_MUST_CHECK cpts_status key_authority_revocation_check(
    const uint8_t root[KEY_BYTES], const Cpts__V1__SignedAuthorityRevocation *revocation,
    struct key_authority_revoked *ret_revoked, struct cpts_error *err);
CPTS_MUST_CHECK cpts_status
key_authority_revocation_read(const Cpts__V1__SignedAuthorityRevocation *revocation,
                              struct key_authority_revoked *ret_revoked, struct cpts_error *err);

/** What a certificate, a statement, a revocation says, nothing checked but its shape. */
CPTS_MUST_CHECK cpts_status key_authority_read(const Cpts__V1__AuthorityCertificate *certificate,
                                               struct key_authority *ret_authority,
                                               struct cpts_error *err);
CPTS_MUST_CHECK cpts_status key_statement_read(const Cpts__V1__SignedKeyStatement *statement,
                                               struct key_public *ret_key, struct cpts_error *err);
CPTS_MUST_CHECK cpts_status key_revocation_read(const Cpts__V1__SignedKeyRevocation *revocation,
                                                struct key_revoked *ret_revoked,
                                                struct cpts_error *err);

/** Checks that a key holds at @p at_s: its dates, and neither it nor who signed it
 * revoked at all. */
CPTS_MUST_CHECK cpts_status key_holds_check(const struct key_public *key, int64_t at_s,
                                            struct cpts_error *err);

/** Reads a request: a proposed statement, signed with the key it is about.
 * @p ret_key has the dates proposed. SIGNATURE_INVALID when the proof does not hold. */
CPTS_MUST_CHECK cpts_status key_request_check(const Cpts__V1__SignedKeyRequest *request,
                                              struct key_public *ret_key, struct cpts_error *err);

/** Reads a root's public key: one line of 64 hexadecimal digits; lines that
 * begin with # are comments. @return false, output untouched. */
bool key_root_parse(const char *text, uint8_t ret_root[KEY_BYTES]);

#endif
