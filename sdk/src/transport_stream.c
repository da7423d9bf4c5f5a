/* SPDX-License-Identifier: Apache-2.0 */
#include "transport_stream.h"

#include <grpc/byte_buffer.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "transport_core.h"

#define OPEN_OPS 4

struct transport_stream {
    const struct transport *transport;
    grpc_call *call;
    grpc_byte_buffer *request;
    grpc_metadata_array headers;
    struct transport_ending ending;
    /* The message asked for; NULL until it has come out, and at the end. */
    grpc_byte_buffer *message;
    bool is_sent;
    bool has_message;
    /* Batches that have not come out. */
    atomic_int pending;
    void *owner;
};

struct transport_stream *cpts_transport__stream_new(struct transport_queue *queue,
                                                    const struct transport_call *call, void *owner)
{
    struct transport_stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL)
        return NULL;
    grpc_slice bytes = call->body->bytes;
    atomic_init(&stream->pending, 0);
    grpc_metadata_array_init(&stream->headers);
    cpts_transport__ending_init(&stream->ending);
    stream->transport = queue->transport;
    stream->request = grpc_raw_byte_buffer_create(&bytes, 1);
    stream->call = cpts_transport__call_new(queue->transport, queue->core, call);
    stream->owner = owner;
    return stream;
}

static bool start_read(struct transport_stream *stream)
{
    grpc_op op = {.op = GRPC_OP_RECV_MESSAGE};
    op.data.recv_message.recv_message = &stream->message;
    atomic_fetch_add(&stream->pending, 1);
    if (cpts_transport__start_batch(stream->call, &op, 1,
                                    cpts_transport__tag(stream, TAG_STREAM_MESSAGE)))
        return true;
    atomic_fetch_sub(&stream->pending, 1);
    return false;
}

void cpts_transport__stream_read(struct transport_stream *stream)
{
    if (!start_read(stream))
        grpc_call_cancel(stream->call, NULL);
}

bool cpts_transport__stream_start(struct transport_stream *stream)
{
    grpc_op open[OPEN_OPS] = {{.op = GRPC_OP_SEND_INITIAL_METADATA},
                              {.op = GRPC_OP_SEND_MESSAGE},
                              {.op = GRPC_OP_SEND_CLOSE_FROM_CLIENT},
                              {.op = GRPC_OP_RECV_INITIAL_METADATA}};
    open[1].data.send_message.send_message = stream->request;
    open[3].data.recv_initial_metadata.recv_initial_metadata = &stream->headers;
    grpc_op status = cpts_transport__ending_op(&stream->ending);
    atomic_store(&stream->pending, 1);
    if (!cpts_transport__start_batch(stream->call, &status, 1,
                                     cpts_transport__tag(stream, TAG_STREAM_STATUS)))
        return false;
    atomic_fetch_add(&stream->pending, 1);
    if (cpts_transport__start_batch(stream->call, open, OPEN_OPS,
                                    cpts_transport__tag(stream, TAG_STREAM_OPENED))) {
        cpts_transport__stream_read(stream);
    } else {
        atomic_fetch_sub(&stream->pending, 1);
        grpc_call_cancel(stream->call, NULL);
    }
    return true;
}

void cpts_transport__stream_cancel(struct transport_stream *stream)
{
    grpc_call_cancel(stream->call, NULL);
}

void *cpts_transport__stream_batch(void *stream, enum transport_tag kind, bool is_success)
{
    struct transport_stream *own = stream;
    void *owner = own->owner;
    if (kind == TAG_STREAM_OPENED)
        own->is_sent = is_success;
    if (kind == TAG_STREAM_MESSAGE)
        own->has_message = own->message != NULL;
    atomic_fetch_sub(&own->pending, 1);
    return owner;
}

bool cpts_transport__stream_take(struct transport_stream *stream, uint8_t **ret_bytes,
                                 size_t *ret_byte_count)
{
    if (!stream->has_message)
        return false;
    *ret_bytes = NULL;
    *ret_byte_count = 0;
    (void)cpts_transport__copy(stream->message, ret_bytes, ret_byte_count);
    grpc_byte_buffer_destroy(stream->message);
    stream->message = NULL;
    stream->has_message = false;
    return true;
}

bool cpts_transport__stream_is_over(const struct transport_stream *stream)
{
    return atomic_load(&stream->pending) == 0;
}

cpts_status cpts_transport__stream_end(struct transport_stream *stream,
                                       struct transport_reply *ret_reply, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    memset(ret_reply, 0, sizeof *ret_reply);
    cpts_transport__peer(stream->call, ret_reply->peer);
    ret_reply->is_sent = stream->is_sent;
    if (stream->ending.status != GRPC_STATUS_OK)
        status = cpts_transport__ending_failure(&stream->ending, stream->transport,
                                                &ret_reply->is_verdict, err);
    cpts_transport__stream_discard(stream);
    return status;
}

void cpts_transport__stream_discard(struct transport_stream *stream)
{
    grpc_metadata_array_destroy(&stream->headers);
    cpts_transport__ending_done(&stream->ending);
    grpc_byte_buffer_destroy(stream->request);
    if (stream->message != NULL)
        grpc_byte_buffer_destroy(stream->message);
    grpc_call_unref(stream->call);
    free(stream);
}
