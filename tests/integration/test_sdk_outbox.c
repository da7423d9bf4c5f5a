/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox: what a command finds in it, what is left in it, in which order it goes,
 * and what it does not take. */
#include <cpts/outbox.h>
#include <cpts/submission.h>
#include <cpts/v1/referral.pb-c.h>
#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_MS 30000
#define NOBODY "127.0.0.1:1"
#define CPTS_ID "01907d2c-5a7e-7000-8000-2f3b5c1d9e40"
#define REFERRAL "0193f1a2-5a7e-7000-8000-2f3b5c1d9e40"
#define COMMAND "0193f1a2-5a7e-7000-8000-2f3b5c1d9e4f"
#define SHORT_MS 2000
/* What is kept of a submission begins so. */
#define METHOD "/cpts.v1.ReferralService/SubmitReferral\n"
#define THREADS 8
#define TURNS 10

static struct peer peer;
static char folder[32];
static char path[64];
static cpts_outbox *outbox;
static struct cpts_error error;

static struct cpts_outbox_options box_options(void)
{
    return (struct cpts_outbox_options){.size = sizeof(struct cpts_outbox_options), .path = path};
}

static void open_box(const struct cpts_outbox_options *options)
{
    CU_ASSERT_EQUAL_FATAL(cpts_outbox_open(options, &outbox, &error), CPTS_OK);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/outboxXXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/box", folder);
    peer_forget(false);
    peer_open(&peer, 1);
    struct cpts_outbox_options options = box_options();
    open_box(&options);
}

static void tear_down(void)
{
    char command[64];
    cpts_outbox_close(outbox);
    outbox = NULL;
    peer_close(&peer);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    CU_ASSERT_EQUAL(system(command), 0);
}

static cpts_client *open_client(const char *address, cpts_outbox *with)
{
    struct cpts_client_options options = peer_options(address);
    options.retry_max = -1;
    options.outbox = with;
    return peer_client(&options);
}

static void close_client(cpts_client *client)
{
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
}

/* Renames a CPTS; a fixed command_id when @p command_id is one. */
static cpts_status rename_cpts(cpts_client *client, const char *name, uint8_t *command_id)
{
    struct cpts_outcome *outcome = NULL;
    struct cpts_update update = {
        .size = sizeof update, .id = CPTS_ID, .expected_version = 1, .name = name};
    cpts_status status =
        cpts_registry_update(client, &update, command_id, PATIENCE_MS, &outcome, &error);
    cpts_outcome_free(outcome);
    return status;
}

static cpts_status record_stage(cpts_client *client, const char *id, int32_t timeout_ms)
{
    struct cpts_outcome *outcome = NULL;
    struct cpts_stage_change change = {.size = sizeof change,
                                       .id = id,
                                       .expected_version = 1,
                                       .stage = CPTS_STAGE_ACI_SIGNE,
                                       .effective_on = "2024-01-01"};
    cpts_status status =
        cpts_registry_record_stage(client, &change, NULL, timeout_ms, &outcome, &error);
    cpts_outcome_free(outcome);
    return status;
}

static struct cpts_outbox_entry entry_at(size_t index)
{
    size_t count = 0;
    struct cpts_outbox_entry entries[8];
    CU_ASSERT_EQUAL_FATAL(
        cpts_outbox_list(outbox, CPTS_OUTBOX_UNSPECIFIED, 0, 8, entries, &count, &error), CPTS_OK);
    CU_ASSERT_TRUE_FATAL(index < count);
    return entries[index];
}

static int32_t count_of(enum cpts_outbox_state state)
{
    struct cpts_outbox_room room = {.size = sizeof room};
    CU_ASSERT_EQUAL_FATAL(cpts_outbox_read_room(outbox, &room, &error), CPTS_OK);
    const int32_t counts[] = {room.count, room.not_sent_count, room.possibly_accepted_count,
                              room.accepted_count, room.rejected_count};
    return counts[state];
}

