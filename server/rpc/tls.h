/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_TLS_H
#define RPC_TLS_H

/**
 * @file
 * The server's certificate and the CAs whose clients it believes.
 *
 * TLS 1.2 and 1.3 (the core's bounds); a client without a certificate from one
 * of the CAs does not get past the handshake, but where the source is anonymous: there
 * no certificate is asked for, nor looked at.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <grpc/grpc_security.h>
#include <stdbool.h>
#include <stdint.h>

struct tls_source;

/** Paths of the PEM files; copied. */
struct tls_paths {
    const char *ca;
    const char *certificate;
    const char *key;
    /** Sent behind the certificate's own chain; NULL = nothing. */
    const char *authorities;
    /** Clients are not asked who they are. */
    bool is_anonymous;
};

/** Reads the files and checks them against one another (tls_pair.h).
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status tls_source_open(const struct tls_paths *paths,
                                            struct tls_source **ret_source, struct cpts_error *err);

/** Reads the files again, for the handshakes to come; on failure the old ones
 * stay. Codes as above. */
CPTS_MUST_CHECK cpts_status tls_source_reload(struct tls_source *source, struct cpts_error *err);

/** When the certificate in use expires, seconds since 1970 UTC. */
int64_t tls_source_not_after(struct tls_source *source);

/** Credentials that ask @p source at each handshake: it must outlive the
 * server. The caller releases them. NULL when the core refuses. */
grpc_server_credentials *tls_source_credentials(struct tls_source *source);

/** NULL is fine. */
void tls_source_close(struct tls_source *source);

#endif
