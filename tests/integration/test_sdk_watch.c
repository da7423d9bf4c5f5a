/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/watch.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "integration/sdk_journal.h"
#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_S 30
#define PATIENCE_MS (PATIENCE_S * 1000)
#define HEAD 500
/* What the core, and HTTP/2 between two of them, may hold of a stream that
 * nobody reads. */
#define BUFFERED_BYTES_MAX (4 * 1024 * 1024)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct peer peer;
static cpts_client *client;

/* What callbacks saw; behind the mutex. */
static struct {
    int64_t change_count, bookmark_count, interruption_count, last_position;
    int end_count, release_count, faults;
    struct cpts_error end;
    bool is_held, is_holding;
    int64_t close_at;
} seen;

static void open_with(const struct journal_script *script, enum cpts_delivery delivery)
{
    memset(&seen, 0, sizeof seen);
    journal_play(script);
    peer_open(&peer, 1);
    struct cpts_client_options options = peer_options(peer.address);
    options.delivery = delivery;
    client = peer_client(&options);
}

static void end(void)
{
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    CU_ASSERT_TRUE(journal_await_closed());
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.faults, 0);
}

static cpts_watch *open_watch(const struct cpts_watch_options *options)
{
    struct cpts_error err;
    cpts_watch *watch = NULL;
    cpts_status status = cpts_watch_open(client, options, &watch, &err);
    CU_ASSERT_EQUAL_FATAL(status, CPTS_OK);
    return watch;
}

/* Takes so many changes, each the one after the last; others are let go by. */
static int64_t take_changes(cpts_watch *watch, int64_t last, int count)
{
    struct cpts_error err;
    struct cpts_watch_event *event = NULL;
    while (count > 0) {
        cpts_status status = cpts_watch_next(watch, PATIENCE_MS, &event, &err);
        CU_ASSERT_EQUAL_FATAL(status, CPTS_OK);
        if (event->kind == CPTS_WATCH_CHANGE) {
            CU_ASSERT_EQUAL(event->log_position, ++last);
            CU_ASSERT_EQUAL(cpts_watch_position(watch), last);
            count--;
        }
        cpts_watch_event_free(event);
    }
    return last;
}

/* Takes what comes until the end. */
static cpts_status take_end(cpts_watch *watch, struct cpts_error *err)
{
    struct cpts_watch_event *event = NULL;
    cpts_status status;
    while ((status = cpts_watch_next(watch, PATIENCE_MS, &event, err)) == CPTS_OK)
        cpts_watch_event_free(event);
    return status;
}

static void test_watch__every_change_once_then_a_bookmark(void)
{
    struct cpts_error err;
    struct cpts_watch_event *event = NULL;
    open_with(&(struct journal_script){.head = HEAD, .name_bytes = 5}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(NULL);
    take_changes(watch, 0, HEAD);
    CU_ASSERT_EQUAL_FATAL(cpts_watch_next(watch, PATIENCE_MS, &event, &err), CPTS_OK);
    CU_ASSERT_EQUAL(event->kind, CPTS_WATCH_BOOKMARK);
    CU_ASSERT_EQUAL(event->log_position, HEAD);
    cpts_watch_event_free(event);
    event = NULL;
    CU_ASSERT_EQUAL(cpts_watch_next(watch, 0, &event, &err), CPTS_DEADLINE_EXCEEDED);
    CU_ASSERT_STRING_EQUAL(err.reason, "DEADLINE_PASSED");
    CU_ASSERT_PTR_NULL(event);
    journal_grow(HEAD + 3);
    take_changes(watch, HEAD, 3);
    CU_ASSERT_EQUAL(journal_stream_count(), 1);
    cpts_watch_close(watch);
    end();
}

static void test_watch__goes_on_where_it_broke(void)
{
    static const enum reason REASONS[] = {
        REASON_SUBSCRIBER_TOO_SLOW, REASON_SHUTTING_DOWN, REASON_DATABASE_UNAVAILABLE,
        REASON_TOO_MANY_STREAMS,    REASON_CANCELLED,     JOURNAL_ENDS_WELL};
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++) {
        struct journal_script script = {
            .head = HEAD, .break_after = 50, .break_reason = REASONS[i], .repeat = (int)i};
        open_with(&script, CPTS_DELIVERY_THREAD);
        cpts_watch *watch = open_watch(NULL);
        take_changes(watch, 0, HEAD);
        CU_ASSERT_TRUE(journal_stream_count() >= HEAD / 50);
        cpts_watch_close(watch);
        end();
    }
}

