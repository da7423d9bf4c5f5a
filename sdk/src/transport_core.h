/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_CORE_H
#define SDK_TRANSPORT_CORE_H

/**
 * @file
 * What calls with one answer and calls with many have in common: private to
 * transport*.c, which alone see gRPC.
 *
 * Threads: any thread; a call, one thread at a time.
 */

#include <grpc/grpc.h>

#include "transport.h"

struct transport {
    grpc_channel *channel;
    char *address;
};

struct transport_body {
    grpc_slice bytes;
};

struct transport_queue {
    struct transport *transport;
    grpc_completion_queue *core;
};

/* What came out of a queue is told by the lowest bits of its tag, the rest of
 * which is the address of what it belongs to. A wake-up has no tag. */
enum transport_tag {
    /* The two batches of a call with one answer. */
    TAG_SENT = 0,
    TAG_RECEIVED = 1,
    /* Those of a stream: sent, and what it ends with; one for each message. */
    TAG_STREAM_OPENED = 2,
    TAG_STREAM_STATUS = 3,
    TAG_STREAM_MESSAGE = 4,
    /* Of a call with many both ways: a message of ours has left. */
    TAG_STREAM_SENT = 5,
    TAG_MASK = 7
};

static inline void *cpts_transport__tag(void *owner, enum transport_tag kind)
{
    return (char *)owner + kind;
}

/** What a call ends with. */
struct transport_ending {
    grpc_metadata_array trailers;
    grpc_status_code status;
    grpc_slice message;
};

void cpts_transport__ending_init(struct transport_ending *ending);
void cpts_transport__ending_done(struct transport_ending *ending);
/** The operation that fills it. */
grpc_op cpts_transport__ending_op(struct transport_ending *ending);
/** Its failure. @param ret_is_verdict  Set to true when the server said it. */
cpts_status cpts_transport__ending_failure(const struct transport_ending *ending,
                                           const struct transport *transport, bool *ret_is_verdict,
                                           struct cpts_error *err);

/** A call without operations. */
grpc_call *cpts_transport__call_new(const struct transport *transport, grpc_completion_queue *queue,
                                    const struct transport_call *call);
void cpts_transport__peer(grpc_call *call, char ret_peer[TRANSPORT_PEER_BYTES]);
/** Copies a message into memory from malloc; false when memory is out. */
bool cpts_transport__copy(grpc_byte_buffer *message, uint8_t **ret_bytes, size_t *ret_byte_count);

/* The core, which the thread sanitizer does not see into, hands what was
 * written before a batch to whoever takes its tag out of the queue. These say
 * so. */
bool cpts_transport__start_batch(grpc_call *call, const grpc_op *ops, size_t op_count, void *tag);
grpc_event cpts_transport__pluck(grpc_completion_queue *queue, void *tag);
grpc_event cpts_transport__next(grpc_completion_queue *queue, gpr_timespec deadline);

/** Takes note of a stream's batch. @return the stream's owner. */
void *cpts_transport__stream_batch(void *stream, enum transport_tag kind, bool is_success);

#endif
