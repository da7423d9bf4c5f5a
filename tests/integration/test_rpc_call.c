/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "integration/rpc_fixture.h"
#include "support/unit.h"

static struct fixture fixture;
static struct rpc_client *client;
static struct rpc_reply reply;

static void begin(void)
{
    fixture_open(&fixture);
    client = fixture_client(&fixture, "national");
}

/* Every test ends with a call that works: the server is alive. */
static void end(void)
{
    fixture_call(client, METHOD_ECHO, "still here", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "still here"));
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void assert_failed(cpts_status status, const char *reason)
{
    CU_ASSERT_EQUAL(reply.status, status);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, reason);
    CU_ASSERT_EQUAL(reply.byte_count, 0);
}

static void test_rpc_call__carries_request_and_response(void)
{
    begin();
    struct fixture_seen seen;
    fixture_call(client, METHOD_ECHO, "bonjour", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "bonjour"));
    fixture_seen(&seen);
    CU_ASSERT_STRING_EQUAL(seen.principal.uri, "spiffe://cpts.test/node/national");
    CU_ASSERT_EQUAL(seen.principal.roles, ROLE_NATIONAL_NODE);
    CU_ASSERT_TRUE(seen.time_left_ns > 0);
    CU_ASSERT_TRUE(seen.time_left_ns <= (RPC_CLIENT_PATIENCE_MS + 100) * 1000000LL);
    end();
}

static void test_rpc_call__accepts_an_empty_message(void)
{
    begin();
    fixture_call(client, METHOD_ECHO, "", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, ""));
    end();
}

static void test_rpc_call__replies_from_another_thread(void)
{
    begin();
    fixture_call(client, METHOD_LATER, "later", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "later"));
    end();
}

static void test_rpc_call__reads_a_message_of_several_slices(void)
{
    static uint8_t bytes[300000] = {0x0a, 0xdc, 0xa7, 0x12}; /* field 1, 299,996 bytes */
    memset(bytes + 4, 'a', sizeof bytes - 4);
    struct rpc_request request = {METHOD_ECHO, bytes, sizeof bytes, RPC_CLIENT_PATIENCE_MS, false};
    struct fixture_seen seen;
    begin();
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    CU_ASSERT_EQUAL(reply.byte_count, sizeof bytes);
    CU_ASSERT_EQUAL(memcmp(reply.bytes, bytes, sizeof reply.bytes), 0);
    fixture_seen(&seen);
    CU_ASSERT_EQUAL(seen.request_byte_count, sizeof bytes);
    end();
}

static void test_rpc_call__refuses_a_call_without_deadline(void)
{
    struct rpc_request request = {METHOD_ECHO, "", 0, RPC_CLIENT_NO_DEADLINE, false};
    begin();
    rpc_client_call(client, &request, &reply);
    assert_failed(CPTS_INVALID_ARGUMENT, "DEADLINE_REQUIRED");
    end();
}

static void test_rpc_call__brings_a_long_deadline_down_to_ten_minutes(void)
{
    struct rpc_request request = {METHOD_ECHO, "", 0, 3600 * 1000, false};
    struct fixture_seen seen;
    begin();
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    fixture_seen(&seen);
    CU_ASSERT_TRUE(seen.time_left_ns <= RPC_DEADLINE_MAX_NS);
    CU_ASSERT_TRUE(seen.time_left_ns > RPC_DEADLINE_MAX_NS / 2);
    end();
}

static void test_rpc_call__refuses_an_oversized_message(void)
{
    static uint8_t bytes[1024 * 1024 + 1];
    struct rpc_request request = {METHOD_ECHO, bytes, sizeof bytes, RPC_CLIENT_PATIENCE_MS, false};
    begin();
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_RESOURCE_EXHAUSTED);
    end();
}

static void test_rpc_call__refuses_a_compressed_message(void)
{
    static uint8_t bytes[100000];
    struct rpc_request request = {METHOD_ECHO, bytes, sizeof bytes, RPC_CLIENT_PATIENCE_MS, false};
    struct rpc_client_options options = {.compression = GRPC_COMPRESS_GZIP};
    fixture_open_insecure(&fixture);
    options.port = rpc_server_port(fixture.server);
    client = rpc_client_open(&options);
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_UNIMPLEMENTED);
    rpc_client_close(client);
    client = fixture_client(&fixture, NULL);
    end();
}

static void test_rpc_call__refuses_a_call_without_message(void)
{
    struct rpc_request request = {METHOD_ECHO, NULL, 0, RPC_CLIENT_PATIENCE_MS, true};
    begin();
    rpc_client_call(client, &request, &reply);
    assert_failed(CPTS_INVALID_ARGUMENT, "MALFORMED_MESSAGE");
    end();
}

static void test_rpc_call__answers_an_unknown_method_at_once(void)
{
    struct rpc_request request = {"/cpts.test.Service/None", "", 0, RPC_CLIENT_NO_DEADLINE, false};
    begin();
    rpc_client_call(client, &request, &reply);
    assert_failed(CPTS_UNIMPLEMENTED, "UNKNOWN_METHOD");
    CU_ASSERT_PTR_NOT_NULL(strstr(reply.message, request.method));
    end();
}

