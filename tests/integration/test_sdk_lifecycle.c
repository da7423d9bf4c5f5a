/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/lifecycle_async.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_S 30

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct peer peer;
static cpts_client *client;
/* Callbacks that ran well; behind the mutex. */
static int fine_count;

static const struct cpts_identity_change IDENTITY = {.size = sizeof IDENTITY};
static const struct cpts_document_record DOCUMENT = {.size = sizeof DOCUMENT};
static const struct cpts_milestone_record MILESTONE = {.size = sizeof MILESTONE};
static const struct cpts_filing_change FILING = {.size = sizeof FILING};
static const struct cpts_evidence_change EVIDENCE = {.size = sizeof EVIDENCE};
static const struct cpts_merge MERGE = {.size = sizeof MERGE};
static const struct cpts_publication_change PUBLICATION = {.size = sizeof PUBLICATION};

static void note(bool is_fine)
{
    pthread_mutex_lock(&mutex);
    fine_count += is_fine;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static void wait_fine(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (fine_count < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

static void on_outcome(cpts_status status, struct cpts_outcome *outcome,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    note(status == CPTS_OK && err->status == CPTS_OK && outcome->closed_count == 0 &&
         outcome->id[0] == '\0');
    cpts_outcome_free(outcome);
}

static void on_lifecycle(cpts_status status, struct cpts_lifecycle *lifecycle,
                         const struct cpts_error *err, void *data)
{
    (void)data;
    (void)err;
    note(status == CPTS_OK && lifecycle->stage_count == 0 && lifecycle->identity.rna[0] == '\0');
    cpts_lifecycle_free(lifecycle);
}

static void on_due(cpts_status status, struct cpts_due_page *page, const struct cpts_error *err,
                   void *data)
{
    (void)data;
    (void)err;
    note(status == CPTS_OK && page->clock_count == 0);
    cpts_due_page_free(page);
}

static void on_gaps(cpts_status status, struct cpts_gap_page *page, const struct cpts_error *err,
                    void *data)
{
    (void)data;
    (void)err;
    note(status == CPTS_OK && page->gap_count == 0);
    cpts_gap_page_free(page);
}

#define OK(call) CU_ASSERT_EQUAL((call), CPTS_OK)

static void test_lifecycle__every_command_waited_for(void)
{
    struct cpts_outcome *outcomes[7] = {NULL};
    struct cpts_error err;
    OK(cpts_lifecycle_update_identity(client, &IDENTITY, NULL, 0, &outcomes[0], &err));
    OK(cpts_lifecycle_record_document(client, &DOCUMENT, NULL, 0, &outcomes[1], &err));
    OK(cpts_lifecycle_record_milestone(client, &MILESTONE, NULL, 0, &outcomes[2], &err));
    OK(cpts_lifecycle_record_filing(client, &FILING, NULL, 0, &outcomes[3], &err));
    OK(cpts_lifecycle_record_evidence(client, &EVIDENCE, NULL, 0, &outcomes[4], &err));
    OK(cpts_lifecycle_merge(client, &MERGE, NULL, 0, &outcomes[5], &err));
    OK(cpts_lifecycle_set_publication(client, &PUBLICATION, NULL, 0, &outcomes[6], &err));
    for (int i = 0; i < 7; i++)
        cpts_outcome_free(outcomes[i]);
}

static void test_lifecycle__every_command_started(void)
{
    struct cpts_error err;
    fine_count = 0;
    OK(cpts_lifecycle_update_identity_start(client, &IDENTITY, NULL, NULL, on_outcome, NULL, &err));
    OK(cpts_lifecycle_record_document_start(client, &DOCUMENT, NULL, NULL, on_outcome, NULL, &err));
    OK(cpts_lifecycle_record_milestone_start(client, &MILESTONE, NULL, NULL, on_outcome, NULL,
                                             &err));
    OK(cpts_lifecycle_record_filing_start(client, &FILING, NULL, NULL, on_outcome, NULL, &err));
    OK(cpts_lifecycle_record_evidence_start(client, &EVIDENCE, NULL, NULL, on_outcome, NULL, &err));
    OK(cpts_lifecycle_merge_start(client, &MERGE, NULL, NULL, on_outcome, NULL, &err));
    OK(cpts_lifecycle_set_publication_start(client, &PUBLICATION, NULL, NULL, on_outcome, NULL,
                                            &err));
    wait_fine(7);
}

static void test_lifecycle__every_read_both_ways(void)
{
    struct cpts_lifecycle *lifecycle = NULL;
    struct cpts_due_page *due = NULL;
    struct cpts_gap_page *gaps = NULL;
    struct cpts_error err;
    fine_count = 0;
    OK(cpts_lifecycle_get(client, "x", NULL, 0, &lifecycle, &err));
    OK(cpts_lifecycle_due(client, NULL, 0, &due, &err));
    OK(cpts_lifecycle_gaps(client, NULL, 0, &gaps, &err));
    char *json = cpts_lifecycle_json(lifecycle, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"documentsWithheld\":false"));
    cpts_string_free(json);
    cpts_lifecycle_free(lifecycle);
    cpts_due_page_free(due);
    cpts_gap_page_free(gaps);
    OK(cpts_lifecycle_get_start(client, "x", NULL, NULL, on_lifecycle, NULL, &err));
    OK(cpts_lifecycle_due_start(client, NULL, NULL, on_due, NULL, &err));
    OK(cpts_lifecycle_gaps_start(client, NULL, NULL, on_gaps, NULL, &err));
    wait_fine(3);
}

static void test_lifecycle__what_has_no_size_is_not_sent(void)
{
    static const struct cpts_merge NO_SIZE = {0};
    struct cpts_outcome *outcome = NULL;
    struct cpts_error err;
    int before = peer.call_count;
    CU_ASSERT_EQUAL(cpts_lifecycle_merge(client, &NO_SIZE, NULL, 0, &outcome, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
    CU_ASSERT_EQUAL(cpts_lifecycle_merge(client, NULL, NULL, 0, &outcome, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_PTR_NULL(outcome);
    CU_ASSERT_EQUAL(peer.call_count, before);
}

static void test_lifecycle__tables_need_no_server(void)
{
    struct cpts_transition step;
    struct cpts_dossier_kind kind;
    size_t steps = 0;
    size_t codes = 0;
    while (cpts_transition_at(steps, &step))
        steps++;
    while (cpts_dossier_kind_at(codes, &kind))
        codes++;
    CU_ASSERT_EQUAL(steps, 17);
    CU_ASSERT_TRUE(codes > 60);
    CU_ASSERT_TRUE(cpts_transition_at(5, &step));
    CU_ASSERT_EQUAL(step.from, CPTS_STAGE_LETTRE_INTENTION);
    CU_ASSERT_EQUAL(step.to, CPTS_STAGE_PROJET_VALIDE);
    CU_ASSERT_TRUE(step.tacit && step.deciders == CPTS_DECIDER_ARS && step.evidence.count == 4);
    CU_ASSERT_TRUE(cpts_dossier_kind_at(0, &kind));
    CU_ASSERT_STRING_EQUAL(kind.use, "document");
}

static void test_lifecycle__states_of_a_filing_by_name(void)
{
    enum cpts_filing_state state = CPTS_FILING_UNSPECIFIED;
    CU_ASSERT_TRUE(cpts_filing_state_parse("complete", &state));
    CU_ASSERT_EQUAL(state, CPTS_FILING_COMPLETE);
    CU_ASSERT_FALSE(cpts_filing_state_parse("", &state));
    CU_ASSERT_FALSE(cpts_filing_state_parse("UNSPECIFIED", &state));
    CU_ASSERT_EQUAL(state, CPTS_FILING_COMPLETE);
    CU_ASSERT_STRING_EQUAL(cpts_filing_state_name(CPTS_FILING_CLOSED), "CLOSED");
    CU_ASSERT_STRING_EQUAL(cpts_filing_state_name((enum cpts_filing_state)99), "UNRECOGNISED");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_lifecycle__every_command_waited_for),
    UNIT_TEST(test_lifecycle__every_command_started),
    UNIT_TEST(test_lifecycle__every_read_both_ways),
    UNIT_TEST(test_lifecycle__what_has_no_size_is_not_sent),
    UNIT_TEST(test_lifecycle__tables_need_no_server),
    UNIT_TEST(test_lifecycle__states_of_a_filing_by_name),
};

int main(int argc, char **argv)
{
    peer_open(&peer, 1);
    struct cpts_client_options options = peer_options(peer.address);
    client = peer_client(&options);
    int code = unit_main("sdk/lifecycle", TESTS, (int)(sizeof TESTS / sizeof TESTS[0]), argc, argv);
    (void)cpts_client_close(client, 0);
    peer_close(&peer);
    return code;
}
