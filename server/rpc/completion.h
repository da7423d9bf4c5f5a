/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_COMPLETION_H
#define RPC_COMPLETION_H

/**
 * @file
 * The only places where a tag goes into the core or comes out of it.
 *
 * The core hands a tag from one thread to another with means that the thread
 * sanitizer cannot see, so each hand-over is told to it here.
 *
 * Threads: rpc_cq_next() on the completion-queue thread, the rest on any.
 */

#include <grpc/grpc.h>

/** What the core fills in when a call arrives. */
struct incoming {
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    /** Registered methods only; NULL when the client sent no message. */
    grpc_byte_buffer *payload;
    /** Generic requests only. */
    grpc_call_details details;
};

/** Asks for the next call of a registered method, or with NULL for the next
 * one that no registered method takes. */
void rpc_request_call(grpc_server *server, void *registered, struct incoming *incoming,
                      grpc_completion_queue *queue, void *tag);

/** Starts a batch. A refusal by the core is a defect of ours: it ends the
 * process, for a call that can never be answered would hang every shutdown. */
void rpc_start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, void *tag);

/** Waits for the next event. */
grpc_event rpc_cq_next(grpc_completion_queue *queue);

/** Starts the server's shutdown; @p tag comes when the last call has gone. */
void rpc_shutdown_notify(grpc_server *server, grpc_completion_queue *queue, void *tag);

#endif
