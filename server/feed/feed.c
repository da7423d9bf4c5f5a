/* SPDX-License-Identifier: Apache-2.0 */
/* What the reader reads, and whom it wakes. */
#include "feed/feed.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/packet.h"
#include "feed/feed_parts.h"
#include "store/log_reader.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define NS_PER_MS INT64_C(1000000)
#define RING_ENTRY_MAX 16384
#define RING_BYTE_MAX ((size_t)8 * 1024 * 1024)
#define BOOKMARK_INTERVAL_MS 5000
#define STALL_LIMIT_MS 30000
/** The log as it grows. */
#define TAIL_ROW_MAX 512
#define TAIL_BYTE_MAX (1024 * 1024)
/** At most this part of the ring is filled at once: those who follow it have
 * time to take it. */
#define TAIL_DIVISOR 4
/** Positions that a page of one region looks at: most are of others. */
#define REGION_SPAN 8192
/** Memory for the lists of a part. */
#define PART_ARENA_BYTES ((size_t)64 * 1024)
/** The part of the ring that is filled at the start, for those who come back
 * after a restart. */
#define PREFILL_DIVISOR 2
/** Looks within one bookmark interval. */
#define LOOKS_PER_INTERVAL 4

/** Wakes, one after the other, all who began to wait before this generation. */
static void wake_waiting(struct feed *feed)
{
    for (;;) {
        pthread_mutex_lock(&feed->mutex);
        struct feed_subscriber *subscriber = TAILQ_FIRST(&feed->waiting);
        if (subscriber == NULL || subscriber->generation == feed->generation) {
            pthread_mutex_unlock(&feed->mutex);
            return;
        }
        feed_take_over(subscriber);
        struct stream *stream = subscriber->stream;
        pthread_mutex_unlock(&feed->mutex);
        stream->resume(stream);
    }
}

/** Has those who have waited long enough told where the log is: brings them to
 * the front. Under the mutex. */
static void mark_idle(struct feed *feed)
{
    int64_t since_ns = feed->now_ns - feed->options.bookmark_interval_ms * NS_PER_MS;
    struct feed_subscriber *subscriber = TAILQ_FIRST(&feed->waiting);
    while (subscriber != NULL) {
        struct feed_subscriber *following = TAILQ_NEXT(subscriber, queue_link);
        if (subscriber->sent_ns <= since_ns && subscriber->generation != 0) {
            subscriber->bookmark_due = true;
            subscriber->generation = 0;
            TAILQ_REMOVE(&feed->waiting, subscriber, queue_link);
            TAILQ_INSERT_HEAD(&feed->waiting, subscriber, queue_link);
        }
        subscriber = following;
    }
}

static bool is_slow(const struct feed *feed, const struct feed_subscriber *subscriber)
{
    if (subscriber->place != PLACE_DRIVEN || subscriber->is_cut)
        return false;
    int64_t stalled_ns = feed->now_ns - subscriber->sent_ns;
    if (subscriber->is_live)
        return subscriber->cursor + 1 < feed->ring.first &&
               stalled_ns >= feed->options.bookmark_interval_ms * NS_PER_MS;
    return subscriber->page != NULL && stalled_ns >= feed->options.stall_limit_ms * NS_PER_MS;
}

/** Cuts those off whose client has stopped reading: they would never hear of
 * an end that has to wait behind a message. Under the mutex. */
static void cut_slow(struct feed *feed)
{
    struct cpts_error error;
    struct feed_subscriber *subscriber;
    TAILQ_FOREACH(subscriber, &feed->all, all_link)
    {
        if (!is_slow(feed, subscriber))
            continue;
        (void)error_set(&error, REASON_SUBSCRIBER_TOO_SLOW,
                        "you have stopped reading; go on after the last position you received");
        subscriber->is_cut = true;
        subscriber->stream->cut(subscriber->stream, &error);
    }
}

