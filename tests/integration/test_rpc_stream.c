/* SPDX-License-Identifier: Apache-2.0 */
#include <grpc/health/v1/health.pb-c.h>
#include <string.h>

#include "base/clock.h"
#include "integration/rpc_counter.h"
#include "integration/rpc_fixture.h"
#include "support/unit.h"

#define NS_PER_MS 1000000LL
#define PAD_BYTES 10000
/* What a stream may have in its buffers and in the network's: far less than
 * what is to be sent. */
#define BUFFERED_MAX 2000
#define ENDLESS "100000e"
#define BARRIER_CALLS 100
#define MANY 60
#define METHOD_HEALTH_WATCH "/grpc.health.v1.Health/Watch"

static struct fixture fixture;
static struct rpc_client *client;
static struct rpc_reply reply;

static void begin(void)
{
    fixture_open(&fixture);
    client = fixture_client(&fixture, "national");
    counter_pad(0);
}

static void end(void)
{
    rpc_client_close(client);
    fixture_close(&fixture);
    CU_ASSERT_TRUE(counter_await_open(0));
}

static struct rpc_reader *start(const char *method, const char *text, int timeout_ms)
{
    uint8_t bytes[64];
    Grpc__Health__V1__HealthCheckRequest message = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    message.service = (char *)(uintptr_t)text;
    struct rpc_request request = {method, bytes,
                                  grpc__health__v1__health_check_request__pack(&message, bytes),
                                  timeout_ms, false};
    return reader_start(client, &request);
}

static struct rpc_reader *count(const char *text)
{
    return start(METHOD_COUNT, text, RPC_CLIENT_NO_DEADLINE);
}

/* The server's thread has done everything that was there before. */
static void pass_barrier(void)
{
    for (int i = 0; i < BARRIER_CALLS; i++) {
        fixture_call(client, METHOD_ECHO, "x", &reply);
        CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    }
}

static void test_rpc_stream__every_message_arrives_in_order_and_then_ok(void)
{
    begin();
    struct rpc_reader *reader = count("5000e");
    CU_ASSERT_EQUAL(reader_drain(reader), 5000);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    end();
}

static void test_rpc_stream__no_message_at_all_is_fine(void)
{
    begin();
    struct rpc_reader *reader = count("0e");
    CU_ASSERT_EQUAL(reader_drain(reader), 0);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    end();
}

static void test_rpc_stream__what_was_held_back_leaves_before_a_wait(void)
{
    begin();
    struct rpc_reader *reader = count("3w");
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(reader_next(reader));
    counter_add(7);
    for (int i = 0; i < 7; i++)
        CU_ASSERT_TRUE(reader_next(reader));
    reader_cancel(reader);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_CANCELLED);
    end();
}

static void test_rpc_stream__failure_after_messages_carries_its_details(void)
{
    begin();
    struct rpc_reader *reader = count("4f");
    CU_ASSERT_EQUAL(reader_drain(reader), 4);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "SUBSCRIBER_TOO_SLOW");
    CU_ASSERT_STRING_EQUAL(reply.error.detail, "4");
    end();
}

static void test_rpc_stream__refusal_at_the_beginning_carries_its_details(void)
{
    begin();
    struct rpc_reader *reader = count("nonsense");
    CU_ASSERT_EQUAL(reader_drain(reader), 0);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(reply.error.field, "service");
    end();
}

static void test_rpc_stream__identity_is_asked_for(void)
{
    fixture_open(&fixture);
    client = fixture_client(&fixture, "no-uri");
    struct rpc_reader *reader = count("1e");
    CU_ASSERT_EQUAL(reader_drain(reader), 0);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_UNAUTHENTICATED);
    end();
}

static void test_rpc_stream__without_a_message_is_refused(void)
{
    struct rpc_request request = {METHOD_COUNT, "", 0, RPC_CLIENT_NO_DEADLINE, true};
    begin();
    struct rpc_reader *reader = reader_start(client, &request);
    CU_ASSERT_EQUAL(reader_drain(reader), 0);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "MALFORMED_MESSAGE");
    end();
}

