/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_S 30
#define PATIENCE_MS (PATIENCE_S * 1000)
#define STORM_THREADS 4
#define STORM_CALLS 300

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct peer peer;
static cpts_client *client;

/* What callbacks saw; behind the mutex. */
static struct {
    int callbacks;
    int releases;
    int by_status[CPTS_UNAUTHENTICATED + 1];
    pthread_t thread;
    char reason[CPTS_REASON_BYTES];
    /** What a callback found wrong; CUnit is for one thread. */
    int faults;
} seen;

static void expect(bool is_fine)
{
    pthread_mutex_lock(&mutex);
    seen.faults += !is_fine;
    pthread_mutex_unlock(&mutex);
}

static void note(cpts_status status, const struct cpts_error *err)
{
    pthread_mutex_lock(&mutex);
    seen.callbacks++;
    seen.by_status[status]++;
    seen.thread = pthread_self();
    snprintf(seen.reason, sizeof seen.reason, "%s", err->reason);
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void on_release(void *data)
{
    (void)data;
    pthread_mutex_lock(&mutex);
    seen.releases++;
    seen.faults += seen.releases > seen.callbacks;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* Waits until so many callbacks and what follows them have run. */
static void wait_over(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (seen.releases < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

static const struct cpts_async ASYNC = {.size = sizeof ASYNC, .release = on_release};

static void on_record(cpts_status status, struct cpts_record *record, const struct cpts_error *err,
                      void *data)
{
    (void)data;
    expect((record != NULL) == (status == CPTS_OK));
    expect(err->status == status);
    cpts_record_free(record);
    note(status, err);
}

static void on_outcome(cpts_status status, struct cpts_outcome *outcome,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_outcome_free(outcome);
    note(status, err);
}

static void open_with(struct cpts_client_options options)
{
    memset(&seen, 0, sizeof seen);
    client = peer_client(&options);
}

static struct cpts_client_options begin(void)
{
    peer_open(&peer, 1);
    return peer_options(peer.address);
}

/* Closes what a test left open: nothing may be on its way. */
static void end(void)
{
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.faults, 0);
    CU_ASSERT_EQUAL(seen.releases, seen.callbacks);
}

static uint64_t start(const char *id)
{
    struct cpts_error err;
    uint64_t call = 0;
    cpts_status status = cpts_registry_get_start(client, id, NULL, &ASYNC, on_record, &call, &err);
    CU_ASSERT_EQUAL_FATAL(status, CPTS_OK);
    return call;
}

static uint64_t start_command(const char *id)
{
    struct cpts_stage_change change = {.size = sizeof change, .id = id};
    uint64_t call = 0;
    cpts_status status =
        cpts_registry_record_stage_start(client, &change, NULL, &ASYNC, on_outcome, &call, NULL);
    CU_ASSERT_EQUAL_FATAL(status, CPTS_OK);
    return call;
}

static void test_async__callbacks_run_on_the_event_thread(void)
{
    open_with(begin());
    start("one");
    wait_over(1);
    CU_ASSERT_FALSE(pthread_equal(seen.thread, pthread_self()));
    pthread_t first = seen.thread;
    start("missing");
    wait_over(2);
    CU_ASSERT_TRUE(pthread_equal(seen.thread, first));
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_NOT_FOUND], 1);
    CU_ASSERT_STRING_EQUAL(seen.reason, "CPTS_NOT_FOUND");
    end();
}

static void test_async__a_command_id_is_minted_by_the_start(void)
{
    struct cpts_stage_change change = {.size = sizeof change, .id = "x"};
    uint8_t id[CPTS_UUID_BYTES] = {0}, unset[CPTS_UUID_BYTES] = {0};
    open_with(begin());
    cpts_status status =
        cpts_registry_record_stage_start(client, &change, id, &ASYNC, on_outcome, NULL, NULL);
    CU_ASSERT_EQUAL(status, CPTS_OK);
    CU_ASSERT_NOT_EQUAL(memcmp(id, unset, sizeof id), 0);
    wait_over(1);
    end();
}

static void test_async__a_refused_start_runs_nothing(void)
{
    struct cpts_async async = ASYNC;
    struct cpts_error err;
    uint64_t call = 42;
    open_with(begin());
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &async, NULL, &call, &err),
                    CPTS_INVALID_ARGUMENT);
    async.timeout_ms = CPTS_TIMEOUT_MAX_MS + 1;
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &async, on_record, &call, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "timeout_ms");
    async.size = 0;
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &async, on_record, &call, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_EQUAL(call, 42);
    end();
    CU_ASSERT_EQUAL(seen.callbacks, 0);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
}

