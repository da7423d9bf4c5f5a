/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "integration/feed_listener.h"
#include "support/unit.h"

#define RING_ENTRIES 64
#define INTERVAL_MS 40
#define NS_PER_MS INT64_C(1000000)
#define WRITER_ROUNDS 40
#define MANY 1000
/** More than a page of one region looks at. */
#define REGION_POSITIONS 9000

static struct database database;
static struct feed *feed;

static const struct feed_subscription FROM_START = {.region = ""};

static void open_feed(const char *conninfo, int64_t ring_entries, int stall_limit_ms)
{
    struct feed_options options = listener_feed_options(conninfo);
    options.ring_entry_max = ring_entries;
    options.bookmark_interval_ms = INTERVAL_MS;
    options.stall_limit_ms = stall_limit_ms;
    CU_ASSERT_EQUAL_FATAL(feed_open(&options, &feed, NULL), CPTS_OK);
}

static void begin(void)
{
    CU_ASSERT_TRUE_FATAL(database_create(&database));
    open_feed(database.app_conninfo, RING_ENTRIES, 0);
}

static void end(void)
{
    feed_close(feed);
    database_drop(&database);
}

static struct listener *listener_new(void)
{
    return malloc(sizeof(struct listener));
}

static struct listener *subscribe(int64_t after, const char *region)
{
    struct listener *listener = listener_new();
    struct feed_subscription subscription = {.after_position = after, .region = region};
    listener_begin(listener, feed, &subscription);
    return listener;
}

static void leave(struct listener *listener)
{
    listener_end(listener);
    free(listener);
}

static void test_feed_follow__pages_then_ring_then_bookmark(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    CU_ASSERT_EQUAL(listener_count(listener), MANY);
    CU_ASSERT_EQUAL(listener->bookmark, MANY);
    CU_ASSERT_TRUE(log_append(database.admin, 3, "11"));
    CU_ASSERT_TRUE(listener_await(listener, MANY + 3));
    CU_ASSERT_TRUE(listener_is_gapless(listener, 0));
    leave(listener);
    end();
}

/* Appends small transactions, some of several changes. */
static void *write_log(void *context)
{
    PGconn *pg = context;
    for (int i = 0; i < WRITER_ROUNDS; i++) {
        if (!log_append(pg, 1 + i % 20, i % 2 == 0 ? "11" : "52"))
            abort();
    }
    return NULL;
}

static void test_feed_follow__misses_nothing_while_two_write(void)
{
    pthread_t threads[2];
    PGconn *writers[2];
    struct listener *listeners[8];
    CU_ASSERT_TRUE_FATAL(database_create(&database));
    open_feed(database.app_conninfo, 2 * MANY, 0); /* nobody is to be too slow here */
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    for (int i = 0; i < 2; i++) {
        writers[i] = database_connect(&database, false);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_log, writers[i]), 0);
    }
    for (int i = 0; i < 8; i++)
        listeners[i] = subscribe(i * 100, "");
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        PQfinish(writers[i]);
    }
    int head = (int)database_number(&database, "SELECT max(local_position) FROM cpts.change_log");
    for (int i = 0; i < 8; i++) {
        CU_ASSERT_TRUE(listener_await(listeners[i], head - i * 100));
        CU_ASSERT_TRUE(listener_is_gapless(listeners[i], i * 100));
        leave(listeners[i]);
    }
    end();
}

static void test_feed_follow__region_hears_its_own_only(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    CU_ASSERT_TRUE(log_append(database.admin, 2, "52"));
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    struct listener *listener = subscribe(0, "52");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    CU_ASSERT_EQUAL(listener_count(listener), 2);
    CU_ASSERT_TRUE(listener_is_gapless(listener, MANY));
    CU_ASSERT_TRUE(log_append(database.admin, 1, "11"));
    CU_ASSERT_TRUE(log_append(database.admin, 1, "52"));
    CU_ASSERT_TRUE(listener_await(listener, 3));
    CU_ASSERT_EQUAL(listener->positions[2], 2 * MANY + 4);
    leave(listener);
    end();
}

/* Three pages: the first is held while the second, which has nothing of the
 * region, is read ahead; the third has what follows. */