static void test_outbox__keeps_what_was_accepted_without_its_bytes(void)
{
    set_up();
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(rename_cpts(client, "a", NULL), CPTS_OK);
    struct cpts_outbox_entry entry = entry_at(0);
    CU_ASSERT_EQUAL(entry.state, CPTS_OUTBOX_ACCEPTED);
    CU_ASSERT_EQUAL(entry.byte_count, 0);
    CU_ASSERT_EQUAL(entry.attempt_count, 1);
    CU_ASSERT_STRING_EQUAL(entry.method, "/cpts.v1.RegistryService/UpdateCpts");
    CU_ASSERT_TRUE(entry.settled_at_us >= entry.kept_at_us);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_UNSPECIFIED), 0);
    close_client(client);
    tear_down();
}

static int order[4];
static int told;

static bool note_step(const struct cpts_outbox_entry *entry, void *data)
{
    (void)data;
    if (told < 4)
        order[told++] = (int)entry->place;
    return true;
}

static void test_outbox__sends_in_order_once_the_node_is_back(void)
{
    set_up();
    struct cpts_outbox_report report = {.size = sizeof report};
    cpts_client *offline = open_client(NOBODY, outbox);
    CU_ASSERT_EQUAL(rename_cpts(offline, "a", NULL), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_STRING_EQUAL(error.detail, "NOT_SENT");
    close_client(offline);
    /* The node is there again, but an older one waits. */
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(rename_cpts(client, "b", NULL), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_NOT_SENT), 2);
    told = 0;
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, note_step, NULL, &report, &error), CPTS_OK);
    CU_ASSERT_EQUAL(report.accepted_count, 2);
    CU_ASSERT_EQUAL(report.left_count, 0);
    CU_ASSERT_EQUAL(told, 2);
    CU_ASSERT_TRUE(order[0] < order[1]);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 2);
    CU_ASSERT_EQUAL(rename_cpts(client, "c", NULL), CPTS_OK);
    close_client(client);
    tear_down();
}

/* A submission of given bytes: what is in it only the node would judge. */
static struct cpts_submission *a_submission(void)
{
    uint8_t kept[256];
    struct cpts_submission *submission = NULL;
    Cpts__V1__SubmitReferralRequest request = CPTS__V1__SUBMIT_REFERRAL_REQUEST__INIT;
    request.command_id = COMMAND;
    request.referral_id = REFERRAL;
    struct cpts_bytes bytes = {.bytes = kept, .byte_count = sizeof METHOD - 1};
    memcpy(kept, METHOD, bytes.byte_count);
    bytes.byte_count += cpts__v1__submit_referral_request__pack(&request, kept + bytes.byte_count);
    CU_ASSERT_EQUAL_FATAL(cpts_submission_read(bytes, &submission, &error), CPTS_OK);
    return submission;
}

/* What follows is short of time, and is to be sent all the same. */
static void connect_first(cpts_client *client)
{
    struct cpts_record *record = NULL;
    CU_ASSERT_EQUAL_FATAL(cpts_registry_get(client, CPTS_ID, NULL, PATIENCE_MS, &record, &error),
                          CPTS_OK);
    cpts_record_free(record);
}

static void test_outbox__repeats_the_same_bytes_after_a_lost_answer(void)
{
    set_up();
    struct peer_memory memory;
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_submission *submission = a_submission();
    cpts_client *client = open_client(peer.address, outbox);
    connect_first(client);
    peer_forget(true);
    CU_ASSERT_EQUAL(cpts_submission_send(client, submission, SHORT_MS, &outcome, &error),
                    CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_STRING_EQUAL(error.detail, "POSSIBLY_ACCEPTED");
    CU_ASSERT_PTR_NULL(outcome);
    CU_ASSERT_EQUAL(cpts_outbox_forget(outbox, COMMAND, &error), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_POSSIBLY_ACCEPTED");
    peer_recall(&memory);
    uint8_t first[32];
    memcpy(first, memory.submissions[0], sizeof first);
    peer_release();
    peer_forget(false);
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, NULL, NULL, NULL, &error), CPTS_OK);
    peer_recall(&memory);
    CU_ASSERT_EQUAL(memory.submission_count, 1);
    CU_ASSERT_EQUAL(memcmp(first, memory.submissions[0], sizeof first), 0);
    CU_ASSERT_EQUAL(entry_at(0).state, CPTS_OUTBOX_ACCEPTED);
    cpts_submission_free(submission);
    close_client(client);
    tear_down();
}

