/* SPDX-License-Identifier: Apache-2.0 */
#include <grpc/health/v1/health.pb-c.h>

#include "integration/rpc_fixture.h"
#include "support/unit.h"

#define SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING
#define NOT_SERVING GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING

static struct fixture fixture;
static struct rpc_client *client;
static struct rpc_reply reply;

static void begin(const char *certificate)
{
    fixture_open(&fixture);
    client = fixture_client(&fixture, certificate);
}

static void end(void)
{
    rpc_client_close(client);
    fixture_close(&fixture);
}

/* The status in the reply, -1 when there is none. */
static int check(const char *service)
{
    fixture_call(client, METHOD_HEALTH, service, &reply);
    Grpc__Health__V1__HealthCheckResponse *response =
        reply.status != CPTS_OK
            ? NULL
            : grpc__health__v1__health_check_response__unpack(NULL, reply.byte_count, reply.bytes);
    if (response == NULL)
        return -1;
    int status = (int)response->status;
    grpc__health__v1__health_check_response__free_unpacked(response, NULL);
    return status;
}

static void test_rpc_health__says_what_it_was_told(void)
{
    begin("national");
    CU_ASSERT_EQUAL(check(""), NOT_SERVING);
    rpc_server_health_set(fixture.server, true);
    CU_ASSERT_EQUAL(check(""), SERVING);
    CU_ASSERT_EQUAL(check("cpts.test.Service"), SERVING);
    CU_ASSERT_EQUAL(check("grpc.health.v1.Health"), SERVING);
    rpc_server_health_set(fixture.server, false);
    CU_ASSERT_EQUAL(check("cpts.test.Service"), NOT_SERVING);
    end();
}

static void test_rpc_health__does_not_know_other_services(void)
{
    begin("national");
    CU_ASSERT_EQUAL(check("cpts.test.Serv"), -1);
    CU_ASSERT_EQUAL(reply.status, CPTS_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "");
    end();
}

static void test_rpc_health__needs_neither_role_nor_deadline(void)
{
    struct rpc_request request = {METHOD_HEALTH, "", 0, RPC_CLIENT_NO_DEADLINE, false};
    begin("no-uri");
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_OK);
    end();
}

static void test_rpc_health__refuses_what_is_no_message(void)
{
    struct rpc_request request = {METHOD_HEALTH, "\x0a\x05x", 3, RPC_CLIENT_PATIENCE_MS, false};
    begin("national");
    rpc_client_call(client, &request, &reply);
    CU_ASSERT_EQUAL(reply.status, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(reply.error.reason, "MALFORMED_MESSAGE");
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rpc_health__says_what_it_was_told),
    UNIT_TEST(test_rpc_health__does_not_know_other_services),
    UNIT_TEST(test_rpc_health__needs_neither_role_nor_deadline),
    UNIT_TEST(test_rpc_health__refuses_what_is_no_message),
};

UNIT_MAIN("rpc_health")