static void test_feed_follow__a_page_read_ahead_may_have_no_news(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, 1, "52"));
    CU_ASSERT_TRUE(log_append(database.admin, 2 * REGION_POSITIONS, "11"));
    CU_ASSERT_TRUE(log_append(database.admin, 1, "52"));
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    struct listener *listener = listener_new();
    const struct feed_subscription subscription = {.region = "52"};
    struct listener *live = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(live, 1));
    listener_begin(listener, feed, &subscription);
    listener_pause(listener);
    CU_ASSERT_TRUE(listener_await_holding(listener));
    for (int i = 0; i < 4; i++) {
        int heard = listener_count(live);
        CU_ASSERT_TRUE(log_append(database.admin, 1, "11"));
        CU_ASSERT_TRUE(listener_await(live, heard + 1));
    }
    listener_go_on(listener);
    CU_ASSERT_TRUE(listener_await(listener, 2));
    CU_ASSERT_EQUAL(listener->positions[0], 1);
    CU_ASSERT_EQUAL(listener->positions[1], 2 * REGION_POSITIONS + 2);
    leave(listener);
    leave(live);
    end();
}

static void test_feed_follow__from_now_is_after_what_was_committed(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, 10, "11"));
    struct listener *listener = listener_new();
    struct feed_subscription subscription = {.from_now = true, .region = ""};
    listener_begin(listener, feed, &subscription);
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    CU_ASSERT_EQUAL(listener->bookmark, 10);
    CU_ASSERT_EQUAL(listener_count(listener), 0);
    leave(listener);
    end();
}

static void test_feed_follow__idle_is_given_bookmarks(void)
{
    begin();
    int64_t begun_ns = clock_monotonic_ns();
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 4));
    CU_ASSERT_TRUE(clock_monotonic_ns() - begun_ns >= 2 * INTERVAL_MS * NS_PER_MS);
    leave(listener);
    end();
}

static void test_feed_follow__position_beyond_the_log_is_refused(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, 7, "11"));
    struct listener *listener = subscribe(8, "");
    CU_ASSERT_TRUE(listener_await_end(listener));
    CU_ASSERT_STRING_EQUAL(listener->error.reason, "POSITION_AHEAD");
    CU_ASSERT_STRING_EQUAL(listener->error.detail, "7");
    leave(listener);
    end();
}

/* Pauses a listener that follows, and lets the ring pass it by. */
static struct listener *fall_behind(void)
{
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    listener_pause(listener);
    CU_ASSERT_TRUE(log_append(database.admin, 1, "11"));
    CU_ASSERT_TRUE(listener_await_holding(listener));
    struct listener *witness = subscribe(0, "");
    for (int i = 0; i < 10; i++)
        CU_ASSERT_TRUE(log_append(database.admin, RING_ENTRIES / 4, "11"));
    CU_ASSERT_TRUE(listener_await(witness, 1 + 10 * RING_ENTRIES / 4));
    leave(witness);
    return listener;
}

static void test_feed_follow__slow_one_is_told_where_to_go_on(void)
{
    begin();
    struct listener *listener = fall_behind();
    listener_go_on(listener);
    CU_ASSERT_TRUE(listener_await_end(listener));
    CU_ASSERT_EQUAL(listener->error.status, CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(listener->error.reason, "SUBSCRIBER_TOO_SLOW");
    CU_ASSERT_TRUE(listener->error.retryable);
    int64_t position = strtoll(listener->error.detail, NULL, 10);
    CU_ASSERT_EQUAL(position, listener_count(listener));
    leave(listener);
    listener = subscribe(position, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    CU_ASSERT_TRUE(listener_is_gapless(listener, position));
    CU_ASSERT_EQUAL(position + listener->count, 1 + 10 * RING_ENTRIES / 4);
    leave(listener);
    end();
}

static void test_feed_follow__one_that_stopped_reading_is_cut(void)
{
    begin();
    struct listener *listener = fall_behind();
    CU_ASSERT_TRUE(listener_await_cut(listener));
    CU_ASSERT_STRING_EQUAL(listener->error.reason, "SUBSCRIBER_TOO_SLOW");
    leave(listener);
    end();
}

static void test_feed_follow__page_left_lying_is_cut(void)
{
    CU_ASSERT_TRUE_FATAL(database_create(&database));
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    open_feed(database.app_conninfo, RING_ENTRIES, INTERVAL_MS);
    struct listener *listener = listener_new();
    struct listener *other = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(other, 1));
    listener_begin(listener, feed, &FROM_START);
    listener_pause(listener);
    /* Whether it was stopped in its first page or its last is chance; one that
     * got through to the ring waits, and is not cut. */
    if (listener_await(listener, 1) && listener_count(listener) < MANY - RING_ENTRIES)
        CU_ASSERT_TRUE(listener_await_cut(listener));
    CU_ASSERT_FALSE(other->was_cut);
    leave(listener);
    leave(other);
    end();
}

static void test_feed_follow__leaving_frees_at_any_time(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, MANY, "11"));
    for (int i = 0; i < 50; i++)
        leave(subscribe(i * 20, i % 2 == 0 ? "" : "52"));
    end();
}

