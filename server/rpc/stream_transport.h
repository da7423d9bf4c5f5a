/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_STREAM_TRANSPORT_H
#define RPC_STREAM_TRANSPORT_H

/**
 * @file
 * A stream between the core and its source (base/stream.h).
 *
 * A stream has four tags: of the request that waits for a call, of the close
 * that the core announces once at its end, of the message of the client that is
 * waited for, and of the batch that is being sent. At most one message is on
 * its way at any time: what a slow client does not take stays with the source.
 * The last batch is always a status, sent also to a client that has gone, so
 * that a stream's end comes through the completion queue and is released there.
 *
 * Of a duplex stream a message of the client is waited for all the time, as long as
 * its source has room; what comes never touches the sending half.
 *
 * Threads: the completion-queue thread, but for what a source does with a
 * stream that waits (any), and streams_drain() (the app's).
 */

#include <pthread.h>
#include <stdbool.h>
#include <sys/queue.h>

struct route;
struct rpc_stream;
struct transport;

TAILQ_HEAD(rpc_stream_list, rpc_stream);

/** All streams of a server. */
struct open_streams {
    pthread_mutex_t mutex;
    struct rpc_stream_list list;
    int count;
    bool is_draining;
};

void streams_init(struct open_streams *streams);
void streams_done(struct open_streams *streams);

/** Ends every stream, and from now on those that begin: with UNAVAILABLE /
 * SHUTTING_DOWN, and where to go on as far as the source knows. */
void streams_drain(struct open_streams *streams);

/** Posts one more request for a stream of @p route; false when memory is out. */
bool stream_post(struct transport *transport, struct route *route);

#endif
