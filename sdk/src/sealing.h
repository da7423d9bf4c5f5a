/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SEALING_H
#define SDK_SEALING_H

/**
 * @file
 * What sealing and opening share: results that own their memory and are wiped,
 * ids and messages that callers give.
 *
 * Threads: any thread.
 */

#include <cpts/seal.h>
#include <protobuf-c/protobuf-c.h>

struct arena;

/** A zeroed result with an arena behind it; NULL when memory is out.
 * @param budget_bytes  What may be put into the arena. */
void *cpts_sealing__result(size_t result_bytes, size_t budget_bytes, struct arena **ret_arena);

/** Wipes and releases a result; NULL is fine. */
void cpts_sealing__free(void *result);

/** Reads an id. INVALID_ARGUMENT / ARGUMENT_INVALID with the field. */
CPTS_MUST_CHECK cpts_status cpts_sealing__id(const char *text, const char *field,
                                             uint8_t ret_id[16], struct cpts_error *err);

/** Unpacks what a caller gave as bytes, without trust.
 * INVALID_ARGUMENT / ARGUMENT_INVALID with the field. */
CPTS_MUST_CHECK cpts_status cpts_sealing__unpack(const struct cpts_bytes *bytes,
                                                 const ProtobufCMessageDescriptor *type,
                                                 const char *field, struct arena *arena,
                                                 ProtobufCMessage **ret_message,
                                                 struct cpts_error *err);

/** Packs into the arena; no bytes when it is full. */
struct cpts_bytes cpts_sealing__pack(const ProtobufCMessage *message, struct arena *arena);

CPTS_MUST_CHECK cpts_status cpts_sealing__no_memory(struct cpts_error *err);

/** Refuses an argument. */
CPTS_MUST_CHECK cpts_status cpts_sealing__refuse(const char *field, const char *why,
                                                 struct cpts_error *err);

#if defined(__clang_analyzer__) && !defined(SDK_SEALING_ITSELF)
/* Neither is ever CPTS_OK, which the analyzer cannot see from here. */
#define cpts_sealing__no_memory(err) ((void)(cpts_sealing__no_memory)(err), CPTS_INTERNAL)
#define cpts_sealing__refuse(field, why, err)                                                      \
    ((void)(cpts_sealing__refuse)((field), (why), (err)), CPTS_INTERNAL)
#endif

#endif
