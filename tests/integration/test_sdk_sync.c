/* SPDX-License-Identifier: Apache-2.0 */
/* A store kept up to date over mutual TLS with a node whose store is in memory. */
#include <cpts/sync.h>
#include <cpts/v1/federation.pb-c.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/method.h"
#include "federation/frame_link.h"
#include "integration/sdk_peer.h"
#include "support/unit.h"
#include "testing_store.h"

#define PATIENCE_MS 30000
#define CLOSE_GRACE_NS (10LL * 1000 * 1000 * 1000)

static struct fixture fixture;
static char address[32];
static struct testing_store national, region;

/* The one session that is served at a time. */
static pthread_t session;
static struct frame_link *session_link;
static bool has_session;
static int session_count;
/* Sessions that are ended as soon as they began. */
static int short_count;

static unsigned attend(void *data, const struct cpts_sync_status *status)
{
    (void)data;
    return short_count >= session_count && status->is_connected ? CPTS_SYNC_STOP : CPTS_SYNC_GO_ON;
}

static void *serve(void *data)
{
    struct frame_link *link = data;
    const struct cpts_sync_store table = cpts_testing_store__table(&national);
    const struct cpts_sync_link face = frame_link_face(link);
    const struct cpts_sync_side side = {
        .size = sizeof side, .peer_node = "region/11", .peer_scope = "region:11", .attend = attend};
    if (cpts_sync_session(&table, &face, NULL, &side, NULL) == CPTS_INTERNAL)
        abort();
    frame_link_unref(link);
    return NULL;
}

static void join_session(void)
{
    if (has_session)
        pthread_join(session, NULL);
    has_session = false;
}

static cpts_status begin(struct call *call, const void *request, struct cpts_error *err)
{
    (void)request;
    (void)err;
    join_session();
    session_count++;
    session_link = frame_link_new();
    call->state = session_link;
    has_session = pthread_create(&session, NULL, serve, session_link) == 0;
    return CPTS_OK;
}

static const struct method METHODS[] = {
    {.name = "/cpts.v1.FederationService/Sync",
     .roles = ROLE_ANY,
     .begin = begin,
     .request = &cpts__v1__sync_frame__descriptor,
     .response = &cpts__v1__sync_frame__descriptor,
     .stream = &frame_link_stream},
};
static const struct method_table TABLE = {METHODS, 1};

static void dispatch(struct call *call, void *context)
{
    (void)context;
    call->reply(call, call->method->begin(call, NULL, &call->error));
}

static cpts_status identify(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err)
{
    (void)context;
    (void)err;
    snprintf(ret_principal->uri, sizeof ret_principal->uri, "%s", uri);
    ret_principal->roles = ROLE_NATIONAL_NODE;
    return CPTS_OK;
}

static void record(struct testing_store *store, int number, const char *body)
{
    char id[CPTS_UUID_TEXT_BYTES];
    bool is_region = store == &region;
    struct testing_change change = {.kind = is_region ? "CPTS" : "REFERENCE",
                                    .id = id,
                                    .region = is_region ? "11" : "",
                                    .body = body};
    snprintf(id, sizeof id, "00000000-0000-7000-8000-%012d", number);
    (void)cpts_testing_store__record(store, &change);
}

static void a_node(void)
{
    struct cpts_error error;
    session_count = 0;
    short_count = 0;
    cpts_testing_store__init(&national, "national");
    cpts_testing_store__init(&region, "region/11");
    (void)cpts_testing_store__trust(&national, &region);
    (void)cpts_testing_store__trust(&region, &national);
    record(&region, 1, "{\"a\": 1}");
    record(&national, 2, "{\"b\": 1}");
    fixture_options(&fixture);
    fixture.options.methods = &TABLE;
    fixture.options.dispatch = dispatch;
    fixture.options.identify = identify;
    if (rpc_server_open(&fixture.options, &fixture.server, &error) != CPTS_OK)
        abort();
    rpc_server_health_set(fixture.server, true);
    snprintf(address, sizeof address, "127.0.0.1:%d", rpc_server_port(fixture.server));
}

static void end_node(void)
{
    rpc_server_close(fixture.server, CLOSE_GRACE_NS);
    fixture.server = NULL;
    join_session();
    cpts_testing_store__done(&national);
    cpts_testing_store__done(&region);
}

