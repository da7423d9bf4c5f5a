/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_ENROLMENT_H
#define CPTS_ENROLMENT_H

/**
 * @file
 * How a CPTS, or a person, gets the certificate that it calls with: somebody who may
 * names who comes and is told a token, once; the newcomer makes a key, which never
 * leaves its machine, and a certificate request, and gets a certificate for the token.
 *
 * X_start() is X() without waiting, as cpts/async.h says. Results belong to the
 * caller, who releases them; every text inside lives as long as its result and is
 * never NULL.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What becomes of an enrolment. */
enum cpts_enrolment_state {
    /** In a query: all of them. */
    CPTS_ENROLMENT_STATE_UNSPECIFIED = 0,
    CPTS_ENROLMENT_OPEN = 1,
    CPTS_ENROLMENT_USED = 2,
    CPTS_ENROLMENT_EXPIRED = 3,
    CPTS_ENROLMENT_REVOKED = 4
};

/** An enrolment, without its token. */
struct cpts_enrolment {
    const char *id;
    /** SPIFFE URI. */
    const char *identity;
    const char *const *roles;
    size_t role_count;
    const char *scope;
    const char *note;
    enum cpts_enrolment_state state;
    const char *created_by;
    /** Microseconds since 1970, as all instants here; 0 = not. */
    int64_t created_at_us;
    int64_t expires_at_us;
    int64_t used_at_us;
    const char *certificate_serial;
    const char *revoked_reason;
    /** host:port of a node; empty for all others. */
    const char *node_address;
};

/** A page of enrolments, by id, the oldest first. */
struct cpts_enrolments {
    const struct cpts_enrolment *enrolments;
    size_t enrolment_count;
    /** Empty = there is no next page. */
    const char *next_page_token;
    const void *message;
};

struct cpts_enrolments_query {
    size_t size;
    /** 1..500; 0 = 50. */
    int32_t page_size;
    /** NULL or empty = the first page. */
    const char *page_token;
    enum cpts_enrolment_state state;
};

/** Who may come. */
struct cpts_enrolment_creation {
    size_t size;
    /** `cpts/<uuid>` or `user/<uuid>`, in lower case; `node/region/<INSEE>`. */
    const char *identity;
    /** DGOS_ANALYST, ARS_AGENT, CPTS_COORDINATOR, OPERATOR, at most 4; of a node REGION_NODE. */
    const char *const *roles;
    size_t role_count;
    /** `*`, `read`, `region:<INSEE>` or `cpts:<uuid>`, as the roles ask for. */
    const char *scope;
    /** For people, at most 200 characters; NULL = none. */
    const char *note;
    /** 1..720; 0 = 72. */
    int32_t lifetime_hours;
    /** Of an identity that somebody has: with the token's use the certificates that the
     * node gave it before are revoked. Without it such an identity is refused. */
    bool replaces;
    /** host:port at which a node will answer; NULL for all others. */
    const char *node_address;
};

/** An enrolment to take back. */
struct cpts_enrolment_revocation {
    size_t size;
    const char *id;
    /** For people, 1..200 characters. */
    const char *reason;
};

/** What a creation told. */
struct cpts_enrolment_created {
    const char *id;
    int32_t version;
    int64_t log_position;
    /** It was carried out before: there is no token, which was told then. */
    bool replayed;
    /** Told this once; for the newcomer, by a way of its own. */
    const char *token;
    int64_t expires_at_us;
    const void *message;
};

/** A certificate with what is needed to call with it. */
struct cpts_certificate {
    /** PEM: it, and those between it and the root. */
    const char *certificate;
    /** PEM: the authorities that the node's certificate is of. */
    const char *authorities;
    /** SPIFFE URI. */
    const char *identity;
    /** Upper-case hexadecimal. */
    const char *serial;
    int64_t expires_at_us;
    /** Of the address that takes calls with it. */
    int32_t port;
    bool replayed;
    /** The node that enrolled it, and its epoch: who is above, of a node. "" and 0 = not
     * told, as by a renewal. */
    const char *above_node;
    int32_t above_epoch;
    /** Of a node that enrolled, its own epoch; 0 for all others. */
    int32_t node_epoch;
    /** Ed25519 public key with which above_node signs its checkpoints, 32 bytes, as
     * cpts_replica_options wants it; NULL = not told, or it signs none. */
    const uint8_t *above_key;
    const void *message;
};

/** What asks for a certificate: PKCS #10, DER or PEM, at most 8192 bytes, of an EC key on
 * P-256 or P-384 or an RSA key of 3072 to 4096 bits. */
struct cpts_certificate_wish {
    size_t size;
    /** The token; NULL for a renewal. */
    const char *token;
    const uint8_t *request;
    size_t request_bytes;
    /** Of a node: Ed25519 public key of its checkpoints, 32 bytes; NULL for all others. */
    const uint8_t *checkpoint_key;
};

