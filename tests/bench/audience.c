/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/audience.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000LL
#define BEGIN_OPS 4

/* A subscriber's tags are its address and one of these; those of others are
 * addresses outside of the array. */
enum part { PART_BEGIN, PART_MESSAGE, PART_STATUS, PART_COUNT };

struct subscriber {
    /* First: their addresses are the tags. */
    char parts[PART_COUNT];
    grpc_channel *channel;
    grpc_call *call;
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_byte_buffer *message;
    grpc_status_code status;
    grpc_slice sentence;
    int under_way;
    int64_t heard_count;
    bool has_left;
};

static void start(struct subscriber *subscriber, grpc_op *ops, size_t count, enum part part)
{
    if (grpc_call_start_batch(subscriber->call, ops, count, &subscriber->parts[part], NULL) !=
        GRPC_CALL_OK)
        abort();
    subscriber->under_way++;
}

static void listen(struct subscriber *subscriber)
{
    grpc_op op;
    memset(&op, 0, sizeof op);
    op.op = GRPC_OP_RECV_MESSAGE;
    op.data.recv_message.recv_message = &subscriber->message;
    start(subscriber, &op, 1, PART_MESSAGE);
}

static void await_end(struct subscriber *subscriber)
{
    grpc_op op;
    memset(&op, 0, sizeof op);
    op.op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    op.data.recv_status_on_client.trailing_metadata = &subscriber->trailing_metadata;
    op.data.recv_status_on_client.status = &subscriber->status;
    op.data.recv_status_on_client.status_details = &subscriber->sentence;
    start(subscriber, &op, 1, PART_STATUS);
}

static void subscribe(struct audience *audience, struct subscriber *subscriber)
{
    const struct audience_options *options = audience->options;
    grpc_slice bytes =
        grpc_slice_from_copied_buffer((const char *)options->request, options->request_bytes);
    grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&bytes, 1);
    grpc_slice_unref(bytes);
    subscriber->call =
        grpc_channel_create_call(subscriber->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                 audience->queue, grpc_slice_from_static_string(options->method),
                                 NULL, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    grpc_op ops[BEGIN_OPS];
    memset(ops, 0, sizeof ops);
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[1].op = GRPC_OP_SEND_MESSAGE;
    ops[1].data.send_message.send_message = request;
    ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    ops[3].op = GRPC_OP_RECV_INITIAL_METADATA;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &subscriber->initial_metadata;
    subscriber->heard_count = 0;
    subscriber->has_left = false;
    audience->open_count++;
    start(subscriber, ops, BEGIN_OPS, PART_BEGIN);
    grpc_byte_buffer_destroy(request);
    await_end(subscriber);
    listen(subscriber);
}

static void leave(struct subscriber *subscriber)
{
    subscriber->has_left = true;
    grpc_call_cancel(subscriber->call, NULL);
}

static void note_end(struct audience *audience, const struct subscriber *subscriber)
{
    if (subscriber->has_left || audience->ended_count++ > 0)
        return;
    int length = (int)GRPC_SLICE_LENGTH(subscriber->sentence);
    snprintf(audience->first_end, sizeof audience->first_end, "status %d: %.*s", subscriber->status,
             length > 150 ? 150 : length, (const char *)GRPC_SLICE_START_PTR(subscriber->sentence));
}

/* The stream is over and all its batches came back. */
static void end(struct audience *audience, struct subscriber *subscriber)
{
    bool wants_more = subscriber->has_left;
    note_end(audience, subscriber);
    grpc_slice_unref(subscriber->sentence);
    subscriber->initial_metadata.count = 0;
    subscriber->trailing_metadata.count = 0;
    grpc_call_unref(subscriber->call);
    subscriber->call = NULL;
    audience->open_count--;
    if (wants_more && !audience->is_leaving)
        subscribe(audience, subscriber);
}

