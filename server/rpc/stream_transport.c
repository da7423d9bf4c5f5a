/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/stream_transport.h"

#include <grpc/byte_buffer.h>
#include <grpc/slice.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/method.h"
#include "base/packet.h"
#include "base/stream.h"
#include "rpc/admission.h"
#include "rpc/call_transport.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Memory to pack the details of an end that comes without a call's arena. */
#define ENDING_ARENA_BYTES ((size_t)16 * 1024)
#define SEND_OPS_MAX 2
/* How long a stream goes on without asking who its client is today. */
#define IDENTITY_AGE_MAX_NS (5LL * 1000 * 1000 * 1000)

/* Whether a message of the client is waited for. */
enum reception {
    RECEPTION_IDLE,
    RECEPTION_ASKED,
    RECEPTION_ASKED_AGAIN, /* the source had room before the answer to the first was over */
    RECEPTION_OVER,        /* nothing may be asked any more */
};

struct rpc_stream {
    struct call call;
    struct stream stream;
    struct transport *transport;
    struct route *route;
    struct completion opened;
    struct completion closed;
    struct completion received;
    struct completion sent;
    struct incoming incoming;
    struct incoming_message message; /* of the client */
    _Atomic enum reception reception;
    grpc_byte_buffer *sending;
    struct ending ending;
    int64_t identified_ns;
    int was_cancelled;
    bool has_begun; /* this and is_closed under the mutex of open_streams */
    bool has_sent_metadata;
    bool is_held_back; /* the message under way may wait for the next one */
    bool is_last;      /* the batch under way carries the status */
    bool has_ended;
    bool is_closed;
    TAILQ_ENTRY(rpc_stream) link;
};

static void release_if_over(struct rpc_stream *stream);

void streams_init(struct open_streams *streams)
{
    pthread_mutex_init(&streams->mutex, NULL);
    TAILQ_INIT(&streams->list);
}

void streams_done(struct open_streams *streams)
{
    pthread_mutex_destroy(&streams->mutex);
}

/* Sending. Whoever has the stream. */

/* The first batch carries the initial metadata, and is never held back: one
 * that is would not come back before the next. */
static size_t add_metadata(struct rpc_stream *stream, grpc_op *ops)
{
    memset(ops, 0, SEND_OPS_MAX * sizeof ops[0]);
    if (stream->has_sent_metadata)
        return 0;
    stream->has_sent_metadata = true;
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    return 1;
}

static const char *method_of(const struct rpc_stream *stream)
{
    const struct method *method = stream->route->method;
    return method == NULL ? "a stream outside the table" : method->name;
}

/* Sends the status: the last batch of every stream. */
static void finish(struct rpc_stream *stream, cpts_status status)
{
    grpc_op ops[SEND_OPS_MAX];
    struct cpts_error *error = &stream->call.error;
    grpc_call *core_call = stream->incoming.call;
    size_t count = add_metadata(stream, ops);
    grpc_op *op = &ops[count++];
    op->op = GRPC_OP_SEND_STATUS_FROM_SERVER;
    struct arena *arena = NULL;
    if (status != CPTS_OK) {
        error->status = status;
        ending_log(method_of(stream), error);
        arena = arena_new(ENDING_ARENA_BYTES);
        ending_fill(&stream->ending, error, arena, op);
        arena_free(arena);
    }
    stream->is_last = true;
    rpc_start_batch(core_call, ops, count, &stream->sent);
}

static void release_packet(void *packet)
{
    packet_unref(packet);
}

/* Sends a message without copying it. */
static void send(struct rpc_stream *stream, const struct stream_message *message)
{
    grpc_op ops[SEND_OPS_MAX];
    grpc_call *core_call = stream->incoming.call;
    struct packet *packet = message->packet;
    grpc_slice slice =
        grpc_slice_new_with_user_data(packet->bytes, packet->byte_count, release_packet, packet);
    stream->sending = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    size_t count = add_metadata(stream, ops);
    stream->is_held_back = count == 0 && message->more;
    ops[count].op = GRPC_OP_SEND_MESSAGE;
    ops[count].flags = stream->is_held_back ? GRPC_WRITE_BUFFER_HINT : 0;
    ops[count++].data.send_message.send_message = stream->sending;
    rpc_start_batch(core_call, ops, count, &stream->sent);
}

static bool is_duplex(const struct rpc_stream *stream)
{
    return stream->route->handler->take != NULL;
}

static void receive(struct rpc_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &stream->message.payload;
    atomic_store(&stream->reception, RECEPTION_ASKED);
    rpc_start_batch(stream->incoming.call, &op, 1, &stream->received);
}

