/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define CALLS 40
#define PATIENCE_CALLS 2000

static struct peer peers[2];
static cpts_client *client;

static void begin(void)
{
    char address[sizeof peers[0].address * 2];
    peer_open(&peers[0], 1);
    peer_open(&peers[1], 2);
    snprintf(address, sizeof address, "%s,%s", peers[0].address, peers[1].address);
    struct cpts_client_options options = peer_options(address);
    client = peer_client(&options);
}

static void end(void)
{
    CU_ASSERT_EQUAL(cpts_client_close(client, 0), CPTS_OK);
    peer_close(&peers[0]);
    peer_close(&peers[1]);
}

/* One call. @return number of the peer that answered, 0 on a failure. */
static int ask(void)
{
    struct cpts_record *record = NULL;
    struct cpts_error err;
    if (cpts_registry_get(client, "x", NULL, 0, &record, &err) != CPTS_OK)
        return 0;
    int number = record->version;
    cpts_record_free(record);
    return number;
}

/* Calls until both peers have answered, since the second may connect later. */
static bool meet_both(void)
{
    bool met[3] = {false};
    for (int i = 0; i < PATIENCE_CALLS && !(met[1] && met[2]); i++)
        met[ask()] = true;
    return met[1] && met[2] && !met[0];
}

static void test_balance__calls_go_to_the_addresses_in_turn(void)
{
    int answered[3] = {0};
    begin();
    CU_ASSERT_TRUE_FATAL(meet_both());
    for (int i = 0; i < CALLS; i++)
        answered[ask()]++;
    CU_ASSERT_EQUAL(answered[1], CALLS / 2);
    CU_ASSERT_EQUAL(answered[2], CALLS / 2);
    end();
}

static void test_balance__a_repetition_goes_to_the_other_address(void)
{
    begin();
    CU_ASSERT_TRUE_FATAL(meet_both());
    atomic_store(&peers[0].refusals, 1 << 20);
    for (int i = 0; i < CALLS; i++)
        CU_ASSERT_EQUAL(ask(), 2);
    CU_ASSERT_TRUE(atomic_load(&peers[0].refusals) < 1 << 20);
    end();
}

static void test_balance__one_that_is_gone_is_left_out(void)
{
    begin();
    CU_ASSERT_TRUE_FATAL(meet_both());
    peer_close(&peers[1]);
    for (int i = 0; i < CALLS; i++)
        CU_ASSERT_EQUAL(ask(), 1);
    end();
}

static void test_balance__one_that_was_never_there_does_no_harm(void)
{
    struct peer peer;
    char address[sizeof peer.address + 16];
    peer_open(&peer, 1);
    snprintf(address, sizeof address, "127.0.0.1:1,%s", peer.address);
    struct cpts_client_options options = peer_options(address);
    client = peer_client(&options);
    for (int i = 0; i < CALLS; i++)
        CU_ASSERT_EQUAL(ask(), 1);
    CU_ASSERT_EQUAL(cpts_client_close(client, 0), CPTS_OK);
    peer_close(&peer);
}

/* Whether the peers settle on answering from number one alone. */
static bool settle_on_first(void)
{
    int streak = 0;
    for (int i = 0; i < PATIENCE_CALLS && streak < CALLS; i++)
        streak = ask() == 1 ? streak + 1 : 0;
    return streak == CALLS;
}

static void test_balance__one_that_does_not_serve_is_left_out(void)
{
    begin();
    CU_ASSERT_TRUE_FATAL(meet_both());
    rpc_server_health_set(peers[1].fixture.server, false);
    CU_ASSERT_TRUE(settle_on_first());
    rpc_server_health_set(peers[1].fixture.server, true);
    CU_ASSERT_TRUE(meet_both());
    end();
}

static void test_balance__statistics_tell_the_addresses_apart(void)
{
    begin();
    CU_ASSERT_TRUE_FATAL(meet_both());
    char *text = cpts_client_statistics_json(client, 2);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, peers[0].address));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, peers[1].address));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\"state\": \"READY\""));
    cpts_string_free(text);
    end();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_balance__calls_go_to_the_addresses_in_turn),
    UNIT_TEST(test_balance__a_repetition_goes_to_the_other_address),
    UNIT_TEST(test_balance__one_that_is_gone_is_left_out),
    UNIT_TEST(test_balance__one_that_was_never_there_does_no_harm),
    UNIT_TEST(test_balance__one_that_does_not_serve_is_left_out),
    UNIT_TEST(test_balance__statistics_tell_the_addresses_apart),
};

UNIT_MAIN("sdk/balance")
