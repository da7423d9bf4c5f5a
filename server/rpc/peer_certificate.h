/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_PEER_CERTIFICATE_H
#define RPC_PEER_CERTIFICATE_H

/**
 * @file
 * The dates of a client's certificate.
 *
 * A full handshake checks them; a client that resumes a session shows no
 * certificate again, and the core would go on believing one that has expired.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <time.h>

/**
 * Checks that @p now lies within the certificate's dates.
 *
 * @param pem  The certificate, @p pem_bytes long.
 * @return CPTS_OK · UNAUTHENTICATED / NO_IDENTITY: it does not, or the
 *         certificate cannot be read.
 */
CPTS_MUST_CHECK cpts_status peer_certificate_check(const char *pem, size_t pem_bytes, time_t now,
                                                   struct cpts_error *err);

#endif
