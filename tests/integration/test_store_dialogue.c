/* SPDX-License-Identifier: Apache-2.0 */
/* A connection of one thread over a real database: answers, refusals, a session that is
 * lost, an end while it waits. */
#include "store/dialogue.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "store/query.h"
#include "store/query_array.h"
#include "store/rows.h"
#include "support/database.h"
#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES ((size_t)256 * 1024)
#define NAME "dialogue of a test"
#define NODE "region/11"
#define PATIENCE_S 30
#define PEER "national"

static struct database database;
static struct dialogue *dialogue;
static struct arena *arena;
static struct cpts_error error;
static const struct rows *rows;

static void begin(void)
{
    CU_ASSERT_TRUE_FATAL(database_create(&database));
    const struct dialogue_options options = {.conninfo = database.app_conninfo,
                                             .name = NAME,
                                             .node = NODE,
                                             .principal = "spiffe://cpts.test/node/region/11"};
    CU_ASSERT_EQUAL_FATAL(dialogue_open(&options, &dialogue, &error), CPTS_OK);
    arena = arena_new(ARENA_BYTES);
    rows = NULL;
}

static void end(void)
{
    dialogue_close(dialogue);
    arena_free(arena);
    database_drop(&database);
}

static cpts_status raise_alarm(const char *word)
{
    struct query *query = query_new(arena, STATEMENT_FEDERATION_ALARM);
    query_text(query, NODE);
    query_text(query, PEER);
    query_text(query, word);
    query_text(query, "");
    query_text(query, "as asked");
    return dialogue_ask(dialogue, query, DIALOGUE_ALONE, &rows, &error);
}

static cpts_status take_epoch(int epoch)
{
    struct query *query = query_new(arena, STATEMENT_FEDERATION_RESTORE_END);
    query_text(query, NODE);
    query_text(query, PEER);
    query_int(query, epoch);
    return dialogue_ask(dialogue, query, DIALOGUE_LOGGED, &rows, &error);
}

static int64_t alarms(void)
{
    return database_number(&database, "SELECT count(*) FROM cpts.federation_alarm");
}

static void test_dialogue__each_question_is_a_transaction_of_its_own(void)
{
    begin();
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    CU_ASSERT_EQUAL(rows_int(rows, 0, 0), 1);
    CU_ASSERT_EQUAL(alarms(), 1);
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    CU_ASSERT_EQUAL(rows_count(rows), 1);
    CU_ASSERT_EQUAL(rows_int(rows, 0, 0), 2);
    end();
}

static void test_dialogue__what_is_logged_is_behind_the_logs_lock(void)
{
    begin();
    CU_ASSERT_EQUAL(take_epoch(4), CPTS_OK);
    CU_ASSERT_EQUAL(rows_int(rows, 0, 0), 4);
    CU_ASSERT_EQUAL(database_number(&database, "SELECT epoch FROM cpts.node_self"), 4);
    end();
}

static void test_dialogue__a_refusal_undoes_everything_and_it_goes_on(void)
{
    begin();
    const struct rows *before = rows;
    cpts_status status = raise_alarm("no word at all");
    CU_ASSERT_NOT_EQUAL(status, CPTS_OK);
    CU_ASSERT_NOT_EQUAL(status, CPTS_UNAVAILABLE);
    CU_ASSERT_EQUAL(error.status, status);
    CU_ASSERT_PTR_NOT_NULL(strstr(error.message, "federation_alarm_word_shape"));
    CU_ASSERT_PTR_EQUAL(rows, before);
    CU_ASSERT_EQUAL(alarms(), 0);
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    CU_ASSERT_EQUAL(take_epoch(3), CPTS_OK);
    end();
}

