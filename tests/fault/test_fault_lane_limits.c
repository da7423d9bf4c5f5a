/* SPDX-License-Identifier: Apache-2.0 */
/* What a lane refuses, and what it leaves when it closes. */
#include <string.h>

#include "base/clock.h"
#include "fault/probe.h"
#include "support/unit.h"

#define NS_PER_MS INT64_C(1000000)
#define SHORT_MS 200
#define WAITING_CALLS 4

static struct database database;

static struct lane *open_write_lane(int queue_length_max, int lock_timeout_ms)
{
    struct lane_options options = {.kind = LANE_WRITE,
                                   .conninfo = database.app_conninfo,
                                   .node = "national",
                                   .queue_length_max = queue_length_max,
                                   .lock_timeout_ms =
                                       lock_timeout_ms == 0 ? PROBE_PATIENCE_MS : lock_timeout_ms,
                                   .statement_timeout_ms = PROBE_PATIENCE_MS};
    struct lane *lane = probe_lane(&options);
    probe_wait_connected(lane);
    return lane;
}

static void submit_creation(struct probe *probe, struct lane *lane, int deadline_ms)
{
    probe_begin(probe, &PROBE_NATIONAL, deadline_ms);
    probe_create(probe, "11", "limits");
    probe_submit(probe, lane);
}

/** Fills both batches of a new lane with one call each, waiting for the lock. */
static void occupy(struct lane *lane, struct probe occupants[2])
{
    for (int i = 0; i < 2; i++) {
        submit_creation(&occupants[i], lane, PROBE_PATIENCE_MS);
        probe_wait_batches(lane, i + 1);
    }
}

static void finish(struct probe *probes, int count, cpts_status status, const char *reason)
{
    for (int i = 0; i < count; i++) {
        CU_ASSERT_TRUE_FATAL(probe_wait(&probes[i], PROBE_PATIENCE_MS));
        CU_ASSERT_EQUAL(probes[i].answers, 1);
        CU_ASSERT_EQUAL(probes[i].status, status);
        CU_ASSERT_STRING_EQUAL(probes[i].call.error.reason, reason);
        probe_end(&probes[i]);
    }
}

static int64_t count_created(const struct probe *probe)
{
    char sql[128] = "SELECT count(*) FROM cpts.cpts WHERE cpts_id = '";
    for (int i = 0; i < 16; i++)
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), "%02x", probe->cpts_id[i]);
    strcat(sql, "'");
    return database_number(&database, sql);
}

static void test_lane__full_queue_refuses_with_a_delay(void)
{
    struct lane *lane = open_write_lane(WAITING_CALLS, 0);
    PGconn *holder = probe_lock_hold(&database);
    struct probe occupants[2];
    struct probe waiting[WAITING_CALLS];
    struct probe refused;
    struct lane_statistics statistics;
    occupy(lane, occupants);
    for (int i = 0; i < WAITING_CALLS; i++)
        submit_creation(&waiting[i], lane, PROBE_PATIENCE_MS);
    submit_creation(&refused, lane, PROBE_PATIENCE_MS);
    CU_ASSERT_TRUE(refused.is_done);
    CU_ASSERT_TRUE(refused.call.error.retryable);
    CU_ASSERT_TRUE(refused.call.error.retry_after_ms > 0);
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.calls_refused, 1);
    CU_ASSERT_EQUAL(statistics.queue_length, WAITING_CALLS);
    probe_lock_release(holder);
    finish(&refused, 1, CPTS_RESOURCE_EXHAUSTED, "QUEUE_FULL");
    finish(occupants, 2, CPTS_OK, "");
    finish(waiting, WAITING_CALLS, CPTS_OK, "");
    CU_ASSERT_EQUAL(count_created(&refused), 0);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__call_past_its_deadline_is_never_sent(void)
{
    struct lane *lane = open_write_lane(0, 0);
    PGconn *holder = probe_lock_hold(&database);
    struct probe occupants[2];
    struct probe late;
    struct lane_statistics statistics;
    occupy(lane, occupants);
    submit_creation(&late, lane, SHORT_MS);
    finish(&late, 1, CPTS_DEADLINE_EXCEEDED, "DEADLINE_PASSED");
    CU_ASSERT_FALSE(occupants[0].is_done);
    probe_lock_release(holder);
    finish(occupants, 2, CPTS_OK, "");
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.calls_expired, 1);
    CU_ASSERT_EQUAL(statistics.batches, 2);
    CU_ASSERT_EQUAL(count_created(&late), 0);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__lock_not_had_in_time_refuses_the_whole_batch(void)
{
    struct lane *lane = open_write_lane(0, 10 * SHORT_MS);
    PGconn *holder = probe_lock_hold(&database);
    struct probe occupants[2];
    struct probe together[WAITING_CALLS];
    struct lane_statistics statistics;
    occupy(lane, occupants);
    for (int i = 0; i < WAITING_CALLS; i++)
        submit_creation(&together[i], lane, PROBE_PATIENCE_MS);
    finish(occupants, 2, CPTS_UNAVAILABLE, "DATABASE_BUSY");
    finish(together, WAITING_CALLS, CPTS_UNAVAILABLE, "DATABASE_BUSY");
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.batches, 3);
    CU_ASSERT_EQUAL(statistics.batches_retried, 0);
    probe_lock_release(holder);
    CU_ASSERT_EQUAL(count_created(&together[0]), 0);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__close_answers_everything_first(void)
{
    enum { CALLS = 200 };
    struct lane *lane = open_write_lane(0, 0);
    static struct probe probes[CALLS];
    for (int i = 0; i < CALLS; i++)
        submit_creation(&probes[i], lane, PROBE_PATIENCE_MS);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
    for (int i = 0; i < CALLS; i++)
        CU_ASSERT_TRUE(probes[i].is_done);
    finish(probes, CALLS, CPTS_OK, "");
    probe_assert_log_whole(&database);
}

