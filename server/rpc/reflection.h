/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_REFLECTION_H
#define RPC_REFLECTION_H

/**
 * @file
 * grpc.reflection, v1 and v1alpha (the same messages under two names): what
 * services and types the server has, from the embedded descriptors, for tools
 * that come without them
 * (https://github.com/grpc/grpc/blob/master/doc/server-reflection.md).
 *
 * An answer brings a file with everything it imports. Extensions are not
 * looked for: there are none.
 *
 * Threads: new and free from one; the rest the completion-queue thread.
 */

#include <cpts/status.h>

#include "base/stream.h"

struct call;
struct reflection;

#define REFLECTION_METHOD "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
#define REFLECTION_ALPHA_METHOD "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"

/** Reads the embedded descriptors.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status reflection_new(struct reflection **ret_reflection,
                                           struct cpts_error *err);
void reflection_free(struct reflection *reflection);

/** Begins a stream of @p context, a struct reflection: sets call->state. */
CPTS_MUST_CHECK cpts_status reflection_begin(void *context, struct call *call);

/** The source of every such stream: one answer a question, in order. */
extern const struct stream_handler reflection_stream;

#endif
