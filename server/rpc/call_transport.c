/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/call_transport.h"

#include <grpc/byte_buffer.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "rpc/admission.h"
#include "rpc/deadline.h"
#include "rpc/health.h"
#include "rpc/reply.h"
#include "rpc/stream_transport.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Calls kept for later; more are freed when a burst is over. */
#define FREE_CALLS_MAX 256
#define METHOD_NAME_SHOWN_BYTES 120

static void rpc_call_event(void *owner, bool success);

static struct rpc_call *rpc_call_take(struct transport *transport)
{
    struct rpc_call *rpc_call = transport->free_calls;
    if (rpc_call != NULL) {
        transport->free_calls = rpc_call->next_free;
        transport->free_call_count--;
        return rpc_call;
    }
    rpc_call = calloc(1, sizeof *rpc_call);
    if (rpc_call == NULL)
        return NULL;
    rpc_call->transport = transport;
    rpc_call->completion = (struct completion){.happened = rpc_call_event, .owner = rpc_call};
    rpc_call->call.transport = rpc_call;
    rpc_call->call.reply = reply_send;
    grpc_metadata_array_init(&rpc_call->incoming.metadata);
    grpc_call_details_init(&rpc_call->incoming.details);
    rpc_call->request.joined = grpc_empty_slice();
    ending_init(&rpc_call->ending);
    return rpc_call;
}

static void rpc_call_free(struct rpc_call *rpc_call)
{
    grpc_metadata_array_destroy(&rpc_call->incoming.metadata);
    grpc_call_details_destroy(&rpc_call->incoming.details);
    free(rpc_call);
}

static void rpc_call_post(struct rpc_call *rpc_call, struct route *route)
{
    struct transport *transport = rpc_call->transport;
    rpc_call->route = route;
    rpc_call->phase = PHASE_POSTED;
    route->posted_count++;
    transport->outstanding_count++;
    rpc_request_call(transport->core, route->registered, &rpc_call->incoming, transport->queue,
                     &rpc_call->completion);
}

/* Takes a call out of circulation: posts it again where one is missing, keeps
 * it for later, or frees it. */
static void rpc_call_recycle(struct rpc_call *rpc_call, bool may_post)
{
    struct transport *transport = rpc_call->transport;
    struct route *route = rpc_call->route;
    transport->outstanding_count--;
    if (may_post && route->posted_count < transport->options->limits.requests_posted) {
        rpc_call_post(rpc_call, route);
    } else if (transport->free_call_count < FREE_CALLS_MAX) {
        rpc_call->next_free = transport->free_calls;
        transport->free_calls = rpc_call;
        transport->free_call_count++;
    } else {
        rpc_call_free(rpc_call);
    }
}

static bool post_one(struct transport *transport, struct route *route)
{
    struct rpc_call *rpc_call = rpc_call_take(transport);
    if (rpc_call == NULL)
        return false;
    rpc_call_post(rpc_call, route);
    return true;
}

bool transport_post_all(struct transport *transport)
{
    for (int i = 0; i < transport->route_count; i++) {
        struct route *route = &transport->routes[i];
        bool posted = true;
        while (posted && route->posted_count < transport->options->limits.requests_posted)
            posted =
                route_is_stream(route) ? stream_post(transport, route) : post_one(transport, route);
        if (route->posted_count == 0)
            return false;
    }
    return true;
}

struct arena *transport_arena_take(struct transport *transport)
{
    if (transport->arena_count > 0)
        return transport->arenas[--transport->arena_count];
    return arena_new(CALL_ARENA_BYTES);
}

void transport_arena_give_back(struct transport *transport, struct arena *arena)
{
    if (arena != NULL && transport->arena_count < TRANSPORT_ARENAS_MAX) {
        arena_reset(arena);
        transport->arenas[transport->arena_count++] = arena;
    } else {
        arena_free(arena);
    }
}

static cpts_status refuse_method(struct rpc_call *rpc_call)
{
    grpc_slice name = rpc_call->incoming.details.method;
    size_t shown = GRPC_SLICE_LENGTH(name);
    if (shown > METHOD_NAME_SHOWN_BYTES)
        shown = METHOD_NAME_SHOWN_BYTES;
    return error_set(&rpc_call->call.error, REASON_UNKNOWN_METHOD, "There is no method %.*s here",
                     (int)shown, (const char *)GRPC_SLICE_START_PTR(name));
}

