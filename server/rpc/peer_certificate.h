/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_PEER_CERTIFICATE_H
#define RPC_PEER_CERTIFICATE_H

/**
 * @file
 * The serial number and the dates of a client's certificate, and a memory of
 * those read lately: reading one costs about fifty microseconds, finding it
 * again about one.
 *
 * A full handshake checks the dates; a client that resumes a session shows no
 * certificate again, and the core would go on believing one that has expired.
 * Revocation is by serial number.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

/** Bytes of a serial number's text with its final NUL: at most 20 octets
 * (RFC 5280 section 4.1.2.2), and some room. */
#define PEER_SERIAL_BYTES 66

struct peer_certificate {
    /** Upper-case hexadecimal, as `openssl x509 -serial` prints it. */
    char serial[PEER_SERIAL_BYTES];
    time_t not_before;
    time_t not_after;
};

/** Reads @p pem. @return false, output untouched, when it is no certificate. */
bool peer_certificate_read(const char *pem, size_t pem_bytes,
                           struct peer_certificate *ret_certificate);

/** The certificates read lately, at most PEER_CERTIFICATES_MAX. */
struct peer_certificates;
#define PEER_CERTIFICATES_MAX 1024

struct peer_certificates *peer_certificates_new(void);
void peer_certificates_free(struct peer_certificates *certificates);

/** The certificate of @p pem, remembered or read.
 * @return NULL when it is none; else borrowed until the next call. */
const struct peer_certificate *peer_certificates_find(struct peer_certificates *certificates,
                                                      const char *pem, size_t pem_bytes);

#endif
