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
#include <stddef.h>
#include <stdint.h>

struct call;
struct transport;

/** A message that came in. */
struct incoming_message {
    grpc_byte_buffer *payload;
    /** Empty; takes a message that came in several slices. */
    grpc_slice joined;
    /** Set by admission_read(), as long as the two above. */
    const uint8_t *bytes;
    size_t byte_count;
};

/**
 * Finds the bytes of a message.
 *
 * @param byte_count_max  More are refused.
 * @return CPTS_OK · INVALID_ARGUMENT / MALFORMED_MESSAGE: none, or compressed ·
 *         RESOURCE_EXHAUSTED / MESSAGE_TOO_LARGE.
 */
CPTS_MUST_CHECK cpts_status admission_read(struct incoming_message *message, int byte_count_max,
                                           struct cpts_error *err);

/** Sets call->principal: who is calling, today. A caller without a certificate is a
 * newcomer where the method is theirs, and nobody else.
 * @return CPTS_OK · what peer_uri_read() and options->identify return. */
CPTS_MUST_CHECK cpts_status admission_identify(const struct transport *transport,
                                               grpc_call *core_call, struct call *call);

/** Sets call->principal to whom the metadata say that a call is made for.
 * @return CPTS_OK, also when they say nothing · INVALID_ARGUMENT / FIELD_INVALID: they
 *         say it twice, or at too great length · what options->speak_for returns. */
CPTS_MUST_CHECK cpts_status admission_behalf(const struct transport *transport,
                                             const grpc_metadata_array *metadata,
                                             struct call *call);

/** Checks that the caller showed a certificate: health and reflection are for
 * everybody who has one, and not for newcomers.
 * @return CPTS_OK · UNAUTHENTICATED / NO_IDENTITY. */
CPTS_MUST_CHECK cpts_status admission_certified(const struct transport *transport,
                                                grpc_call *core_call, struct call *call);

#endif
