/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TRANSPORT_STREAM_H
#define SDK_TRANSPORT_STREAM_H

/**
 * @file
 * Calls with many answers, one attempt each, started on a queue. Messages are
 * asked for one by one: what nobody asks for stays with the server, but for
 * what HTTP/2 lets it send ahead.
 *
 * Threads: a stream, one thread at a time; but for stream_cancel(), and that its
 * queue's reader finds something of it at any time.
 */

#include "transport.h"

struct transport_stream;

/** A stream that has not begun; it ends with stream_start() = false, or with
 * stream_end(), or unused with stream_discard(). NULL when memory is out.
 * @param owner  Comes out of the queue whenever something happened. */
struct transport_stream *cpts_transport__stream_new(struct transport_queue *queue,
                                                    const struct transport_call *call, void *owner);
/** Sends, and asks for the first message; to be called by the queue's reader.
 * After true the owner comes out of the queue (TRANSPORT_STREAM_MOVED). */
CPTS_MUST_CHECK bool cpts_transport__stream_start(struct transport_stream *stream);
/** Asks for the next message; only when none is asked for. */
void cpts_transport__stream_read(struct transport_stream *stream);
/** It then ends soon. Any thread. */
void cpts_transport__stream_cancel(struct transport_stream *stream);

/** Takes the message that was asked for, in memory from malloc.
 * @return false when none has come. NULL for @p ret_bytes: memory is out. */
bool cpts_transport__stream_take(struct transport_stream *stream, uint8_t **ret_bytes,
                                 size_t *ret_byte_count);
/** Whether nothing more comes: to be asked after each event, once the message
 * was taken. */
bool cpts_transport__stream_is_over(const struct transport_stream *stream);
/** Reads how a stream that is over ended, and releases it. */
CPTS_MUST_CHECK cpts_status cpts_transport__stream_end(struct transport_stream *stream,
                                                       struct transport_reply *ret_reply,
                                                       struct cpts_error *err);
void cpts_transport__stream_discard(struct transport_stream *stream);

#endif
