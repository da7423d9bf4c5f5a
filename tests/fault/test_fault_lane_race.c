/* SPDX-License-Identifier: Apache-2.0 */
/* Two servers on one database: two write lanes race on the same records and the
 * same command ids while a reader follows the log. */
#include <stdio.h>
#include <stdlib.h>

#include "fault/command_load.h"
#include "support/unit.h"

#define COMMANDS 6000
#define SERVERS 2

static struct database database;

/** Reads what came after @p last. @return the new last position; a gap fails
 * the test. */
static int64_t follow(PGconn *reader, int64_t last)
{
    char sql[160];
    snprintf(sql, sizeof sql,
             "SELECT local_position FROM cpts.change_log WHERE local_position > %lld ORDER BY 1",
             (long long)last);
    PGresult *result = PQexec(reader, sql);
    CU_ASSERT_EQUAL_FATAL(PQresultStatus(result), PGRES_TUPLES_OK);
    for (int i = 0; i < PQntuples(result); i++) {
        int64_t position = strtoll(PQgetvalue(result, i, 0), NULL, 10);
        if (position != last + 1)
            CU_FAIL("the reader missed a position");
        last = position;
    }
    PQclear(result);
    return last;
}

static void test_lane__two_servers_race_and_a_reader_misses_nothing(void)
{
    static struct load loads[SERVERS];
    static struct load_ground ground;
    struct lane_options options = {
        .kind = LANE_WRITE, .conninfo = database.app_conninfo, .node = "national"};
    int64_t last = 0;
    for (int i = 0; i < SERVERS; i++)
        loads[i].lane = probe_lane(&options);
    load_ground_make(&ground, loads[0].lane);
    PGconn *reader = database_connect(&database, false);
    for (int i = 0; i < SERVERS; i++) {
        loads[i].ground = &ground;
        loads[i].seed = 7u + (unsigned)i;
        load_start(&loads[i], COMMANDS);
    }
    while (!atomic_load(&loads[0].is_over) || !atomic_load(&loads[1].is_over))
        last = follow(reader, last);
    int64_t acknowledged = LOAD_RECORDS;
    for (int i = 0; i < SERVERS; i++) {
        struct lane_statistics statistics;
        load_join(&loads[i]);
        acknowledged += atomic_load(&loads[i].ok_count);
        lane_statistics_get(loads[i].lane, &statistics);
        CU_ASSERT_EQUAL(statistics.batches_retried, 0);
        probe_lane_close(loads[i].lane, PROBE_PATIENCE_MS);
    }
    last = follow(reader, last);
    CU_ASSERT_EQUAL(last, acknowledged);
    CU_ASSERT_TRUE(acknowledged > COMMANDS / 20);
    load_assert_kept(&database, loads, SERVERS);
    PQfinish(reader);
    for (int i = 0; i < SERVERS; i++)
        load_end(&loads[i]);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lane__two_servers_race_and_a_reader_misses_nothing),
};

int main(int argc, char **argv)
{
    if (!database_create(&database))
        return 1;
    int code =
        unit_main("fault.lane_race", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    database_drop(&database);
    return code;
}