/* A doubt is not forgotten because a later attempt certainly failed. */
static void test_outbox__keeps_a_doubt_until_the_node_has_spoken(void)
{
    set_up();
    struct cpts_referral_outcome *outcome = NULL;
    struct cpts_submission *submission = a_submission();
    cpts_client *client = open_client(peer.address, outbox);
    connect_first(client);
    peer_forget(true);
    CU_ASSERT_EQUAL(cpts_submission_send(client, submission, SHORT_MS, &outcome, &error),
                    CPTS_UNAVAILABLE);
    cpts_client *offline = open_client(NOBODY, NULL);
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, offline, 0, NULL, NULL, NULL, &error),
                    CPTS_UNAVAILABLE);
    CU_ASSERT_EQUAL(entry_at(0).state, CPTS_OUTBOX_POSSIBLY_ACCEPTED);
    CU_ASSERT_EQUAL(entry_at(0).attempt_count, 2);
    close_client(offline);
    close_client(client);
    cpts_submission_free(submission);
    tear_down();
}

static void test_outbox__a_time_that_cannot_be_refuses_nothing_else(void)
{
    static const int32_t TIMES[] = {-1, CPTS_TIMEOUT_MAX_MS + 1};
    set_up();
    cpts_client *client = open_client(NOBODY, outbox);
    CU_ASSERT_EQUAL(rename_cpts(client, "a", NULL), CPTS_UNAVAILABLE);
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        struct cpts_outbox_report report = {.size = sizeof report};
        CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, TIMES[i], NULL, NULL, &report, &error),
                        CPTS_INVALID_ARGUMENT);
        CU_ASSERT_STRING_EQUAL(error.field, "timeout_ms");
        CU_ASSERT_EQUAL(report.left_count, 1);
        CU_ASSERT_EQUAL(entry_at(0).state, CPTS_OUTBOX_NOT_SENT);
        CU_ASSERT_EQUAL(entry_at(0).attempt_count, 1);
    }
    close_client(client);
    tear_down();
}

static void test_outbox__keeps_a_refusal_with_its_reason(void)
{
    set_up();
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(record_stage(client, "missing", 0), CPTS_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(error.reason, "CPTS_NOT_FOUND");
    struct cpts_outbox_entry entry = entry_at(0);
    CU_ASSERT_EQUAL(entry.state, CPTS_OUTBOX_REJECTED);
    CU_ASSERT_EQUAL(entry.error.status, CPTS_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(entry.error.reason, "CPTS_NOT_FOUND");
    CU_ASSERT_TRUE(entry.byte_count > 0);
    /* It holds up nobody. */
    CU_ASSERT_EQUAL(rename_cpts(client, "a", NULL), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_outbox_retry(outbox, entry.command_id, &error), CPTS_OK);
    CU_ASSERT_EQUAL(entry_at(0).state, CPTS_OUTBOX_NOT_SENT);
    CU_ASSERT_EQUAL(cpts_outbox_retry(outbox, entry.command_id, &error), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_NOT_REJECTED");
    struct cpts_outbox_report report = {.size = sizeof report};
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, NULL, NULL, &report, &error), CPTS_OK);
    CU_ASSERT_EQUAL(report.rejected_count, 1);
    CU_ASSERT_EQUAL(cpts_outbox_forget(outbox, entry.command_id, &error), CPTS_OK);
    CU_ASSERT_EQUAL(cpts_outbox_forget(outbox, entry.command_id, &error), CPTS_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_NOT_FOUND");
    close_client(client);
    tear_down();
}

static void test_outbox__waits_when_the_node_asks_for_it(void)
{
    set_up();
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(record_stage(client, "later", 0), CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_NOT_SENT), 1);
    CU_ASSERT_STRING_EQUAL(entry_at(0).error.reason, "QUEUE_FULL");
    close_client(client);
    tear_down();
}

static void refuses_when_full(const struct cpts_outbox_options *options)
{
    cpts_outbox_close(outbox);
    open_box(options);
    cpts_client *offline = open_client(NOBODY, outbox);
    CU_ASSERT_EQUAL(rename_cpts(offline, "a", NULL), CPTS_UNAVAILABLE);
    close_client(offline);
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(rename_cpts(client, "b", NULL), CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(error.reason, "OUTBOX_FULL");
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 0);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_UNSPECIFIED), 1);
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, NULL, NULL, NULL, &error), CPTS_OK);
    CU_ASSERT_EQUAL(rename_cpts(client, "b", NULL), CPTS_OK);
    close_client(client);
}

