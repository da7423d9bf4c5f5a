/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_FEED_H
#define FEED_FEED_H

/**
 * @file
 * The log as a stream for any number of subscribers.
 *
 * One reader follows the log and keeps its last changes, packed once, in a
 * bounded ring that all subscribers share. A subscriber behind the ring is
 * given pages of the log by the same reader, one at a time, until it joins the
 * ring; each of its positions comes exactly once and in order. What a
 * subscriber holds is bounded: one page while it catches up, then nothing but
 * its place in the ring. One whose place was overwritten is cut off and told
 * where to go on.
 *
 * Threads: any, unless said otherwise.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/stream.h"

struct arena;
struct feed;
struct feed_subscriber;
struct packet;
struct rows;

struct feed_options {
    /** libpq connection string; borrowed for the feed's life. */
    const char *conninfo;
    /** Packs the change of a row (store/log_reader.h).
     * @param ret_packet  NULL for one that subscribers are not told.
     * @return false when memory is out. Reader's thread. */
    bool (*pack_change)(const struct rows *rows, int row, struct arena *arena,
                        struct packet **ret_packet);
    /** Packs what those are told that a change touches without being about them; NULL when
     * memory is out. Reader's thread. May be NULL itself: there are none. */
    struct packet *(*pack_touched)(const struct rows *rows, int row);
    /** Packs a bookmark; NULL when memory is out. Reader's thread. */
    struct packet *(*pack_bookmark)(int64_t log_position, int64_t observed_us);
    /** Subscribers may ask for what one CPTS takes part in. */
    bool by_audience;
    /** Changes kept for all, by number and by bytes; 0 = 16384 and 8 MiB. */
    int64_t ring_entry_max;
    size_t ring_byte_max;
    /** How long a subscriber is left without a message; 0 = 5000. */
    int bookmark_interval_ms;
    /** How long one that catches up may leave its page lying; 0 = 30000. */
    int stall_limit_ms;
};

/** Starts to follow the log; waits for nothing.
 * @param ret_feed  Set on CPTS_OK only.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status feed_open(const struct feed_options *options, struct feed **ret_feed,
                                      struct cpts_error *err);

/** Ends it; every subscriber must have ended before. NULL is fine. */
void feed_close(struct feed *feed);

/** What a subscriber wants. */
struct feed_subscription {
    /** Position after which to begin, from 0. */
    int64_t after_position;
    /** Begins at the head instead. */
    bool from_now;
    /** INSEE code of a lead region, at most 7 bytes, or of a feed by audience the id
     * of a CPTS; "" = all. */
    const char *region;
};

/** New subscriber, to be the state of a stream that feed_stream handles; NULL
 * when memory is out. */
struct feed_subscriber *feed_subscribe(struct feed *feed,
                                       const struct feed_subscription *subscription);

/** The source of every subscriber's stream. */
extern const struct stream_handler feed_stream;

#endif