/** As the callbacks of cpts/async.h. */
typedef void cpts_enrolment_created_callback(cpts_status status,
                                             struct cpts_enrolment_created *created,
                                             const struct cpts_error *err, void *data);
typedef void cpts_enrolments_callback(cpts_status status, struct cpts_enrolments *enrolments,
                                      const struct cpts_error *err, void *data);
typedef void cpts_certificate_callback(cpts_status status, struct cpts_certificate *certificate,
                                       const struct cpts_error *err, void *data);

/** Bytes of the print of an authority: the SHA-256 of its DER. */
#define CPTS_AUTHORITY_BYTES 32

/** Reads which authority a token names, so that a node is known before anything was
 * trusted. @return false, output untouched, when @p token is not one. */
CPTS_API bool cpts_enrolment_token_authority(const char *token,
                                             uint8_t ret_sha256[CPTS_AUTHORITY_BYTES]);

/** "OPEN", "USED", "EXPIRED", "REVOKED". Static text. */
CPTS_API const char *cpts_enrolment_state_name(enum cpts_enrolment_state state);

/* clang-format off */

/** Names who may come. command_id as in cpts/command.h.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         ROLE_NOT_ENROLLABLE, SCOPE_NOT_OF_ROLE, UNKNOWN_REGION · NOT_FOUND /
 *         CPTS_NOT_FOUND · PERMISSION_DENIED / OUT_OF_SCOPE · FAILED_PRECONDITION /
 *         IDENTITY_SCOPE_CONFLICT, IDENTITY_IS_HELD, CPTS_ENDED, ENROLMENT_NOT_OFFERED ·
 *         what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_create(
    cpts_client *client, const struct cpts_enrolment_creation *creation, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_enrolment_created **ret_created, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_create_start(
    cpts_client *client, const struct cpts_enrolment_creation *creation, uint8_t *command_id,
    const struct cpts_async *async, cpts_enrolment_created_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Those that the caller could have made. @param query NULL = the first page of all. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_list(
    cpts_client *client, const struct cpts_enrolments_query *query, int32_t timeout_ms,
    struct cpts_enrolments **ret_enrolments, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_list_start(
    cpts_client *client, const struct cpts_enrolments_query *query, const struct cpts_async *async,
    cpts_enrolments_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Makes a token useless.
 * @return CPTS_OK · NOT_FOUND / ENROLMENT_NOT_FOUND · FAILED_PRECONDITION /
 *         ENROLMENT_USED (the certificate's serial number in `detail`), ENROLMENT_REVOKED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_revoke(
    cpts_client *client, const struct cpts_enrolment_revocation *revocation, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_enrolment_revoke_start(
    cpts_client *client, const struct cpts_enrolment_revocation *revocation, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** Gets the certificate of a token; @p client is of `is_newcomer` and reaches the
 * enrolment port. The same command_id with the same wish gets the same certificate again.
 * @return CPTS_OK · UNAUTHENTICATED / ENROLMENT_TOKEN_INVALID · FAILED_PRECONDITION /
 *         ENROLMENT_EXPIRED, ENROLMENT_REVOKED, ENROLMENT_USED, IDENTITY_SCOPE_CONFLICT,
 *         ENROLMENT_NOT_OFFERED · INVALID_ARGUMENT / CERTIFICATE_REQUEST_INVALID,
 *         POSSESSION_NOT_PROVED, KEY_NOT_ALLOWED · RESOURCE_EXHAUSTED / TOO_MANY_FAILURES. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_certificate_enroll(
    cpts_client *client, const struct cpts_certificate_wish *wish, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_certificate **ret_certificate, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_certificate_enroll_start(
    cpts_client *client, const struct cpts_certificate_wish *wish, uint8_t *command_id,
    const struct cpts_async *async, cpts_certificate_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** A certificate that follows the client's own, which stays valid until its end.
 * @return as cpts_certificate_enroll(), without what is about tokens · PERMISSION_DENIED /
 *         NODE_SUSPENDED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_certificate_renew(
    cpts_client *client, const struct cpts_certificate_wish *wish, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_certificate **ret_certificate, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_certificate_renew_start(
    cpts_client *client, const struct cpts_certificate_wish *wish, uint8_t *command_id,
    const struct cpts_async *async, cpts_certificate_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

/** JSON of a result, as in cpts/value.h; release it with cpts_string_free(). */
CPTS_API char *cpts_enrolment_created_json(const struct cpts_enrolment_created *created,
                                           int indent_spaces);
CPTS_API char *cpts_enrolments_json(const struct cpts_enrolments *enrolments, int indent_spaces);
CPTS_API char *cpts_certificate_json(const struct cpts_certificate *certificate, int indent_spaces);

/** NULL is fine. */
CPTS_API void cpts_enrolment_created_free(struct cpts_enrolment_created *created);
CPTS_API void cpts_enrolments_free(struct cpts_enrolments *enrolments);
CPTS_API void cpts_certificate_free(struct cpts_certificate *certificate);

#ifdef __cplusplus
}
#endif
#endif
