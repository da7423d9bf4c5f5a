/* SPDX-License-Identifier: Apache-2.0 */
#include <grpc/grpc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/method.h"
#include "integration/rpc_fixture.h"
#include "support/unit.h"

#define NS_PER_MS 1000000LL

static struct fixture fixture;
static struct rpc_reply reply;

/* Opens with the options as they are, and expects a refusal. */
static void assert_not_opened(void)
{
    struct cpts_error error = {.status = CPTS_OK};
    struct rpc_server *untouched = NULL;
    CU_ASSERT_EQUAL(rpc_server_open(&fixture.options, &untouched, &error),
                    CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "CONFIGURATION_INVALID");
    CU_ASSERT_STRING_NOT_EQUAL(error.message, "");
    CU_ASSERT_PTR_NULL(untouched);
}

static void test_rpc_server__is_built_on_the_core_it_was_written_for(void)
{
    CU_ASSERT_EQUAL(strncmp(grpc_version_string(), "29.", 3), 0);
}

static void test_rpc_server__refuses_a_missing_file(void)
{
    fixture_options(&fixture);
    fixture.options.key_path = "/nonexistent.key";
    assert_not_opened();
}

static void test_rpc_server__refuses_a_file_that_is_no_pem(void)
{
    fixture_options(&fixture);
    fixture.options.ca_path = "/proc/self/status";
    assert_not_opened();
}

static void test_rpc_server__refuses_a_key_of_another_certificate(void)
{
    fixture_options(&fixture);
    fixture_path("national.key", fixture.key);
    assert_not_opened();
}

static void test_rpc_server__refuses_a_port_that_is_taken(void)
{
    char address[32];
    fixture_open(&fixture);
    struct rpc_server *first = fixture.server;
    snprintf(address, sizeof address, "127.0.0.1:%d", rpc_server_port(first));
    fixture.options.address = address;
    assert_not_opened();
    fixture_close(&fixture);
}

static void test_rpc_server__refuses_a_method_named_twice(void)
{
    fixture_options(&fixture);
    struct method rows[] = {fixture.options.methods->methods[0],
                            fixture.options.methods->methods[0]};
    struct method_table table = {rows, 2};
    fixture.options.methods = &table;
    assert_not_opened();
}

static void test_rpc_server__opens_and_closes_again_and_again(void)
{
    for (int i = 0; i < 5; i++) {
        fixture_open(&fixture);
        CU_ASSERT_TRUE(rpc_server_port(fixture.server) > 0);
        fixture_close(&fixture);
    }
}

static void test_rpc_server__closing_nothing_is_fine(void)
{
    rpc_server_close(NULL, 0);
    CU_PASS("it returned");
}

/* Puts @p other in the place of @p file, reloads, and puts it back. */
static void reload_with(const char *file, const char *other, cpts_status expected)
{
    char path[FIXTURE_PATH_BYTES], other_path[FIXTURE_PATH_BYTES], kept[FIXTURE_PATH_BYTES];
    struct cpts_error error = {.status = CPTS_OK};
    fixture_path(file, path);
    fixture_path(other, other_path);
    fixture_path("kept", kept);
    CU_ASSERT_EQUAL(rename(path, kept), 0);
    CU_ASSERT_EQUAL(rename(other_path, path), 0);
    CU_ASSERT_EQUAL(rpc_server_reload(fixture.server, &error), expected);
    CU_ASSERT_STRING_EQUAL(error.reason, expected == CPTS_OK ? "" : "CONFIGURATION_INVALID");
    CU_ASSERT_EQUAL(rename(path, other_path), 0);
    CU_ASSERT_EQUAL(rename(kept, path), 0);
}

