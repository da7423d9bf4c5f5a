/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reply.h"

#include <protobuf-c/protobuf-c.h>
#include <string.h>

#include "base/method.h"
#include "rpc/call_transport.h"
#include "rpc/ending.h"
#include "wire/error.h"

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

static const char *method_of(const struct rpc_call *rpc_call)
{
    const struct method *method = rpc_call->route->method;
    return method == NULL ? "a call outside the table" : method->name;
}

void reply_send(struct call *call, cpts_status status)
{
    struct rpc_call *rpc_call = call->transport;
    grpc_call *core_call = rpc_call->incoming.call;
    struct reply_batch batch = {.op_count = 0};

    if (status == CPTS_OK)
        status = pack_response(rpc_call);
    add_op(&batch, GRPC_OP_SEND_INITIAL_METADATA);
    if (status == CPTS_OK)
        add_op(&batch, GRPC_OP_SEND_MESSAGE)->data.send_message.send_message = rpc_call->response;
    grpc_op *end = add_op(&batch, GRPC_OP_SEND_STATUS_FROM_SERVER);
    end->data.send_status_from_server.status = (grpc_status_code)status;
    if (status != CPTS_OK) {
        call->error.status = status;
        ending_log(method_of(rpc_call), &call->error);
        ending_fill(&rpc_call->ending, &call->error, call->arena, end);
    }
    add_op(&batch, GRPC_OP_RECV_CLOSE_ON_SERVER)->data.recv_close_on_server.cancelled =
        &rpc_call->was_cancelled;
    rpc_call->phase = PHASE_ANSWERED;
    /* From here on the call belongs to the completion-queue thread again. */
    rpc_start_batch(core_call, batch.ops, batch.op_count, &rpc_call->completion);
}