static void test_rpc_call__sends_the_details_of_a_failure(void)
{
    begin();
    fixture_call(client, METHOD_FAIL, "x", &reply);
    assert_failed(CPTS_INVALID_ARGUMENT, "FIELD_INVALID");
    CU_ASSERT_STRING_EQUAL(reply.message, "The text is not \"right\"; caf\u00e9");
    CU_ASSERT_STRING_EQUAL(reply.error.field, "service");
    CU_ASSERT_STRING_EQUAL(reply.error.detail, "one fact");
    CU_ASSERT_EQUAL(reply.error.retry_after_ms, 1500);
    end();
}

static void test_rpc_call__does_not_leak_a_failure_into_the_next_call(void)
{
    begin();
    for (int i = 0; i < 100; i++) {
        fixture_call(client, METHOD_FAIL, "x", &reply);
        assert_failed(CPTS_INVALID_ARGUMENT, "FIELD_INVALID");
        fixture_call(client, METHOD_ECHO, "x", &reply);
        CU_ASSERT_TRUE(fixture_is_echo(&reply, "x"));
        CU_ASSERT_STRING_EQUAL(reply.error.reason, "");
    }
    end();
}

static void test_rpc_call__reports_a_missing_response(void)
{
    begin();
    fixture_call(client, METHOD_SILENT, "x", &reply);
    assert_failed(CPTS_INTERNAL, "INTERNAL_ERROR");
    end();
}

static void test_rpc_call__refuses_to_send_a_huge_response(void)
{
    begin();
    fixture_call(client, METHOD_HUGE, "x", &reply);
    assert_failed(CPTS_RESOURCE_EXHAUSTED, "MESSAGE_TOO_LARGE");
    end();
}

static void test_rpc_call__survives_a_cancelled_call(void)
{
    begin();
    struct rpc_client_call *call = fixture_start(client, METHOD_HOLD, "x", RPC_CLIENT_PATIENCE_MS);
    fixture_wait_held(1);
    rpc_client_cancel(call);
    rpc_client_finish(call, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_CANCELLED);
    fixture_release();
    end();
}

static void test_rpc_call__survives_a_deadline_that_passes(void)
{
    begin();
    fixture_call(client, METHOD_ECHO, "connected", &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    struct rpc_client_call *call = fixture_start(client, METHOD_HOLD, "x", 2000);
    fixture_wait_held(1);
    rpc_client_finish(call, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_DEADLINE_EXCEEDED);
    fixture_release();
    end();
}

static void test_rpc_call__survives_a_client_that_goes_away(void)
{
    begin();
    struct rpc_client *other = fixture_client(&fixture, "region");
    struct rpc_client_call *call = fixture_start(other, METHOD_HOLD, "x", RPC_CLIENT_PATIENCE_MS);
    fixture_wait_held(1);
    rpc_client_cancel(call);
    rpc_client_finish(call, &reply);
    rpc_client_close(other);
    fixture_release();
    end();
}

#define CONNECTIONS 8
#define CALLS_EACH 125

static void test_rpc_call__holds_a_thousand_calls(void)
{
    static struct rpc_client *clients[CONNECTIONS];
    static struct rpc_client_call *calls[CONNECTIONS][CALLS_EACH];
    begin();
    for (int i = 0; i < CONNECTIONS; i++) {
        clients[i] = fixture_client(&fixture, "national");
        for (int k = 0; k < CALLS_EACH; k++)
            calls[i][k] = fixture_start(clients[i], METHOD_HOLD, "many", RPC_CLIENT_PATIENCE_MS);
    }
    fixture_wait_held(CONNECTIONS * CALLS_EACH);
    fixture_release();
    int answered = 0;
    for (int i = 0; i < CONNECTIONS; i++) {
        for (int k = 0; k < CALLS_EACH; k++) {
            rpc_client_finish(calls[i][k], &reply);
            answered += fixture_is_echo(&reply, "many");
        }
        rpc_client_close(clients[i]);
    }
    CU_ASSERT_EQUAL(answered, CONNECTIONS * CALLS_EACH);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_call__carries_request_and_response),
    UNIT_TEST(test_rpc_call__accepts_an_empty_message),
    UNIT_TEST(test_rpc_call__replies_from_another_thread),
    UNIT_TEST(test_rpc_call__reads_a_message_of_several_slices),
    UNIT_TEST(test_rpc_call__refuses_a_call_without_deadline),
    UNIT_TEST(test_rpc_call__brings_a_long_deadline_down_to_ten_minutes),
    UNIT_TEST(test_rpc_call__refuses_an_oversized_message),
    UNIT_TEST(test_rpc_call__refuses_a_compressed_message),
    UNIT_TEST(test_rpc_call__refuses_a_call_without_message),
    UNIT_TEST(test_rpc_call__answers_an_unknown_method_at_once),
    UNIT_TEST(test_rpc_call__sends_the_details_of_a_failure),
    UNIT_TEST(test_rpc_call__does_not_leak_a_failure_into_the_next_call),
    UNIT_TEST(test_rpc_call__reports_a_missing_response),
    UNIT_TEST(test_rpc_call__refuses_to_send_a_huge_response),
    UNIT_TEST(test_rpc_call__survives_a_cancelled_call),
    UNIT_TEST(test_rpc_call__survives_a_deadline_that_passes),
    UNIT_TEST(test_rpc_call__survives_a_client_that_goes_away),
    UNIT_TEST(test_rpc_call__holds_a_thousand_calls),
};

UNIT_MAIN("rpc_call")
