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
#include <stdbool.h>

/** A tag: what is called when it comes out, on the completion-queue thread. */
struct completion {
    void (*happened)(void *owner, bool success);
    void *owner;
};

/** What the core fills in when a call arrives. */
struct incoming {
    grpc_call *call;
    gpr_timespec deadline;
    grpc_metadata_array metadata;
    /** Registered unary methods only; NULL when the client sent no message. */
    grpc_byte_buffer *payload;
    /** Generic requests only. */
    grpc_call_details details;
};

/** Asks for the next call of a registered method, or with NULL for the next
 * one that no registered method takes. */
void rpc_request_call(grpc_server *server, void *registered, struct incoming *incoming,
                      grpc_completion_queue *queue, struct completion *tag);

/** Asks for the next call of a method that was registered without payload. */
void rpc_request_stream(grpc_server *server, void *registered, struct incoming *incoming,
                        grpc_completion_queue *queue, struct completion *tag);

/** Starts a batch. A refusal by the core is a defect of ours: it ends the
 * process, for a call that can never be answered would hang every shutdown. */
void rpc_start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, struct completion *tag);

/** Waits for the next event; its tag is a struct completion. */
grpc_event rpc_cq_next(grpc_completion_queue *queue);

/** Starts the server's shutdown; @p tag comes when the last call has gone. */
void rpc_shutdown_notify(grpc_server *server, grpc_completion_queue *queue, struct completion *tag);

#endif