/* Goes on. Once next() said STREAM_WAIT the stream is somebody else's. */
static void drive(struct rpc_stream *stream)
{
    struct stream_message message = {0};
    struct cpts_error *error = &stream->call.error;
    switch (stream->route->handler->next(&stream->stream, &message, error)) {
    case STREAM_SEND:
        send(stream, &message);
        break;
    case STREAM_WAIT:
        break;
    case STREAM_RECEIVE:
        receive(stream);
        break;
    case STREAM_END:
        finish(stream, error->status);
        break;
    }
}

static struct rpc_stream *stream_of(struct stream *stream)
{
    return (struct rpc_stream *)((char *)stream - offsetof(struct rpc_stream, stream));
}

static void resume(struct stream *stream)
{
    drive(stream_of(stream));
}

/* A source of a duplex stream has room again. */
static void take_more(struct stream *source)
{
    struct rpc_stream *stream = stream_of(source);
    enum reception was = RECEPTION_IDLE;
    if (atomic_compare_exchange_strong(&stream->reception, &was, RECEPTION_ASKED))
        receive(stream);
    else if (was == RECEPTION_ASKED)
        (void)atomic_compare_exchange_strong(&stream->reception, &was, RECEPTION_ASKED_AGAIN);
}

static void cut(struct stream *stream, const struct cpts_error *error)
{
    (void)grpc_call_cancel_with_status(stream_of(stream)->incoming.call,
                                       (grpc_status_code)error->status, error->message, NULL);
}

/* Draining. */

/* Ends one stream, under the mutex, so that it cannot be released meanwhile.
 * One that waits for its client could not be told anything in order: it is cut. */
static void drain_one(struct rpc_stream *stream)
{
    const struct stream_handler *handler = stream->route->handler;
    struct cpts_error error;
    if (stream->has_begun && handler->withdraw(&stream->stream, STREAM_IS_DRAINING)) {
        drive(stream);
    } else if (!stream->has_begun || handler->receive != NULL) {
        (void)error_set(&error, REASON_SHUTTING_DOWN, "the node stops");
        cut(&stream->stream, &error);
    }
}

void streams_drain(struct open_streams *streams)
{
    struct rpc_stream *stream;
    pthread_mutex_lock(&streams->mutex);
    streams->is_draining = true;
    TAILQ_FOREACH(stream, &streams->list, link)
    drain_one(stream);
    pthread_mutex_unlock(&streams->mutex);
}

/* Beginning. */

/* From here on it is told what happens to it; what has happened until then it is
 * told now, for nobody else will. */
static void set_begun(struct rpc_stream *stream)
{
    struct open_streams *streams = &stream->transport->streams;
    pthread_mutex_lock(&streams->mutex);
    stream->has_begun = true;
    bool is_gone = stream->is_closed;
    bool is_draining = streams->is_draining;
    pthread_mutex_unlock(&streams->mutex);
    if (is_gone)
        (void)stream->route->handler->withdraw(&stream->stream, STREAM_IS_GONE);
    else if (is_draining)
        (void)stream->route->handler->withdraw(&stream->stream, STREAM_IS_DRAINING);
}

/* Notes that the client's side is over. @return whether the stream had begun. */
static bool set_closed(struct rpc_stream *stream)
{
    struct open_streams *streams = &stream->transport->streams;
    pthread_mutex_lock(&streams->mutex);
    stream->is_closed = true;
    bool has_begun = stream->has_begun;
    pthread_mutex_unlock(&streams->mutex);
    return has_begun;
}

/* Releases the client's message. */
static void drop_message(struct rpc_stream *stream)
{
    grpc_byte_buffer_destroy(stream->message.payload);
    grpc_slice_unref(stream->message.joined);
    stream->message = (struct incoming_message){.joined = grpc_empty_slice()};
}

/* The answer of a duplex source to a message: asks for the next one, or leaves that to
 * take_more(), which may have come already. */
static void go_on_receiving(struct rpc_stream *stream, bool has_room)
{
    enum reception was = RECEPTION_ASKED;
    if (!has_room && atomic_compare_exchange_strong(&stream->reception, &was, RECEPTION_IDLE))
        return;
    receive(stream);
}

/* Hands a message over to a duplex source. */
static void hear(struct rpc_stream *stream, const struct cpts_error *why)
{
    const struct stream_handler *handler = stream->route->handler;
    const uint8_t *bytes = why == NULL ? stream->message.bytes : NULL;
    bool has_room = handler->take(&stream->stream, bytes, stream->message.byte_count, why);
    bool is_last = bytes == NULL;
    drop_message(stream);
    if (is_last)
        atomic_store(&stream->reception, RECEPTION_OVER);
    else
        go_on_receiving(stream, has_room);
}

