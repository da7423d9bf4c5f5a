/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_TLS_PAIR_H
#define RPC_TLS_PAIR_H

/**
 * @file
 * Is a certificate usable before it is put in use? The core would only say so
 * at the next handshake, and refuse every connection.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stdint.h>

/**
 * Checks a server's PEM texts: the key is the certificate's, today lies within
 * its dates, and there is a CA for the clients (which need not be the one that
 * signed this certificate).
 *
 * @param ret_not_after  When the certificate expires, seconds since 1970 UTC;
 *                       set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID.
 */
CPTS_MUST_CHECK cpts_status tls_pair_check(const char *ca_pem, const char *certificate_pem,
                                           const char *key_pem, int64_t *ret_not_after,
                                           struct cpts_error *err);

#endif
