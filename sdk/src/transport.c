/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include <grpc/grpc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport_channel.h"
#include "transport_core.h"
#include "wire/error.h"

#define SEND_OPS 3
#define RECEIVE_OPS 3
#define HEADERS_MAX 4

/* All that gRPC hands over during one attempt. */
struct transport_attempt {
    const struct transport *transport;
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    /* Sent, and received. */
    grpc_metadata own_headers[HEADERS_MAX];
    size_t own_header_count;
    grpc_metadata_array headers;
    struct transport_ending ending;
    bool is_sent;
    /* Batches that have not come out. */
    atomic_int pending;
    void *owner;
};

static void *sent_tag(struct transport_attempt *attempt)
{
    return cpts_transport__tag(attempt, TAG_SENT);
}

static void *received_tag(struct transport_attempt *attempt)
{
    return cpts_transport__tag(attempt, TAG_RECEIVED);
}

/* A process that shows gRPC's messages has asked for them; a library is silent. */
static void silence_grpc(void)
{
    if (getenv("GRPC_VERBOSITY") == NULL)
        gpr_set_log_verbosity((gpr_log_severity)(GPR_LOG_SEVERITY_ERROR + 1));
}

static cpts_status open_with(struct transport *transport, const struct cpts_client_options *options,
                             struct cpts_error *err)
{
    struct address address;
    struct pem_files pem = {0};
    cpts_status status = cpts_address__read(options->address, options->server_name, &address, err);
    if (status == CPTS_OK)
        status = cpts_pem__read(options, &pem, err);
    if (status == CPTS_OK)
        status = cpts_transport__channel(options, &address, &pem, &transport->channel, err);
    cpts_pem__done(&pem);
    return status;
}

cpts_status cpts_transport__open(const struct cpts_client_options *options,
                                 struct transport **ret_transport, struct cpts_error *err)
{
    struct transport *transport = calloc(1, sizeof *transport);
    char *address = strdup(options->address);
    if (transport == NULL || address == NULL) {
        free(transport);
        free(address);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    }
    transport->address = address;
    silence_grpc();
    grpc_init();
    cpts_status status = open_with(transport, options, err);
    if (status == CPTS_OK)
        *ret_transport = transport;
    else
        cpts_transport__close(transport);
    return status;
}

void cpts_transport__close(struct transport *transport)
{
    if (transport == NULL)
        return;
    if (transport->channel != NULL)
        grpc_channel_destroy(transport->channel);
    free(transport->address);
    free(transport);
    grpc_shutdown();
}

const char *cpts_transport__state(struct transport *transport)
{
    static const char *const NAMES[] = {[GRPC_CHANNEL_IDLE] = "IDLE",
                                        [GRPC_CHANNEL_CONNECTING] = "CONNECTING",
                                        [GRPC_CHANNEL_READY] = "READY",
                                        [GRPC_CHANNEL_TRANSIENT_FAILURE] = "TRANSIENT_FAILURE",
                                        [GRPC_CHANNEL_SHUTDOWN] = "SHUTDOWN"};
    return NAMES[grpc_channel_check_connectivity_state(transport->channel, 0)];
}

struct transport_body *cpts_transport__pack(const ProtobufCMessage *message)
{
    struct transport_body *body = malloc(sizeof *body);
    if (body == NULL)
        return NULL;
    body->bytes = grpc_slice_malloc(protobuf_c_message_get_packed_size(message));
    protobuf_c_message_pack(message, GRPC_SLICE_START_PTR(body->bytes));
    return body;
}

struct transport_body *cpts_transport__body_of(struct cpts_bytes packed)
{
    struct transport_body *body = malloc(sizeof *body);
    if (body == NULL)
        return NULL;
    body->bytes = grpc_slice_from_copied_buffer((const char *)packed.bytes, packed.byte_count);
    return body;
}

struct cpts_bytes cpts_transport__body_view(const struct transport_body *body)
{
    return (struct cpts_bytes){.bytes = GRPC_SLICE_START_PTR(body->bytes),
                               .byte_count = GRPC_SLICE_LENGTH(body->bytes)};
}

size_t cpts_transport__body_bytes(const struct transport_body *body)
{
    return GRPC_SLICE_LENGTH(body->bytes);
}

void cpts_transport__body_free(struct transport_body *body)
{
    if (body == NULL)
        return;
    grpc_slice_unref(body->bytes);
    free(body);
}

