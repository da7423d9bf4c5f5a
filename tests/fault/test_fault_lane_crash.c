/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL dies in the middle of concurrent writes. */
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>

#include "fault/command_load.h"
#include "support/unit.h"

#define COMMANDS 8000
#define SERVERS 2
#define CRASHES 2
/* A crash may come when nothing is under way. */
#define CRASHES_MAX 10
#define SHORT_MS 2500
/* More than two batches take. */
#define CALLS 192

static struct private_cluster cluster;

static struct lane *open_lane(void)
{
    struct lane_options options = {.kind = LANE_WRITE,
                                   .conninfo = cluster.database.app_conninfo,
                                   .node = "national",
                                   .statement_timeout_ms = PROBE_PATIENCE_MS,
                                   .lock_timeout_ms = PROBE_PATIENCE_MS};
    struct lane *lane = probe_lane(&options);
    probe_wait_connected(lane);
    return lane;
}

struct progress {
    struct load *load;
    int ok_count;
};

static bool has_come_to(void *argument)
{
    struct progress *progress = argument;
    return atomic_load(&progress->load->ok_count) >= progress->ok_count ||
           atomic_load(&progress->load->is_over);
}

static int64_t resolved_count(const struct load *loads)
{
    int64_t count = 0;
    for (int i = 0; i < SERVERS; i++) {
        struct lane_statistics statistics;
        lane_statistics_get(loads[i].lane, &statistics);
        count += statistics.outcomes_resolved;
    }
    return count;
}

static void crash_under(struct load *loads)
{
    for (int i = 0; i < CRASHES || (i < CRASHES_MAX && resolved_count(loads) == 0); i++) {
        struct progress progress = {.load = &loads[0],
                                    .ok_count = atomic_load(&loads[0].ok_count) + 100};
        CU_ASSERT_TRUE_FATAL(probe_eventually(has_come_to, &progress, PROBE_PATIENCE_MS));
        CU_ASSERT_FALSE(atomic_load(&loads[0].is_over));
        CU_ASSERT_TRUE_FATAL(private_cluster_crash(&cluster));
        CU_ASSERT_TRUE_FATAL(private_cluster_start(&cluster));
    }
}

static void test_lane__immediate_stop_under_load_loses_and_repeats_nothing(void)
{
    static struct load loads[SERVERS];
    static struct load_ground ground;
    for (int i = 0; i < SERVERS; i++)
        loads[i].lane = open_lane();
    load_ground_make(&ground, loads[0].lane);
    for (int i = 0; i < SERVERS; i++) {
        loads[i].ground = &ground;
        loads[i].seed = 70u + (unsigned)i;
        load_start(&loads[i], COMMANDS);
    }
    crash_under(loads);
    for (int i = 0; i < SERVERS; i++) {
        struct lane_statistics statistics;
        load_join(&loads[i]);
        lane_statistics_get(loads[i].lane, &statistics);
        CU_ASSERT_TRUE(statistics.reconnects >= 1);
        CU_ASSERT_EQUAL(statistics.outcomes_unknown, 0);
    }
    CU_ASSERT_TRUE(resolved_count(loads) > 0);
    for (int i = 0; i < SERVERS; i++)
        probe_lane_close(loads[i].lane, PROBE_PATIENCE_MS);
    load_assert_kept(&cluster.database, loads, SERVERS);
    for (int i = 0; i < SERVERS; i++)
        load_end(&loads[i]);
}

#define SELECT_WAITING                                                                             \
    "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE application_name = 'cptsd write' "   \
    "AND wait_event = 'advisory'"

static bool is_waiting_for_the_lock(void *argument)
{
    int64_t *pid = argument;
    *pid = database_number(&cluster.database, SELECT_WAITING);
    return *pid > 1;
}

static bool is_back(void *argument)
{
    (void)argument;
    return database_reconnect(&cluster.database);
}

static void test_lane__backend_killed_mid_batch_loses_nothing(void)
{
    static struct probe probes[CALLS];
    struct lane *lane = open_lane();
    PGconn *holder = probe_lock_hold(&cluster.database);
    for (int i = 0; i < CALLS; i++) {
        probe_begin(&probes[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        probe_create(&probes[i], "11", "killed");
        probe_submit(&probes[i], lane);
    }
    probe_wait_batches(lane, 2);
    int64_t pid = 0;
    CU_ASSERT_TRUE_FATAL(probe_eventually(is_waiting_for_the_lock, &pid, PROBE_PATIENCE_MS));
    CU_ASSERT_EQUAL_FATAL(kill((pid_t)pid, SIGKILL), 0);
    for (int i = 0; i < CALLS; i++) {
        CU_ASSERT_TRUE_FATAL(probe_wait(&probes[i], PROBE_PATIENCE_MS));
        CU_ASSERT_EQUAL(probes[i].status, CPTS_OK);
        CU_ASSERT_STRING_EQUAL(probes[i].outcome, "OK");
        CU_ASSERT_EQUAL(probes[i].answers, 1);
        probe_end(&probes[i]);
    }
    probe_lock_release(holder);
    PQreset(cluster.database.admin);
    CU_ASSERT_TRUE_FATAL(probe_eventually(is_back, NULL, PROBE_PATIENCE_MS));
    CU_ASSERT_EQUAL(
        database_number(&cluster.database, "SELECT count(*) FROM cpts.cpts WHERE name = 'killed'"),
        CALLS);
    probe_assert_log_whole(&cluster.database);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__database_that_stays_away_leaves_the_outcome_unknown(void)
{
    struct lane *lane = open_lane();
    PGconn *holder = probe_lock_hold(&cluster.database);
    struct probe sent;
    struct probe later;
    probe_begin(&sent, &PROBE_NATIONAL, SHORT_MS);
    probe_create(&sent, "11", "away");
    probe_submit(&sent, lane);
    probe_wait_batches(lane, 1);
    CU_ASSERT_TRUE_FATAL(private_cluster_crash(&cluster));
    probe_begin(&later, &PROBE_NATIONAL, SHORT_MS);
    probe_create(&later, "11", "away");
    probe_submit(&later, lane);
    CU_ASSERT_TRUE_FATAL(probe_wait(&sent, PROBE_PATIENCE_MS));
    CU_ASSERT_TRUE_FATAL(probe_wait(&later, PROBE_PATIENCE_MS));
    CU_ASSERT_STRING_EQUAL(sent.call.error.reason, "OUTCOME_UNKNOWN");
    CU_ASSERT_STRING_EQUAL(later.call.error.reason, "DATABASE_UNAVAILABLE");
    probe_lock_release(holder);
    CU_ASSERT_TRUE_FATAL(private_cluster_start(&cluster));
    CU_ASSERT_EQUAL(
        database_number(&cluster.database, "SELECT count(*) FROM cpts.cpts WHERE name = 'away'"),
        0);
    uint8_t cpts_id[16];
    probe_make_cpts(lane, "11", cpts_id);
    probe_end(&sent);
    probe_end(&later);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lane__immediate_stop_under_load_loses_and_repeats_nothing),
    UNIT_TEST(test_lane__backend_killed_mid_batch_loses_nothing),
    UNIT_TEST(test_lane__database_that_stays_away_leaves_the_outcome_unknown),
};

int main(int argc, char **argv)
{
    if (!private_cluster_create(&cluster))
        return 1;
    int code =
        unit_main("fault.lane_crash", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    private_cluster_remove(&cluster);
    return code;
}
