/* SPDX-License-Identifier: Apache-2.0 */
/* A subscriber's way: pages of the log, the ring, bookmarks, the end. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/packet.h"
#include "feed/feed_parts.h"
#include "store/log_reader.h"
#include "wire/error.h"

struct feed_subscriber *feed_subscribe(struct feed *feed,
                                       const struct feed_subscription *subscription)
{
    struct feed_subscriber *subscriber = calloc(1, sizeof *subscriber);
    if (subscriber == NULL)
        return NULL;
    subscriber->feed = feed;
    subscriber->cursor = subscription->from_now ? -1 : subscription->after_position;
    snprintf(subscriber->region, sizeof subscriber->region, "%s", subscription->region);
    pthread_mutex_lock(&feed->mutex);
    subscriber->sent_ns = feed->now_ns;
    subscriber->reading_needed = feed->reading_begun + 1;
    TAILQ_INSERT_TAIL(&feed->all, subscriber, all_link);
    pthread_mutex_unlock(&feed->mutex);
    return subscriber;
}

void feed_take_over(struct feed_subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    if (subscriber->place == PLACE_WAITING)
        TAILQ_REMOVE(&feed->waiting, subscriber, queue_link);
    if (subscriber->place == PLACE_ASKING)
        TAILQ_REMOVE(&feed->asking, subscriber, queue_link);
    if (feed->asked == subscriber)
        feed->asked = NULL;
    subscriber->place = PLACE_DRIVEN;
}

static enum stream_step wait_for_change(struct feed_subscriber *subscriber)
{
    subscriber->place = PLACE_WAITING;
    subscriber->generation = subscriber->feed->generation;
    TAILQ_INSERT_TAIL(&subscriber->feed->waiting, subscriber, queue_link);
    return STREAM_WAIT;
}

/** Until the log's end was read, beginning after the subscriber came. */
static enum stream_step wait_for_reading(struct feed_subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    feed->is_tail_needed = true;
    feed->is_tail_due = true;
    log_reader_wake(feed->reader);
    return wait_for_change(subscriber);
}

static enum stream_step wait_for_page(struct feed_subscriber *subscriber)
{
    subscriber->place = PLACE_ASKING;
    TAILQ_INSERT_TAIL(&subscriber->feed->asking, subscriber, queue_link);
    log_reader_wake(subscriber->feed->reader);
    return STREAM_WAIT;
}

static enum stream_step end_at(int64_t position, struct cpts_error *err)
{
    snprintf(err->detail, sizeof err->detail, "%lld", (long long)position);
    return STREAM_END;
}

static enum stream_step end_too_slow(const struct feed_subscriber *subscriber,
                                     struct cpts_error *err)
{
    (void)error_set(err, REASON_SUBSCRIBER_TOO_SLOW,
                    "the log has moved on too far; go on after position %lld",
                    (long long)subscriber->cursor);
    return end_at(subscriber->cursor, err);
}

static enum stream_step send(struct feed_subscriber *subscriber, struct packet *packet, bool more,
                             struct stream_message *ret_message)
{
    subscriber->sent_ns = subscriber->feed->now_ns;
    subscriber->bookmark_due = false;
    ret_message->packet = packet;
    ret_message->more = more;
    return STREAM_SEND;
}

static enum stream_step end_ahead(const struct feed_subscriber *subscriber, struct cpts_error *err)
{
    int64_t head = subscriber->feed->ring.last;
    (void)error_set(err, REASON_POSITION_AHEAD, "the log ends at position %lld", (long long)head);
    return end_at(head, err);
}

/** From the ring, which holds everything after the cursor. */
static enum stream_step follow_ring(struct feed_subscriber *subscriber,
                                    struct stream_message *ret_message)
{
    struct feed *feed = subscriber->feed;
    const struct ring *ring = &feed->ring;
    subscriber->is_live = true;
    int64_t position = ring_find(ring, subscriber->cursor, subscriber->region);
    if (position > 0) {
        /* What follows is looked for once: the next call begins just before it. */
        int64_t following = ring_find(ring, position, subscriber->region);
        subscriber->cursor = position;
        return send(subscriber, packet_ref(ring_packet(ring, position, subscriber->region)),
                    following > 0, ret_message);
    }
    subscriber->cursor = ring->last;
    if (feed->reading_done < subscriber->reading_needed)
        return wait_for_reading(subscriber);
    if (feed->bookmark == NULL || (subscriber->is_greeted && !subscriber->bookmark_due))
        return wait_for_change(subscriber);
    subscriber->is_greeted = true;
    return send(subscriber, packet_ref(feed->bookmark), false, ret_message);
}