static void test_rpc_server__reload_refuses_a_pair_that_does_not_fit(void)
{
    fixture_open(&fixture);
    int64_t not_after = rpc_server_certificate_not_after(fixture.server);
    CU_ASSERT_TRUE(not_after > time(NULL));
    reload_with("server.key", "national.key", CPTS_FAILED_PRECONDITION);
    reload_with("server.pem", "expired.pem", CPTS_FAILED_PRECONDITION);
    reload_with("ca.pem", "server.key", CPTS_FAILED_PRECONDITION);
    CU_ASSERT_EQUAL(rpc_server_certificate_not_after(fixture.server), not_after);
    struct rpc_client *client = fixture_client(&fixture, "national");
    fixture_call(client, METHOD_ECHO, "x", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "x"));
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void test_rpc_server__reload_takes_the_new_ca(void)
{
    fixture_open(&fixture);
    struct rpc_client *client = fixture_client(&fixture, "foreign");
    fixture_call(client, METHOD_ECHO, "x", &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_UNAVAILABLE);
    rpc_client_close(client);

    char ca[FIXTURE_PATH_BYTES], foreign[FIXTURE_PATH_BYTES], kept[FIXTURE_PATH_BYTES];
    struct cpts_error error;
    fixture_path("ca.pem", ca);
    fixture_path("foreign-ca.pem", foreign);
    fixture_path("kept.pem", kept);
    CU_ASSERT_EQUAL(rename(ca, kept), 0);
    CU_ASSERT_EQUAL(rpc_server_reload(fixture.server, &error), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "CONFIGURATION_INVALID");
    CU_ASSERT_EQUAL(rename(foreign, ca), 0);
    CU_ASSERT_EQUAL(rpc_server_reload(fixture.server, &error), CPTS_OK);
    CU_ASSERT_EQUAL(rename(ca, foreign), 0);
    CU_ASSERT_EQUAL(rename(kept, ca), 0);

    client = fixture_client(&fixture, "foreign");
    fixture_call(client, METHOD_ECHO, "x", &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "x"));
    rpc_client_close(client);
    fixture_close(&fixture);
}

static void test_rpc_server__drain_cancels_what_outlives_the_grace(void)
{
    struct rpc_client_call *calls[3];
    fixture_open(&fixture);
    struct rpc_client *client = fixture_client(&fixture, "national");
    for (int i = 0; i < 3; i++)
        calls[i] = fixture_start(client, METHOD_HOLD, "held", RPC_CLIENT_PATIENCE_MS);
    fixture_wait_held(3);
    int64_t begun_ns = clock_monotonic_ns();
    rpc_server_drain(fixture.server, 50 * NS_PER_MS);
    CU_ASSERT_TRUE(clock_monotonic_ns() - begun_ns >= 50 * NS_PER_MS);
    for (int i = 0; i < 3; i++) {
        rpc_client_finish(calls[i], &reply);
        CU_ASSERT_NOT_EQUAL(reply.status, CPTS_OK);
        CU_ASSERT_NOT_EQUAL(reply.status, CPTS_DEADLINE_EXCEEDED);
    }
    fixture_release(); /* the lane gives them back only now */
    fixture_close(&fixture);
    rpc_client_close(client);
}

/* Releases the held call once the server takes no more calls. */
static void *release_when_refused(void *context)
{
    struct rpc_client *client = context;
    struct rpc_reply probe;
    do
        fixture_call(client, METHOD_ECHO, "x", &probe);
    while (probe.status == CPTS_OK);
    fixture_release();
    return NULL;
}

static void test_rpc_server__drain_lets_calls_end(void)
{
    pthread_t thread;
    fixture_open(&fixture);
    struct rpc_client *client = fixture_client(&fixture, "national");
    struct rpc_client *prober = fixture_client(&fixture, "national");
    struct rpc_client_call *call =
        fixture_start(client, METHOD_HOLD, "last", RPC_CLIENT_PATIENCE_MS);
    fixture_wait_held(1);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, release_when_refused, prober), 0);
    int64_t begun_ns = clock_monotonic_ns();
    rpc_server_drain(fixture.server, 20000 * NS_PER_MS);
    CU_ASSERT_TRUE(clock_monotonic_ns() - begun_ns < 20000 * NS_PER_MS);
    pthread_join(thread, NULL);
    rpc_client_finish(call, &reply);
    CU_ASSERT_TRUE(fixture_is_echo(&reply, "last"));
    fixture_close(&fixture);
    rpc_client_close(client);
    rpc_client_close(prober);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_server__is_built_on_the_core_it_was_written_for),
    UNIT_TEST(test_rpc_server__refuses_a_missing_file),
    UNIT_TEST(test_rpc_server__refuses_a_file_that_is_no_pem),
    UNIT_TEST(test_rpc_server__refuses_a_key_of_another_certificate),
    UNIT_TEST(test_rpc_server__refuses_a_port_that_is_taken),
    UNIT_TEST(test_rpc_server__refuses_a_method_named_twice),
    UNIT_TEST(test_rpc_server__opens_and_closes_again_and_again),
    UNIT_TEST(test_rpc_server__closing_nothing_is_fine),
    UNIT_TEST(test_rpc_server__reload_refuses_a_pair_that_does_not_fit),
    UNIT_TEST(test_rpc_server__reload_takes_the_new_ca),
    UNIT_TEST(test_rpc_server__drain_cancels_what_outlives_the_grace),
    UNIT_TEST(test_rpc_server__drain_lets_calls_end),
};

UNIT_MAIN("rpc_server")
