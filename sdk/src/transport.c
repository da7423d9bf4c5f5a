/* SPDX-License-Identifier: Apache-2.0 */
#include "transport.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/grpc.h>
#include <grpc/support/alloc.h>
#include <grpc/support/log.h>
#include <grpc/support/time.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "transport_channel.h"
#include "wire/error.h"

#define DETAILS_KEY "grpc-status-details-bin"
#define SEND_OPS 3
#define RECEIVE_OPS 3

struct transport {
    grpc_channel *channel;
    char *address;
};

struct transport_body {
    grpc_slice bytes;
};

struct transport_queue {
    struct transport *transport;
    grpc_completion_queue *core;
};

/* All that gRPC hands over during one attempt. */
struct transport_attempt {
    const struct transport *transport;
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_byte_buffer *response;
    grpc_metadata_array headers;
    grpc_metadata_array trailers;
    grpc_status_code status;
    grpc_slice message;
    bool is_sent;
    /* Batches that have not come out. */
    atomic_int pending;
    void *owner;
};

/* The two batches of an attempt come out under its address, and that plus one;
 * a wake-up under none. */
#define RECEIVED_BIT ((uintptr_t)1)

static void *sent_tag(struct transport_attempt *attempt)
{
    return attempt;
}

static void *received_tag(struct transport_attempt *attempt)
{
    return (char *)attempt + RECEIVED_BIT;
}

/* The core, which the thread sanitizer does not see into, hands what was
 * written before a batch to whoever takes its tag out of the queue. These three
 * say so. */
#if defined(__SANITIZE_THREAD__)
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#else
static inline void __tsan_acquire(void *address)
{
    (void)address;
}
static inline void __tsan_release(void *address)
{
    (void)address;
}
#endif

static bool start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, void *tag)
{
    if (tag != NULL)
        __tsan_release(tag);
    return grpc_call_start_batch(call, ops, op_count, tag, NULL) == GRPC_CALL_OK;
}

static grpc_event pluck(grpc_completion_queue *queue, void *tag)
{
    grpc_event event =
        grpc_completion_queue_pluck(queue, tag, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    if (event.type == GRPC_OP_COMPLETE)
        __tsan_acquire(tag);
    return event;
}

static grpc_event next(grpc_completion_queue *queue, gpr_timespec deadline)
{
    grpc_event event = grpc_completion_queue_next(queue, deadline, NULL);
    if (event.type == GRPC_OP_COMPLETE && event.tag != NULL)
        __tsan_acquire(event.tag);
    return event;
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

static void attempt_begin(struct transport_attempt *attempt, struct transport *transport,
                          grpc_completion_queue *queue, const struct transport_call *call)
{
    grpc_slice bytes = call->body->bytes;
    const char *path = cpts_operation__path(call->operation);
    memset(attempt, 0, sizeof *attempt);
    atomic_init(&attempt->pending, 0);
    grpc_metadata_array_init(&attempt->headers);
    grpc_metadata_array_init(&attempt->trailers);
    attempt->transport = transport;
    attempt->status = GRPC_STATUS_INTERNAL;
    attempt->message = grpc_empty_slice();
    attempt->request = grpc_raw_byte_buffer_create(&bytes, 1);
    gpr_timespec deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                         gpr_time_from_millis(call->timeout_ms, GPR_TIMESPAN));
    attempt->call =
        grpc_channel_create_call(transport->channel, NULL, GRPC_PROPAGATE_DEFAULTS, queue,
                                 grpc_slice_from_static_string(path), NULL, deadline, NULL);
}

/* Two batches, because only the first one's own result tells whether the
 * request left. */
static bool attempt_start(struct transport_attempt *attempt)
{
    grpc_op send[SEND_OPS] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                              {.op = GRPC_OP_SEND_MESSAGE},
                              {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT}};
    send[1].data.send_message.send_message = attempt->request;
    grpc_op receive[RECEIVE_OPS] = {{.op = GRPC_OP_RECV_INITIAL_METADATA},
                                    {.op = GRPC_OP_RECV_MESSAGE},
                                    {.op = GRPC_OP_RECV_STATUS_ON_CLIENT}};
    receive[0].data.recv_initial_metadata.recv_initial_metadata = &attempt->headers;
    receive[1].data.recv_message.recv_message = &attempt->response;
    receive[2].data.recv_status_on_client.trailing_metadata = &attempt->trailers;
    receive[2].data.recv_status_on_client.status = &attempt->status;
    receive[2].data.recv_status_on_client.status_details = &attempt->message;
    atomic_store(&attempt->pending, 2);
    if (!start_batch(attempt->call, send, SEND_OPS, sent_tag(attempt)))
        return false;
    if (start_batch(attempt->call, receive, RECEIVE_OPS, received_tag(attempt)))
        return true;
    grpc_call_cancel(attempt->call, NULL);
    return atomic_fetch_sub(&attempt->pending, 1) > 1;
}

