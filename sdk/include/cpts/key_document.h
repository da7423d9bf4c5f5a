/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_KEY_DOCUMENT_H
#define CPTS_KEY_DOCUMENT_H

/**
 * @file
 * The papers between a CPTS, its region's key authority and the federation
 * root, made and read without any node. A document is a text that may be mailed:
 * two lines around Base64, as PEM. None holds anything secret.
 *
 *     root       certificate    of an authority's public key
 *     CPTS       request        of its key, signed with it
 *     authority  statement      of a request, signed
 *     authority  revocation     of a published key, signed
 *     root       authority's revocation: what it signed is not vouched for any more,
 *                unless its successor signs the same statement again
 *
 * Threads: any thread.
 */

#include <cpts/keystore.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a document is. */
enum cpts_key_document_kind {
    CPTS_KEY_DOCUMENT_UNSPECIFIED = 0,
    CPTS_KEY_DOCUMENT_CERTIFICATE = 1,
    CPTS_KEY_DOCUMENT_REQUEST = 2,
    CPTS_KEY_DOCUMENT_STATEMENT = 3,
    CPTS_KEY_DOCUMENT_REVOCATION = 4,
    CPTS_KEY_DOCUMENT_AUTHORITY_REVOCATION = 5
};

/** Why a key is revoked. */
enum cpts_key_revocation_reason {
    CPTS_KEY_REVOCATION_UNSPECIFIED = 0,
    CPTS_KEY_COMPROMISED = 1,
    CPTS_KEY_LOST = 2,
    CPTS_KEY_SUPERSEDED = 3,
    CPTS_KEY_ENDED = 4
};

/** A certificate to be made by the root. */
struct cpts_key_certification {
    size_t size;
    /** INSEE code. */
    const char *region;
    /** From 1, one more with each certificate of the region. */
    int32_t serial;
    /** The authority's public key, 32 bytes. */
    const uint8_t *signing_key;
    /** 1..1830; 0 = 1095. */
    int32_t valid_days;
    /** Since 1970 UTC, not in the future; 0 = now. Of a successor: a day before the
     * statements that it signs again, so that what was signed with them stands. */
    int64_t valid_from_s;
};

/** A request to be made by a CPTS. */
struct cpts_key_request {
    size_t size;
    /** Serial of the store; 0 = the last one. */
    int32_t serial;
    /** INSEE code of the lead region. */
    const char *region;
    /** Proposed, 1..1098; 0 = 365. */
    int32_t valid_days;
    /** What people call the device that holds the key, at most 60 characters; NULL = none. */
    const char *device_label;
};

/** A revocation to be made by an authority. */
struct cpts_key_revocation {
    size_t size;
    const char *cpts_id;
    int32_t serial;
    enum cpts_key_revocation_reason reason;
};

/** A revocation of a region's authority to be made by the root. */
struct cpts_key_authority_revocation {
    size_t size;
    /** INSEE code. */
    const char *region;
    /** Of its certificate; those before it are revoked, too. */
    int32_t serial;
    enum cpts_key_revocation_reason reason;
};

/** What a document says. */
struct cpts_key_document {
    size_t size;
    enum cpts_key_document_kind kind;
    /** Empty in a certificate and in an authority's revocation. */
    char cpts_id[CPTS_UUID_TEXT_BYTES];
    char region[8];
    int32_t serial;
    /** Zeros where there is none. */
    uint8_t encryption_key[CPTS_KEY_BYTES];
    uint8_t signing_key[CPTS_KEY_BYTES];
    /** Of a revocation: when it was decided, and 0. */
    int64_t valid_from_us;
    int64_t valid_to_us;
    enum cpts_key_revocation_reason reason;
    /** It was checked, up to the root that was given; a request: its own proof holds. */
    bool is_vouched;
};

/*
 * The texts are to be freed with cpts_string_free(). All end with CPTS_OK ·
 * INVALID_ARGUMENT / ARGUMENT_INVALID (the wrong kind of store or document, a
 * value out of range) · FAILED_PRECONDITION / SIGNATURE_INVALID, KEY_NOT_VOUCHED
 * (the certificate is not of that authority's key) · RESOURCE_EXHAUSTED /
 * OUT_OF_MEMORY.
 */
/* clang-format off */

/** The root certifies an authority. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_certify(
    const cpts_keystore *root, const struct cpts_key_certification *certification,
    char **ret_document, struct cpts_error *err);

/** A CPTS asks for a statement. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_request(
    const cpts_keystore *store, const struct cpts_key_request *request, char **ret_document,
    struct cpts_error *err);

/** An authority signs a request, whose proof and region are checked. Compare the
 * fingerprint with the CPTS before. Or it signs again, as it is, a statement that an
 * authority before it had signed.
 * @param certificate  Of this authority.
 * @param valid_days   0 = as requested. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_sign(
    const cpts_keystore *authority, const char *certificate, const char *request,
    int32_t valid_days, char **ret_document, struct cpts_error *err);

/** An authority revokes a key. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_sign_revocation(
    const cpts_keystore *authority, const char *certificate,
    const struct cpts_key_revocation *revocation, char **ret_document, struct cpts_error *err);

/** The root revokes a region's authority. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_sign_authority_revocation(
    const cpts_keystore *root, const struct cpts_key_authority_revocation *revocation,
    char **ret_document, struct cpts_error *err);

/** Reads a document.
 * @param root  The federation root's public key, 32 bytes: the chain is checked.
 *              NULL: what it says, unchecked.
 * @param ret_facts  `size` is set by the caller. Set on CPTS_OK only. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_document_read(
    const char *document, const uint8_t *root, struct cpts_key_document *ret_facts,
    struct cpts_error *err);

/* clang-format on */

/** Text of a public key as a root's file has it: 64 hexadecimal digits. */
CPTS_API void cpts_key_text(const uint8_t key[CPTS_KEY_BYTES], char ret_text[65]);

/** Reads such a text, comments before it and blanks around it left out.
 * @return false, output untouched, when it is none. */
CPTS_API bool cpts_key_parse(const char *text, uint8_t ret_key[CPTS_KEY_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
