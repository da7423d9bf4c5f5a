/* SPDX-License-Identifier: Apache-2.0 */
/* A client that stalls in the middle of a batch, holding the log's lock. */
#include <poll.h>

#include "fault/probe.h"
#include "support/unit.h"

#define STALL_LIMIT_MS 200
#define LOCK "SELECT pg_advisory_xact_lock(cpts.log_lock_key())"

static struct database database;

static struct lane *open_lane(int stall_limit_ms)
{
    struct lane_options options = {.kind = LANE_WRITE,
                                   .conninfo = database.app_conninfo,
                                   .node = "national",
                                   .lock_timeout_ms = PROBE_PATIENCE_MS,
                                   .statement_timeout_ms = PROBE_PATIENCE_MS,
                                   .stall_limit_ms = stall_limit_ms};
    struct lane *lane = probe_lane(&options);
    probe_wait_connected(lane);
    return lane;
}

/** A session of the server's role in the state of one whose process was stopped
 * between the lock and the Sync. */
static PGconn *stall_with_lock(void)
{
    PGconn *pg = database_connect(&database, true);
    CU_ASSERT_EQUAL_FATAL(PQenterPipelineMode(pg), 1);
    CU_ASSERT_EQUAL_FATAL(PQsendQueryParams(pg, LOCK, 0, NULL, NULL, NULL, NULL, 0), 1);
    CU_ASSERT_EQUAL_FATAL(PQsendFlushRequest(pg), 1);
    PGresult *result = PQgetResult(pg);
    CU_ASSERT_EQUAL_FATAL(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    return pg;
}

static void create_one(struct lane *lane)
{
    uint8_t cpts_id[16];
    probe_make_cpts(lane, "11", cpts_id);
}

static int64_t count_stalls_ended(struct lane *lane)
{
    struct lane_statistics statistics;
    lane_statistics_get(lane, &statistics);
    return statistics.stalls_ended;
}

struct stalls {
    struct lane *lane;
    int64_t count;
};

static bool are_ended(void *argument)
{
    struct stalls *stalls = argument;
    return count_stalls_ended(stalls->lane) >= stalls->count;
}

/** The lock is free a moment before the watchdog hears that it ended the session. */
static void assert_stalls_ended(struct lane *lane, int64_t count)
{
    struct stalls stalls = {.lane = lane, .count = count};
    CU_ASSERT_TRUE(probe_eventually(are_ended, &stalls, PROBE_PATIENCE_MS));
}

static void test_watchdog__ends_a_stalled_holder_of_the_lock(void)
{
    struct lane *lane = open_lane(STALL_LIMIT_MS);
    PGconn *stalled = stall_with_lock();
    create_one(lane);
    assert_stalls_ended(lane, 1);
    struct pollfd descriptor = {.fd = PQsocket(stalled), .events = POLLIN};
    while (PQstatus(stalled) == CONNECTION_OK && poll(&descriptor, 1, PROBE_PATIENCE_MS) == 1)
        (void)PQconsumeInput(stalled);
    CU_ASSERT_EQUAL(PQstatus(stalled), CONNECTION_BAD);
    PQfinish(stalled);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_watchdog__ends_one_after_the_other(void)
{
    struct lane *lane = open_lane(STALL_LIMIT_MS);
    for (int i = 1; i <= 2; i++) {
        PGconn *stalled = stall_with_lock();
        create_one(lane);
        assert_stalls_ended(lane, i);
        PQfinish(stalled);
    }
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_watchdog__leaves_a_holder_that_works(void)
{
    struct lane *lane = open_lane(STALL_LIMIT_MS);
    PGconn *working = database_connect(&database, true);
    CU_ASSERT_EQUAL_FATAL(PQenterPipelineMode(working), 1);
    CU_ASSERT_EQUAL_FATAL(PQsendQueryParams(working, LOCK, 0, NULL, NULL, NULL, NULL, 0), 1);
    CU_ASSERT_EQUAL_FATAL(
        PQsendQueryParams(working, "SELECT pg_sleep(1)", 0, NULL, NULL, NULL, NULL, 0), 1);
    CU_ASSERT_EQUAL_FATAL(PQpipelineSync(working), 1);
    PGresult *result = PQgetResult(working);
    CU_ASSERT_EQUAL(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    CU_ASSERT_PTR_NULL(PQgetResult(working));
    create_one(lane);
    result = PQgetResult(working);
    CU_ASSERT_EQUAL(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    CU_ASSERT_EQUAL(count_stalls_ended(lane), 0);
    PQfinish(working);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_watchdog__leaves_a_holder_that_pauses_within_the_limit(void)
{
    struct lane *lane = open_lane(30 * STALL_LIMIT_MS);
    PGconn *pausing = stall_with_lock();
    database_execute(&database, "SELECT pg_sleep(3.2)");
    CU_ASSERT_EQUAL_FATAL(PQpipelineSync(pausing), 1);
    CU_ASSERT_PTR_NULL(PQgetResult(pausing));
    PGresult *result = PQgetResult(pausing);
    CU_ASSERT_EQUAL(PQresultStatus(result), PGRES_PIPELINE_SYNC);
    PQclear(result);
    CU_ASSERT_EQUAL(count_stalls_ended(lane), 0);
    PQfinish(pausing);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_watchdog__ends_a_stalled_holder_of_the_lock),
    UNIT_TEST(test_watchdog__ends_one_after_the_other),
    UNIT_TEST(test_watchdog__leaves_a_holder_that_works),
    UNIT_TEST(test_watchdog__leaves_a_holder_that_pauses_within_the_limit),
};

int main(int argc, char **argv)
{
    if (!database_create(&database))
        return 1;
    int code =
        unit_main("fault.watchdog", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    database_drop(&database);
    return code;
}