static void test_async__one_call_too_many_is_refused(void)
{
    struct cpts_client_options options = begin();
    struct cpts_error err;
    options.async_max = 2;
    open_with(options);
    start("held");
    start("held");
    peer_wait_held(2);
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &ASYNC, on_record, NULL, &err),
                    CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "TOO_MANY_CALLS");
    CU_ASSERT_TRUE(err.retryable);
    peer_release();
    wait_over(2);
    start("x");
    wait_over(3);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 3);
    end();
}

static void on_record_go_on(cpts_status status, struct cpts_record *record,
                            const struct cpts_error *err, void *data)
{
    int *left = data;
    struct cpts_async async = {.size = sizeof async, .data = left, .release = on_release};
    if ((*left)-- > 0)
        expect(cpts_registry_get_start(client, "x", NULL, &async, on_record_go_on, NULL, NULL) ==
               CPTS_OK);
    on_record(status, record, err, NULL);
}

static void test_async__a_callback_starts_the_next_call(void)
{
    struct cpts_client_options options = begin();
    int left = 20;
    struct cpts_async async = {.size = sizeof async, .data = &left, .release = on_release};
    options.async_max = 1;
    open_with(options);
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &async, on_record_go_on, NULL, NULL),
                    CPTS_OK);
    wait_over(21);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 21);
    end();
}

static void test_async__a_cancelled_read_ends_with_cancelled(void)
{
    open_with(begin());
    uint64_t call = start("held");
    peer_wait_held(1);
    CU_ASSERT_TRUE(cpts_client_cancel(client, call));
    wait_over(1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_CANCELLED], 1);
    CU_ASSERT_STRING_EQUAL(seen.reason, "CANCELLED");
    CU_ASSERT_FALSE(cpts_client_cancel(client, call));
    CU_ASSERT_FALSE(cpts_client_cancel(client, 0));
    CU_ASSERT_FALSE(cpts_client_cancel(client, UINT64_MAX));
    end();
}

static void test_async__a_cancelled_command_may_have_been_carried_out(void)
{
    open_with(begin());
    uint64_t call = start_command("held");
    peer_wait_held(1);
    CU_ASSERT_TRUE(cpts_client_cancel(client, call));
    wait_over(1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_UNKNOWN], 1);
    CU_ASSERT_STRING_EQUAL(seen.reason, "OUTCOME_UNKNOWN");
    end();
}

/* The number after the first @p key of the statistics. */
static long statistic(const char *key)
{
    char *text = cpts_client_statistics_json(client, 0);
    const char *found = text == NULL ? NULL : strstr(text, key);
    long value = found == NULL ? -1 : strtol(found + strlen(key), NULL, 10);
    cpts_string_free(text);
    return value;
}

static void test_async__a_call_that_pauses_is_cancelled_too(void)
{
    struct cpts_async async = ASYNC;
    uint64_t call = 0;
    struct cpts_client_options options = begin();
    options.timeout_ms = 0;
    options.retry_pause_ms = 2000;
    open_with(options);
    async.timeout_ms = CPTS_TIMEOUT_MAX_MS;
    CU_ASSERT_EQUAL(
        cpts_registry_get_start(client, "unavailable", NULL, &async, on_record, &call, NULL),
        CPTS_OK);
    while (statistic("\"attempts\": ") < 1) {
    }
    CU_ASSERT_TRUE(cpts_client_cancel(client, call));
    wait_over(1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_CANCELLED], 1);
    end();
}

