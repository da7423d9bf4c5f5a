/* SPDX-License-Identifier: Apache-2.0 */
/* Connections that break under a lane. */
#include <string.h>

#include "base/clock.h"
#include "fault/probe.h"
#include "fault/relay.h"
#include "support/unit.h"

#define SHORT_MS 300
/* More than two batches take. */
#define CALLS 192
#define READS 4000
#define READS_AT_ONCE 64

static struct database database;

static struct lane *open_lane(enum lane_kind kind, const char *conninfo)
{
    struct lane_options options = {.kind = kind,
                                   .conninfo = conninfo,
                                   .node = "national",
                                   .connection_count = 1,
                                   .statement_timeout_ms = PROBE_PATIENCE_MS,
                                   .lock_timeout_ms = PROBE_PATIENCE_MS};
    return probe_lane(&options);
}

static void terminate(const char *application_name)
{
    char sql[256];
    snprintf(sql, sizeof sql,
             "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = "
             "current_database() AND application_name = '%s'",
             application_name);
    CU_ASSERT_TRUE(database_number(&database, sql) >= 1);
}

static void submit_creation(struct probe *probe, struct lane *lane, int deadline_ms)
{
    probe_begin(probe, &PROBE_NATIONAL, deadline_ms);
    probe_create(probe, "11", "loss");
    probe_submit(probe, lane);
}

static bool is_logged_after(void *argument)
{
    return database_number(&database, "SELECT coalesce(max(local_position), 0) FROM "
                                      "cpts.change_log") > *(int64_t *)argument;
}

static int64_t find_head(void)
{
    return database_number(&database,
                           "SELECT coalesce(max(local_position), 0) FROM cpts.change_log");
}

static void test_lane__committed_but_unanswered_command_is_settled_by_asking_again(void)
{
    char conninfo[DATABASE_CONNINFO_BYTES];
    struct relay *relay = relay_start(&database, conninfo);
    CU_ASSERT_PTR_NOT_NULL_FATAL(relay);
    struct lane *lane = open_lane(LANE_WRITE, conninfo);
    struct lane_statistics statistics;
    struct probe probe;
    int64_t head = find_head();
    probe_wait_connected(lane);
    relay_mute(relay);
    submit_creation(&probe, lane, PROBE_PATIENCE_MS);
    CU_ASSERT_TRUE(probe_eventually(is_logged_after, &head, PROBE_PATIENCE_MS));
    CU_ASSERT_FALSE(probe.is_done);
    relay_cut(relay);
    CU_ASSERT_TRUE_FATAL(probe_wait(&probe, PROBE_PATIENCE_MS));
    CU_ASSERT_EQUAL(probe.status, CPTS_OK);
    CU_ASSERT_STRING_EQUAL(probe.outcome, "REPLAYED");
    CU_ASSERT_EQUAL(probe.position, head + 1);
    CU_ASSERT_EQUAL(find_head(), head + 1);
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.outcomes_resolved, 1);
    CU_ASSERT_EQUAL(statistics.reconnects, 1);
    CU_ASSERT_EQUAL(statistics.outcomes_unknown, 0);
    probe_end(&probe);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
    relay_stop(relay);
}

