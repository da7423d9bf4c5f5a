/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_PEER_H
#define RPC_PEER_H

/**
 * @file
 * Who is at the other end: the one URI in the subject alternative names of the
 * client's certificate, which TLS has verified already.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>
#include <grpc/grpc.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/principal.h"

struct peer_certificates;
struct rpc_options;

/**
 * Checks the form of an identity: `spiffe://<trust_domain>` and then
 * `/node/national`, `/node/region/<two digits>`, `/cpts/<uuid>` or
 * `/user/<uuid>`, the UUID in its lower-case form, so that nobody has two
 * spellings.
 *
 * @param uri  @p uri_bytes bytes, not necessarily ended by NUL.
 * @return CPTS_OK · UNAUTHENTICATED / IDENTITY_MALFORMED.
 */
CPTS_MUST_CHECK cpts_status peer_uri_check(const char *uri, size_t uri_bytes,
                                           const char *trust_domain, struct cpts_error *err);

/** Whether the connection showed a certificate at all: without one it came by the port
 * for newcomers, for no handshake of the other ends well without. */
bool peer_has_certificate(grpc_call *call);

/** The address that a call comes from, without its port: `ipv4:192.0.2.7`. */
void peer_address_read(grpc_call *call, char ret_address[PRINCIPAL_URI_BYTES]);

/** What a peer is judged by. */
struct peer_rules {
    const struct rpc_options *options; /**< trust_domain, any_revoked, is_revoked */
    struct peer_certificates *certificates;
};

/**
 * Reads the identity of a call's peer. On a resumed TLS session it checks that
 * the certificate has not expired since; when any certificate is revoked, that
 * this one is not.
 *
 * @param ret_uri  With its NUL; written on CPTS_OK only.
 * @return CPTS_OK · UNAUTHENTICATED / NO_IDENTITY, IDENTITY_NOT_UNIQUE,
 *         IDENTITY_MALFORMED, CERTIFICATE_REVOKED.
 */
CPTS_MUST_CHECK cpts_status peer_uri_read(grpc_call *call, const struct peer_rules *rules,
                                          char ret_uri[PRINCIPAL_URI_BYTES],
                                          struct cpts_error *err);

#endif