static void test_async__what_is_unavailable_is_tried_again(void)
{
    open_with(begin());
    atomic_store(&peer.refusals, 3);
    start("x");
    wait_over(1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 1);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 4);
    CU_ASSERT_EQUAL(statistic("\"retries\": "), 3);
    start("later");
    wait_over(2);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_RESOURCE_EXHAUSTED], 1);
    end();
}

static void *release_later(void *ignored)
{
    (void)ignored;
    peer_release();
    return NULL;
}

static void test_async__close_waits_for_what_is_in_flight(void)
{
    pthread_t thread;
    open_with(begin());
    for (int i = 0; i < 10; i++)
        start("held");
    peer_wait_held(10);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, release_later, NULL), 0);
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 10);
    CU_ASSERT_EQUAL(seen.releases, 10);
    pthread_join(thread, NULL);
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.faults, 0);
}

static void test_async__close_cancels_at_its_deadline(void)
{
    open_with(begin());
    for (int i = 0; i < 10; i++)
        start(i % 2 == 0 ? "held" : "unavailable");
    start_command("held");
    peer_wait_held(6);
    CU_ASSERT_EQUAL(cpts_client_close(client, 1), CPTS_CANCELLED);
    CU_ASSERT_EQUAL(seen.callbacks, 11);
    CU_ASSERT_EQUAL(seen.releases, 11);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_UNKNOWN], 1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 0);
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.faults, 0);
}

static void on_record_close(cpts_status status, struct cpts_record *record,
                            const struct cpts_error *err, void *data)
{
    expect(cpts_client_close(client, 0) == CPTS_FAILED_PRECONDITION);
    on_record(status, record, err, data);
}

static void test_async__a_callback_cannot_close_its_client(void)
{
    open_with(begin());
    CU_ASSERT_EQUAL(cpts_registry_get_start(client, "x", NULL, &ASYNC, on_record_close, NULL, NULL),
                    CPTS_OK);
    wait_over(1);
    end();
}

static void on_record_start_again(cpts_status status, struct cpts_record *record,
                                  const struct cpts_error *err, void *data)
{
    struct cpts_error own;
    cpts_status again = cpts_registry_get_start(client, "x", NULL, NULL, on_record, NULL, &own);
    expect(again == CPTS_FAILED_PRECONDITION && strcmp(own.reason, "CLIENT_CLOSING") == 0);
    on_record(status, record, err, data);
}

static void test_async__a_closing_client_takes_no_call(void)
{
    open_with(begin());
    CU_ASSERT_EQUAL(
        cpts_registry_get_start(client, "held", NULL, &ASYNC, on_record_start_again, NULL, NULL),
        CPTS_OK);
    peer_wait_held(1);
    CU_ASSERT_EQUAL(cpts_client_close(client, 0), CPTS_CANCELLED);
    CU_ASSERT_EQUAL(seen.releases, 1);
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.faults, 0);
}

static bool is_readable(int timeout_ms)
{
    struct pollfd item = {.fd = cpts_client_event_fd(client), .events = POLLIN};
    return poll(&item, 1, timeout_ms) == 1;
}

static void test_async__a_descriptor_tells_when_to_run(void)
{
    struct cpts_client_options options = begin();
    options.delivery = CPTS_DELIVERY_DESCRIPTOR;
    open_with(options);
    CU_ASSERT_FALSE(is_readable(0));
    CU_ASSERT_EQUAL(cpts_client_events_run(client, 1, 0), 0);
    start("x");
    start("x");
    CU_ASSERT_TRUE(is_readable(PATIENCE_MS));
    CU_ASSERT_EQUAL(seen.callbacks, 0);
    CU_ASSERT_EQUAL(cpts_client_events_run(client, 1, 0), 1);
    CU_ASSERT_TRUE(pthread_equal(seen.thread, pthread_self()));
    CU_ASSERT_EQUAL(cpts_client_events_run(client, 1, -1), 1);
    CU_ASSERT_FALSE(is_readable(0));
    CU_ASSERT_EQUAL(cpts_client_events_run(client, 5, 1), 0);
    end();
}