static void copy_headers(struct transport_attempt *attempt, const struct transport_call *call)
{
    for (size_t i = 0; i < call->header_count && i < HEADERS_MAX; i++) {
        attempt->own_headers[i].key = grpc_slice_from_copied_string(call->headers[i].key);
        attempt->own_headers[i].value = grpc_slice_from_copied_string(call->headers[i].value);
        attempt->own_header_count = i + 1;
    }
}

static void attempt_begin(struct transport_attempt *attempt, struct transport *transport,
                          grpc_completion_queue *queue, const struct transport_call *call)
{
    grpc_slice bytes = call->body->bytes;
    memset(attempt, 0, sizeof *attempt);
    atomic_init(&attempt->pending, 0);
    grpc_metadata_array_init(&attempt->headers);
    cpts_transport__ending_init(&attempt->ending);
    attempt->transport = transport;
    attempt->request = grpc_raw_byte_buffer_create(&bytes, 1);
    copy_headers(attempt, call);
    attempt->call = cpts_transport__call_new(transport, queue, call);
}

/* Two batches, because only the first one's own result tells whether the
 * request left. */
static bool attempt_start(struct transport_attempt *attempt)
{
    grpc_op send[SEND_OPS] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                              {.op = GRPC_OP_SEND_MESSAGE},
                              {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}};
    send[0].data.send_initial_metadata.metadata = attempt->own_headers;
    send[0].data.send_initial_metadata.count = attempt->own_header_count;
    send[1].data.send_message.send_message = attempt->request;
    grpc_op receive[RECEIVE_OPS] = {{.op = GRPC_OP_RECV_INITIAL_METADATA},
                                    {.op = GRPC_OP_RECV_MESSAGE},
                                    cpts_transport__ending_op(&attempt->ending)};
    receive[0].data.recv_initial_metadata.recv_initial_metadata = &attempt->headers;
    receive[1].data.recv_message.recv_message = &attempt->response;
    atomic_store(&attempt->pending, 2);
    if (!cpts_transport__start_batch(attempt->call, send, SEND_OPS, sent_tag(attempt)))
        return false;
    if (cpts_transport__start_batch(attempt->call, receive, RECEIVE_OPS, received_tag(attempt)))
        return true;
    grpc_call_cancel(attempt->call, NULL);
    return atomic_fetch_sub(&attempt->pending, 1) > 1;
}

static void attempt_done(struct transport_attempt *attempt)
{
    for (size_t i = 0; i < attempt->own_header_count; i++) {
        grpc_slice_unref(attempt->own_headers[i].key);
        grpc_slice_unref(attempt->own_headers[i].value);
    }
    grpc_metadata_array_destroy(&attempt->headers);
    cpts_transport__ending_done(&attempt->ending);
    grpc_byte_buffer_destroy(attempt->request);
    if (attempt->response != NULL)
        grpc_byte_buffer_destroy(attempt->response);
    grpc_call_unref(attempt->call);
}

/* Reads an attempt of which nothing is outstanding. */
static cpts_status attempt_read(const struct transport_attempt *attempt,
                                struct transport_reply *ret_reply, struct cpts_error *err)
{
    memset(ret_reply, 0, sizeof *ret_reply);
    cpts_transport__peer(attempt->call, ret_reply->peer);
    ret_reply->is_sent = attempt->is_sent;
    if (attempt->ending.status != GRPC_STATUS_OK)
        return cpts_transport__ending_failure(&attempt->ending, attempt->transport,
                                              &ret_reply->is_verdict, err);
    if (!cpts_transport__copy(attempt->response, &ret_reply->bytes, &ret_reply->byte_count))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    return CPTS_OK;
}

static cpts_status not_started(struct cpts_error *err)
{
    return error_set(err, REASON_INTERNAL_ERROR, "a call could not be started");
}

