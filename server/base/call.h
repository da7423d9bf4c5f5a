/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CALL_H
#define BASE_CALL_H

/**
 * @file
 * One call on its way: transport → dispatch → lane → dispatch → transport.
 *
 * A call is owned by its transport, which creates it and gets it back exactly
 * once through `reply`. In between it belongs to one thread at a time: the
 * completion queue's until it is submitted to a lane, then the lane's.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

#include "base/principal.h"

struct arena;
struct dispatcher;
struct method;
struct query;
struct rows;
struct service;
struct ProtobufCMessage;
struct call;

/** Memory one call may use, request, rows and response together. */
#define CALL_ARENA_BYTES (8u * 1024 * 1024)

struct call {
    /** Everything of this call; freed by the transport after the reply. */
    struct arena *arena;
    const struct method *method;
    /** Copied: stays as it was when the call came in. */
    struct principal principal;
    /** CLOCK_MONOTONIC nanoseconds after which nobody waits any more. */
    int64_t deadline_ns;
    /** Packed request, borrowed from the transport until the reply. */
    const uint8_t *request_bytes;
    size_t request_byte_count;
    /** Statement and parameters, set by method.begin (store/query.h). */
    struct query *query;
    /** What the server knows apart from the call (handler/service.h). Set by
     * dispatch. */
    const struct service *service;
    /** Takes the call on to its second statement. Set by dispatch. */
    const struct dispatcher *dispatcher;
    /** What begin wants to remember for finish, in the arena. */
    void *state;
    /** Set by method.finish, in the arena. */
    struct ProtobufCMessage *response;
    /** Why it failed, when it did. */
    struct cpts_error error;
    /** Given by the lane when the statement is over: `rows` on CPTS_OK only,
     * valid during the call. Lane thread. Set by dispatch. */
    void (*done)(struct call *call, cpts_status status, const struct rows *rows);
    /** Hands the call back with its response, or with its error when
     * @p status is not CPTS_OK. The response is packed before this returns, so it
     * may borrow from the rows. Any thread, exactly once. Set by the transport. */
    void (*reply)(struct call *call, cpts_status status);
    /** The transport's own. */
    void *transport;
    /** Link of whichever queue holds the call. */
    struct call *next;
};

#endif