static void test_watch__begins_where_it_is_told(void)
{
    struct cpts_watch_options options = {.size = sizeof options, .after_position = 490};
    open_with(&(struct journal_script){.head = HEAD}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(&options);
    CU_ASSERT_EQUAL(cpts_watch_position(watch), 490);
    take_changes(watch, 490, 10);
    cpts_watch_close(watch);
    options = (struct cpts_watch_options){.size = sizeof options, .from_now = true};
    watch = open_watch(&options);
    struct cpts_watch_event *event = NULL;
    CU_ASSERT_EQUAL(cpts_watch_position(watch), -1);
    CU_ASSERT_EQUAL_FATAL(cpts_watch_next(watch, PATIENCE_MS, &event, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(event->kind, CPTS_WATCH_BOOKMARK);
    cpts_watch_event_free(event);
    CU_ASSERT_EQUAL(journal_asked(), -1);
    CU_ASSERT_EQUAL(cpts_watch_position(watch), HEAD);
    journal_grow(HEAD + 1);
    take_changes(watch, HEAD, 1);
    cpts_watch_close(watch);
    end();
}

static void test_watch__ends_with_the_nodes_refusal(void)
{
    struct cpts_error err;
    struct cpts_watch_options options = {.size = sizeof options, .after_position = HEAD + 1};
    open_with(&(struct journal_script){.head = HEAD}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(&options);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL(take_end(watch, &err), CPTS_OUT_OF_RANGE);
        CU_ASSERT_STRING_EQUAL(err.reason, "POSITION_AHEAD");
        CU_ASSERT_STRING_EQUAL(err.detail, "500");
    }
    cpts_watch_close(watch);
    options = (struct cpts_watch_options){.size = sizeof options, .region = "99"};
    watch = open_watch(&options);
    CU_ASSERT_EQUAL(take_end(watch, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "UNKNOWN_REGION");
    cpts_watch_close(watch);
    journal_play(&(struct journal_script){
        .head = 9, .break_after = 4, .break_reason = REASON_UNKNOWN_IDENTITY});
    watch = open_watch(NULL);
    take_changes(watch, 0, 4);
    CU_ASSERT_EQUAL(take_end(watch, &err), CPTS_PERMISSION_DENIED);
    CU_ASSERT_STRING_EQUAL(err.reason, "UNKNOWN_IDENTITY");
    cpts_watch_close(watch);
    end();
}

static void test_watch__garbage_ends_it(void)
{
    struct cpts_error err;
    open_with(&(struct journal_script){.head = HEAD, .is_garbage = true}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(NULL);
    CU_ASSERT_EQUAL(take_end(watch, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "MALFORMED_MESSAGE");
    CU_ASSERT_EQUAL(cpts_watch_position(watch), 0);
    cpts_watch_close(watch);
    end();
}

static void test_watch__a_silent_stream_is_taken_up_again(void)
{
    struct cpts_watch_options options = {.size = sizeof options, .silence_max_ms = 1000};
    open_with(&(struct journal_script){.head = 3, .is_mute = true}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(&options);
    struct cpts_watch_event *event = NULL;
    take_changes(watch, 0, 3);
    CU_ASSERT_EQUAL_FATAL(cpts_watch_next(watch, PATIENCE_MS, &event, NULL), CPTS_OK);
    CU_ASSERT_EQUAL(event->kind, CPTS_WATCH_INTERRUPTION);
    CU_ASSERT_EQUAL(event->log_position, 3);
    CU_ASSERT_STRING_EQUAL(event->reason, "DEADLINE_PASSED");
    CU_ASSERT_TRUE(journal_stream_count() >= 2);
    CU_ASSERT_EQUAL(journal_asked(), 3);
    char *json = cpts_watch_event_json(event, 0);
    CU_ASSERT_STRING_EQUAL(json, "{\"interruption\":{\"logPosition\":\"3\",\"reason\":"
                                 "\"DEADLINE_PASSED\",\"message\":\"the node said nothing for too "
                                 "long\"}}");
    cpts_string_free(json);
    cpts_watch_event_free(event);
    cpts_watch_close(watch);
    end();
}

static void test_watch__gives_up_when_told_to(void)
{
    struct cpts_error err;
    struct cpts_watch_options options = {.size = sizeof options, .give_up_ms = 300};
    open_with(&(struct journal_script){.head = 3}, CPTS_DELIVERY_THREAD);
    peer_close(&peer);
    cpts_watch *watch = open_watch(&options);
    cpts_status status = take_end(watch, &err);
    /* A machine under load may not even have been refused by then. */
    CU_ASSERT_TRUE(status == CPTS_UNAVAILABLE || status == CPTS_DEADLINE_EXCEEDED);
    CU_ASSERT_STRING_EQUAL(err.reason,
                           status == CPTS_UNAVAILABLE ? "CONNECTION_FAILED" : "DEADLINE_PASSED");
    cpts_watch_close(watch);
    end();
}

static void test_watch__reads_no_more_than_fits(void)
{
    static const int NAME_BYTES = 60000;
    struct journal_script script = {.head = 2000, .name_bytes = NAME_BYTES};
    struct cpts_watch_options options = {.size = sizeof options, .events_max = 4};
    open_with(&script, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(&options);
    take_changes(watch, 0, 1);
    /* The answers to these came over the same connection, behind all that the
     * node could send ahead. */
    for (int i = 0; i < 100; i++) {
        bool is_serving = false;
        CU_ASSERT_EQUAL(cpts_client_health(client, NULL, 0, &is_serving, NULL), CPTS_OK);
    }
    CU_ASSERT_TRUE(journal_sent_count() < 5 + BUFFERED_BYTES_MAX / NAME_BYTES);
    CU_ASSERT_EQUAL(journal_stream_count(), 1);
    take_changes(watch, 1, 1999);
    cpts_watch_close(watch);
    end();
}

static void test_watch__a_descriptor_tells_of_events_and_of_the_end(void)
{
    struct cpts_error err;
    open_with(&(struct journal_script){.head = 5, .is_mute = true}, CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(NULL);
    struct pollfd events = {.fd = cpts_watch_event_fd(watch), .events = POLLIN};
    for (int i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL_FATAL(poll(&events, 1, PATIENCE_MS), 1);
        struct cpts_watch_event *event = NULL;
        CU_ASSERT_EQUAL(cpts_watch_next(watch, 0, &event, &err), CPTS_OK);
        cpts_watch_event_free(event);
    }
    CU_ASSERT_EQUAL(poll(&events, 1, 0), 0);
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    client = NULL;
    CU_ASSERT_EQUAL(poll(&events, 1, PATIENCE_MS), 1);
    CU_ASSERT_EQUAL(take_end(watch, &err), CPTS_CANCELLED);
    CU_ASSERT_STRING_EQUAL(err.reason, "CANCELLED");
    CU_ASSERT_EQUAL(poll(&events, 1, 0), 1);
    cpts_watch_close(watch);
    end();
}

/* Streams that end and begin all the time: some are closed between the two. */
static void test_watch__closed_while_a_stream_begins(void)
{
    enum { ROUNDS = 100, WATCHES = CPTS_WATCH_COUNT_MAX };
    struct cpts_watch_options options = {.size = sizeof options, .silence_max_ms = 1};
    struct cpts_watch_event *event = NULL;
    cpts_watch *watches[WATCHES];
    for (int round = 0; round < ROUNDS; round++) {
        open_with(&(struct journal_script){.head = 1}, CPTS_DELIVERY_THREAD);
        for (int i = 0; i < WATCHES; i++)
            watches[i] = open_watch(&options);
        for (int i = 0; i < WATCHES; i++) {
            CU_ASSERT_EQUAL_FATAL(cpts_watch_next(watches[i], PATIENCE_MS, &event, NULL), CPTS_OK);
            cpts_watch_event_free(event);
        }
        for (int i = 0; i < WATCHES; i++)
            cpts_watch_close(watches[i]);
        CU_ASSERT_TRUE_FATAL(journal_await_closed());
        end();
    }
}

static void expect(bool is_fine)
{
    seen.faults += !is_fine;
}

/* While a test holds the callback. */
static void wait_while_held(void)
{
    while (seen.is_held) {
        seen.is_holding = true;
        pthread_cond_broadcast(&changed);
        pthread_cond_wait(&changed, &mutex);
    }
}

static void note(const struct cpts_watch_event *event, const struct cpts_error *err)
{
    if (event == NULL) {
        seen.end_count++;
        seen.end = *err;
        return;
    }
    expect(seen.end_count == 0 && err->status == CPTS_OK);
    if (event->kind == CPTS_WATCH_CHANGE) {
        seen.change_count++;
        expect(event->log_position == ++seen.last_position);
    }
    seen.bookmark_count += event->kind == CPTS_WATCH_BOOKMARK;
    seen.interruption_count += event->kind == CPTS_WATCH_INTERRUPTION;
}

static void on_event(cpts_watch *watch, struct cpts_watch_event *event,
                     const struct cpts_error *err, void *data)
{
    bool closes = false;
    pthread_mutex_lock(&mutex);
    wait_while_held();
    expect(data == &seen && seen.release_count == 0);
    note(event, err);
    if (event != NULL && seen.close_at > 0 && event->log_position == seen.close_at)
        closes = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
    if (closes)
        cpts_watch_close(watch);
    cpts_watch_event_free(event);
}

static void on_release(void *data)
{
    pthread_mutex_lock(&mutex);
    expect(data == &seen);
    seen.release_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static struct cpts_watch_options called_back(void)
{
    return (struct cpts_watch_options){.size = sizeof(struct cpts_watch_options),
                                       .callback = on_event,
                                       .data = &seen,
                                       .release = on_release};
}

static bool has_bookmark(void)
{
    return seen.bookmark_count > 0;
}

static bool is_released(void)
{
    return seen.release_count > 0;
}

static bool is_holding(void)
{
    return seen.is_holding;
}

static void wait_until(bool (*is_true)(void))
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (!is_true() && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

static void set_held(bool is_held)
{
    pthread_mutex_lock(&mutex);
    seen.is_held = is_held;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void test_watch__callbacks_bring_everything_and_the_end_once(void)
{
    struct cpts_watch_options options = called_back();
    open_with(
        &(struct journal_script){
            .head = HEAD, .break_after = 7, .break_reason = REASON_SHUTTING_DOWN, .repeat = 3},
        CPTS_DELIVERY_THREAD);
    cpts_watch *watch = open_watch(&options);
    CU_ASSERT_EQUAL(cpts_watch_event_fd(watch), -1);
    struct cpts_watch_event *none = NULL;
    CU_ASSERT_EQUAL(cpts_watch_next(watch, 0, &none, NULL), CPTS_INVALID_ARGUMENT);
    wait_until(has_bookmark);
    cpts_watch_close(watch);
    wait_until(is_released);
    end();
    CU_ASSERT_EQUAL(seen.change_count, HEAD);
    CU_ASSERT_EQUAL(seen.end_count, 1);
    CU_ASSERT_EQUAL(seen.release_count, 1);
    CU_ASSERT_STRING_EQUAL(seen.end.reason, "CANCELLED");
}

static void test_watch__a_callback_closes_its_watch(void)
{
    struct cpts_watch_options options = called_back();
    open_with(&(struct journal_script){.head = HEAD}, CPTS_DELIVERY_THREAD);
    seen.close_at = 20;
    (void)open_watch(&options);
    wait_until(is_released);
    end();
    CU_ASSERT_EQUAL(seen.change_count, 20);
    CU_ASSERT_EQUAL(seen.end_count, 1);
    CU_ASSERT_EQUAL(seen.release_count, 1);
}

static void test_watch__a_refusal_is_the_last_call(void)
{
    struct cpts_watch_options options = called_back();
    open_with(&(struct journal_script){.head = HEAD}, CPTS_DELIVERY_THREAD);
    options.after_position = HEAD + 7;
    cpts_watch *watch = open_watch(&options);
    wait_until(is_released);
    CU_ASSERT_STRING_EQUAL(seen.end.reason, "POSITION_AHEAD");
    CU_ASSERT_EQUAL(seen.end.status, CPTS_OUT_OF_RANGE);
    cpts_watch_close(watch);
    end();
    CU_ASSERT_EQUAL(seen.end_count, 1);
    CU_ASSERT_EQUAL(seen.release_count, 1);
}

/* Closes the client while a callback runs; the callback is let go afterwards. */
static void *close_client(void *deadline_ms)
{
    cpts_client_close(client, *(const int32_t *)deadline_ms);
    return NULL;
}

static void close_while_held(int32_t deadline_ms, bool is_let_go_first)
{
    pthread_t thread;
    struct cpts_watch_options options = called_back();
    open_with(&(struct journal_script){.head = 50}, CPTS_DELIVERY_DESCRIPTOR);
    cpts_watch *watch = open_watch(&options);
    struct pollfd events = {.fd = cpts_client_event_fd(client), .events = POLLIN};
    CU_ASSERT_EQUAL_FATAL(poll(&events, 1, PATIENCE_MS), 1);
    set_held(true);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, close_client, &deadline_ms), 0);
    wait_until(is_holding);
    if (is_let_go_first)
        cpts_watch_close(watch);
    set_held(false);
    pthread_join(thread, NULL);
    client = NULL;
    CU_ASSERT_EQUAL(seen.end_count, 1);
    CU_ASSERT_EQUAL(seen.release_count, 1);
    CU_ASSERT_STRING_EQUAL(seen.end.reason, "CANCELLED");
    if (!is_let_go_first)
        cpts_watch_close(watch);
    end();
}

static void test_watch__closing_the_client_gives_what_waits_and_the_end(void)
{
    close_while_held(PATIENCE_MS, false);
    CU_ASSERT_TRUE(seen.change_count >= 1);
}

static void test_watch__closing_both_gives_only_the_end(void)
{
    close_while_held(PATIENCE_MS, true);
    CU_ASSERT_EQUAL(seen.change_count, 1);
}

static void test_watch__a_descriptor_of_the_client_tells_when_to_run(void)
{
    struct cpts_watch_options options = called_back();
    open_with(&(struct journal_script){.head = HEAD}, CPTS_DELIVERY_DESCRIPTOR);
    options.events_max = 3;
    cpts_watch *watch = open_watch(&options);
    struct pollfd events = {.fd = cpts_client_event_fd(client), .events = POLLIN};
    while (!has_bookmark()) {
        CU_ASSERT_EQUAL_FATAL(poll(&events, 1, PATIENCE_MS), 1);
        int32_t ran = cpts_client_events_run(client, 2, 0);
        CU_ASSERT_TRUE(ran >= 0 && ran <= 2);
    }
    CU_ASSERT_EQUAL(seen.change_count, HEAD);
    cpts_watch_close(watch);
    end();
    CU_ASSERT_EQUAL(seen.end_count, 1);
    CU_ASSERT_EQUAL(seen.release_count, 1);
}

static void test_watch__what_cannot_be_is_refused(void)
{
    static const struct {
        struct cpts_watch_options options;
        const char *field;
    } CASES[] = {
        {{.size = 0}, "size"},
        {{.size = sizeof(struct cpts_watch_options), .after_position = -1}, "after_position"},
        {{.size = sizeof(struct cpts_watch_options), .after_position = 1, .from_now = true},
         "after_position"},
        {{.size = sizeof(struct cpts_watch_options), .events_max = -1}, "events_max"},
        {{.size = sizeof(struct cpts_watch_options), .events_max = CPTS_WATCH_EVENTS_MAX + 1},
         "events_max"},
        {{.size = sizeof(struct cpts_watch_options), .bytes_max = CPTS_WATCH_BYTES_MAX + 1},
         "bytes_max"},
        {{.size = sizeof(struct cpts_watch_options), .silence_max_ms = -1}, "silence_max_ms"},
        {{.size = sizeof(struct cpts_watch_options), .give_up_ms = -1}, "give_up_ms"},
    };
    open_with(&(struct journal_script){.head = 1}, CPTS_DELIVERY_THREAD);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct cpts_error err;
        cpts_watch *watch = NULL;
        CU_ASSERT_EQUAL(cpts_watch_open(client, &CASES[i].options, &watch, &err),
                        CPTS_INVALID_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
        CU_ASSERT_STRING_EQUAL(err.field, CASES[i].field);
        CU_ASSERT_PTR_NULL(watch);
    }
    end();
}

static void test_watch__one_too_many_is_refused(void)
{
    struct cpts_error err;
    cpts_watch *watches[CPTS_WATCH_COUNT_MAX], *none = NULL;
    open_with(&(struct journal_script){.head = 1}, CPTS_DELIVERY_THREAD);
    for (int i = 0; i < CPTS_WATCH_COUNT_MAX; i++)
        watches[i] = open_watch(NULL);
    CU_ASSERT_EQUAL(cpts_watch_open(client, NULL, &none, &err), CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "TOO_MANY_CALLS");
    CU_ASSERT_PTR_NULL(none);
    for (int i = 0; i < CPTS_WATCH_COUNT_MAX; i++)
        take_changes(watches[i], 0, 1);
    for (int i = 0; i < CPTS_WATCH_COUNT_MAX; i++)
        cpts_watch_close(watches[i]);
    cpts_watch_close(NULL);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_watch__every_change_once_then_a_bookmark),
    UNIT_TEST(test_watch__goes_on_where_it_broke),
    UNIT_TEST(test_watch__begins_where_it_is_told),
    UNIT_TEST(test_watch__ends_with_the_nodes_refusal),
    UNIT_TEST(test_watch__garbage_ends_it),
    UNIT_TEST(test_watch__a_silent_stream_is_taken_up_again),
    UNIT_TEST(test_watch__gives_up_when_told_to),
    UNIT_TEST(test_watch__reads_no_more_than_fits),
    UNIT_TEST(test_watch__a_descriptor_tells_of_events_and_of_the_end),
    UNIT_TEST(test_watch__closed_while_a_stream_begins),
    UNIT_TEST(test_watch__callbacks_bring_everything_and_the_end_once),
    UNIT_TEST(test_watch__a_callback_closes_its_watch),
    UNIT_TEST(test_watch__a_refusal_is_the_last_call),
    UNIT_TEST(test_watch__closing_the_client_gives_what_waits_and_the_end),
    UNIT_TEST(test_watch__closing_both_gives_only_the_end),
    UNIT_TEST(test_watch__a_descriptor_of_the_client_tells_when_to_run),
    UNIT_TEST(test_watch__what_cannot_be_is_refused),
    UNIT_TEST(test_watch__one_too_many_is_refused),
};

UNIT_MAIN("sdk/watch")