cpts_status cpts_transport__call(struct transport *transport, const struct transport_call *call,
                                 struct transport_reply *ret_reply, struct cpts_error *err)
{
    struct transport_attempt attempt;
    grpc_completion_queue *queue = grpc_completion_queue_create_for_pluck(NULL);
    cpts_status status = CPTS_OK;
    memset(ret_reply, 0, sizeof *ret_reply);
    attempt_begin(&attempt, transport, queue, call);
    if (attempt_start(&attempt)) {
        /* The call's own deadline bounds both waits. */
        grpc_event sent = cpts_transport__pluck(queue, sent_tag(&attempt));
        attempt.is_sent = sent.type == GRPC_OP_COMPLETE && sent.success;
        if (atomic_load(&attempt.pending) == 2)
            cpts_transport__pluck(queue, received_tag(&attempt));
        status = attempt_read(&attempt, ret_reply, err);
    } else {
        status = not_started(err);
    }
    attempt_done(&attempt);
    grpc_completion_queue_shutdown(queue);
    grpc_completion_queue_pluck(queue, NULL, gpr_inf_past(GPR_CLOCK_MONOTONIC), NULL);
    grpc_completion_queue_destroy(queue);
    return status;
}

struct transport_queue *cpts_transport__queue_open(struct transport *transport)
{
    struct transport_queue *queue = malloc(sizeof *queue);
    if (queue == NULL)
        return NULL;
    queue->transport = transport;
    queue->core = grpc_completion_queue_create_for_next(NULL);
    return queue;
}

/* The core lets nothing be put into a queue but the ends of its own work; a
 * watch for a change of state whose deadline has passed ends at once. */
void cpts_transport__queue_wake(struct transport_queue *queue)
{
    grpc_channel *channel = queue->transport->channel;
    grpc_channel_watch_connectivity_state(channel,
                                          grpc_channel_check_connectivity_state(channel, 0),
                                          gpr_now(GPR_CLOCK_MONOTONIC), queue->core, NULL);
}

void cpts_transport__queue_shutdown(struct transport_queue *queue)
{
    grpc_completion_queue_shutdown(queue->core);
}

void cpts_transport__queue_close(struct transport_queue *queue)
{
    if (queue == NULL)
        return;
    grpc_completion_queue_destroy(queue->core);
    free(queue);
}

/* Takes note of a batch. @return the owner of what moved, NULL when an attempt
 * is not over yet. */
static void *take_batch(const grpc_event *event, enum transport_event *ret_event)
{
    enum transport_tag kind = (uintptr_t)event->tag & TAG_MASK;
    void *moved = (char *)event->tag - kind;
    *ret_event = TRANSPORT_STREAM_MOVED;
    if (kind >= TAG_STREAM_OPENED)
        return cpts_transport__stream_batch(moved, kind, event->success != 0);
    struct transport_attempt *attempt = moved;
    *ret_event = TRANSPORT_ATTEMPT_OVER;
    if (kind == TAG_SENT)
        attempt->is_sent = event->success != 0;
    return atomic_fetch_sub(&attempt->pending, 1) == 1 ? attempt->owner : NULL;
}

enum transport_event cpts_transport__queue_next(struct transport_queue *queue, int64_t timeout_ms,
                                                void **ret_owner)
{
    gpr_timespec deadline = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    if (timeout_ms >= 0)
        deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                gpr_time_from_millis(timeout_ms, GPR_TIMESPAN));
    for (;;) {
        grpc_event event = cpts_transport__next(queue->core, deadline);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return TRANSPORT_SHUT_DOWN;
        if (event.type != GRPC_OP_COMPLETE || event.tag == NULL)
            return TRANSPORT_NOTHING;
        enum transport_event moved;
        *ret_owner = take_batch(&event, &moved);
        if (*ret_owner != NULL)
            return moved;
    }
}

struct transport_attempt *cpts_transport__attempt_new(struct transport_queue *queue,
                                                      const struct transport_call *call,
                                                      void *owner)
{
    struct transport_attempt *attempt = malloc(sizeof *attempt);
    if (attempt == NULL)
        return NULL;
    attempt_begin(attempt, queue->transport, queue->core, call);
    attempt->owner = owner;
    return attempt;
}

bool cpts_transport__attempt_start(struct transport_attempt *attempt)
{
    return attempt_start(attempt);
}

void cpts_transport__attempt_cancel(struct transport_attempt *attempt)
{
    grpc_call_cancel(attempt->call, NULL);
}

void cpts_transport__attempt_discard(struct transport_attempt *attempt)
{
    attempt_done(attempt);
    free(attempt);
}

cpts_status cpts_transport__attempt_end(struct transport_attempt *attempt,
                                        struct transport_reply *ret_reply, struct cpts_error *err)
{
    cpts_status status = attempt_read(attempt, ret_reply, err);
    cpts_transport__attempt_discard(attempt);
    return status;
}
