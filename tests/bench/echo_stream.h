/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_ECHO_STREAM_H
#define BENCH_ECHO_STREAM_H

/**
 * @file
 * A server stream on the bare gRPC core: the request, again and again, until the
 * client goes. What WatchCpts could do at most.
 *
 * Threads: one thread.
 */

#include <stdbool.h>

struct grpc_completion_queue;
struct grpc_server;

#define ECHO_STREAM_METHOD "/cpts.bench.Echo/Repeat"

/** Registers the method; before the server starts. */
void echo_stream_register(struct grpc_server *server);

/** Waits for streams, a few at a time; after the server has started. */
void echo_stream_post(struct grpc_server *server, struct grpc_completion_queue *queue);

/** Deals with an event. @return false when @p tag is not of a stream. */
bool echo_stream_take(void *tag, bool is_success);

#endif
