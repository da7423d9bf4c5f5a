/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/load.h"

#include <grpc/byte_buffer.h>
#include <grpc/grpc.h>
#include <grpc/support/alloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S 1000000000LL
#define CALL_DEADLINE_S 20
#define OPS 6

struct channel {
    grpc_channel *core;
    void *method;
};

/* One call in flight, used again when it was answered. */
struct slot {
    struct channel *channel;
    grpc_call *call;
    grpc_metadata_array initial_metadata;
    grpc_metadata_array trailing_metadata;
    grpc_byte_buffer *response;
    grpc_status_code status;
    grpc_slice message;
    int64_t start_ns;
};

struct load {
    const struct load_options *options;
    const struct work *work;
    struct load_result *result;
    grpc_completion_queue *queue;
    struct channel *channels;
    struct slot *slots;
    int in_flight;
    int64_t count_from_ns;
    int64_t end_ns;
};

static gpr_timespec seconds_from_now(int seconds)
{
    return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC), gpr_time_from_seconds(seconds, GPR_TIMESPAN));
}

static void fill_ops(struct slot *slot, grpc_byte_buffer *request, grpc_op ops[OPS])
{
    memset(ops, 0, OPS * sizeof ops[0]);
    ops[0].op = GRPC_OP_SEND_INITIAL_METADATA;
    ops[1].op = GRPC_OP_SEND_MESSAGE;
    ops[1].data.send_message.send_message = request;
    ops[2].op = GRPC_OP_SEND_CLOSE_FROM_CLIENT;
    ops[3].op = GRPC_OP_RECV_INITIAL_METADATA;
    ops[3].data.recv_initial_metadata.recv_initial_metadata = &slot->initial_metadata;
    ops[4].op = GRPC_OP_RECV_MESSAGE;
    ops[4].data.recv_message.recv_message = &slot->response;
    ops[5].op = GRPC_OP_RECV_STATUS_ON_CLIENT;
    ops[5].data.recv_status_on_client.trailing_metadata = &slot->trailing_metadata;
    ops[5].data.recv_status_on_client.status = &slot->status;
    ops[5].data.recv_status_on_client.status_details = &slot->message;
}

/* Starts the next request, unless there is none. */
static void call_start(struct load *load, struct slot *slot, int64_t start_ns)
{
    uint8_t bytes[WORK_REQUEST_BYTES];
    ptrdiff_t byte_count = load->work->pack(load->work, load->result->next_number, bytes);
    if (byte_count < 0) {
        load->result->ran_out = true;
        return;
    }
    load->result->next_number++;
    grpc_slice slice = grpc_slice_from_copied_buffer((const char *)bytes, (size_t)byte_count);
    grpc_byte_buffer *request = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    slot->call = grpc_channel_create_registered_call(
        slot->channel->core, NULL, GRPC_PROPAGATE_DEFAULTS, load->queue, slot->channel->method,
        seconds_from_now(CALL_DEADLINE_S), NULL);
    slot->start_ns = start_ns;
    grpc_op ops[OPS];
    fill_ops(slot, request, ops);
    if (grpc_call_start_batch(slot->call, ops, OPS, slot, NULL) != GRPC_CALL_OK)
        abort();
    grpc_byte_buffer_destroy(request);
    load->in_flight++;
}

static void note_failure(struct load_result *result, const struct slot *slot)
{
    if (result->failed_count++ > 0)
        return;
    int length = (int)GRPC_SLICE_LENGTH(slot->message);
    snprintf(result->first_failure, sizeof result->first_failure, "status %d: %.*s", slot->status,
             length > 150 ? 150 : length, (const char *)GRPC_SLICE_START_PTR(slot->message));
}

static void call_end(struct load *load, struct slot *slot, int64_t end_ns)
{
    load->in_flight--;
    if (slot->status != GRPC_STATUS_OK) {
        note_failure(load->result, slot);
    } else if (end_ns >= load->count_from_ns && end_ns < load->end_ns) {
        histogram_add(&load->result->latency, end_ns - slot->start_ns);
        load->result->per_second[(end_ns - load->count_from_ns) / NS_PER_S]++;
    }
    grpc_byte_buffer_destroy(slot->response);
    slot->response = NULL;
    grpc_slice_unref(slot->message);
    slot->initial_metadata.count = 0;
    slot->trailing_metadata.count = 0;
    grpc_call_unref(slot->call);
}

static void run(struct load *load)
{
    const struct load_options *options = load->options;
    int slot_count = options->channel_count * options->calls_per_channel;
    int64_t start_ns = endpoint_now_ns();
    load->count_from_ns = start_ns + (int64_t)(options->warmup_s * NS_PER_S);
    load->end_ns = load->count_from_ns + (int64_t)(options->duration_s * NS_PER_S);
    for (int i = 0; i < slot_count; i++)
        call_start(load, &load->slots[i], start_ns);
    while (load->in_flight > 0) {
        grpc_event event =
            grpc_completion_queue_next(load->queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
        int64_t moment_ns = endpoint_now_ns();
        call_end(load, event.tag, moment_ns);
        if (moment_ns < load->end_ns)
            call_start(load, event.tag, moment_ns);
    }
    load->result->duration_s = options->duration_s;
}

static bool connect_all(struct load *load)
{
    const struct load_options *options = load->options;
    size_t slot_count = (size_t)options->channel_count * (size_t)options->calls_per_channel;
    load->channels = calloc((size_t)options->channel_count, sizeof *load->channels);
    load->slots = calloc(slot_count, sizeof *load->slots);
    if (load->channels == NULL || load->slots == NULL)
        return false;
    for (int i = 0; i < options->channel_count; i++) {
        struct channel *channel = &load->channels[i];
        channel->core = endpoint_connect(&options->endpoint);
        if (channel->core == NULL)
            return false;
        channel->method = grpc_channel_register_call(channel->core, load->work->method, NULL, NULL);
    }
    for (int i = 0; i < options->channel_count * options->calls_per_channel; i++) {
        load->slots[i].channel = &load->channels[i % options->channel_count];
        grpc_metadata_array_init(&load->slots[i].initial_metadata);
        grpc_metadata_array_init(&load->slots[i].trailing_metadata);
    }
    return true;
}

bool load_run(const struct load_options *options, const struct work *work,
              struct load_result *ret_result)
{
    struct load load = {.options = options, .work = work, .result = ret_result};
    ret_result->next_number = options->first_number;
    grpc_init();
    load.queue = grpc_completion_queue_create_for_next(NULL);
    if (!connect_all(&load))
        return false;
    run(&load);
    for (int i = 0; i < options->channel_count; i++)
        grpc_channel_destroy(load.channels[i].core);
    for (int i = 0; i < options->channel_count * options->calls_per_channel; i++) {
        grpc_metadata_array_destroy(&load.slots[i].initial_metadata);
        grpc_metadata_array_destroy(&load.slots[i].trailing_metadata);
    }
    free(load.channels);
    free(load.slots);
    grpc_completion_queue_shutdown(load.queue);
    while (grpc_completion_queue_next(load.queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL).type !=
           GRPC_QUEUE_SHUTDOWN) {
    }
    grpc_completion_queue_destroy(load.queue);
    grpc_shutdown();
    return true;
}
