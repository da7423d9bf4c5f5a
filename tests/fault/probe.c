/* SPDX-License-Identifier: Apache-2.0 */
#include "fault/probe.h"

#include <CUnit/CUnit.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define NS_PER_MS INT64_C(1000000)
/* That of the template. */
#define REFERENCE_VERSION 1
#define NODE "national"

const struct principal PROBE_NATIONAL = {
    .uri = "spiffe://test/node/national", .roles = ROLE_NATIONAL_NODE, .scope = "*"};
const struct principal PROBE_REGION_11 = {
    .uri = "spiffe://test/node/region/11", .roles = ROLE_REGION_NODE, .scope = "region:11"};
const struct principal PROBE_REGION_84 = {
    .uri = "spiffe://test/node/region/84", .roles = ROLE_REGION_NODE, .scope = "region:84"};

static pthread_mutex_t answer_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t answer_come;
static pthread_once_t answer_once = PTHREAD_ONCE_INIT;

static void prepare_condition(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&answer_come, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void take_answer(struct call *call, cpts_status status, const struct rows *rows)
{
    struct probe *probe = (struct probe *)call->state;
    pthread_mutex_lock(&answer_mutex);
    probe->status = status;
    if (rows != NULL) {
        probe->row_count = rows_count(rows);
        snprintf(probe->outcome, sizeof probe->outcome, "%s", rows_text(rows, 0, 0));
        probe->version = rows_int(rows, 0, 2);
        probe->position = rows_int(rows, 0, 3);
        snprintf(probe->detail, sizeof probe->detail, "%s", rows_text(rows, 0, 4));
    }
    probe->answers++;
    probe->is_done = true;
    pthread_cond_broadcast(&answer_come);
    pthread_mutex_unlock(&answer_mutex);
}

void probe_begin(struct probe *probe, const struct principal *principal, int deadline_ms)
{
    pthread_once(&answer_once, prepare_condition);
    memset(probe, 0, sizeof *probe);
    probe->call.arena = arena_new(CALL_ARENA_BYTES);
    probe->call.principal = *principal;
    probe->call.deadline_ns = clock_monotonic_ns() + deadline_ms * NS_PER_MS;
    probe->call.state = probe;
    probe->call.done = take_answer;
    uuid_mint(probe->command_id);
    uuid_mint(probe->cpts_id);
}

/** The first six parameters of every command. */
static void bind_command(struct probe *probe, enum statement_id statement, const char *content)
{
    uint8_t hash[DIGEST_BYTES];
    struct query *query = query_new(probe->call.arena, statement);
    digest_command("probe", (const uint8_t *)content, strlen(content), hash);
    query_text(query, probe->call.principal.uri);
    query_uuid(query, probe->command_id);
    query_bytes(query, hash, sizeof hash);
    query_uuid(query, probe->cpts_id);
    query_text(query, NODE);
    probe->call.query = query;
}

void probe_create(struct probe *probe, const char *region, const char *name)
{
    const char *const stages[] = {"EMERGENCE"};
    const char *const dates[] = {"2020-01-01"};
    const char *const nobody[] = {""};
    bind_command(probe, STATEMENT_CPTS_CREATE, name);
    struct query *query = probe->call.query;
    query_bytes(query, (const uint8_t *)"change", 6);
    query_text(query, name);
    query_text(query, region);
    query_bool(query, true);
    query_text(query, "");
    query_text(query, "");
    query_text_array(query, stages, 1);
    query_text_array(query, dates, 1);
    query_text_array(query, nobody, 1);
    query_text_array(query, NULL, 0);
    query_text_array(query, NULL, 0);
    query_text(query, "infinity");
    for (int clock_column = 0; clock_column < 4; clock_column++)
        query_text_array(query, NULL, 0);
    query_text(query, "2020-01-01");
    query_int(query, REFERENCE_VERSION);
}

void probe_update(struct probe *probe, const uint8_t cpts_id[16], int64_t version, const char *name)
{
    memcpy(probe->cpts_id, cpts_id, 16);
    bind_command(probe, STATEMENT_CPTS_UPDATE, name);
    struct query *query = probe->call.query;
    query_bytes(query, (const uint8_t *)"change", 6);
    query_int(query, version);
    query_text(query, name);
    query_text(query, NULL);
    query_text(query, NULL);
}

void probe_territory(struct probe *probe, const uint8_t cpts_id[16], int64_t version,
                     int unit_count, size_t change_bytes)
{
    struct arena *arena = probe->call.arena;
    const char **codes = arena_alloc(arena, (size_t)unit_count * sizeof *codes);
    const char **shares = arena_alloc(arena, (size_t)unit_count * sizeof *shares);
    for (int i = 0; i < unit_count; i++) {
        codes[i] = arena_printf(arena, "T%05d", i);
        shares[i] = "0.5";
    }
    memcpy(probe->cpts_id, cpts_id, 16);
    bind_command(probe, STATEMENT_CPTS_TERRITORY_SET, "territory");
    struct query *query = probe->call.query;
    query_bytes(query, arena_alloc(arena, change_bytes), change_bytes);
    query_int(query, version);
    query_text(query, "2020-01-01");
    query_text_array(query, codes, (size_t)unit_count);
    query_text_array(query, shares, (size_t)unit_count);
    query_int(query, REFERENCE_VERSION);
}

void probe_get(struct probe *probe, const uint8_t cpts_id[16])
{
    struct query *query = query_new(probe->call.arena, STATEMENT_CPTS_GET);
    query_uuid(query, cpts_id);
    query_text(query, "2024-01-01");
    query_text(query, NULL);
    probe->call.query = query;
}

void probe_submit(struct probe *probe, struct lane *lane)
{
    probe->is_done = false;
    probe->answers = 0;
    probe->row_count = 0;
    probe->outcome[0] = '\0';
    error_clear(&probe->call.error);
    lane_submit(lane, &probe->call);
}

bool probe_wait(struct probe *probe, int timeout_ms)
{
    int64_t end_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    struct timespec end = {.tv_sec = end_ns / (1000 * NS_PER_MS),
                           .tv_nsec = end_ns % (1000 * NS_PER_MS)};
    int failure = 0;
    pthread_mutex_lock(&answer_mutex);
    while (!probe->is_done && failure == 0)
        failure = pthread_cond_timedwait(&answer_come, &answer_mutex, &end);
    bool is_done = probe->is_done;
    pthread_mutex_unlock(&answer_mutex);
    return is_done;
}

void probe_end(struct probe *probe)
{
    arena_free(probe->call.arena);
    probe->call.arena = NULL;
}

void probe_make_cpts(struct lane *lane, const char *region, uint8_t ret_cpts_id[16])
{
    struct probe probe;
    probe_begin(&probe, &PROBE_NATIONAL, PROBE_PATIENCE_MS);
    probe_create(&probe, region, "made");
    probe_submit(&probe, lane);
    CU_ASSERT_TRUE_FATAL(probe_wait(&probe, PROBE_PATIENCE_MS));
    CU_ASSERT_STRING_EQUAL(probe.outcome, "OK");
    memcpy(ret_cpts_id, probe.cpts_id, 16);
    probe_end(&probe);
}

bool probe_eventually(bool (*is_so)(void *argument), void *argument, int timeout_ms)
{
    int64_t end_ns = clock_monotonic_ns() + timeout_ms * NS_PER_MS;
    while (!is_so(argument)) {
        if (clock_monotonic_ns() > end_ns)
            return false;
        (void)poll(NULL, 0, 1);
    }
    return true;
}

struct lane *probe_lane(const struct lane_options *options)
{
    struct lane *lane = NULL;
    struct cpts_error err;
    if (lane_open(options, &lane, &err) != CPTS_OK) {
        fprintf(stderr, "probe: %s: %s\n", err.reason, err.message);
        exit(1);
    }
    return lane;
}

static bool is_connected(void *argument)
{
    struct lane_statistics statistics;
    lane_statistics_get(argument, &statistics);
    return statistics.connected;
}

void probe_wait_connected(struct lane *lane)
{
    CU_ASSERT_TRUE_FATAL(probe_eventually(is_connected, lane, PROBE_PATIENCE_MS));
}

struct batch_count {
    struct lane *lane;
    int64_t count;
};

static bool has_sent(void *argument)
{
    struct batch_count *wanted = argument;
    struct lane_statistics statistics;
    lane_statistics_get(wanted->lane, &statistics);
    return statistics.batches >= wanted->count;
}

void probe_wait_batches(struct lane *lane, int64_t count)
{
    struct batch_count wanted = {.lane = lane, .count = count};
    CU_ASSERT_TRUE_FATAL(probe_eventually(has_sent, &wanted, PROBE_PATIENCE_MS));
}

void probe_lane_close(struct lane *lane, int timeout_ms)
{
    lane_close(lane, clock_monotonic_ns() + timeout_ms * NS_PER_MS);
}

PGconn *probe_lock_hold(const struct database *database)
{
    PGconn *holder = database_connect(database, false);
    PQclear(PQexec(holder, "BEGIN"));
    PGresult *result = PQexec(holder, "SELECT pg_advisory_xact_lock(cpts.log_lock_key())");
    CU_ASSERT_EQUAL_FATAL(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
    return holder;
}

void probe_lock_release(PGconn *holder)
{
    PQfinish(holder);
}

void probe_assert_log_whole(struct database *database)
{
    CU_ASSERT_EQUAL(database_number(database, "SELECT count(*) - coalesce(max(local_position), 0) "
                                              "FROM cpts.change_log"),
                    0);
    CU_ASSERT_EQUAL(
        database_number(database,
                        "SELECT count(*) FROM cpts.change_log l FULL JOIN cpts.command c ON "
                        "c.log_position = l.local_position AND c.principal = l.actor AND "
                        "c.command_id = l.command_id WHERE l.local_position IS NULL OR "
                        "c.log_position IS NULL"),
        0);
}