static void keep_house(struct feed *feed)
{
    int64_t interval_ns = feed->options.bookmark_interval_ms * NS_PER_MS / LOOKS_PER_INTERVAL;
    if (feed->now_ns - feed->housekeeping_ns < interval_ns)
        return;
    feed->housekeeping_ns = feed->now_ns;
    feed->is_tail_due = true; /* a bookmark says what the database said just now */
    cut_slow(feed);
}

static struct log_question ask_for_tail(const struct feed *feed)
{
    int64_t row_max = feed->ring.entry_max / TAIL_DIVISOR;
    int64_t byte_max = (int64_t)feed->ring.byte_max / TAIL_DIVISOR;
    row_max = row_max > TAIL_ROW_MAX ? TAIL_ROW_MAX : row_max + 1;
    return (struct log_question){.after = feed->ring.last,
                                 .span = row_max,
                                 .row_count_max = (int)row_max,
                                 .byte_count_max =
                                     byte_max > TAIL_BYTE_MAX ? TAIL_BYTE_MAX : byte_max + 1,
                                 .region = "",
                                 .audience = feed->options.by_audience};
}

/** Asks no further than the ring goes: a page that went beyond it would leave
 * its subscriber at a position that the feed does not know yet. */
static void ask_for_page(struct feed *feed, const struct feed_subscriber *subscriber, int64_t after,
                         struct log_question *ret_question)
{
    int64_t span = subscriber->region[0] == '\0' ? PAGE_ENTRY_MAX : REGION_SPAN;
    int64_t left = feed->ring.last - after;
    snprintf(feed->asked_region, sizeof feed->asked_region, "%s", subscriber->region);
    *ret_question = (struct log_question){.after = after,
                                          .span = span < left ? span : left,
                                          .row_count_max = PAGE_ENTRY_MAX,
                                          .byte_count_max = PAGE_BYTE_MAX,
                                          .region = feed->asked_region,
                                          .audience = feed->options.by_audience};
}

/** Nobody waits: chooses the page after the one that is being sent. */
static bool choose_ahead(struct feed *feed, struct log_question *ret_question)
{
    const struct feed_subscriber *latest = feed->latest;
    if (feed->ahead_of != NULL || latest == NULL || latest->page == NULL ||
        latest->page->end + 1 >= feed->ring.first)
        return false;
    feed->ahead_of = feed->latest;
    ask_for_page(feed, latest, latest->page->end, ret_question);
    return true;
}

/** Chooses between the log's end and a page, in turns when both are wanted. */
static bool choose_locked(struct feed *feed, struct log_question *ret_question)
{
    if (!feed->has_head) {
        *ret_question =
            (struct log_question){.row_count_max = 1, .byte_count_max = 1, .region = ""};
        feed->is_tail_asked = true;
        return true;
    }
    struct feed_subscriber *first = TAILQ_FIRST(&feed->asking);
    bool is_tail_turn = first == NULL || !feed->is_tail_asked || !feed->is_started;
    feed->is_tail_asked = feed->is_tail_due && is_tail_turn;
    feed->asked = NULL;
    if (feed->ahead == NULL) /* the session broke before it came */
        feed->ahead_of = NULL;
    if (feed->is_tail_asked) {
        feed->is_tail_due = false;
        feed->reading_begun++;
        *ret_question = ask_for_tail(feed);
        return true;
    }
    if (first == NULL)
        return choose_ahead(feed, ret_question);
    feed->asked = first;
    ask_for_page(feed, first, first->cursor, ret_question);
    return true;
}

static bool choose(void *context, bool grew, struct log_question *ret_question, int *ret_wait_ms)
{
    struct feed *feed = context;
    pthread_mutex_lock(&feed->mutex);
    feed->now_ns = clock_monotonic_ns();
    feed->is_tail_due = feed->is_tail_due || grew;
    keep_house(feed);
    bool is_chosen = choose_locked(feed, ret_question);
    feed->question = *ret_question;
    pthread_mutex_unlock(&feed->mutex);
    *ret_wait_ms = feed->options.bookmark_interval_ms / LOOKS_PER_INTERVAL + 1;
    return is_chosen;
}