/* Hands the message over to the source, or ends the stream. */
static void deliver(struct rpc_stream *stream)
{
    struct call *call = &stream->call;
    const struct stream_handler *handler = stream->route->handler;
    cpts_status status = CPTS_OK;
    if (is_duplex(stream)) {
        hear(stream, NULL);
        drive(stream);
        return;
    }
    if (handler->receive != NULL)
        status = handler->receive(&stream->stream, call->request_bytes, call->request_byte_count,
                                  &call->error);
    drop_message(stream);
    if (status == CPTS_OK)
        drive(stream);
    else
        finish(stream, status);
}

/* call->reply: the request was looked at. On the completion-queue thread, or on the
 * lane's where a stream begins with a statement. */
static void begun(struct call *call, cpts_status status)
{
    struct rpc_stream *stream = call->transport;
    arena_free(call->arena); /* the others wait for the completion queue's thread alone */
    call->arena = NULL;
    if (status != CPTS_OK) {
        atomic_store(&stream->reception, RECEPTION_IDLE);
        finish(stream, status);
        return;
    }
    stream->stream.state = call->state;
    set_begun(stream);
    deliver(stream);
}

static cpts_status read_message(struct rpc_stream *stream, struct cpts_error *err)
{
    int32_t own_max = stream->route->handler->message_bytes_max;
    int byte_count_max = own_max != 0 ? own_max : stream->transport->options->limits.message_bytes;
    return admission_read(&stream->message, byte_count_max, err);
}

static cpts_status admit(struct rpc_stream *stream)
{
    struct call *call = &stream->call;
    struct open_streams *streams = &stream->transport->streams;
    const struct rpc_options *options = stream->transport->options;
    pthread_mutex_lock(&streams->mutex);
    bool is_draining = streams->is_draining;
    bool are_too_many = streams->count > options->limits.streams;
    pthread_mutex_unlock(&streams->mutex);
    if (is_draining)
        return error_set(&call->error, REASON_SHUTTING_DOWN, "the node stops");
    if (are_too_many)
        return error_set(&call->error, REASON_TOO_MANY_STREAMS, "%d streams are open already",
                         options->limits.streams);
    if (call->arena == NULL)
        return error_set(&call->error, REASON_OUT_OF_MEMORY, "No memory for another stream");
    cpts_status status = read_message(stream, &call->error);
    call->request_bytes = stream->message.bytes;
    call->request_byte_count = stream->message.byte_count;
    if (status == CPTS_OK && stream->route->kind == ROUTE_SERVICE)
        return admission_certified(stream->transport, stream->incoming.call, call);
    if (status != CPTS_OK)
        return status;
    return admission_identify(stream->transport, stream->incoming.call, call);
}

/* The first message. */
static void begin(struct rpc_stream *stream)
{
    struct call *call = &stream->call;
    const struct rpc_options *options = stream->transport->options;
    call->arena = transport_arena_take(stream->transport);
    call->method = stream->route->method;
    call->deadline_ns = INT64_MAX;
    stream->identified_ns = clock_monotonic_ns();
    cpts_status status = admit(stream);
    if (status == CPTS_OK && stream->route->kind == ROUTE_STREAM) {
        options->dispatch(call, options->context);
        return;
    }
    if (status == CPTS_OK)
        status = stream->route->begin(stream->route->context, call);
    begun(call, status);
}

/* Asks again who the client is: a stream outlives what it was allowed for. */
static cpts_status identify_again(struct rpc_stream *stream)
{
    struct call *call = &stream->call;
    int64_t now_ns = clock_monotonic_ns();
    if (stream->route->kind != ROUTE_STREAM || now_ns - stream->identified_ns < IDENTITY_AGE_MAX_NS)
        return CPTS_OK;
    stream->identified_ns = now_ns;
    cpts_status status = admission_identify(stream->transport, stream->incoming.call, call);
    if (status == CPTS_OK && (call->principal.roles & call->method->roles) == 0)
        status = error_set(&call->error, REASON_ROLE_NOT_ALLOWED,
                           "none of your roles may call this method any more");
    return status;
}

/* Events, on the completion-queue thread. */

/* A duplex source has its own half of the stream meanwhile: it is told, and ends it. */
static void on_heard(struct rpc_stream *stream, bool is_message)
{
    struct cpts_error error = {0};
    if (is_message && read_message(stream, &error) != CPTS_OK)
        hear(stream, &error);
    else
        hear(stream, NULL);
}