static void test_outbox__refuses_when_it_has_too_many(void)
{
    set_up();
    struct cpts_outbox_options options = box_options();
    options.count_max = 1;
    refuses_when_full(&options);
    tear_down();
}

static void test_outbox__refuses_when_it_has_too_many_bytes(void)
{
    set_up();
    struct cpts_outbox_options options = box_options();
    options.bytes_max = 120;
    refuses_when_full(&options);
    tear_down();
}

static void test_outbox__knows_another_command_of_the_same_id(void)
{
    set_up();
    uint8_t command_id[CPTS_UUID_BYTES];
    cpts_uuid_mint(command_id);
    cpts_client *client = open_client(peer.address, outbox);
    CU_ASSERT_EQUAL(rename_cpts(client, "a", command_id), CPTS_OK);
    CU_ASSERT_EQUAL(rename_cpts(client, "b", command_id), CPTS_ALREADY_EXISTS);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_ID_REUSED");
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 1);
    CU_ASSERT_EQUAL(rename_cpts(client, "a", command_id), CPTS_OK);
    CU_ASSERT_EQUAL(atomic_load(&peer.call_count), 2);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_ACCEPTED), 1);
    close_client(client);
    tear_down();
}

static void test_outbox__is_the_same_after_it_was_closed(void)
{
    set_up();
    cpts_client *offline = open_client(NOBODY, outbox);
    CU_ASSERT_EQUAL(rename_cpts(offline, "a", NULL), CPTS_UNAVAILABLE);
    close_client(offline);
    cpts_outbox_close(outbox);
    struct cpts_outbox_options options = box_options();
    open_box(&options);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_NOT_SENT), 1);
    cpts_client *client = open_client(peer.address, NULL);
    CU_ASSERT_EQUAL(cpts_outbox_send(outbox, client, 0, NULL, NULL, NULL, &error), CPTS_OK);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_ACCEPTED), 1);
    close_client(client);
    tear_down();
}

static void refuses_file(void)
{
    cpts_outbox *other = NULL;
    struct cpts_outbox_options options = box_options();
    CU_ASSERT_EQUAL(cpts_outbox_open(&options, &other, &error), CPTS_FAILED_PRECONDITION);
    CU_ASSERT_STRING_EQUAL(error.reason, "LOCAL_FILE_INVALID");
    CU_ASSERT_STRING_EQUAL(error.detail, path);
    CU_ASSERT_PTR_NULL(other);
}

static void run_sql(const char *sql)
{
    sqlite3 *database = NULL;
    CU_ASSERT_EQUAL_FATAL(sqlite3_open(path, &database), SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void test_outbox__opens_no_file_that_is_none_of_its_own(void)
{
    set_up();
    CU_ASSERT_EQUAL(chmod(path, 0644), 0);
    refuses_file();
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    run_sql("PRAGMA user_version=2");
    refuses_file();
    run_sql("PRAGMA user_version=1; PRAGMA application_id=7");
    refuses_file();
    cpts_outbox_close(outbox);
    outbox = NULL;
    unlink(path);
    FILE *file = fopen(path, "w");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (int i = 0; i < 2000; i++)
        fputs("nothing of the kind", file);
    fclose(file);
    CU_ASSERT_EQUAL(chmod(path, 0600), 0);
    refuses_file();
    tear_down();
}

static void test_outbox__does_not_keep_what_is_meant_for_the_moment(void)
{
    set_up();
    cpts_client *client = open_client(peer.address, outbox);
    struct cpts_record *record = NULL;
    CU_ASSERT_EQUAL(cpts_registry_get(client, CPTS_ID, NULL, 0, &record, &error), CPTS_OK);
    cpts_record_free(record);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_ACCEPTED), 0);
    close_client(client);
    tear_down();
}