/** The log ends before what the feed has told: the database was put back. */
static void restart_behind(struct feed *feed, int64_t head)
{
    log_write(LOG_ERROR, "feed", "the log ends at %lld, but has been at %lld before",
              (long long)head, (long long)feed->ring.last);
    ring_restart(&feed->ring, head);
}

/** Appends to the ring. Positions have no gaps; should there be one, it is told
 * in the log and left behind. Under the mutex. */
static void append_part(struct feed *feed, struct part *part)
{
    for (int i = 0; i < part->count; i++) {
        if (part->positions[i] != feed->ring.last + 1) {
            log_write(LOG_ERROR, "feed", "the log goes from %lld to %lld",
                      (long long)feed->ring.last, (long long)part->positions[i]);
            ring_restart(&feed->ring, part->positions[i] - 1);
        }
        ring_append(&feed->ring, &part->entries[i]);
    }
    part->count = 0;
    if (part->end > feed->ring.last && part->end <= part->head)
        ring_restart(&feed->ring, part->end);
}

/** The log's end: into the ring, then to everybody. */
static void take_tail(struct feed *feed, struct part *part)
{
    bool is_complete = part->is_whole && part->end >= part->head;
    struct packet *bookmark =
        is_complete ? feed->options.pack_bookmark(part->head, clock_realtime_us()) : NULL;
    pthread_mutex_lock(&feed->mutex);
    bool has_news = part->count > 0 || feed->is_tail_needed || feed->bookmark == NULL ||
                    part->head < feed->ring.last;
    if (part->head < feed->ring.last)
        restart_behind(feed, part->head);
    append_part(feed, part);
    struct packet *old = feed->bookmark;
    feed->bookmark = bookmark;
    feed->is_tail_due = feed->is_tail_due || !is_complete;
    feed->is_tail_needed = false;
    feed->is_started = feed->is_started || is_complete;
    if (is_complete)
        feed->reading_done = feed->reading_begun;
    if (has_news)
        feed->generation++;
    if (is_complete)
        mark_idle(feed);
    pthread_mutex_unlock(&feed->mutex);
    packet_unref(old);
    wake_waiting(feed);
}

static void take_head(struct feed *feed, const struct part *part)
{
    int64_t prefill = feed->ring.entry_max / PREFILL_DIVISOR;
    pthread_mutex_lock(&feed->mutex);
    ring_restart(&feed->ring, part->head > prefill ? part->head - prefill : 0);
    feed->has_head = true;
    feed->is_tail_due = true;
    pthread_mutex_unlock(&feed->mutex);
}

/** Gives a subscriber, which the reader has, the page it waits for. */
static void take_page(struct feed *feed, struct feed_subscriber *subscriber, struct page *page)
{
    pthread_mutex_lock(&feed->mutex);
    feed->latest = subscriber;
    subscriber->page = page;
    subscriber->is_out_of_memory = page == NULL;
    subscriber->sent_ns = feed->now_ns;
    struct stream *stream = subscriber->stream;
    pthread_mutex_unlock(&feed->mutex);
    stream->resume(stream);
}

/** A page that nobody had asked for yet: kept until the one before it was sent,
 * given at once to a subscriber that has come for it meanwhile, dropped when it
 * no longer follows what that one has. */
static void take_ahead(struct feed *feed, const struct log_question *question, struct page *page)
{
    pthread_mutex_lock(&feed->mutex);
    struct feed_subscriber *subscriber = feed->ahead_of;
    bool is_wanted = page != NULL && subscriber != NULL;
    bool is_awaited =
        is_wanted && subscriber->place == PLACE_ASKING && subscriber->cursor == question->after;
    bool is_next = is_wanted && !is_awaited && subscriber->page != NULL &&
                   subscriber->page->end == question->after;
    if (is_awaited)
        feed_take_over(subscriber);
    if (page == NULL)
        feed->latest = NULL;
    if (is_next)
        feed->ahead = page;
    else
        feed->ahead_of = NULL;
    pthread_mutex_unlock(&feed->mutex);
    if (is_awaited)
        take_page(feed, subscriber, page);
    else if (!is_next)
        page_free(page);
}