static void test_lane__close_at_its_deadline_tells_sent_from_unsent(void)
{
    struct lane *lane = open_write_lane(0, 0);
    PGconn *holder = probe_lock_hold(&database);
    struct probe occupants[2];
    struct probe waiting[WAITING_CALLS];
    occupy(lane, occupants);
    for (int i = 0; i < WAITING_CALLS; i++)
        submit_creation(&waiting[i], lane, PROBE_PATIENCE_MS);
    int64_t before_ns = clock_monotonic_ns();
    probe_lane_close(lane, SHORT_MS);
    CU_ASSERT_TRUE(clock_monotonic_ns() - before_ns < PROBE_PATIENCE_MS * NS_PER_MS);
    probe_lock_release(holder);
    finish(occupants, 2, CPTS_UNKNOWN, "OUTCOME_UNKNOWN");
    finish(waiting, WAITING_CALLS, CPTS_UNAVAILABLE, "SHUTTING_DOWN");
}

static void test_lane__query_that_could_not_be_bound_is_refused_at_once(void)
{
    struct lane_options options = {.kind = LANE_READ, .conninfo = database.app_conninfo};
    struct lane *lane = probe_lane(&options);
    struct probe probe;
    probe_begin(&probe, &PROBE_NATIONAL, PROBE_PATIENCE_MS);
    probe_submit(&probe, lane);
    CU_ASSERT_TRUE(probe.is_done);
    finish(&probe, 1, CPTS_RESOURCE_EXHAUSTED, "OUT_OF_MEMORY");
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__unreadable_conninfo_is_refused(void)
{
    struct lane_options options = {.kind = LANE_READ, .conninfo = "host"};
    struct lane *lane = NULL;
    struct cpts_error err;
    CU_ASSERT_EQUAL(lane_open(&options, &lane, &err), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(err.reason, "CONFIGURATION_INVALID");
    CU_ASSERT_PTR_NULL(lane);
}

static bool has_both_slow_connections(void *argument)
{
    return database_number(argument, "SELECT count(*) FROM pg_stat_activity WHERE "
                                     "datname = current_database() AND "
                                     "application_name = 'cptsd slow'") == 2;
}

static void test_lane__slow_lane_runs_its_calls_side_by_side(void)
{
    struct lane_options options = {
        .kind = LANE_SLOW, .conninfo = database.app_conninfo, .connection_count = 2};
    struct lane *writes = open_write_lane(0, 0);
    struct lane *slow = probe_lane(&options);
    struct probe probes[WAITING_CALLS];
    uint8_t cpts_id[16];
    probe_make_cpts(writes, "11", cpts_id);
    for (int i = 0; i < WAITING_CALLS; i++) {
        probe_begin(&probes[i], &PROBE_REGION_84, PROBE_PATIENCE_MS);
        probe_get(&probes[i], cpts_id);
        probe_submit(&probes[i], slow);
    }
    finish(probes, WAITING_CALLS, CPTS_OK, "");
    for (int i = 0; i < WAITING_CALLS; i++)
        CU_ASSERT_EQUAL(probes[i].row_count, 1);
    /* The first connection may have answered all of them before the second was there. */
    CU_ASSERT_TRUE(probe_eventually(has_both_slow_connections, &database, PROBE_PATIENCE_MS));
    probe_lane_close(slow, PROBE_PATIENCE_MS);
    probe_lane_close(writes, PROBE_PATIENCE_MS);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lane__full_queue_refuses_with_a_delay),
    UNIT_TEST(test_lane__call_past_its_deadline_is_never_sent),
    UNIT_TEST(test_lane__lock_not_had_in_time_refuses_the_whole_batch),
    UNIT_TEST(test_lane__close_answers_everything_first),
    UNIT_TEST(test_lane__close_at_its_deadline_tells_sent_from_unsent),
    UNIT_TEST(test_lane__query_that_could_not_be_bound_is_refused_at_once),
    UNIT_TEST(test_lane__unreadable_conninfo_is_refused),
    UNIT_TEST(test_lane__slow_lane_runs_its_calls_side_by_side),
};

int main(int argc, char **argv)
{
    if (!database_create(&database))
        return 1;
    int code =
        unit_main("fault.lane_limits", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    database_drop(&database);
    return code;
}