static void test_dialogue__arrays_arrive_as_they_were(void)
{
    static const struct {
        const char *kind;
        const char *id;
    } WANTED[] = {{"CPTS", "0190b000-0000-7000-8000-000000000001"},
                  {"with \"quotes\", {braces} and \\", "0190b000-0000-7000-8000-000000000002"}};
    begin();
    struct query *query = query_new(arena, STATEMENT_FEDERATION_FETCH);
    query_text(query, NODE);
    query_text(query, PEER);
    query_text(query, "*");
    query_members(query, MEMBER_TEXT, &WANTED->kind, sizeof *WANTED, 2);
    query_members(query, MEMBER_UUID, &WANTED->id, sizeof *WANTED, 2);
    CU_ASSERT_EQUAL(dialogue_ask(dialogue, query, DIALOGUE_ALONE, &rows, &error), CPTS_OK);
    CU_ASSERT_STRING_EQUAL(rows_text(rows, 0, 0), "H");
    end();
}

static void test_dialogue__what_could_not_be_made_is_not_asked(void)
{
    begin();
    struct query failed = {.statement = STATEMENT_FEDERATION_SELF, .failed = true};
    CU_ASSERT_EQUAL(dialogue_ask(dialogue, NULL, DIALOGUE_ALONE, &rows, &error),
                    CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_EQUAL(dialogue_ask(dialogue, &failed, DIALOGUE_ALONE, &rows, &error),
                    CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "OUT_OF_MEMORY");
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    end();
}

static void test_dialogue__a_session_that_is_lost_is_made_anew(void)
{
    begin();
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    CU_ASSERT_EQUAL(database_number(&database,
                                    "SELECT count(pg_terminate_backend(pid, 30000)) FROM"
                                    " pg_stat_activity WHERE application_name = '" NAME "'"
                                    " AND datname = current_database()"),
                    1);
    cpts_status status = raise_alarm("GAP");
    CU_ASSERT_TRUE(status == CPTS_OK || (status == CPTS_UNAVAILABLE &&
                                         strcmp(error.reason, "DATABASE_UNAVAILABLE") == 0));
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_OK);
    CU_ASSERT_EQUAL(rows_int(rows, 0, 0), status == CPTS_OK ? 3 : 2);
    end();
}

static void *take_epoch_5(void *data)
{
    *(cpts_status *)data = take_epoch(5);
    return NULL;
}

static void await_lock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    time_t until = now.tv_sec + PATIENCE_S;
    while (now.tv_sec < until &&
           database_number(&database, "SELECT count(*) FROM pg_stat_activity WHERE"
                                      " application_name = '" NAME "' AND wait_event = 'advisory'"
                                      " AND datname = current_database()") == 0)
        clock_gettime(CLOCK_MONOTONIC, &now);
    CU_ASSERT_TRUE(now.tv_sec < until);
}

static void test_dialogue__it_can_be_stopped_while_it_waits(void)
{
    pthread_t thread;
    cpts_status status = CPTS_OK;
    begin();
    database_execute(&database, "SELECT pg_advisory_lock(cpts.log_lock_key())");
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, take_epoch_5, &status), 0);
    await_lock();
    dialogue_stop(dialogue);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "SHUTTING_DOWN");
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "SHUTTING_DOWN");
    CU_ASSERT_EQUAL(alarms(), 0);
    end();
}

static void test_dialogue__nobody_answers(void)
{
    const struct dialogue_options options = {
        .conninfo = "host=/nowhere user=cpts_app", .name = NAME, .node = NODE, .principal = "x"};
    begin();
    dialogue_close(dialogue);
    CU_ASSERT_EQUAL(dialogue_open(&options, &dialogue, &error), CPTS_OK);
    CU_ASSERT_EQUAL(raise_alarm("GAP"), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "DATABASE_UNAVAILABLE");
    CU_ASSERT_PTR_NULL(rows);
    end();
    dialogue_close(NULL);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_dialogue__each_question_is_a_transaction_of_its_own),
    UNIT_TEST(test_dialogue__what_is_logged_is_behind_the_logs_lock),
    UNIT_TEST(test_dialogue__a_refusal_undoes_everything_and_it_goes_on),
    UNIT_TEST(test_dialogue__arrays_arrive_as_they_were),
    UNIT_TEST(test_dialogue__what_could_not_be_made_is_not_asked),
    UNIT_TEST(test_dialogue__a_session_that_is_lost_is_made_anew),
    UNIT_TEST(test_dialogue__it_can_be_stopped_while_it_waits),
    UNIT_TEST(test_dialogue__nobody_answers),
};

UNIT_MAIN("dialogue")
