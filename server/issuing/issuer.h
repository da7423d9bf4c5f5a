/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ISSUING_ISSUER_H
#define ISSUING_ISSUER_H

/**
 * @file
 * The authority that signs certificates for those who enrol.
 *
 * Threads: any thread; opened and closed by the app's.
 */

#include <cpts/status.h>
#include <stdint.h>

#include "wire/digest.h"

struct certificate_request;
struct issuer;

/** Longest life of what is signed, days. Source: OWASP gRPC security, short-lived
 * certificates for mutual TLS. */
#define ISSUER_LIFETIME_DAYS_MAX 90
/** Bytes of a serial number's text with its final NUL: 16 octets. */
#define ISSUED_SERIAL_BYTES 33

/** PEM files; borrowed while opening. */
struct issuer_paths {
    /** The issuing authority's certificate, those above it behind it, and its key. */
    const char *certificate;
    const char *key;
    /** The authorities that the node's own certificate is of, that one's first. */
    const char *authorities;
    /** The node's own certificate. */
    const char *node_certificate;
    /** The authorities whose clients the main port believes. */
    const char *believed;
};

/** What was signed; `pem` is released with issued_done(). */
struct issued {
    /** Upper-case hexadecimal, as `openssl x509 -serial` prints it. */
    char serial[ISSUED_SERIAL_BYTES];
    int64_t not_before_s; /**< since 1970 UTC */
    int64_t not_after_s;  /**< since 1970 UTC */
    /** SHA-256 of its SubjectPublicKeyInfo. */
    uint8_t key_sha256[DIGEST_BYTES];
    /** The certificate, then the issuer's unless that one is a root. */
    char *pem;
};

/**
 * Reads the files and checks them: the key is the certificate's, which is of an authority
 * that may sign and that the main port believes; the first of `authorities` is above
 * the node's own certificate. Dates are left to the signing.
 *
 * @param lifetime_days  1..ISSUER_LIFETIME_DAYS_MAX.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID with what is at
 *         fault · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status issuer_open(const struct issuer_paths *paths, int lifetime_days,
                                        struct issuer **ret_issuer, struct cpts_error *err);

/** Signs a certificate of the key of @p request for @p uri, and of a node for @p host, a
 * name or an address without brackets that others find it by (NULL: it only calls); from five
 * minutes before
 * @p now_s (seconds since 1970 UTC) to the end of its life or of the issuer's, whichever
 * comes first.
 * @return CPTS_OK · FAILED_PRECONDITION / ENROLMENT_NOT_OFFERED: the issuer's own
 *         certificate is not valid at that time · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status issuer_sign(const struct issuer *issuer, const char *uri,
                                        const char *host, const struct certificate_request *request,
                                        int64_t now_s, struct issued *ret_issued,
                                        struct cpts_error *err);

void issued_done(struct issued *issued);

/** The authorities as PEM. */
const char *issuer_authorities(const struct issuer *issuer);

/** SHA-256 of the first of them (DER). */
void issuer_fingerprint(const struct issuer *issuer, uint8_t ret_sha256[DIGEST_BYTES]);

/** NULL is fine. */
void issuer_close(struct issuer *issuer);

#endif
