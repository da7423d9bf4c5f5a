/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_CALL_TRANSPORT_H
#define RPC_CALL_TRANSPORT_H

/**
 * @file
 * A call between the core and the rest of the server: posted, filled by the
 * core, dispatched, replied to, and used again for the next one.
 *
 * Each rpc_call is the tag of exactly one thing at a time: first of the
 * request that waits for a call, then of the one batch that answers it. So it
 * comes out of the completion queue once per phase, and is released once.
 *
 * Threads: the completion-queue thread alone, but for call->reply (any).
 */

#include <grpc/grpc.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/call.h"
#include "rpc/admission.h"
#include "rpc/completion.h"
#include "rpc/ending.h"
#include "rpc/server.h"
#include "rpc/stream_transport.h"

struct health;
struct peer_certificates;
struct stream_handler;
struct transport;

/** Who answers the calls of a route. */
enum route_kind {
    ROUTE_DISPATCH, /**< a method of the table */
    ROUTE_HEALTH,   /**< grpc.health.v1.Health/Check */
    ROUTE_UNKNOWN,  /**< everything else: refused at once */
    ROUTE_STREAM,   /**< a streaming method of the table */
    ROUTE_SERVICE,  /**< a stream of this folder's own: `begin` */
};

/** Where calls come in. */
struct route {
    enum route_kind kind;
    const struct method *method; /**< ROUTE_DISPATCH and ROUTE_STREAM only */
    /** ROUTE_STREAM and ROUTE_SERVICE only: where the messages come from. */
    const struct stream_handler *handler;
    /** ROUTE_SERVICE only: sets call->state, from @p context. */
    cpts_status (*begin)(void *context, struct call *call);
    void *context;
    void *registered; /**< the core's handle; NULL for ROUTE_UNKNOWN */
    int posted_count; /**< requests waiting in the core */
};

enum rpc_call_phase { PHASE_POSTED, PHASE_ANSWERED };

struct rpc_call {
    struct call call;
    struct completion completion;
    struct transport *transport;
    struct route *route;
    enum rpc_call_phase phase;
    struct incoming incoming;
    struct incoming_message request;
    struct ending ending;
    grpc_byte_buffer *response;
    int was_cancelled; /**< the core wants to tell it; nobody asks */
    struct rpc_call *next_free;
};

#define TRANSPORT_ARENAS_MAX 256

/** What all calls of a server share. */
struct transport {
    grpc_server *core;
    grpc_completion_queue *queue;
    const struct health *health;
    const struct rpc_options *options; /**< outlives the transport */
    struct route *routes;
    int route_count;
    /** Calls that are posted, dispatched or being answered. */
    int64_t outstanding_count;
    struct rpc_call *free_calls;
    int free_call_count;
    /** Empty ones, the most recently used last. */
    struct arena *arenas[TRANSPORT_ARENAS_MAX];
    int arena_count;
    /** Streams that have begun or are about to. */
    struct open_streams streams;
    /** Those of the peers, read lately. */
    struct peer_certificates *certificates;
};

static inline bool route_is_stream(const struct route *route)
{
    return route->handler != NULL;
}

/** Fills every route's posted requests.
 * @return false when not even one could be posted somewhere. */
bool transport_post_all(struct transport *transport);

/** Memory for a call; NULL when it is out. */
struct arena *transport_arena_take(struct transport *transport);
void transport_arena_give_back(struct transport *transport, struct arena *arena);

/** Frees the pools; no call may be outstanding. */
void transport_done(struct transport *transport);

#endif