static cpts_status read_request(struct rpc_call *rpc_call)
{
    struct call *call = &rpc_call->call;
    struct incoming_message *request = &rpc_call->request;
    request->payload = rpc_call->incoming.payload;
    cpts_status status =
        admission_read(request, rpc_call->transport->options->limits.message_bytes, &call->error);
    call->request_bytes = request->bytes;
    call->request_byte_count = request->byte_count;
    return status;
}

/* Everything that can be said against a call before its request is read. */
static cpts_status admit(struct rpc_call *rpc_call)
{
    struct call *call = &rpc_call->call;
    if (call->arena == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "No memory for another call");
    cpts_status status = CPTS_OK;
    if (rpc_call->route->kind != ROUTE_DISPATCH)
        status = admission_certified(rpc_call->transport, rpc_call->incoming.call, call);
    if (status == CPTS_OK && rpc_call->route->kind == ROUTE_UNKNOWN)
        status = refuse_method(rpc_call);
    if (status == CPTS_OK)
        status = read_request(rpc_call);
    if (status != CPTS_OK || rpc_call->route->kind == ROUTE_HEALTH)
        return status;
    status = deadline_read(rpc_call->incoming.deadline, clock_monotonic_ns(), &call->deadline_ns,
                           &call->error);
    if (status != CPTS_OK)
        return status;
    status = admission_identify(rpc_call->transport, rpc_call->incoming.call, call);
    if (status != CPTS_OK)
        return status;
    return admission_behalf(rpc_call->transport, &rpc_call->incoming.metadata, call);
}

static void receive(struct rpc_call *rpc_call)
{
    struct transport *transport = rpc_call->transport;
    struct call *call = &rpc_call->call;
    call->arena = transport_arena_take(transport);
    call->method = rpc_call->route->method;
    cpts_status status = admit(rpc_call);
    if (status == CPTS_OK && rpc_call->route->kind == ROUTE_DISPATCH) {
        transport->options->dispatch(call, transport->options->context);
        return;
    }
    if (status == CPTS_OK)
        status = health_check(transport->health, call);
    reply_send(call, status);
}

/* Releases what the call held, and leaves it ready for the next one. */
static void clean(struct rpc_call *rpc_call)
{
    struct call *call = &rpc_call->call;
    struct incoming *incoming = &rpc_call->incoming;
    grpc_byte_buffer_destroy(incoming->payload);
    incoming->payload = NULL;
    grpc_byte_buffer_destroy(rpc_call->response);
    rpc_call->response = NULL;
    grpc_slice_unref(rpc_call->request.joined);
    rpc_call->request = (struct incoming_message){.joined = grpc_empty_slice()};
    ending_clear(&rpc_call->ending);
    incoming->metadata.count = 0;
    if (rpc_call->route->kind == ROUTE_UNKNOWN) {
        grpc_call_details_destroy(&incoming->details);
        grpc_call_details_init(&incoming->details);
    }
    grpc_call_unref(incoming->call);
    incoming->call = NULL;
    transport_arena_give_back(rpc_call->transport, call->arena);
    call->arena = NULL;
    call->deadline_ns = 0;
    call->request_bytes = NULL;
    call->request_byte_count = 0;
    call->query = NULL;
    call->state = NULL;
    call->response = NULL;
    call->done = NULL;
    call->next = NULL;
    if (call->error.status != CPTS_OK)
        error_clear(&call->error);
}

/* What became of a call that was posted, or answered. */
static void rpc_call_event(void *owner, bool success)
{
    struct rpc_call *rpc_call = owner;
    if (rpc_call->phase == PHASE_ANSWERED) {
        clean(rpc_call);
        rpc_call_recycle(rpc_call, true);
        return;
    }
    struct route *route = rpc_call->route;
    route->posted_count--;
    if (!success) { /* the server is shutting down */
        rpc_call_recycle(rpc_call, false);
        return;
    }
    /* Before the work, so that the next caller never waits for it. When memory
     * is out, this very call takes the place once it is answered. */
    (void)post_one(rpc_call->transport, route);
    receive(rpc_call);
}

void transport_done(struct transport *transport)
{
    while (transport->free_calls != NULL) {
        struct rpc_call *rpc_call = transport->free_calls;
        transport->free_calls = rpc_call->next_free;
        rpc_call_free(rpc_call);
    }
    while (transport->arena_count > 0)
        arena_free(transport->arenas[--transport->arena_count]);
    free(transport->routes);
    transport->routes = NULL;
}
