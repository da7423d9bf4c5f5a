/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

/**
 * @file
 * A call that sends many messages, between its transport and its source.
 *
 * The transport pulls: it asks the source for the next message each time the
 * previous one has left, so that a slow client holds up nobody but itself. At
 * any moment exactly one of the two has the stream: the transport, until next()
 * says STREAM_WAIT; then the source, until it calls resume() or gives the stream
 * back through withdraw(). Whoever has it may not lose it.
 *
 * A streaming method is a row of the table with a stream: `begin` checks the
 * request and, on LANE_NONE, sets call->state; on another lane `finish` does, once
 * its statement is over, with a deadline that `begin` sets. Neither keeps anything
 * of the call's arena.
 *
 * A duplex stream (with take()) hears its client all the time, whoever has the
 * stream: each message goes to take(), on the transport's thread, and the next one
 * is asked for when take() says so, or when the source calls take_more(). What the
 * source has no room for stays with the client.
 *
 * Threads: one at a time, any, for one stream; withdraw() and take() may come while
 * another thread has the stream.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet;

/** What a stream does next. */
enum stream_step {
    STREAM_SEND,    /**< sends a message, then asks again */
    STREAM_WAIT,    /**< the source has the stream now */
    STREAM_RECEIVE, /**< waits for a message of the client (`receive`) */
    STREAM_END,     /**< ends with err->status */
};

/** A message to send. */
struct stream_message {
    /** A reference that now is the transport's. */
    struct packet *packet;
    /** Another one follows at once, for certain: this one need not leave yet. */
    bool more;
};

/** Why a stream is taken back. */
enum stream_withdrawal {
    STREAM_IS_GONE,     /**< the client has left */
    STREAM_IS_DRAINING, /**< the server stops: end it, tell where to go on */
};

struct stream {
    /** The source's own: call->state as `begin` left it. */
    void *state;
    /** Gives the stream back to the transport, which goes on with next(). Not
     * under a lock that next() takes. */
    void (*resume)(struct stream *stream);
    /** Ends a stream that somebody else has, towards its client, at once: what
     * has not left yet is dropped. May be called under the source's lock, and
     * only while withdraw() or end() cannot have returned. */
    void (*cut)(struct stream *stream, const struct cpts_error *error);
    /** A duplex source has room again after take() said no. Any thread, also under a
     * lock that take() takes; not once end() has begun. */
    void (*take_more)(struct stream *stream);
};

/** What a source does for each of its streams. */
struct stream_handler {
    /** Called when the stream is the transport's. Never blocks. */
    enum stream_step (*next)(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err);
    /** A message of the client, borrowed; NULL where clients send one only. */
    cpts_status (*receive)(struct stream *stream, const uint8_t *bytes, size_t byte_count,
                           struct cpts_error *err);
    /** NULL but of a duplex stream, which has no receive(): a message of the client,
     * borrowed. @p bytes NULL: none comes any more, because of @p why or, without it,
     * because the client has said everything.
     * @return whether another one may come. */
    bool (*take)(struct stream *stream, const uint8_t *bytes, size_t byte_count,
                 const struct cpts_error *why);
    /** Largest message of the client, bytes; 0 = as of every other method. */
    int32_t message_bytes_max;
    /** From now on next() says STREAM_END.
     * @return true when the stream was waiting: it is the transport's again. */
    bool (*withdraw)(struct stream *stream, enum stream_withdrawal why);
    /** Releases stream->state; the last thing that happens. */
    void (*end)(struct stream *stream);
};

#endif