static void attempt_done(struct transport_attempt *attempt)
{
    grpc_metadata_array_destroy(&attempt->headers);
    grpc_metadata_array_destroy(&attempt->trailers);
    grpc_slice_unref(attempt->message);
    grpc_byte_buffer_destroy(attempt->request);
    if (attempt->response != NULL)
        grpc_byte_buffer_destroy(attempt->response);
    grpc_call_unref(attempt->call);
}

static bool copy_response(grpc_byte_buffer *response, struct transport_reply *reply)
{
    grpc_byte_buffer_reader reader;
    if (response == NULL || !grpc_byte_buffer_reader_init(&reader, response))
        return false;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    size_t byte_count = GRPC_SLICE_LENGTH(slice);
    reply->bytes = malloc(byte_count + 1);
    if (reply->bytes != NULL) {
        memcpy(reply->bytes, GRPC_SLICE_START_PTR(slice), byte_count);
        reply->byte_count = byte_count;
    }
    grpc_slice_unref(slice);
    return reply->bytes != NULL;
}

static const grpc_slice *find_details(const grpc_metadata_array *trailers)
{
    for (size_t i = 0; i < trailers->count; i++) {
        if (grpc_slice_str_cmp(trailers->metadata[i].key, DETAILS_KEY) == 0)
            return &trailers->metadata[i].value;
    }
    return NULL;
}

/* The transport's own failures have no details; their reason is this side's. */
static cpts_status own_failure(const struct transport *transport, cpts_status status,
                               const char *message, struct cpts_error *err)
{
    if (status == CPTS_UNAVAILABLE)
        return error_set(err, REASON_CONNECTION_FAILED, "no connection to %s: %s",
                         transport->address, message);
    if (status == CPTS_DEADLINE_EXCEEDED)
        return error_set(err, REASON_DEADLINE_PASSED, "%s did not answer in time",
                         transport->address);
    if (status == CPTS_CANCELLED)
        return error_set(err, REASON_CANCELLED, "the call was cancelled");
    error_unpack(err, status, message, NULL, 0);
    if (err != NULL && status == CPTS_UNIMPLEMENTED)
        snprintf(err->reason, sizeof err->reason, "%s", "UNKNOWN_METHOD");
    else if (err != NULL)
        snprintf(err->reason, sizeof err->reason, "%s", cpts_status_name(status));
    return status;
}

static cpts_status read_failure(const struct transport_attempt *attempt,
                                struct transport_reply *reply, struct cpts_error *err)
{
    cpts_status status = (cpts_status)attempt->status;
    if (attempt->status < 0 || attempt->status > GRPC_STATUS_UNAUTHENTICATED)
        status = CPTS_UNKNOWN;
    char *message = grpc_slice_to_c_string(attempt->message);
    const grpc_slice *details = find_details(&attempt->trailers);
    if (details == NULL) {
        status = own_failure(attempt->transport, status, message, err);
    } else {
        reply->is_verdict = true;
        error_unpack(err, status, message, GRPC_SLICE_START_PTR(*details),
                     GRPC_SLICE_LENGTH(*details));
    }
    gpr_free(message);
    return status;
}

static void read_peer(grpc_call *call, char ret_peer[TRANSPORT_PEER_BYTES])
{
    char *peer = grpc_call_get_peer(call);
    snprintf(ret_peer, TRANSPORT_PEER_BYTES, "%s", peer);
    gpr_free(peer);
}

/* Reads an attempt of which nothing is outstanding. */
static cpts_status attempt_read(const struct transport_attempt *attempt,
                                struct transport_reply *ret_reply, struct cpts_error *err)
{
    memset(ret_reply, 0, sizeof *ret_reply);
    read_peer(attempt->call, ret_reply->peer);
    ret_reply->is_sent = attempt->is_sent;
    if (attempt->status != GRPC_STATUS_OK)
        return read_failure(attempt, ret_reply, err);
    if (!copy_response(attempt->response, ret_reply))
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
        grpc_event sent = pluck(queue, sent_tag(&attempt));
        attempt.is_sent = sent.type == GRPC_OP_COMPLETE && sent.success;
        if (atomic_load(&attempt.pending) == 2)
            pluck(queue, received_tag(&attempt));
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

/* Takes note of a batch. @return the attempt's owner once it is over. */
static void *take_batch(const grpc_event *event)
{
    bool is_reception = ((uintptr_t)event->tag & RECEIVED_BIT) != 0;
    struct transport_attempt *attempt =
        (void *)((char *)event->tag - (is_reception ? RECEIVED_BIT : 0));
    if (!is_reception)
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
        grpc_event event = next(queue->core, deadline);
        if (event.type == GRPC_QUEUE_SHUTDOWN)
            return TRANSPORT_SHUT_DOWN;
        if (event.type != GRPC_OP_COMPLETE || event.tag == NULL)
            return TRANSPORT_NOTHING;
        *ret_owner = take_batch(&event);
        if (*ret_owner != NULL)
            return TRANSPORT_ATTEMPT_OVER;
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