static void test_feed_follow__draining_tells_the_position(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, 5, "11"));
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    listener_pause(listener);
    CU_ASSERT_TRUE(log_append(database.admin, 1, "11"));
    CU_ASSERT_TRUE(listener_await_holding(listener));
    CU_ASSERT_FALSE(feed_stream.withdraw(&listener->stream, STREAM_IS_DRAINING));
    listener_go_on(listener);
    CU_ASSERT_TRUE(listener_await_end(listener));
    CU_ASSERT_STRING_EQUAL(listener->error.reason, "SHUTTING_DOWN");
    /* What was held may have been a bookmark, before the sixth change. */
    CU_ASSERT_EQUAL(strtoll(listener->error.detail, NULL, 10), listener_count(listener));
    leave(listener);
    end();
}

static void test_feed_follow__log_put_back_is_said(void)
{
    begin();
    CU_ASSERT_TRUE(log_append(database.admin, 20, "11"));
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await_bookmark(listener, 1));
    database_execute(&database, "DELETE FROM cpts.change_log WHERE local_position > 12");
    CU_ASSERT_TRUE(listener_await_end(listener));
    CU_ASSERT_STRING_EQUAL(listener->error.reason, "POSITION_AHEAD");
    CU_ASSERT_STRING_EQUAL(listener->error.detail, "12");
    leave(listener);
    listener = subscribe(10, "");
    CU_ASSERT_TRUE(listener_await(listener, 2));
    leave(listener);
    end();
}

static void test_feed_follow__a_thousand_hear_everything(void)
{
    static struct listener *listeners[MANY];
    begin();
    for (int i = 0; i < MANY; i++)
        listeners[i] = subscribe(0, "");
    for (int i = 0; i < 10; i++)
        CU_ASSERT_TRUE(log_append(database.admin, 5, "11"));
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT_TRUE(listener_await(listeners[i], 50));
        CU_ASSERT_TRUE(listener_is_gapless(listeners[i], 0));
        leave(listeners[i]);
    }
    end();
}

static void test_feed_follow__database_restart_loses_and_repeats_nothing(void)
{
    struct private_cluster cluster;
    CU_ASSERT_TRUE_FATAL(private_cluster_create(&cluster));
    open_feed(cluster.database.app_conninfo, RING_ENTRIES, 0);
    CU_ASSERT_TRUE(log_append(cluster.database.admin, MANY, "11"));
    struct listener *listener = subscribe(0, "");
    CU_ASSERT_TRUE(listener_await(listener, MANY));
    CU_ASSERT_TRUE(private_cluster_crash(&cluster));
    struct listener *meanwhile = subscribe(MANY / 2, "");
    CU_ASSERT_TRUE(private_cluster_start(&cluster));
    CU_ASSERT_TRUE(log_append(cluster.database.admin, 30, "11"));
    CU_ASSERT_TRUE(listener_await(listener, MANY + 30));
    CU_ASSERT_TRUE(listener_await(meanwhile, MANY / 2 + 30));
    CU_ASSERT_TRUE(listener_is_gapless(listener, 0));
    CU_ASSERT_TRUE(listener_is_gapless(meanwhile, MANY / 2));
    leave(listener);
    leave(meanwhile);
    feed_close(feed);
    private_cluster_remove(&cluster);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_feed_follow__pages_then_ring_then_bookmark),
    UNIT_TEST(test_feed_follow__misses_nothing_while_two_write),
    UNIT_TEST(test_feed_follow__region_hears_its_own_only),
    UNIT_TEST(test_feed_follow__a_page_read_ahead_may_have_no_news),
    UNIT_TEST(test_feed_follow__from_now_is_after_what_was_committed),
    UNIT_TEST(test_feed_follow__idle_is_given_bookmarks),
    UNIT_TEST(test_feed_follow__position_beyond_the_log_is_refused),
    UNIT_TEST(test_feed_follow__slow_one_is_told_where_to_go_on),
    UNIT_TEST(test_feed_follow__one_that_stopped_reading_is_cut),
    UNIT_TEST(test_feed_follow__page_left_lying_is_cut),
    UNIT_TEST(test_feed_follow__leaving_frees_at_any_time),
    UNIT_TEST(test_feed_follow__draining_tells_the_position),
    UNIT_TEST(test_feed_follow__log_put_back_is_said),
    UNIT_TEST(test_feed_follow__a_thousand_hear_everything),
    UNIT_TEST(test_feed_follow__database_restart_loses_and_repeats_nothing),
};

UNIT_MAIN("feed_follow")
