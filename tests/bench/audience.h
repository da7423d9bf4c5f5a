/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_AUDIENCE_H
#define BENCH_AUDIENCE_H

/**
 * @file
 * Any number of subscribers to one server stream, on one completion queue and
 * one thread.
 *
 * A message whose first byte is AUDIENCE_CHANGE is a change (field 1 of
 * WatchCptsResponse), any other a bookmark.
 *
 * Threads: one thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/endpoint.h"

#define AUDIENCE_CHANGE 0x0A
#define AUDIENCE_MESSAGE_BYTES 200
#define AUDIENCE_REQUEST_BYTES 512

struct grpc_channel;
struct grpc_completion_queue;
struct subscriber;

struct audience_options {
    struct endpoint endpoint;
    const char *method;
    /** What each subscriber asks. */
    uint8_t request[AUDIENCE_REQUEST_BYTES];
    size_t request_bytes;
    int channel_count;
    /** Spread over the channels in turn. */
    int subscriber_count;
    /** Messages after which a subscriber leaves and asks anew; 0 = never. */
    int64_t messages_each;
};

/** What the next event was. */
enum audience_news { AUDIENCE_HEARD_CHANGE, AUDIENCE_HEARD_BOOKMARK, AUDIENCE_OTHER };

struct audience {
    const struct audience_options *options;
    struct grpc_completion_queue *queue;
    struct grpc_channel **channels;
    struct subscriber *subscribers;
    int64_t change_count;
    int64_t bookmark_count;
    int64_t byte_count;
    /** Streams under way; subscribers that were ended by the server. */
    int open_count;
    int64_t ended_count;
    char first_end[AUDIENCE_MESSAGE_BYTES];
    bool is_leaving;
};

/** Connects and subscribes. @return false when a connection could not be made. */
bool audience_init(struct audience *audience, const struct audience_options *options);

/** Waits for one event, until @p until_ns of endpoint_now_ns() at most, and deals
 * with it.
 * @param ret_other  Tag of an event that is not of a subscriber, for example of a
 *     call that the caller began on the queue; else untouched.
 * @return false when the time is over. */
bool audience_next(struct audience *audience, int64_t until_ns, enum audience_news *ret_news,
                   void **ret_other);

/** Ends all streams and connections. */
void audience_done(struct audience *audience);

#endif
