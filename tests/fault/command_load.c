/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/command_load.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/uuid.h"

#define SHARED_PERCENT 15
#define RESENT_PERCENT 8
#define DEADLINE_MS 60000

void load_ground_make(struct load_ground *ground, struct lane *lane)
{
    for (int i = 0; i < LOAD_RECORDS; i++)
        probe_make_cpts(lane, i % 2 == 0 ? "11" : "84", ground->records[i]);
    for (int i = 0; i < LOAD_SHARED; i++)
        uuid_mint(ground->shared_ids[i]);
}

static int choose(struct load *load, int limit)
{
    return (int)((unsigned)rand_r(&load->seed) % (unsigned)limit);
}

/** A command of this load only, one that every load sends, or the one sent just
 * before once more. */
static void prepare(struct load *load, struct probe *probe, const struct probe *previous)
{
    int chance = choose(load, 100);
    int record = choose(load, LOAD_RECORDS);
    char name[32] = "own";
    probe_begin(probe, &PROBE_NATIONAL, DEADLINE_MS);
    if (chance < SHARED_PERCENT && load->shared_next < LOAD_SHARED) {
        record = load->shared_next % LOAD_RECORDS;
        snprintf(name, sizeof name, "shared %d", load->shared_next);
        memcpy(probe->command_id, load->ground->shared_ids[load->shared_next++], 16);
    } else if (previous != NULL && chance >= 100 - RESENT_PERCENT) {
        snprintf(name, sizeof name, "%s", previous->name);
        memcpy(probe->command_id, previous->command_id, 16);
        record = previous->record;
    }
    probe->record = record;
    snprintf(probe->name, sizeof probe->name, "%s", name);
    probe_update(probe, load->ground->records[record], load->versions[record], name);
}

static void keep_reply(struct load *load, struct probe *probe)
{
    struct load_reply *reply = &load->replies[load->reply_count++];
    bool is_done = probe_wait(probe, 2 * DEADLINE_MS);
    memcpy(reply->command_id, probe->command_id, 16);
    reply->status = is_done ? probe->status : CPTS_UNKNOWN;
    reply->version = probe->version;
    reply->position = probe->position;
    snprintf(reply->outcome, sizeof reply->outcome, "%s",
             probe->outcome[0] == '\0' ? probe->call.error.reason : probe->outcome);
    int64_t known = strcmp(probe->outcome, "STALE_VERSION") == 0 ? strtoll(probe->detail, NULL, 10)
                                                                 : probe->version;
    if (known > load->versions[probe->record])
        load->versions[probe->record] = known;
    if (strcmp(probe->outcome, "OK") == 0)
        atomic_fetch_add(&load->ok_count, 1);
    if (is_done)
        probe_end(probe);
}

static void *load_run(void *argument)
{
    struct load *load = argument;
    for (int i = 0; i < load->command_count; i++) {
        struct probe *probe = &load->probes[i % LOAD_IN_FLIGHT];
        if (i >= LOAD_IN_FLIGHT)
            keep_reply(load, probe);
        prepare(load, probe, i == 0 ? NULL : &load->probes[(i - 1) % LOAD_IN_FLIGHT]);
        probe_submit(probe, load->lane);
    }
    int first = load->command_count > LOAD_IN_FLIGHT ? load->command_count - LOAD_IN_FLIGHT : 0;
    for (int i = first; i < load->command_count; i++)
        keep_reply(load, &load->probes[i % LOAD_IN_FLIGHT]);
    atomic_store(&load->is_over, true);
    return NULL;
}

void load_start(struct load *load, int command_count)
{
    load->command_count = command_count;
    load->replies = calloc((size_t)command_count, sizeof *load->replies);
    for (int i = 0; i < LOAD_RECORDS; i++)
        load->versions[i] = 1;
    CU_ASSERT_PTR_NOT_NULL_FATAL(load->replies);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&load->thread, NULL, load_run, load), 0);
}

void load_join(struct load *load)
{
    pthread_join(load->thread, NULL);
}

void load_end(struct load *load)
{
    free(load->replies);
    load->replies = NULL;
}

/** Copies the replies into a temporary table of the admin session. */
static void copy_replies(struct database *database, struct load *loads, int load_count)
{
    database_execute(database, "CREATE TEMP TABLE reply ("
                               "command_id uuid, outcome text, version int, position bigint)");
    PQclear(PQexec(database->admin, "COPY reply FROM STDIN"));
    for (int i = 0; i < load_count; i++) {
        for (int j = 0; j < loads[i].reply_count; j++) {
            const struct load_reply *reply = &loads[i].replies[j];
            char id[UUID_TEXT_BYTES];
            char line[160];
            uuid_format(reply->command_id, id);
            int length = snprintf(line, sizeof line, "%s\t%s\t%lld\t%lld\n", id, reply->outcome,
                                  (long long)reply->version, (long long)reply->position);
            PQputCopyData(database->admin, line, length);
        }
    }
    PQputCopyEnd(database->admin, NULL);
    PGresult *result = PQgetResult(database->admin);
    CU_ASSERT_EQUAL(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    PQclear(PQgetResult(database->admin));
}

static void assert_none(struct database *database, const char *what, const char *sql)
{
    int64_t count = database_number(database, sql);
    if (count != 0)
        fprintf(stderr, "load: %lld %s\n", (long long)count, what);
    CU_ASSERT_EQUAL(count, 0);
}

void load_assert_kept(struct database *database, struct load *loads, int load_count)
{
    copy_replies(database, loads, load_count);
    assert_none(database, "commands acknowledged as new more than once",
                "SELECT count(*) - count(DISTINCT command_id) FROM reply WHERE outcome = 'OK'");
    assert_none(database, "acknowledged commands that are not there as acknowledged",
                "SELECT count(*) FROM reply r LEFT JOIN cpts.command c USING (command_id) WHERE "
                "r.outcome IN ('OK', 'REPLAYED') AND (c.version, c.log_position) IS DISTINCT FROM "
                "(r.version, r.position)");
    assert_none(database, "refused commands that are there",
                "SELECT count(*) FROM (SELECT r.command_id FROM reply r JOIN cpts.command c USING "
                "(command_id) GROUP BY 1 HAVING bool_and(r.outcome NOT IN ('OK', 'REPLAYED', "
                "'OUTCOME_UNKNOWN'))) lost");
    assert_none(database, "broken chains of versions",
                "SELECT count(*) FROM (SELECT c.cpts_id FROM cpts.cpts c JOIN cpts.change_log l ON "
                "l.aggregate_id = c.cpts_id GROUP BY c.cpts_id, c.version HAVING count(DISTINCT "
                "l.version) <> c.version OR count(*) <> c.version) broken");
    assert_none(database, "broken chains of hashes",
                "SELECT count(*) FROM (SELECT prev_hash, lag(hash) OVER (ORDER BY "
                "origin_position) AS before FROM cpts.change_log) chain WHERE before IS NOT NULL "
                "AND before <> prev_hash");
    probe_assert_log_whole(database);
}
