/* SPDX-License-Identifier: Apache-2.0 */
#include "transport_core.h"

#include <grpc/byte_buffer_reader.h>
#include <grpc/support/alloc.h>
#include <grpc/support/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

#define DETAILS_KEY "grpc-status-details-bin"

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

bool cpts_transport__start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, void *tag)
{
    if (tag != NULL)
        __tsan_release(tag);
    return grpc_call_start_batch(call, ops, op_count, tag, NULL) == GRPC_CALL_OK;
}

grpc_event cpts_transport__pluck(grpc_completion_queue *queue, void *tag)
{
    grpc_event event =
        grpc_completion_queue_pluck(queue, tag, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    if (event.type == GRPC_OP_COMPLETE)
        __tsan_acquire(tag);
    return event;
}

grpc_event cpts_transport__next(grpc_completion_queue *queue, gpr_timespec deadline)
{
    grpc_event event = grpc_completion_queue_next(queue, deadline, NULL);
    if (event.type == GRPC_OP_COMPLETE && event.tag != NULL)
        __tsan_acquire(event.tag);
    return event;
}

grpc_call *cpts_transport__call_new(const struct transport *transport, grpc_completion_queue *queue,
                                    const struct transport_call *call)
{
    const char *path = call->path == NULL ? cpts_operation__path(call->operation) : call->path;
    gpr_timespec deadline = gpr_inf_future(GPR_CLOCK_MONOTONIC);
    if (call->timeout_ms != TRANSPORT_NO_TIMEOUT)
        deadline = gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                                gpr_time_from_millis(call->timeout_ms, GPR_TIMESPAN));
    /* The call takes a reference of its own. */
    grpc_slice method = grpc_slice_from_copied_string(path);
    grpc_call *made = grpc_channel_create_call(transport->channel, NULL, GRPC_PROPAGATE_DEFAULTS,
                                               queue, method, NULL, deadline, NULL);
    grpc_slice_unref(method);
    return made;
}

void cpts_transport__peer(grpc_call *call, char ret_peer[TRANSPORT_PEER_BYTES])
{
    char *peer = grpc_call_get_peer(call);
    snprintf(ret_peer, TRANSPORT_PEER_BYTES, "%s", peer);
    gpr_free(peer);
}

bool cpts_transport__copy(grpc_byte_buffer *message, uint8_t **ret_bytes, size_t *ret_byte_count)
{
    grpc_byte_buffer_reader reader;
    if (message == NULL || !grpc_byte_buffer_reader_init(&reader, message))
        return false;
    grpc_slice slice = grpc_byte_buffer_reader_readall(&reader);
    grpc_byte_buffer_reader_destroy(&reader);
    size_t byte_count = GRPC_SLICE_LENGTH(slice);
    uint8_t *bytes = malloc(byte_count + 1);
    if (bytes != NULL) {
        memcpy(bytes, GRPC_SLICE_START_PTR(slice), byte_count);
        *ret_bytes = bytes;
        *ret_byte_count = byte_count;
    }
    grpc_slice_unref(slice);
    return bytes != NULL;
}

void cpts_transport__ending_init(struct transport_ending *ending)
{
    grpc_metadata_array_init(&ending->trailers);
    ending->status = GRPC_STATUS_INTERNAL;
    ending->message = grpc_empty_slice();
}

void cpts_transport__ending_done(struct transport_ending *ending)
{
    grpc_metadata_array_destroy(&ending->trailers);
    grpc_slice_unref(ending->message);
}

grpc_op cpts_transport__ending_op(struct transport_ending *ending)
{
    grpc_op op = {.op = GRPC_OP_RECV_STATUS_ON_CLIENT};
    op.data.recv_status_on_client.trailing_metadata = &ending->trailers;
    op.data.recv_status_on_client.status = &ending->status;
    op.data.recv_status_on_client.status_details = &ending->message;
    return op;
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

cpts_status cpts_transport__ending_failure(const struct transport_ending *ending,
                                           const struct transport *transport, bool *ret_is_verdict,
                                           struct cpts_error *err)
{
    cpts_status status = (cpts_status)ending->status;
    if (ending->status < 0 || ending->status > GRPC_STATUS_UNAUTHENTICATED)
        status = CPTS_UNKNOWN;
    char *message = grpc_slice_to_c_string(ending->message);
    const grpc_slice *details = find_details(&ending->trailers);
    if (details == NULL) {
        status = own_failure(transport, status, message, err);
    } else {
        *ret_is_verdict = true;
        error_unpack(err, status, message, GRPC_SLICE_START_PTR(*details),
                     GRPC_SLICE_LENGTH(*details));
    }
    gpr_free(message);
    return status;
}
