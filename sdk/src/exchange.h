/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_EXCHANGE_H
#define SDK_EXCHANGE_H

/**
 * @file
 * One call of the library from its request to its result, waited for here or
 * started on the client's engine.
 *
 * Threads: any thread.
 */

#include <cpts/async.h>
#include <protobuf-c/protobuf-c.h>

#include "course.h"
#include "operation.h"
#include "outbox_ticket.h"
#include "transport.h"

struct arena;

/** Most memory that one answer may take, bytes. */
#define EXCHANGE_RESULT_BYTES_MAX ((size_t)128 * 1024 * 1024)

/** An answer that owns its memory. */
struct answer {
    /** Zeroed, result_bytes long; release it with cpts_exchange__release(). */
    void *result;
    /** Where the rest of the result goes; released with it. */
    struct arena *arena;
    /** The response, in that arena. */
    const ProtobufCMessage *message;
    /** That of the exchange. */
    const void *context;
};

/** A call to make. */
struct exchange {
    enum operation operation;
    /** It changes something: a lost answer leaves the outcome unknown. */
    bool is_command;
    /** Borrowed while the call is made, or until it was started. */
    const ProtobufCMessage *request;
    const ProtobufCMessageDescriptor *response;
    /** Bytes of the public struct. */
    size_t result_bytes;
    /** Fills the result from the message. */
    cpts_status (*take)(const struct answer *answer, struct cpts_error *err);
    /** What `take` needs to know; copied when the call is started. NULL = nothing. */
    const void *context;
    size_t context_bytes;
};

/** Any of the callbacks of cpts/async.h, to be cast back. */
typedef void exchange_callback(void);

/** A started call that is over. */
struct completion {
    cpts_status status;
    /** On CPTS_OK only; it goes to the callback. */
    void *result;
    struct cpts_error err;
    exchange_callback *callback;
    void *data;
};

/** Calls the callback by its true type. */
typedef void exchange_deliver(const struct completion *completion);

/** How the caller wants a call made: waited for with a place for the result,
 * or, with a callback, started. */
struct launch {
    int32_t timeout_ms;
    void **ret_result;
    const struct cpts_async *async;
    exchange_callback *callback;
    exchange_deliver *deliver;
    uint64_t *ret_call;
};

/** A call to be started. */
struct launch cpts_exchange__started(const struct cpts_async *async, exchange_callback *callback,
                                     exchange_deliver *deliver, uint64_t *ret_call);

/** Makes the call as @p launch says. Outputs are set on CPTS_OK only. */
CPTS_MUST_CHECK cpts_status cpts_exchange__make(cpts_client *client,
                                                const struct exchange *exchange,
                                                const struct launch *launch,
                                                struct cpts_error *err);

/** Sends a command in its packed bytes and waits; its answer is not wanted, nor is it
 * kept in an outbox. */
CPTS_MUST_CHECK cpts_status cpts_exchange__send_packed(cpts_client *client,
                                                       enum operation operation,
                                                       struct cpts_bytes request,
                                                       int32_t timeout_ms, struct cpts_error *err);

/** Keeps a command in the client's outbox before it is sent.
 * @param ret_ticket  All zero when it is no command, or there is no outbox.
 * @return as cpts_outbox__keep(). */
CPTS_MUST_CHECK cpts_status cpts_exchange__keep(const cpts_client *client,
                                                const struct exchange *exchange,
                                                const struct transport_body *body,
                                                struct outbox_ticket *ret_ticket,
                                                struct cpts_error *err);

/** Begins a course; its deadline is @p timeout_ms, or the client's for 0.
 * @return INVALID_ARGUMENT / ARGUMENT_INVALID for an impossible one. */
CPTS_MUST_CHECK cpts_status cpts_exchange__begin(const cpts_client *client,
                                                 const struct exchange *exchange,
                                                 int32_t timeout_ms, struct course *ret_course,
                                                 struct cpts_error *err);

/** After each attempt: counts it and goes on, as cpts_course__step(). */
int32_t cpts_exchange__step(cpts_client *client, const struct transport_call *call,
                            const struct transport_reply *reply, struct course *course,
                            cpts_status *status, struct cpts_error *err);

/** Makes the result of an answer's bytes. */
CPTS_MUST_CHECK cpts_status cpts_exchange__take(const struct exchange *exchange,
                                                const struct transport_reply *reply,
                                                void **ret_result, struct cpts_error *err);

/** Releases a result with all that it points to; NULL is fine. */
void cpts_exchange__release(void *result);

/** Copies a struct that a caller filled: the bytes both sides know, zero for
 * the rest. @return INVALID_ARGUMENT / ARGUMENT_INVALID when its size is not
 * set. @p from NULL gives zeros. */
CPTS_MUST_CHECK cpts_status cpts_exchange__adopt(void *to, size_t to_bytes, const void *from,
                                                 struct cpts_error *err);

/** Copies a struct for a caller, whose `size` says how much of it is known there, and
 * stays. */
void cpts_exchange__give(void *to, const void *from, size_t from_bytes);

#endif
