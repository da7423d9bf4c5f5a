/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_KEPT_COMMAND_H
#define SDK_KEPT_COMMAND_H

/**
 * @file
 * Commands about referrals as they are kept before they are sent (struct
 * cpts_submission): which they are, and there and back.
 *
 * Threads: any thread.
 */

#include <cpts/submission.h>
#include <protobuf-c/protobuf-c.h>

#include "operation.h"

struct arena;

/** A command that can be kept. */
struct kept_kind {
    enum cpts_referral_event event;
    enum operation operation;
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
};

/** The command of that operation with that request, to be released with
 * cpts_submission_free().
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY · INTERNAL / INTERNAL_ERROR: an
 *         operation that is never kept. */
CPTS_MUST_CHECK cpts_status cpts_kept__make(enum operation operation,
                                            const ProtobufCMessage *request,
                                            struct cpts_submission **ret_submission,
                                            struct cpts_error *err);

/** What kept bytes say, without trust.
 * @param ret_arena  Holds the request; the caller releases it.
 * @return CPTS_OK · INVALID_ARGUMENT / MALFORMED_MESSAGE · OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_kept__read(const struct cpts_bytes *bytes,
                                            struct arena **ret_arena,
                                            const struct kept_kind **ret_kind,
                                            ProtobufCMessage **ret_request, struct cpts_error *err);

#endif
