/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_RING_H
#define FEED_RING_H

/**
 * @file
 * The last changes of the log as packed messages: positions without gaps, as
 * many as two limits allow.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct packet;

#define RING_REGION_BYTES 8
/** What a subscriber asks for: a region, or the id of a CPTS. */
#define RING_FILTER_BYTES 40
#define RING_TOUCHED '~'

/** One position. */
struct ring_entry {
    /** A reference; NULL for a position that nobody is told. */
    struct packet *packet;
    /** What those are told that it only touches; a reference, NULL: there are none. */
    struct packet *touched;
    char region[RING_REGION_BYTES];
    /** Ids of CPTS that are told of it, separated by spaces, RING_TOUCHED before one that it
     * only touches; owned, NULL: none. */
    char *audience;
};

struct ring {
    struct ring_entry *entries;
    int64_t entry_max;
    size_t byte_max;
    size_t byte_count;
    /** Position of the oldest entry, and of the newest. Empty when
     * first == last + 1. */
    int64_t first;
    int64_t last;
};

/** Empty; the first entry will have position 1. @return false: memory is out. */
bool ring_init(struct ring *ring, int64_t entry_max, size_t byte_max);

/** Releases everything. */
void ring_done(struct ring *ring);

/** Forgets every entry; the next one will follow @p last. */
void ring_restart(struct ring *ring, int64_t last);

/** Adds the entry of position ring->last + 1, whose references and audience it takes;
 * the oldest ones make room. */
void ring_append(struct ring *ring, const struct ring_entry *entry);

/** First position after @p after (which is in the ring, or just before it) that
 * @p filter is told of: a region, a CPTS, "" = all; 0 when there is none. */
int64_t ring_find(const struct ring *ring, int64_t after, const char *filter);

/** What @p filter is told of an entry, borrowed: NULL when that is nothing. */
struct packet *ring_entry_packet(const struct ring_entry *entry, const char *filter);

/** The packet for @p filter of a position that ring_find() gave, borrowed. */
struct packet *ring_packet(const struct ring *ring, int64_t position, const char *filter);

#endif