static void test_lane__outcome_that_cannot_be_asked_for_is_unknown(void)
{
    char conninfo[DATABASE_CONNINFO_BYTES];
    struct relay *relay = relay_start(&database, conninfo);
    CU_ASSERT_PTR_NOT_NULL_FATAL(relay);
    struct lane *lane = open_lane(LANE_WRITE, conninfo);
    struct lane_statistics statistics;
    struct probe sent;
    struct probe unsent;
    int64_t head = find_head();
    probe_wait_connected(lane);
    relay_mute(relay);
    submit_creation(&sent, lane, 4 * SHORT_MS);
    CU_ASSERT_TRUE(probe_eventually(is_logged_after, &head, PROBE_PATIENCE_MS));
    relay_stop(relay);
    submit_creation(&unsent, lane, 4 * SHORT_MS);
    CU_ASSERT_TRUE_FATAL(probe_wait(&sent, PROBE_PATIENCE_MS));
    CU_ASSERT_TRUE_FATAL(probe_wait(&unsent, PROBE_PATIENCE_MS));
    CU_ASSERT_EQUAL(sent.status, CPTS_UNKNOWN);
    CU_ASSERT_STRING_EQUAL(sent.call.error.reason, "OUTCOME_UNKNOWN");
    CU_ASSERT_TRUE(sent.call.error.retryable);
    CU_ASSERT_STRING_EQUAL(unsent.call.error.reason, "DATABASE_UNAVAILABLE");
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.outcomes_unknown, 1);
    CU_ASSERT_FALSE(statistics.connected);
    probe_end(&sent);
    probe_end(&unsent);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__unreachable_database_answers_at_the_deadline(void)
{
    struct lane *lane = open_lane(LANE_WRITE, "host=/nonexistent dbname=none");
    struct probe probe;
    int64_t before_ns = clock_monotonic_ns();
    submit_creation(&probe, lane, SHORT_MS);
    CU_ASSERT_TRUE_FATAL(probe_wait(&probe, PROBE_PATIENCE_MS));
    int64_t waited_ms = (clock_monotonic_ns() - before_ns) / 1000000;
    CU_ASSERT_EQUAL(probe.status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(probe.call.error.reason, "DATABASE_UNAVAILABLE");
    CU_ASSERT_TRUE(waited_ms >= SHORT_MS - 1);
    CU_ASSERT_TRUE(waited_ms < PROBE_PATIENCE_MS);
    probe_end(&probe);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__session_ended_before_the_commit_loses_nothing(void)
{
    struct lane *lane = open_lane(LANE_WRITE, database.app_conninfo);
    struct probe probes[CALLS];
    int64_t head = find_head();
    probe_wait_connected(lane);
    PGconn *holder = probe_lock_hold(&database);
    for (int i = 0; i < CALLS; i++)
        submit_creation(&probes[i], lane, PROBE_PATIENCE_MS);
    probe_wait_batches(lane, 2);
    terminate("cptsd write");
    probe_lock_release(holder);
    for (int i = 0; i < CALLS; i++) {
        CU_ASSERT_TRUE_FATAL(probe_wait(&probes[i], PROBE_PATIENCE_MS));
        CU_ASSERT_EQUAL(probes[i].status, CPTS_OK);
        CU_ASSERT_STRING_EQUAL(probes[i].outcome, "OK");
        CU_ASSERT_EQUAL(probes[i].answers, 1);
        probe_end(&probes[i]);
    }
    CU_ASSERT_EQUAL(find_head(), head + CALLS);
    probe_assert_log_whole(&database);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__reads_survive_lost_sessions(void)
{
    static struct probe probes[READS_AT_ONCE];
    struct lane *writes = open_lane(LANE_WRITE, database.app_conninfo);
    struct lane *reads = open_lane(LANE_READ, database.app_conninfo);
    struct lane_statistics statistics;
    uint8_t cpts_id[16];
    probe_make_cpts(writes, "11", cpts_id);
    probe_wait_connected(reads);
    for (int round = 0; round < READS / READS_AT_ONCE; round++) {
        for (int i = 0; i < READS_AT_ONCE; i++) {
            probe_begin(&probes[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
            probe_get(&probes[i], cpts_id);
            probe_submit(&probes[i], reads);
        }
        if (round % 20 == 10) {
            probe_wait_connected(reads);
            terminate("cptsd read");
        }
        for (int i = 0; i < READS_AT_ONCE; i++) {
            CU_ASSERT_TRUE_FATAL(probe_wait(&probes[i], PROBE_PATIENCE_MS));
            CU_ASSERT_EQUAL(probes[i].status, CPTS_OK);
            CU_ASSERT_EQUAL(probes[i].row_count, 1);
            CU_ASSERT_EQUAL(probes[i].answers, 1);
            probe_end(&probes[i]);
        }
    }
    lane_statistics_get(reads, &statistics);
    CU_ASSERT_TRUE(statistics.reconnects >= 1);
    probe_lane_close(reads, PROBE_PATIENCE_MS);
    probe_lane_close(writes, PROBE_PATIENCE_MS);
}

static void test_lane__statement_out_of_date_is_prepared_again(void)
{
    struct lane *lane = open_lane(LANE_WRITE, database.app_conninfo);
    struct probe probe;
    uint8_t cpts_id[16];
    probe_make_cpts(lane, "11", cpts_id);
    database_execute(&database, "ALTER TABLE cpts.cpts ALTER COLUMN epoch TYPE int");
    struct lane *reads = open_lane(LANE_READ, database.app_conninfo);
    probe_wait_connected(reads);
    for (int i = 0; i < 2; i++) {
        probe_begin(&probe, &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        probe_get(&probe, cpts_id);
        probe_submit(&probe, reads);
        CU_ASSERT_TRUE_FATAL(probe_wait(&probe, PROBE_PATIENCE_MS));
        CU_ASSERT_EQUAL(probe.status, CPTS_OK);
        CU_ASSERT_EQUAL(probe.row_count, 1);
        probe_end(&probe);
        database_execute(&database,
                         "ALTER TABLE cpts.cpts ALTER COLUMN epoch TYPE cpts.epoch_number");
    }
    struct lane_statistics statistics;
    lane_statistics_get(reads, &statistics);
    CU_ASSERT_EQUAL(statistics.reconnects, 1);
    probe_lane_close(reads, PROBE_PATIENCE_MS);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lane__committed_but_unanswered_command_is_settled_by_asking_again),
    UNIT_TEST(test_lane__outcome_that_cannot_be_asked_for_is_unknown),
    UNIT_TEST(test_lane__unreachable_database_answers_at_the_deadline),
    UNIT_TEST(test_lane__session_ended_before_the_commit_loses_nothing),
    UNIT_TEST(test_lane__reads_survive_lost_sessions),
    UNIT_TEST(test_lane__statement_out_of_date_is_prepared_again),
};

int main(int argc, char **argv)
{
    if (!database_create(&database))
        return 1;
    int code =
        unit_main("fault.lane_loss", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    database_drop(&database);
    return code;
}
