/* SPDX-License-Identifier: Apache-2.0 */
/* What one call may do to the others of its batch: nothing. */
#include <string.h>

#include "base/clock.h"
#include "fault/probe.h"
#include "support/unit.h"

#define BATCH_CALLS 12
#define NAME_TOO_LONG_CHARACTERS 201

static struct database database;

static struct lane *open_write_lane(void)
{
    struct lane_options options = {.kind = LANE_WRITE,
                                   .conninfo = database.app_conninfo,
                                   .node = "national",
                                   .statement_timeout_ms = PROBE_PATIENCE_MS,
                                   .lock_timeout_ms = PROBE_PATIENCE_MS};
    struct lane *lane = probe_lane(&options);
    probe_wait_connected(lane);
    return lane;
}

/** Both batches of the lane wait for the lock that @p ret_holder has: whatever
 * is submitted now travels together in the next one. */
static void occupy(struct lane *lane, struct probe occupants[2], PGconn **ret_holder)
{
    struct lane_statistics statistics;
    lane_statistics_get(lane, &statistics);
    *ret_holder = probe_lock_hold(&database);
    for (int i = 0; i < 2; i++) {
        probe_begin(&occupants[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        probe_create(&occupants[i], "11", "occupant");
        probe_submit(&occupants[i], lane);
        probe_wait_batches(lane, statistics.batches + i + 1);
    }
}

static void finish(struct probe *probes, int count)
{
    for (int i = 0; i < count; i++) {
        CU_ASSERT_TRUE_FATAL(probe_wait(&probes[i], PROBE_PATIENCE_MS));
        CU_ASSERT_EQUAL(probes[i].answers, 1);
        probe_end(&probes[i]);
    }
}

static void test_lane__one_call_at_fault_leaves_its_batch_unharmed(void)
{
    struct lane *lane = open_write_lane();
    struct probe occupants[2];
    struct probe probes[BATCH_CALLS];
    PGconn *holder;
    char name_too_long[NAME_TOO_LONG_CHARACTERS + 1];
    memset(name_too_long, 'x', NAME_TOO_LONG_CHARACTERS);
    name_too_long[NAME_TOO_LONG_CHARACTERS] = '\0';
    occupy(lane, occupants, &holder);
    for (int i = 0; i < BATCH_CALLS; i++) {
        probe_begin(&probes[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        probe_create(&probes[i], "11", i == 5 ? name_too_long : "fine");
        probe_submit(&probes[i], lane);
    }
    probe_lock_release(holder);
    finish(occupants, 2);
    finish(probes, BATCH_CALLS);
    for (int i = 0; i < BATCH_CALLS; i++) {
        CU_ASSERT_EQUAL(probes[i].status, i == 5 ? CPTS_INVALID_ARGUMENT : CPTS_OK);
        CU_ASSERT_STRING_EQUAL(probes[i].outcome, i == 5 ? "" : "OK");
    }
    CU_ASSERT_STRING_EQUAL(probes[5].call.error.reason, "FIELD_INVALID");
    CU_ASSERT_STRING_EQUAL(probes[5].call.error.field, "name");
    struct lane_statistics statistics;
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.batches_retried, 1);
    CU_ASSERT_EQUAL(statistics.batches, 3 + BATCH_CALLS);
    CU_ASSERT_EQUAL(statistics.calls_done, 2 + BATCH_CALLS);
    probe_assert_log_whole(&database);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__a_commit_that_fails_is_redone_one_by_one(void)
{
    struct lane *lane = open_write_lane();
    struct probe occupants[2];
    struct probe probes[BATCH_CALLS];
    PGconn *holder;
    database_execute(&database,
                     "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                     "IF NEW.name = 'late' THEN RAISE 'too late'; END IF; RETURN NULL; END$$;"
                     "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON cpts.cpts DEFERRABLE "
                     "INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION late()");
    occupy(lane, occupants, &holder);
    for (int i = 0; i < BATCH_CALLS; i++) {
        probe_begin(&probes[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        probe_create(&probes[i], "11", i == 3 ? "late" : "fine");
        probe_submit(&probes[i], lane);
    }
    probe_lock_release(holder);
    finish(occupants, 2);
    finish(probes, BATCH_CALLS);
    for (int i = 0; i < BATCH_CALLS; i++)
        CU_ASSERT_EQUAL(probes[i].status, i == 3 ? CPTS_INTERNAL : CPTS_OK);
    CU_ASSERT_STRING_EQUAL(probes[3].call.error.reason, "INTERNAL_ERROR");
    database_execute(&database, "DROP TRIGGER late ON cpts.cpts; DROP FUNCTION late()");
    probe_assert_log_whole(&database);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__principals_in_one_batch_keep_their_own_scope(void)
{
    static const struct principal *const WHO[] = {&PROBE_REGION_11, &PROBE_REGION_84};
    struct lane *lane = open_write_lane();
    struct probe occupants[2];
    struct probe probes[BATCH_CALLS];
    PGconn *holder;
    uint8_t cpts_id[16];
    probe_make_cpts(lane, "11", cpts_id);
    occupy(lane, occupants, &holder);
    for (int i = 0; i < BATCH_CALLS; i++) {
        probe_begin(&probes[i], WHO[i % 2], PROBE_PATIENCE_MS);
        probe_update(&probes[i], cpts_id, 1 + i / 2, "renamed");
        probe_submit(&probes[i], lane);
    }
    probe_lock_release(holder);
    finish(occupants, 2);
    finish(probes, BATCH_CALLS);
    for (int i = 0; i < BATCH_CALLS; i++)
        CU_ASSERT_STRING_EQUAL(probes[i].outcome, i % 2 == 0 ? "OK" : "OUT_OF_SCOPE");
    struct lane_statistics statistics;
    lane_statistics_get(lane, &statistics);
    CU_ASSERT_EQUAL(statistics.batches, 4);
    CU_ASSERT_EQUAL(statistics.batches_retried, 0);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__same_command_id_of_two_principals_are_two_commands(void)
{
    struct lane *lane = open_write_lane();
    struct probe probes[2];
    for (int i = 0; i < 2; i++) {
        probe_begin(&probes[i], i == 0 ? &PROBE_REGION_11 : &PROBE_REGION_84, PROBE_PATIENCE_MS);
        memcpy(probes[i].command_id, probes[0].command_id, 16);
        probe_create(&probes[i], i == 0 ? "11" : "84", "same id");
        probe_submit(&probes[i], lane);
    }
    finish(probes, 2);
    CU_ASSERT_STRING_EQUAL(probes[0].outcome, "OK");
    CU_ASSERT_STRING_EQUAL(probes[1].outcome, "OK");
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__a_batch_leaves_no_scope_to_the_next(void)
{
    static const struct principal NOBODY = {.uri = "spiffe://test/user/nobody", .scope = ""};
    static const struct principal *const WHO[] = {&PROBE_REGION_11, &NOBODY};
    struct lane *writes = open_write_lane();
    struct lane_options options = {.kind = LANE_READ, .conninfo = database.app_conninfo};
    struct lane *reads = probe_lane(&options);
    struct probe probes[BATCH_CALLS];
    uint8_t cpts_id[16];
    probe_make_cpts(writes, "11", cpts_id);
    for (int i = 0; i < BATCH_CALLS; i++) {
        probe_begin(&probes[i], WHO[i % 2], PROBE_PATIENCE_MS);
        probe_get(&probes[i], cpts_id);
        probe_submit(&probes[i], reads);
    }
    finish(probes, BATCH_CALLS);
    for (int i = 0; i < BATCH_CALLS; i++) {
        CU_ASSERT_EQUAL(probes[i].status, CPTS_OK);
        CU_ASSERT_EQUAL(probes[i].row_count, i % 2 == 0 ? 1 : 0);
    }
    probe_lane_close(reads, PROBE_PATIENCE_MS);
    probe_lane_close(writes, PROBE_PATIENCE_MS);
}

static void test_lane__a_mebibyte_of_parameters_is_written(void)
{
    struct lane *lane = open_write_lane();
    struct probe probes[3];
    uint8_t cpts_id[16];
    probe_make_cpts(lane, "11", cpts_id);
    for (int i = 0; i < 3; i++) {
        probe_begin(&probes[i], &PROBE_NATIONAL, PROBE_PATIENCE_MS);
        if (i == 1)
            probe_territory(&probes[i], cpts_id, 1, 2000, (size_t)1024 * 1024);
        else
            probe_create(&probes[i], "11", "beside");
        probe_submit(&probes[i], lane);
    }
    finish(probes, 3);
    for (int i = 0; i < 3; i++)
        CU_ASSERT_STRING_EQUAL(probes[i].outcome, "OK");
    CU_ASSERT_EQUAL(database_number(&database, "SELECT max(octet_length(bytes)) FROM "
                                               "cpts.change_log"),
                    1024 * 1024);
    probe_assert_log_whole(&database);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static void test_lane__a_read_lane_cannot_write(void)
{
    struct lane_options options = {
        .kind = LANE_READ, .conninfo = database.app_conninfo, .node = "national"};
    struct lane *lane = probe_lane(&options);
    int64_t before = database_number(&database, "SELECT count(*) FROM cpts.cpts");
    struct probe probe;
    probe_begin(&probe, &PROBE_NATIONAL, PROBE_PATIENCE_MS);
    probe_create(&probe, "11", "astray");
    probe_submit(&probe, lane);
    finish(&probe, 1);
    CU_ASSERT_NOT_EQUAL(probe.status, CPTS_OK);
    CU_ASSERT_EQUAL(database_number(&database, "SELECT count(*) FROM cpts.cpts"), before);
    probe_lane_close(lane, PROBE_PATIENCE_MS);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lane__one_call_at_fault_leaves_its_batch_unharmed),
    UNIT_TEST(test_lane__a_commit_that_fails_is_redone_one_by_one),
    UNIT_TEST(test_lane__principals_in_one_batch_keep_their_own_scope),
    UNIT_TEST(test_lane__same_command_id_of_two_principals_are_two_commands),
    UNIT_TEST(test_lane__a_batch_leaves_no_scope_to_the_next),
    UNIT_TEST(test_lane__a_mebibyte_of_parameters_is_written),
    UNIT_TEST(test_lane__a_read_lane_cannot_write),
};

int main(int argc, char **argv)
{
    if (!database_create(&database))
        return 1;
    int code =
        unit_main("fault.lane_batch", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    database_drop(&database);
    return code;
}