/* A further message of a client that is waited for. */
static void on_answered(struct rpc_stream *stream, bool is_message)
{
    struct call *call = &stream->call;
    if (!is_message) { /* the client has said everything, or is gone */
        finish(stream, CPTS_OK);
        return;
    }
    cpts_status status = read_message(stream, &call->error);
    call->request_bytes = stream->message.bytes;
    call->request_byte_count = stream->message.byte_count;
    if (status == CPTS_OK)
        deliver(stream);
    else
        finish(stream, status);
}

static void on_received(void *owner, bool success)
{
    struct rpc_stream *stream = owner;
    bool is_message = success && stream->message.payload != NULL;
    if (!is_duplex(stream))
        atomic_store(&stream->reception, RECEPTION_IDLE);
    if (stream->has_begun && is_duplex(stream))
        on_heard(stream, is_message);
    else if (stream->has_begun)
        on_answered(stream, is_message);
    else
        begin(stream);
    release_if_over(stream);
}

static void on_sent(void *owner, bool success)
{
    struct rpc_stream *stream = owner;
    grpc_byte_buffer_destroy(stream->sending);
    stream->sending = NULL;
    if (stream->is_last) {
        stream->has_ended = true;
        release_if_over(stream);
    } else if (!success) {
        finish(stream, CPTS_CANCELLED);
    } else {
        cpts_status status = stream->is_held_back ? CPTS_OK : identify_again(stream);
        if (status == CPTS_OK)
            drive(stream);
        else
            finish(stream, status);
    }
}

static void on_closed(void *owner, bool success)
{
    struct rpc_stream *stream = owner;
    (void)success;
    if (set_closed(stream) && stream->route->handler->withdraw(&stream->stream, STREAM_IS_GONE))
        drive(stream);
    release_if_over(stream);
}

static void on_opened(void *owner, bool success)
{
    struct rpc_stream *stream = owner;
    struct transport *transport = stream->transport;
    stream->route->posted_count--;
    if (!success) { /* the server is shutting down */
        transport->outstanding_count--;
        free(stream);
        return;
    }
    (void)stream_post(transport, stream->route);
    pthread_mutex_lock(&transport->streams.mutex);
    TAILQ_INSERT_TAIL(&transport->streams.list, stream, link);
    transport->streams.count++;
    pthread_mutex_unlock(&transport->streams.mutex);
    grpc_op op = {.op = GRPC_OP_RECV_CLOSE_ON_SERVER};
    op.data.recv_close_on_server.cancelled = &stream->was_cancelled;
    rpc_start_batch(stream->incoming.call, &op, 1, &stream->closed);
    receive(stream);
}

/* Life. */

bool stream_post(struct transport *transport, struct route *route)
{
    struct rpc_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return false;
    stream->transport = transport;
    stream->route = route;
    stream->call.transport = stream;
    stream->call.reply = begun;
    stream->stream.resume = resume;
    stream->stream.cut = cut;
    stream->opened = (struct completion){on_opened, stream};
    stream->closed = (struct completion){on_closed, stream};
    stream->received = (struct completion){on_received, stream};
    stream->sent = (struct completion){on_sent, stream};
    grpc_metadata_array_init(&stream->incoming.metadata);
    stream->message.joined = grpc_empty_slice();
    stream->stream.take_more = take_more;
    ending_init(&stream->ending);
    route->posted_count++;
    transport->outstanding_count++;
    rpc_request_stream(transport->core, route->registered, &stream->incoming, transport->queue,
                       &stream->opened);
    return true;
}

/* @return false while a message is waited for: its event comes. */
static bool stop_receiving(struct rpc_stream *stream)
{
    enum reception was = RECEPTION_IDLE;
    return atomic_compare_exchange_strong(&stream->reception, &was, RECEPTION_OVER) ||
           was == RECEPTION_OVER;
}

static void release_if_over(struct rpc_stream *stream)
{
    struct transport *transport = stream->transport;
    struct route *route = stream->route;
    if (!stream->is_closed || !stream->has_ended || !stop_receiving(stream))
        return;
    /* First, so that nobody who drains asks a source that is released. */
    pthread_mutex_lock(&transport->streams.mutex);
    TAILQ_REMOVE(&transport->streams.list, stream, link);
    transport->streams.count--;
    pthread_mutex_unlock(&transport->streams.mutex);
    if (stream->has_begun)
        route->handler->end(&stream->stream);
    drop_message(stream);
    ending_clear(&stream->ending);
    grpc_metadata_array_destroy(&stream->incoming.metadata);
    grpc_call_unref(stream->incoming.call);
    free(stream);
    transport->outstanding_count--;
    if (route->posted_count < transport->options->limits.requests_posted)
        (void)stream_post(transport, route);
}