static sem_t over;
static struct cpts_error end;

static void note_end(cpts_status status, struct cpts_outcome *outcome, const struct cpts_error *err,
                     void *data)
{
    (void)data;
    end = *err;
    end.status = status;
    cpts_outcome_free(outcome);
    sem_post(&over);
}

static void start_rename(cpts_client *client, const char *name)
{
    struct cpts_async async = {.size = sizeof async};
    struct cpts_update update = {
        .size = sizeof update, .id = CPTS_ID, .expected_version = 1, .name = name};
    CU_ASSERT_EQUAL_FATAL(
        cpts_registry_update_start(client, &update, NULL, &async, note_end, NULL, &error), CPTS_OK);
    sem_wait(&over);
}

static void test_outbox__keeps_started_commands_too(void)
{
    set_up();
    sem_init(&over, 0, 0);
    cpts_client *client = open_client(peer.address, outbox);
    start_rename(client, "a");
    CU_ASSERT_EQUAL(end.status, CPTS_OK);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_ACCEPTED), 1);
    close_client(client);
    client = open_client(NOBODY, outbox);
    start_rename(client, "b");
    CU_ASSERT_EQUAL(end.status, CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(end.reason, "COMMAND_KEPT");
    struct cpts_update update = {
        .size = sizeof update, .id = CPTS_ID, .expected_version = 1, .name = "c"};
    CU_ASSERT_EQUAL(cpts_registry_update_start(client, &update, NULL, NULL, note_end, NULL, &error),
                    CPTS_UNAVAILABLE);
    CU_ASSERT_STRING_EQUAL(error.reason, "COMMAND_KEPT");
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_NOT_SENT), 2);
    close_client(client);
    sem_destroy(&over);
    tear_down();
}

static atomic_int fine;

static void *rename_often(void *client)
{
    for (int i = 0; i < TURNS; i++) {
        struct cpts_error own;
        struct cpts_outcome *outcome = NULL;
        struct cpts_update update = {
            .size = sizeof update, .id = CPTS_ID, .expected_version = 1, .name = "a"};
        fine += cpts_registry_update(client, &update, NULL, PATIENCE_MS, &outcome, &own) == CPTS_OK;
        cpts_outcome_free(outcome);
    }
    return NULL;
}

static void test_outbox__lets_commands_of_one_moment_pass_one_another(void)
{
    set_up();
    pthread_t threads[THREADS];
    cpts_client *client = open_client(peer.address, outbox);
    fine = 0;
    for (int i = 0; i < THREADS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, rename_often, client), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    CU_ASSERT_EQUAL(fine, THREADS * TURNS);
    CU_ASSERT_EQUAL(count_of(CPTS_OUTBOX_ACCEPTED), THREADS * TURNS);
    close_client(client);
    tear_down();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_outbox__keeps_what_was_accepted_without_its_bytes),
    UNIT_TEST(test_outbox__sends_in_order_once_the_node_is_back),
    UNIT_TEST(test_outbox__repeats_the_same_bytes_after_a_lost_answer),
    UNIT_TEST(test_outbox__keeps_a_doubt_until_the_node_has_spoken),
    UNIT_TEST(test_outbox__a_time_that_cannot_be_refuses_nothing_else),
    UNIT_TEST(test_outbox__keeps_a_refusal_with_its_reason),
    UNIT_TEST(test_outbox__waits_when_the_node_asks_for_it),
    UNIT_TEST(test_outbox__refuses_when_it_has_too_many),
    UNIT_TEST(test_outbox__refuses_when_it_has_too_many_bytes),
    UNIT_TEST(test_outbox__knows_another_command_of_the_same_id),
    UNIT_TEST(test_outbox__is_the_same_after_it_was_closed),
    UNIT_TEST(test_outbox__opens_no_file_that_is_none_of_its_own),
    UNIT_TEST(test_outbox__does_not_keep_what_is_meant_for_the_moment),
    UNIT_TEST(test_outbox__keeps_started_commands_too),
    UNIT_TEST(test_outbox__lets_commands_of_one_moment_pass_one_another),
};

UNIT_MAIN("sdk_outbox")