static void test_async__the_event_thread_needs_no_help(void)
{
    open_with(begin());
    CU_ASSERT_EQUAL(cpts_client_event_fd(client), -1);
    CU_ASSERT_EQUAL(cpts_client_events_run(client, 1, -1), -1);
    end();
}

static void test_async__close_runs_what_nobody_ran(void)
{
    struct cpts_client_options options = begin();
    options.delivery = CPTS_DELIVERY_DESCRIPTOR;
    open_with(options);
    start("x");
    CU_ASSERT_TRUE(is_readable(PATIENCE_MS));
    start("held");
    peer_wait_held(1);
    CU_ASSERT_EQUAL(cpts_client_close(client, 0), CPTS_CANCELLED);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_OK], 1);
    CU_ASSERT_EQUAL(seen.by_status[CPTS_CANCELLED], 1);
    CU_ASSERT_EQUAL(seen.releases, 2);
    CU_ASSERT_TRUE(pthread_equal(seen.thread, pthread_self()));
    peer_close(&peer);
}

/* Starts calls of every kind, cancels some; takes "too many" for an answer. */
static void *storm(void *data)
{
    static const char *const IDS[] = {"x", "missing", "unavailable", "x"};
    int *started = data;
    for (int i = 0; i < STORM_CALLS; i++) {
        uint64_t call = 0;
        cpts_status status =
            cpts_registry_get_start(client, IDS[i % 4], NULL, &ASYNC, on_record, &call, NULL);
        *started += status == CPTS_OK;
        if (status == CPTS_OK && i % 7 == 0)
            (void)cpts_client_cancel(client, call);
    }
    return NULL;
}

static void test_async__many_threads_start_and_cancel(void)
{
    pthread_t threads[STORM_THREADS];
    int started[STORM_THREADS] = {0}, total = 0;
    open_with(begin());
    for (int i = 0; i < STORM_THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, storm, &started[i]), 0);
    for (int i = 0; i < STORM_THREADS; i++) {
        pthread_join(threads[i], NULL);
        total += started[i];
    }
    wait_over(total);
    end();
    CU_ASSERT_EQUAL(seen.callbacks, total);
    CU_ASSERT_TRUE(total > STORM_CALLS);
    CU_ASSERT_TRUE(seen.by_status[CPTS_UNAVAILABLE] > 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_async__callbacks_run_on_the_event_thread),
    UNIT_TEST(test_async__a_command_id_is_minted_by_the_start),
    UNIT_TEST(test_async__a_refused_start_runs_nothing),
    UNIT_TEST(test_async__one_call_too_many_is_refused),
    UNIT_TEST(test_async__a_callback_starts_the_next_call),
    UNIT_TEST(test_async__a_cancelled_read_ends_with_cancelled),
    UNIT_TEST(test_async__a_cancelled_command_may_have_been_carried_out),
    UNIT_TEST(test_async__a_call_that_pauses_is_cancelled_too),
    UNIT_TEST(test_async__what_is_unavailable_is_tried_again),
    UNIT_TEST(test_async__close_waits_for_what_is_in_flight),
    UNIT_TEST(test_async__close_cancels_at_its_deadline),
    UNIT_TEST(test_async__a_callback_cannot_close_its_client),
    UNIT_TEST(test_async__a_closing_client_takes_no_call),
    UNIT_TEST(test_async__a_descriptor_tells_when_to_run),
    UNIT_TEST(test_async__the_event_thread_needs_no_help),
    UNIT_TEST(test_async__close_runs_what_nobody_ran),
    UNIT_TEST(test_async__many_threads_start_and_cancel),
};

UNIT_MAIN("sdk/async")
