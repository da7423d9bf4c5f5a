/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_ADMISSION_H
#define RPC_ADMISSION_H

/**
 * @file
 * What every call goes through before anybody looks at its request.
 *
 * Threads: the completion-queue thread.
 */

#include <cpts/status.h>
#include <grpc/grpc.h>

struct call;
struct transport;

/**
 * Sets call->request_bytes from @p payload, which must outlive them.
 *
 * @param joined  Empty; takes a message that came in several slices.
 * @return CPTS_OK · INVALID_ARGUMENT / MALFORMED_MESSAGE: none, or compressed.
 */
CPTS_MUST_CHECK cpts_status admission_read(grpc_byte_buffer *payload, grpc_slice *joined,
                                           struct call *call);

/** Sets call->principal: who is calling, today. A caller without a certificate is a
 * newcomer where the method is theirs, and nobody else.
 * @return CPTS_OK · what peer_uri_read() and options->identify return. */
CPTS_MUST_CHECK cpts_status admission_identify(const struct transport *transport,
                                               grpc_call *core_call, struct call *call);

/** Checks that the caller showed a certificate: health and reflection are for
 * everybody who has one, and not for newcomers.
 * @return CPTS_OK · UNAUTHENTICATED / NO_IDENTITY. */
CPTS_MUST_CHECK cpts_status admission_certified(const struct transport *transport,
                                                grpc_call *core_call, struct call *call);

#endif