/** Everything that ends a stream from the feed's side. */
static bool has_ended(struct feed_subscriber *subscriber, struct cpts_error *err)
{
    if (subscriber->is_gone) {
        err->status = CPTS_CANCELLED;
    } else if (subscriber->is_draining) {
        int64_t position =
            subscriber->cursor < 0 ? subscriber->feed->ring.last : subscriber->cursor;
        (void)error_set(err, REASON_SHUTTING_DOWN,
                        "the node stops; go on elsewhere after position %lld", (long long)position);
        (void)end_at(position, err);
    } else if (subscriber->is_out_of_memory) {
        (void)error_set(err, REASON_OUT_OF_MEMORY, "no memory for a page of the log");
        (void)end_at(subscriber->cursor, err);
    } else {
        return false;
    }
    return true;
}

/** What comes next when there is no page. Under the mutex. */
static enum stream_step next_locked(struct feed_subscriber *subscriber,
                                    struct stream_message *ret_message, struct cpts_error *err)
{
    const struct feed *feed = subscriber->feed;
    if (has_ended(subscriber, err))
        return STREAM_END;
    bool is_informed = feed->reading_done >= subscriber->reading_needed;
    if (!is_informed && (subscriber->cursor < 0 || subscriber->cursor >= feed->ring.last))
        return wait_for_reading(subscriber);
    if (subscriber->cursor < 0)
        subscriber->cursor = feed->ring.last;
    if (subscriber->cursor > feed->ring.last)
        return end_ahead(subscriber, err);
    if (subscriber->cursor + 1 >= feed->ring.first)
        return follow_ring(subscriber, ret_message);
    return subscriber->is_live ? end_too_slow(subscriber, err) : wait_for_page(subscriber);
}

/** Sends from the page, which nobody else touches. */
static enum stream_step next_of_page(struct feed_subscriber *subscriber,
                                     struct stream_message *ret_message)
{
    struct page *page = subscriber->page;
    const struct page_entry *entry = &page->entries[page->entry_next++];
    bool more = page->entry_next < page->entry_count;
    subscriber->cursor = entry->position;
    return send(subscriber, entry->packet, more, ret_message);
}

/** Leaves pages that were sent: the one after them may have been read ahead,
 * and have nothing for this subscriber. */
static void turn_page(struct feed_subscriber *subscriber)
{
    struct page *page = subscriber->page;
    while (page != NULL && page->entry_next >= page->entry_count) {
        subscriber->cursor = page->end;
        subscriber->page = feed_take_ahead(subscriber);
        page_free(page);
        page = subscriber->page;
    }
}

static enum stream_step next(struct stream *stream, struct stream_message *ret_message,
                             struct cpts_error *err)
{
    struct feed_subscriber *subscriber = stream->state;
    struct feed *feed = subscriber->feed;
    enum stream_step step;
    pthread_mutex_lock(&feed->mutex);
    subscriber->stream = stream;
    turn_page(subscriber);
    if (subscriber->page != NULL && !subscriber->is_gone && !subscriber->is_draining)
        step = next_of_page(subscriber, ret_message);
    else
        step = next_locked(subscriber, ret_message, err);
    pthread_mutex_unlock(&feed->mutex);
    return step;
}

static bool withdraw(struct stream *stream, enum stream_withdrawal why)
{
    struct feed_subscriber *subscriber = stream->state;
    struct feed *feed = subscriber->feed;
    pthread_mutex_lock(&feed->mutex);
    if (why == STREAM_IS_GONE)
        subscriber->is_gone = true;
    else
        subscriber->is_draining = true;
    bool was_waiting = subscriber->place != PLACE_DRIVEN;
    feed_take_over(subscriber);
    struct page *ahead = feed_forget(subscriber);
    pthread_mutex_unlock(&feed->mutex);
    page_free(ahead);
    return was_waiting;
}

static void end(struct stream *stream)
{
    struct feed_subscriber *subscriber = stream->state;
    pthread_mutex_lock(&subscriber->feed->mutex);
    TAILQ_REMOVE(&subscriber->feed->all, subscriber, all_link);
    struct page *ahead = feed_forget(subscriber);
    pthread_mutex_unlock(&subscriber->feed->mutex);
    page_free(ahead);
    page_free(subscriber->page);
    free(subscriber);
}

const struct stream_handler feed_stream = {.next = next, .withdraw = withdraw, .end = end};
