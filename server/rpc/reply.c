/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reply.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "base/log.h"
#include "base/method.h"
#include "rpc/call_transport.h"
#include "wire/error.h"

#define DETAILS_KEY "grpc-status-details-bin"
#define REPLY_OPS_MAX 4

/* The ops of the batch while they are collected. */
struct reply_batch {
    grpc_op ops[REPLY_OPS_MAX];
    size_t op_count;
};

static grpc_op *add_op(struct reply_batch *batch, grpc_op_type type)
{
    grpc_op *op = &batch->ops[batch->op_count++];
    memset(op, 0, sizeof *op);
    op->op = type;
    return op;
}

/* Packs call->response straight into the core's memory. */
static cpts_status pack_response(struct rpc_call *rpc_call)
{
    struct call *call = &rpc_call->call;
    if (call->response == NULL)
        return error_set(&call->error, REASON_INTERNAL_ERROR, "The call ended without a response");
    size_t packed_bytes = protobuf_c_message_get_packed_size(call->response);
    if (packed_bytes > RPC_RESPONSE_BYTES_MAX)
        return error_set(&call->error, REASON_MESSAGE_TOO_LARGE,
                         "The response would be %zu bytes, more than %zu; ask for less",
                         packed_bytes, RPC_RESPONSE_BYTES_MAX);
    grpc_slice slice = grpc_slice_malloc(packed_bytes);
    protobuf_c_message_pack(call->response, GRPC_SLICE_START_PTR(slice));
    rpc_call->response = grpc_raw_byte_buffer_create(&slice, 1);
    grpc_slice_unref(slice);
    return CPTS_OK;
}

/* A failure that an operator should see is one of ours, not of the caller's. */
static bool is_our_fault(cpts_status status)
{
    return status == CPTS_INTERNAL || status == CPTS_UNKNOWN || status == CPTS_DATA_LOSS ||
           status == CPTS_UNAVAILABLE;
}

static void log_failure(const struct rpc_call *rpc_call)
{
    static struct log_limit limit;
    const struct cpts_error *error = &rpc_call->call.error;
    const struct method *method = rpc_call->route->method;
    const char *name = method == NULL ? "a call outside the table" : method->name;
    if (is_our_fault(error->status))
        log_write_limited(&limit, LOG_WARNING, "rpc", "%s: %s %s: %s", name,
                          cpts_status_name(error->status), error->reason, error->message);
    else
        log_write(LOG_DEBUG, "rpc", "%s: %s %s", name, cpts_status_name(error->status),
                  error->reason);
}

/* Adds the details that say more than status and message; false: there are none. */
static bool pack_details(struct rpc_call *rpc_call, grpc_metadata *ret_details)
{
    const struct call *call = &rpc_call->call;
    size_t byte_count = 0;
    uint8_t *bytes = NULL;
    if (call->error.reason[0] != '\0' && call->arena != NULL)
        bytes = error_pack(&call->error, call->arena, &byte_count);
    if (bytes == NULL)
        return false;
    rpc_call->error_details = grpc_slice_from_copied_buffer((const char *)bytes, byte_count);
    memset(ret_details, 0, sizeof *ret_details);
    ret_details->key = grpc_slice_from_static_string(DETAILS_KEY);
    ret_details->value = rpc_call->error_details;
    return true;
}

void reply_send(struct call *call, cpts_status status)
{
    struct rpc_call *rpc_call = call->transport;
    grpc_call *core_call = rpc_call->incoming.call;
    struct reply_batch batch = {.op_count = 0};
    grpc_metadata details;

    if (status == CPTS_OK)
        status = pack_response(rpc_call);
    add_op(&batch, GRPC_OP_SEND_INITIAL_METADATA);
    if (status == CPTS_OK)
        add_op(&batch, GRPC_OP_SEND_MESSAGE)->data.send_message.send_message = rpc_call->response;
    grpc_op *end = add_op(&batch, GRPC_OP_SEND_STATUS_FROM_SERVER);
    end->data.send_status_from_server.status = (grpc_status_code)status;
    if (status != CPTS_OK) {
        call->error.status = status;
        log_failure(rpc_call);
        rpc_call->error_message = grpc_slice_from_copied_string(call->error.message);
        end->data.send_status_from_server.status_details = &rpc_call->error_message;
        if (pack_details(rpc_call, &details)) {
            end->data.send_status_from_server.trailing_metadata_count = 1;
            end->data.send_status_from_server.trailing_metadata = &details;
        }
    }
    add_op(&batch, GRPC_OP_RECV_CLOSE_ON_SERVER)->data.recv_close_on_server.cancelled =
        &rpc_call->was_cancelled;
    rpc_call->phase = PHASE_ANSWERED;
    /* From here on the call belongs to the completion-queue thread again. */
    rpc_start_batch(core_call, batch.ops, batch.op_count, rpc_call);
}
