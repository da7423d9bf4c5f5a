/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_FEED_LISTENER_H
#define TESTS_INTEGRATION_FEED_LISTENER_H

/**
 * @file
 * A log to follow, and a subscriber that takes the part of the transport: it
 * writes down what it is sent, and can stop taking anything, as a client does
 * that does not read.
 *
 * Threads: one thread at a time calls; the feed's own do the rest.
 */

#include <pthread.h>

#include "feed/feed.h"
#include "support/database.h"

#define LISTENER_POSITIONS_MAX 20000
/** Longer than any machine needs. */
#define LISTENER_PATIENCE_S 60

struct listener {
    struct stream stream;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    /** Of the changes received, in order. */
    int64_t positions[LISTENER_POSITIONS_MAX];
    int count;
    int bookmark_count;
    int64_t bookmark;
    bool is_paused;
    bool is_holding; /**< paused in the middle of a message */
    bool has_ended;
    bool was_cut;
    struct cpts_error error; /**< how it ended, or was cut */
};

/** Options of a feed whose packets listeners understand. */
struct feed_options listener_feed_options(const char *conninfo);

/** Subscribes and begins; the listener must not be used twice. */
void listener_begin(struct listener *listener, struct feed *feed,
                    const struct feed_subscription *subscription);

/** Stops taking messages after the one at hand, and goes on again. */
void listener_pause(struct listener *listener);
void listener_go_on(struct listener *listener);

/** Waits until it has so many changes, bookmarks, until it holds a message,
 * has ended or was cut. @return false when that never came. */
bool listener_await(struct listener *listener, int count);
bool listener_await_bookmark(struct listener *listener, int bookmark_count);
bool listener_await_holding(struct listener *listener);
bool listener_await_end(struct listener *listener);
bool listener_await_cut(struct listener *listener);

/** Whether its changes are exactly those after @p after, without gap or repeat. */
bool listener_is_gapless(struct listener *listener, int64_t after);
/** How many changes it has. */
int listener_count(struct listener *listener);

/** Leaves, as a client does, and releases everything. */
void listener_end(struct listener *listener);

/** Appends changes of region @p region to a log, and notifies, in one
 * transaction, through @p pg (as postgres). @return whether it was done. */
bool log_append(PGconn *pg, int count, const char *region);

#endif
