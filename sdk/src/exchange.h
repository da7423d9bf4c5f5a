/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_EXCHANGE_H
#define SDK_EXCHANGE_H

/**
 * @file
 * One call of the library from its request to its result: deadline, retries,
 * the honest UNKNOWN, and the memory of the answer.
 *
 * Threads: any thread.
 */

#include <cpts/client.h>
#include <protobuf-c/protobuf-c.h>

struct arena;

/** Most memory that one answer may take, bytes. */
#define EXCHANGE_RESULT_BYTES_MAX ((size_t)128 * 1024 * 1024)

/** A call to make. */
struct exchange {
    const char *method;
    const ProtobufCMessage *request;
    const ProtobufCMessageDescriptor *response;
    /** Bytes of the public struct. */
    size_t result_bytes;
    /** 0 = the client's. */
    int32_t timeout_ms;
    /** It changes something: a lost answer leaves the outcome unknown. */
    bool is_command;
};

/** An answer that owns its memory. */
struct answer {
    /** Zeroed, result_bytes long; release it with cpts_exchange__release(). */
    void *result;
    /** Where the rest of the result goes; released with it. */
    struct arena *arena;
    /** The response, in that arena. */
    const ProtobufCMessage *message;
};

/** Makes the call. @p ret_answer is set on CPTS_OK only. */
CPTS_MUST_CHECK cpts_status cpts_exchange__run(cpts_client *client, const struct exchange *exchange,
                                               struct answer *ret_answer, struct cpts_error *err);

/** Releases a result with all that it points to; NULL is fine. */
void cpts_exchange__release(void *result);

/** Copies a struct that a caller filled: the bytes both sides know, zero for
 * the rest. @return INVALID_ARGUMENT / ARGUMENT_INVALID when its size is not
 * set. @p from NULL gives zeros. */
CPTS_MUST_CHECK cpts_status cpts_exchange__adopt(void *to, size_t to_bytes, const void *from,
                                                 struct cpts_error *err);

#endif