static enum audience_news hear(struct audience *audience, struct subscriber *subscriber)
{
    grpc_byte_buffer *message = subscriber->message;
    subscriber->message = NULL;
    if (message == NULL || subscriber->has_left) {
        grpc_byte_buffer_destroy(message);
        return AUDIENCE_OTHER;
    }
    grpc_slice bytes = message->data.raw.slice_buffer.slices[0];
    bool is_change =
        GRPC_SLICE_LENGTH(bytes) > 0 && GRPC_SLICE_START_PTR(bytes)[0] == AUDIENCE_CHANGE;
    audience->byte_count += (int64_t)grpc_byte_buffer_length(message);
    grpc_byte_buffer_destroy(message);
    audience->change_count += is_change ? 1 : 0;
    audience->bookmark_count += is_change ? 0 : 1;
    subscriber->heard_count++;
    if (subscriber->heard_count == audience->options->messages_each)
        leave(subscriber);
    else
        listen(subscriber);
    return is_change ? AUDIENCE_HEARD_CHANGE : AUDIENCE_HEARD_BOOKMARK;
}

bool audience_next(struct audience *audience, int64_t until_ns, enum audience_news *ret_news,
                   void **ret_other)
{
    gpr_timespec until = {until_ns / NS_PER_S, (int32_t)(until_ns % NS_PER_S), GPR_CLOCK_MONOTONIC};
    grpc_event event = grpc_completion_queue_next(audience->queue, until, NULL);
    *ret_news = AUDIENCE_OTHER;
    if (event.type != GRPC_OP_COMPLETE)
        return false;
    char *first = (char *)audience->subscribers;
    char *tag = event.tag;
    size_t size = (size_t)audience->options->subscriber_count * sizeof *audience->subscribers;
    if (tag < first || tag >= first + size) {
        *ret_other = event.tag;
        return true;
    }
    size_t offset = (size_t)(tag - first);
    struct subscriber *subscriber = &audience->subscribers[offset / sizeof *subscriber];
    subscriber->under_way--;
    if (offset % sizeof *subscriber == PART_MESSAGE)
        *ret_news = hear(audience, subscriber);
    if (subscriber->under_way == 0)
        end(audience, subscriber);
    return true;
}

bool audience_init(struct audience *audience, const struct audience_options *options)
{
    *audience = (struct audience){.options = options};
    audience->queue = grpc_completion_queue_create_for_next(NULL);
    audience->channels = calloc((size_t)options->channel_count, sizeof(grpc_channel *));
    audience->subscribers =
        calloc((size_t)options->subscriber_count, sizeof *audience->subscribers);
    if (audience->channels == NULL || audience->subscribers == NULL)
        return false;
    for (int i = 0; i < options->channel_count; i++) {
        audience->channels[i] = endpoint_connect(&options->endpoint);
        if (audience->channels[i] == NULL)
            return false;
    }
    for (int i = 0; i < options->subscriber_count; i++) {
        struct subscriber *subscriber = &audience->subscribers[i];
        subscriber->channel = audience->channels[i % options->channel_count];
        grpc_metadata_array_init(&subscriber->initial_metadata);
        grpc_metadata_array_init(&subscriber->trailing_metadata);
        subscribe(audience, subscriber);
    }
    return true;
}

void audience_done(struct audience *audience)
{
    const struct audience_options *options = audience->options;
    enum audience_news news = AUDIENCE_OTHER;
    void *other = NULL;
    audience->is_leaving = true;
    for (int i = 0; i < options->subscriber_count; i++) {
        if (audience->subscribers[i].call != NULL)
            leave(&audience->subscribers[i]);
    }
    while (audience->open_count > 0)
        audience_next(audience, INT64_MAX, &news, &other);
    for (int i = 0; i < options->subscriber_count; i++) {
        grpc_metadata_array_destroy(&audience->subscribers[i].initial_metadata);
        grpc_metadata_array_destroy(&audience->subscribers[i].trailing_metadata);
    }
    for (int i = 0; i < options->channel_count; i++)
        grpc_channel_destroy(audience->channels[i]);
    free(audience->channels);
    free(audience->subscribers);
    grpc_completion_queue_shutdown(audience->queue);
    while (grpc_completion_queue_next(audience->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL)
               .type != GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(audience->queue);
}