static void test_rpc_stream__slow_reader_holds_up_nobody_but_itself(void)
{
    begin();
    counter_pad(PAD_BYTES);
    int64_t before = counter_sent_count();
    struct rpc_reader *slow = count(ENDLESS);
    CU_ASSERT_TRUE(reader_next(slow));
    pass_barrier();
    CU_ASSERT_TRUE(counter_sent_count() - before < BUFFERED_MAX);
    struct rpc_reader *fast = count("200e");
    CU_ASSERT_EQUAL(reader_drain(fast), 200);
    reader_finish(fast, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    CU_ASSERT_TRUE(counter_sent_count() - before < BUFFERED_MAX);
    reader_cancel(slow);
    reader_finish(slow, &reply);
    end();
}

static void test_rpc_stream__cut_reaches_one_that_does_not_read(void)
{
    begin();
    counter_pad(PAD_BYTES);
    struct rpc_reader *reader = count(ENDLESS);
    CU_ASSERT_TRUE(reader_next(reader));
    counter_cut_all();
    CU_ASSERT_TRUE(reader_drain(reader) < BUFFERED_MAX);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(reply.message, "cut");
    end();
}

static void test_rpc_stream__cancelled_while_waiting_is_released(void)
{
    begin();
    struct rpc_reader *readers[20];
    for (int i = 0; i < 20; i++)
        readers[i] = count("1w");
    for (int i = 0; i < 20; i++)
        CU_ASSERT_TRUE(reader_next(readers[i]));
    CU_ASSERT_TRUE(counter_await_open(20));
    for (int i = 0; i < 20; i++) {
        reader_cancel(readers[i]);
        reader_finish(readers[i], &reply);
    }
    CU_ASSERT_TRUE(counter_await_open(0));
    end();
}

static void test_rpc_stream__cancelled_at_once_is_released(void)
{
    begin();
    for (int i = 0; i < 50; i++) {
        struct rpc_reader *reader = count(i % 2 == 0 ? "1000w" : "0w");
        reader_cancel(reader);
        reader_finish(reader, &reply);
        CU_ASSERT_EQUAL(reply.status, CPTS_CANCELLED);
    }
    pass_barrier();
    CU_ASSERT_TRUE(counter_await_open(0));
    end();
}

static void test_rpc_stream__client_that_disappears_is_released(void)
{
    begin();
    struct rpc_client *gone = fixture_client(&fixture, "national");
    struct rpc_client *kept = client;
    client = gone;
    struct rpc_reader *reader = count("1w");
    CU_ASSERT_TRUE(reader_next(reader));
    reader_cancel(reader);
    reader_finish(reader, &reply);
    rpc_client_close(gone);
    client = kept;
    CU_ASSERT_TRUE(counter_await_open(0));
    end();
}

static void test_rpc_stream__deadline_ends_one_that_waits(void)
{
    begin();
    struct rpc_reader *reader = start(METHOD_COUNT, "2w", 200);
    (void)reader_drain(reader);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_DEADLINE_EXCEEDED);
    CU_ASSERT_TRUE(counter_await_open(0));
    end();
}

