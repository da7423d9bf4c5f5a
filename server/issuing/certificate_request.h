/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ISSUING_CERTIFICATE_REQUEST_H
#define ISSUING_CERTIFICATE_REQUEST_H

/**
 * @file
 * A certificate request (PKCS #10, RFC 2986) of somebody unknown.
 *
 * Threads: any thread; a request, one thread at a time.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

/** Most bytes of a request, DER or PEM. */
#define CERTIFICATE_REQUEST_BYTES_MAX 8192

struct certificate_request;
struct evp_pkey_st;

/**
 * Reads @p bytes, one request and nothing behind it, checks that it is signed with its
 * own key, and judges the key: EC on P-256 or P-384, RSA of 3072 to 4096 bits.
 *
 * @param ret_request  Set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT / CERTIFICATE_REQUEST_INVALID, KEY_NOT_ALLOWED,
 *         POSSESSION_NOT_PROVED, with the field `certificate_request` ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status certificate_request_read(const uint8_t *bytes, size_t byte_count,
                                                     struct certificate_request **ret_request,
                                                     struct cpts_error *err);

/** Its public key; borrowed. */
struct evp_pkey_st *certificate_request_key(const struct certificate_request *request);

/** NULL is fine. */
void certificate_request_free(struct certificate_request *request);

#endif
