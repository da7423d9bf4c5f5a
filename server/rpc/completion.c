/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/completion.h"

#include <stdlib.h>

#include "base/log.h"

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

static void require_ok(grpc_call_error error, const char *what)
{
    if (error == GRPC_CALL_OK)
        return;
    log_write(LOG_ERROR, "rpc", "%s was refused by the core: %s", what,
              grpc_call_error_to_string(error));
    abort();
}

void rpc_request_call(grpc_server *server, void *registered, struct incoming *incoming,
                      grpc_completion_queue *queue, struct completion *tag)
{
    grpc_call_error error;
    __tsan_release(tag);
    if (registered == NULL)
        error = grpc_server_request_call(server, &incoming->call, &incoming->details,
                                         &incoming->metadata, queue, queue, tag);
    else
        error = grpc_server_request_registered_call(server, registered, &incoming->call,
                                                    &incoming->deadline, &incoming->metadata,
                                                    &incoming->payload, queue, queue, tag);
    require_ok(error, "a request for calls");
}

void rpc_request_stream(grpc_server *server, void *registered, struct incoming *incoming,
                        grpc_completion_queue *queue, struct completion *tag)
{
    __tsan_release(tag);
    require_ok(grpc_server_request_registered_call(server, registered, &incoming->call,
                                                   &incoming->deadline, &incoming->metadata, NULL,
                                                   queue, queue, tag),
               "a request for streams");
}

void rpc_start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, struct completion *tag)
{
    __tsan_release(tag);
    require_ok(grpc_call_start_batch(call, ops, op_count, tag, NULL), "a batch");
}

grpc_event rpc_cq_next(grpc_completion_queue *queue)
{
    grpc_event event = grpc_completion_queue_next(queue, gpr_inf_future(GPR_CLOCK_MONOTONIC), NULL);
    if (event.type == GRPC_OP_COMPLETE)
        __tsan_acquire(event.tag);
    return event;
}

void rpc_shutdown_notify(grpc_server *server, grpc_completion_queue *queue, struct completion *tag)
{
    __tsan_release(tag);
    grpc_server_shutdown_and_notify(server, queue, tag);
}