static void test_rpc_stream__more_than_the_limit_are_refused(void)
{
    fixture_options(&fixture);
    fixture.options.limits.streams = 2;
    CU_ASSERT_EQUAL_FATAL(rpc_server_open(&fixture.options, &fixture.server, NULL), CPTS_OK);
    client = fixture_client(&fixture, "national");
    struct rpc_reader *first = count("1w"), *second = count("1w");
    CU_ASSERT_TRUE(reader_next(first) && reader_next(second));
    struct rpc_reader *third = count("1w");
    CU_ASSERT_EQUAL(reader_drain(third), 0);
    reader_finish(third, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "TOO_MANY_STREAMS");
    reader_cancel(first);
    reader_finish(first, &reply);
    CU_ASSERT_TRUE(counter_await_open(1));
    pass_barrier();
    third = count("1e");
    CU_ASSERT_EQUAL(reader_drain(third), 1);
    reader_finish(third, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    reader_cancel(second);
    reader_finish(second, &reply);
    end();
}

static void test_rpc_stream__another_thread_begins_it_while_others_call(void)
{
    struct rpc_reader *readers[MANY];
    begin();
    for (int i = 0; i < MANY; i++)
        readers[i] = start(METHOD_COUNT_LATER, "1e", RPC_CLIENT_NO_DEADLINE);
    pass_barrier();
    for (int i = 0; i < MANY; i++) {
        CU_ASSERT_EQUAL(reader_drain(readers[i]), 1);
        reader_finish(readers[i], &reply);
        CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    }
    end();
}

/* Some end while those that wait are asked to. */
static void test_rpc_stream__drain_while_clients_leave(void)
{
    struct rpc_reader *readers[MANY];
    begin();
    for (int i = 0; i < MANY; i++)
        readers[i] = count("1w");
    for (int i = 0; i < MANY; i++)
        CU_ASSERT_TRUE(reader_next(readers[i]));
    for (int i = 0; i < MANY; i++)
        reader_cancel(readers[i]);
    rpc_server_drain(fixture.server, 20000 * NS_PER_MS);
    for (int i = 0; i < MANY; i++) {
        (void)reader_drain(readers[i]);
        reader_finish(readers[i], &reply);
        CU_ASSERT_TRUE(reply.status == CPTS_CANCELLED || reply.status == CPTS_UNAVAILABLE);
    }
    end();
}

static void test_rpc_stream__drain_ends_those_that_wait_with_their_position(void)
{
    begin();
    struct rpc_reader *reader = count("3w");
    for (int i = 0; i < 3; i++)
        CU_ASSERT_TRUE(reader_next(reader));
    int64_t begun_ns = clock_monotonic_ns();
    rpc_server_drain(fixture.server, 20000 * NS_PER_MS);
    CU_ASSERT_TRUE(clock_monotonic_ns() - begun_ns < 10000 * NS_PER_MS);
    CU_ASSERT_EQUAL(reader_drain(reader), 0);
    reader_finish(reader, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "SHUTTING_DOWN");
    CU_ASSERT_STRING_EQUAL(reply.error.detail, "3");
    end();
}

static void test_rpc_stream__drain_does_not_wait_for_one_that_does_not_read(void)
{
    begin();
    counter_pad(PAD_BYTES);
    struct rpc_reader *reader = count(ENDLESS);
    CU_ASSERT_TRUE(reader_next(reader));
    rpc_server_close(fixture.server, 50 * NS_PER_MS);
    fixture.server = NULL;
    (void)reader_drain(reader);
    reader_finish(reader, &reply);
    CU_ASSERT_NOT_EQUAL(reply.status, CPTS_OK);
    end();
}

/* The status in the next message, -1 at the end. */
static int next_health(struct rpc_reader *reader, struct rpc_reply *ret_reply)
{
    if (!reader_next(reader))
        return -1;
    reader_message(reader, ret_reply);
    Grpc__Health__V1__HealthCheckResponse *response =
        grpc__health__v1__health_check_response__unpack(NULL, ret_reply->byte_count,
                                                        ret_reply->bytes);
    int status = response == NULL ? -1 : (int)response->status;
    if (response != NULL)
        grpc__health__v1__health_check_response__free_unpacked(response, NULL);
    return status;
}

static void test_rpc_stream__health_watch_tells_each_change(void)
{
    begin();
    struct rpc_reader *reader = start(METHOD_HEALTH_WATCH, "", RPC_CLIENT_NO_DEADLINE);
    struct rpc_reader *unknown = start(METHOD_HEALTH_WATCH, "no.Such", RPC_CLIENT_NO_DEADLINE);
    CU_ASSERT_EQUAL(next_health(reader, &reply), 2);
    CU_ASSERT_EQUAL(next_health(unknown, &reply), 3);
    rpc_server_health_set(fixture.server, true);
    rpc_server_health_set(fixture.server, true);
    CU_ASSERT_EQUAL(next_health(reader, &reply), 1);
    rpc_server_health_set(fixture.server, false);
    CU_ASSERT_EQUAL(next_health(reader, &reply), 2);
    reader_cancel(unknown);
    reader_finish(unknown, &reply);
    rpc_server_drain(fixture.server, 20000 * NS_PER_MS);
    CU_ASSERT_EQUAL(next_health(reader, &reply), -1);
    reader_finish(reader, &reply);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "SHUTTING_DOWN");
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_stream__every_message_arrives_in_order_and_then_ok),
    UNIT_TEST(test_rpc_stream__no_message_at_all_is_fine),
    UNIT_TEST(test_rpc_stream__what_was_held_back_leaves_before_a_wait),
    UNIT_TEST(test_rpc_stream__failure_after_messages_carries_its_details),
    UNIT_TEST(test_rpc_stream__refusal_at_the_beginning_carries_its_details),
    UNIT_TEST(test_rpc_stream__identity_is_asked_for),
    UNIT_TEST(test_rpc_stream__without_a_message_is_refused),
    UNIT_TEST(test_rpc_stream__slow_reader_holds_up_nobody_but_itself),
    UNIT_TEST(test_rpc_stream__cut_reaches_one_that_does_not_read),
    UNIT_TEST(test_rpc_stream__cancelled_while_waiting_is_released),
    UNIT_TEST(test_rpc_stream__cancelled_at_once_is_released),
    UNIT_TEST(test_rpc_stream__client_that_disappears_is_released),
    UNIT_TEST(test_rpc_stream__deadline_ends_one_that_waits),
    UNIT_TEST(test_rpc_stream__more_than_the_limit_are_refused),
    UNIT_TEST(test_rpc_stream__another_thread_begins_it_while_others_call),
    UNIT_TEST(test_rpc_stream__drain_while_clients_leave),
    UNIT_TEST(test_rpc_stream__drain_ends_those_that_wait_with_their_position),
    UNIT_TEST(test_rpc_stream__drain_does_not_wait_for_one_that_does_not_read),
    UNIT_TEST(test_rpc_stream__health_watch_tells_each_change),
};

UNIT_MAIN("rpc_stream")