struct page *feed_take_ahead(struct feed_subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    struct page *page = feed->ahead;
    if (page == NULL || feed->ahead_of != subscriber)
        return NULL;
    feed->ahead = NULL;
    feed->ahead_of = NULL;
    feed->latest = subscriber;
    log_reader_wake(feed->reader);
    return page;
}

struct page *feed_forget(struct feed_subscriber *subscriber)
{
    struct feed *feed = subscriber->feed;
    struct page *page = NULL;
    if (feed->ahead_of == subscriber) {
        page = feed->ahead;
        feed->ahead = NULL;
        feed->ahead_of = NULL;
    }
    if (feed->latest == subscriber)
        feed->latest = NULL;
    return page;
}

static void take(void *context, const struct rows *rows)
{
    struct feed *feed = context;
    struct part part = {.head = rows_int(rows, 0, LOG_HEAD)};
    pthread_mutex_lock(&feed->mutex);
    struct log_question question = feed->question;
    struct feed_subscriber *subscriber = feed->asked;
    bool is_tail = feed->is_tail_asked;
    bool is_ahead = feed->ahead_of != NULL && feed->ahead == NULL;
    if (subscriber != NULL) /* from here on its stream is ours */
        feed_take_over(subscriber);
    pthread_mutex_unlock(&feed->mutex);
    struct arena *arena = arena_new(PART_ARENA_BYTES);
    part_read(&feed->options, &question, rows, arena, &part);
    if (!feed->has_head)
        take_head(feed, &part);
    else if (is_tail)
        take_tail(feed, &part);
    else if (subscriber != NULL)
        take_page(feed, subscriber, page_make(&part, question.region));
    else if (is_ahead)
        take_ahead(feed, &question, page_make(&part, question.region));
    part_drop(&part);
    arena_free(arena);
}

static void fill_options(struct feed_options *options)
{
    if (options->ring_entry_max == 0)
        options->ring_entry_max = RING_ENTRY_MAX;
    if (options->ring_byte_max == 0)
        options->ring_byte_max = RING_BYTE_MAX;
    if (options->bookmark_interval_ms == 0)
        options->bookmark_interval_ms = BOOKMARK_INTERVAL_MS;
    if (options->stall_limit_ms == 0)
        options->stall_limit_ms = STALL_LIMIT_MS;
}

static void feed_free(struct feed *feed)
{
    packet_unref(feed->bookmark);
    ring_done(&feed->ring);
    pthread_mutex_destroy(&feed->mutex);
    free(feed);
}

cpts_status feed_open(const struct feed_options *options, struct feed **ret_feed,
                      struct cpts_error *err)
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the feed");
    feed->options = *options;
    fill_options(&feed->options);
    pthread_mutex_init(&feed->mutex, NULL);
    TAILQ_INIT(&feed->waiting);
    TAILQ_INIT(&feed->asking);
    TAILQ_INIT(&feed->all);
    feed->generation = 1;
    feed->now_ns = clock_monotonic_ns();
    cpts_status status = CPTS_OK;
    if (!ring_init(&feed->ring, feed->options.ring_entry_max, feed->options.ring_byte_max))
        status = error_set(err, REASON_OUT_OF_MEMORY, "no memory for the feed");
    const struct log_reader_options reader = {
        .conninfo = options->conninfo, .context = feed, .choose = choose, .take = take};
    if (status == CPTS_OK)
        status = log_reader_open(&reader, &feed->reader, err);
    if (status == CPTS_OK)
        *ret_feed = feed;
    else
        feed_free(feed);
    return status;
}

void feed_close(struct feed *feed)
{
    if (feed == NULL)
        return;
    log_reader_close(feed->reader);
    feed_free(feed);
}