/* Opens, waits until both have everything, closes. */
static cpts_status keep_up(int32_t timeout_ms, struct cpts_sync_status *ret_status)
{
    struct cpts_client_options options = peer_options(address);
    struct cpts_sync_options sync_options = {.size = sizeof sync_options, .redial_max_ms = 50};
    struct cpts_sync_store table = cpts_testing_store__table(&region);
    struct cpts_error err;
    cpts_client *client = peer_client(&options);
    cpts_sync *sync = NULL;
    cpts_status status = cpts_sync_open(client, &table, &sync_options, &sync, &err);
    if (status == CPTS_OK)
        status = cpts_sync_wait(sync, timeout_ms, &err);
    cpts_sync_read_status(sync, ret_status);
    cpts_sync_close(sync);
    cpts_client_close(client, 0);
    join_session();
    return status;
}

static bool is_same(const char *kind, int number)
{
    char id[CPTS_UUID_TEXT_BYTES];
    snprintf(id, sizeof id, "00000000-0000-7000-8000-%012d", number);
    const struct testing_aggregate *one = cpts_testing_store__find(&region, kind, id);
    const struct testing_aggregate *other = cpts_testing_store__find(&national, kind, id);
    return one != NULL && other != NULL && one->version == other->version &&
           strcmp(one->row.body, other->row.body) == 0;
}

static void test_sync__both_have_everything(void)
{
    struct cpts_sync_status status = {.size = sizeof status};
    a_node();
    CU_ASSERT_EQUAL(keep_up(PATIENCE_MS, &status), CPTS_OK);
    CU_ASSERT_TRUE(is_same("CPTS", 1));
    CU_ASSERT_TRUE(is_same("REFERENCE", 2));
    CU_ASSERT_STRING_EQUAL(status.peer, "national");
    CU_ASSERT_TRUE(status.is_connected);
    CU_ASSERT_EQUAL(status.session_count, 1);
    end_node();
}

static void test_sync__dials_again_and_goes_on(void)
{
    struct cpts_sync_status status = {.size = sizeof status};
    a_node();
    CU_ASSERT_EQUAL(keep_up(PATIENCE_MS, &status), CPTS_OK);
    record(&region, 1, "{\"a\": 2}");
    record(&national, 3, "{\"c\": 1}");
    short_count = session_count + 2;
    CU_ASSERT_EQUAL(keep_up(PATIENCE_MS, &status), CPTS_OK);
    CU_ASSERT_TRUE(is_same("CPTS", 1));
    CU_ASSERT_TRUE(is_same("REFERENCE", 3));
    CU_ASSERT_EQUAL(status.session_count, 3);
    CU_ASSERT_STRING_EQUAL(status.last_reason, "SHUTTING_DOWN");
    end_node();
}

static void test_sync__much_goes_both_ways_at_once(void)
{
    struct cpts_sync_status status = {.size = sizeof status};
    char *body = malloc(100001);
    memset(body, 'x', 100000);
    body[100000] = '\0';
    a_node();
    for (int i = 0; i < 300; i++) {
        record(&region, 100 + i, body);
        record(&national, 1000 + i, body);
    }
    CU_ASSERT_EQUAL(keep_up(PATIENCE_MS, &status), CPTS_OK);
    CU_ASSERT_TRUE(is_same("CPTS", 399));
    CU_ASSERT_TRUE(is_same("REFERENCE", 1299));
    free(body);
    end_node();
}

static void test_sync__who_cannot_connect_waits_in_vain(void)
{
    struct cpts_sync_status status = {.size = sizeof status};
    a_node();
    rpc_server_close(fixture.server, CLOSE_GRACE_NS);
    CU_ASSERT_EQUAL(keep_up(200, &status), CPTS_DEADLINE_EXCEEDED);
    CU_ASSERT_FALSE(status.is_connected);
    fixture_open(&fixture);
    end_node();
}

static void test_sync__a_table_without_a_function_is_refused(void)
{
    struct cpts_error err;
    struct cpts_sync_options sync_options = {.size = sizeof sync_options};
    cpts_sync *sync = NULL;
    cpts_testing_store__init(&region, "region/11");
    struct cpts_sync_store table = cpts_testing_store__table(&region);
    table.apply = NULL;
    CU_ASSERT_EQUAL(cpts_sync_open(NULL, &table, &sync_options, &sync, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
    CU_ASSERT_PTR_NULL(sync);
    cpts_testing_store__done(&region);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_sync__both_have_everything),
    UNIT_TEST(test_sync__dials_again_and_goes_on),
    UNIT_TEST(test_sync__much_goes_both_ways_at_once),
    UNIT_TEST(test_sync__who_cannot_connect_waits_in_vain),
    UNIT_TEST(test_sync__a_table_without_a_function_is_refused),
};

UNIT_MAIN("sync")
