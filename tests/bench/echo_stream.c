/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/echo_stream.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <stdlib.h>
#include <string.h>

#define STREAMS 64

enum part { PART_BEGUN, PART_SENT, PART_CLOSED, PART_COUNT };

struct stream {
    /* First: their addresses are the tags. */
    char parts[PART_COUNT];
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    grpc_byte_buffer *request;
    grpc_slice bytes;
    grpc_byte_buffer *message;
    int was_cancelled;
    int under_way;
    bool has_begun;
};

static struct stream streams[STREAMS];
static grpc_server *host;
static grpc_completion_queue *events;
static void *method;

static void post(struct stream *stream)
{
    stream->metadata.count = 0;
    stream->under_way = 1;
    stream->has_begun = false;
    if (grpc_server_request_registered_call(host, method, &stream->call, &stream->deadline,
                                            &stream->metadata, &stream->request, events, events,
                                            &stream->parts[PART_BEGUN]) != GRPC_CALL_OK)
        abort();
}

static void start(struct stream *stream, grpc_op *ops, size_t count, enum part part)
{
    if (grpc_call_start_batch(stream->call, ops, count, &stream->parts[part], NULL) != GRPC_CALL_OK)
        abort();
    stream->under_way++;
}

/* The first message leaves at once, those after it when the core sees fit. */
static void send(struct stream *stream)
{
    grpc_op ops[2];
    size_t count = 0;
    memset(ops, 0, sizeof ops);
    stream->message = grpc_raw_byte_buffer_create(&stream->bytes, 1);
    if (!stream->has_begun)
        ops[count++].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[count].op = GRPC_OP_SEND_MESSAGE;
    ops[count].flags = stream->has_begun ? GRPC_WRITE_BUFFER_HINT : 0;
    ops[count++].data.send_message.send_message = stream->message;
    stream->has_begun = true;
    start(stream, ops, count, PART_SENT);
}

static void begin(struct stream *stream)
{
    grpc_op op;
    memset(&op, 0, sizeof op);
    op.op = GRPC_OP_RECV_CLOSE_ON_SERVER;
    op.data.recv_close_on_server.cancelled = &stream->was_cancelled;
    start(stream, &op, 1, PART_CLOSED);
    stream->bytes = grpc_slice_ref(stream->request->data.raw.slice_buffer.slices[0]);
    send(stream);
}

void echo_stream_register(grpc_server *server)
{
    method = grpc_server_register_method(server, ECHO_STREAM_METHOD, NULL,
                                         GRPC_SRM_PAYLOAD_READ_INITIAL_BYTE_BUFFER, 0);
}

void echo_stream_post(grpc_server *server, grpc_completion_queue *queue)
{
    host = server;
    events = queue;
    for (int i = 0; i < STREAMS; i++) {
        grpc_metadata_array_init(&streams[i].metadata);
        post(&streams[i]);
    }
}

static void end(struct stream *stream)
{
    grpc_byte_buffer_destroy(stream->request);
    grpc_slice_unref(stream->bytes);
    grpc_call_unref(stream->call);
    post(stream);
}

bool echo_stream_take(void *tag, bool is_success)
{
    char *first = (char *)streams;
    char *address = tag;
    if (address < first || address >= first + sizeof streams)
        return false;
    size_t offset = (size_t)(address - first);
    size_t part = offset % sizeof(struct stream);
    struct stream *stream = &streams[offset / sizeof *stream];
    stream->under_way--;
    if (part == PART_SENT)
        grpc_byte_buffer_destroy(stream->message);
    if (part == PART_BEGUN && is_success)
        begin(stream);
    else if (part == PART_SENT && is_success)
        send(stream);
    if (stream->under_way == 0)
        end(stream);
    return true;
}
