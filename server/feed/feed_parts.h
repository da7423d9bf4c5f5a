/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEED_FEED_PARTS_H
#define FEED_FEED_PARTS_H

/**
 * @file
 * The feed's inside: what its files share.
 *
 * Threads: everything that changes is under feed->mutex.
 */

#include <pthread.h>
#include <stdint.h>
#include <sys/queue.h>

#include "feed/feed.h"
#include "feed/page.h"
#include "feed/ring.h"
#include "store/log_reader.h"

/** A page of the log: enough to be worth its question, little enough for a
 * thousand that catch up. */
#define PAGE_ENTRY_MAX 384
#define PAGE_BYTE_MAX (64 * 1024)

/** Who has a subscriber's stream. */
enum feed_place {
    PLACE_DRIVEN,  /**< the transport */
    PLACE_WAITING, /**< the feed: there is nothing new */
    PLACE_ASKING,  /**< the feed: it waits for a page */
};

struct feed_subscriber {
    struct feed *feed;
    /** Known from its first wait on. */
    struct stream *stream;
    char region[RING_FILTER_BYTES];
    enum feed_place place;
    /** Everything up to here was sent, or is not for it; -1: begins at the head. */
    int64_t cursor;
    /** The first reading of the log's end that began after it came: until then
     * it is not said to have caught up, so that nobody misses what was
     * acknowledged before. */
    int64_t reading_needed;
    struct page *page;
    /** feed->generation when it began to wait. */
    int64_t generation;
    /** When it last was given a message, by the feed's own clock. */
    int64_t sent_ns;
    bool is_live; /**< it has joined the ring */
    bool is_greeted;
    bool bookmark_due;
    bool is_gone;
    bool is_draining;
    bool is_cut;
    bool is_out_of_memory;
    TAILQ_ENTRY(feed_subscriber) queue_link;
    TAILQ_ENTRY(feed_subscriber) all_link;
};

TAILQ_HEAD(feed_queue, feed_subscriber);

struct feed {
    struct feed_options options;
    struct log_reader *reader;
    pthread_mutex_t mutex;
    struct ring ring;
    /** Packed for ring.last; NULL before the start. */
    struct packet *bookmark;
    struct feed_queue waiting;
    struct feed_queue asking;
    struct feed_queue all;
    /** Grows whenever those who wait shall look again. */
    int64_t generation;
    /** The feed's own clock: when it last looked. */
    int64_t now_ns;
    int64_t housekeeping_ns;
    bool has_head;       /**< it knows where the log's end was at the start */
    bool is_started;     /**< it has reached it: bookmarks are true */
    bool is_tail_due;    /**< the log has grown, or somebody has to know */
    bool is_tail_needed; /**< somebody waits for the next reading of the end */
    /** Readings of the log's end: begun, and the last one that reached it. */
    int64_t reading_begun;
    int64_t reading_done;
    bool is_tail_asked;
    /** Whose page the reader is at; NULL: nobody's, or it has left. */
    struct feed_subscriber *asked;
    /** Who was given a page last: while it sends that, and nobody else waits for
     * one, the reader may go on. NULL: nobody, or it has left. */
    struct feed_subscriber *latest;
    /** For whom a page is read ahead, one at a time for all; NULL: nobody. The
     * page is NULL until it was read. */
    struct feed_subscriber *ahead_of;
    struct page *ahead;
    /** The reader's own, as the two above say: what it is asked. */
    struct log_question question;
    char asked_region[RING_FILTER_BYTES];
};

/** Takes a subscriber out of the queue that has it. Under the mutex. */
void feed_take_over(struct feed_subscriber *subscriber);

/** The page after the one that the subscriber has sent, if it was read ahead;
 * it is the caller's. Under the mutex. */
struct page *feed_take_ahead(struct feed_subscriber *subscriber);

/** Forgets that a subscriber may be read ahead for, or was; its page is the
 * caller's. Under the mutex. */
struct page *feed_forget(struct feed_subscriber *subscriber);

#endif
