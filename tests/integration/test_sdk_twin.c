/* SPDX-License-Identifier: Apache-2.0 */
/* Every call once without waiting: started, answered, given to its callback. */
#include <cpts/capacity_async.h>
#include <cpts/chain.h>
#include <cpts/enrolment.h>
#include <cpts/entitlement.h>
#include <cpts/federation_desk.h>
#include <cpts/federation_node.h>
#include <cpts/indicator_async.h>
#include <cpts/key_async.h>
#include <cpts/mission.h>
#include <cpts/node.h>
#include <cpts/pathway.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "integration/sdk_peer.h"
#include "support/unit.h"

#define PATIENCE_S 30
#define PATIENCE_MS (PATIENCE_S * 1000)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct peer peer;
static cpts_client *client;

/* What callbacks saw; behind the mutex. */
static struct {
    int callbacks;
    int fine;
    int faults;
} seen;

static void expect(bool is_fine)
{
    pthread_mutex_lock(&mutex);
    seen.faults += !is_fine;
    pthread_mutex_unlock(&mutex);
}

static void note(cpts_status status, const struct cpts_error *err)
{
    pthread_mutex_lock(&mutex);
    seen.callbacks++;
    seen.fine += status == CPTS_OK && err->status == status;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

/* Waits until so many callbacks have run. */
static void wait_over(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (seen.callbacks < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    CU_ASSERT_EQUAL_FATAL(error, 0);
}

static const struct cpts_async ASYNC = {.size = sizeof ASYNC};

static void on_record(cpts_status status, struct cpts_record *record, const struct cpts_error *err,
                      void *data)
{
    (void)data;
    expect((record != NULL) == (status == CPTS_OK));
    cpts_record_free(record);
    note(status, err);
}

static void on_outcome(cpts_status status, struct cpts_outcome *outcome,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    expect((outcome != NULL) == (status == CPTS_OK));
    cpts_outcome_free(outcome);
    note(status, err);
}

static void on_node(cpts_status status, struct cpts_node_status *node, const struct cpts_error *err,
                    void *data)
{
    (void)data;
    expect((node != NULL) == (status == CPTS_OK));
    cpts_node_status_free(node);
    note(status, err);
}

static void on_health(cpts_status status, bool serving, const struct cpts_error *err, void *data)
{
    (void)data;
    expect(serving == (status == CPTS_OK));
    note(status, err);
}

static void on_page(cpts_status status, struct cpts_page *page, const struct cpts_error *err,
                    void *data)
{
    (void)data;
    cpts_page_free(page);
    note(status, err);
}

static void on_coverage(cpts_status status, struct cpts_coverage *coverage,
                        const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_coverage_free(coverage);
    note(status, err);
}

static void on_grids(cpts_status status, struct cpts_grids *grids, const struct cpts_error *err,
                     void *data)
{
    (void)data;
    cpts_grids_free(grids);
    note(status, err);
}

static void on_missions(cpts_status status, struct cpts_missions *missions,
                        const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_missions_free(missions);
    note(status, err);
}

static void on_entitlement(cpts_status status, struct cpts_entitlement *entitlement,
                           const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_entitlement_free(entitlement);
    note(status, err);
}

static void on_budget(cpts_status status, struct cpts_budget *budget, const struct cpts_error *err,
                      void *data)
{
    (void)data;
    cpts_budget_free(budget);
    note(status, err);
}

static void on_regions(cpts_status status, struct cpts_regions *regions,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_regions_free(regions);
    note(status, err);
}

static void on_departments(cpts_status status, struct cpts_departments *departments,
                           const struct cpts_error *err, void *data)
{
    (void)data;
    cpts_departments_free(departments);
    note(status, err);
}

static void on_units(cpts_status status, struct cpts_units *units, const struct cpts_error *err,
                     void *data)
{
    (void)data;
    cpts_units_free(units);
    note(status, err);
}

/* What the ACI asks and pays. @return how many calls it started. */
static int start_funding(void)
{
    struct cpts_mission_change mission = {.size = sizeof mission};
    struct cpts_plan_change plan = {.size = sizeof plan};
    struct cpts_crisis_change crisis = {.size = sizeof crisis};
    int failures = 0;
    failures += cpts_funding_grids_start(client, NULL, &ASYNC, on_grids, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_mission_list_start(client, "x", NULL, &ASYNC, on_missions, NULL, NULL) != CPTS_OK;
    failures += cpts_entitlement_get_start(client, "x", NULL, &ASYNC, on_entitlement, NULL, NULL) !=
                CPTS_OK;
    failures += cpts_budget_get_start(client, NULL, &ASYNC, on_budget, NULL, NULL) != CPTS_OK;
    failures += cpts_mission_record_start(client, &mission, NULL, &ASYNC, on_outcome, NULL, NULL) !=
                CPTS_OK;
    failures +=
        cpts_mission_set_plan_start(client, &plan, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    failures += cpts_mission_record_crisis_start(client, &crisis, NULL, &ASYNC, on_outcome, NULL,
                                                 NULL) != CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 7;
}

static void on_indicators(cpts_status status, struct cpts_indicators *result,
                          const struct cpts_error *err, void *data)
{
    (void)data;
    expect((result != NULL) == (status == CPTS_OK));
    cpts_indicators_free(result);
    note(status, err);
}

static void on_own_indicators(cpts_status status, struct cpts_own_indicators *result,
                              const struct cpts_error *err, void *data)
{
    (void)data;
    expect((result != NULL) == (status == CPTS_OK));
    cpts_own_indicators_free(result);
    note(status, err);
}

static void on_indicator_board(cpts_status status, struct cpts_indicator_board *result,
                               const struct cpts_error *err, void *data)
{
    (void)data;
    expect((result != NULL) == (status == CPTS_OK));
    cpts_indicator_board_free(result);
    note(status, err);
}

static void on_capacity(cpts_status status, struct cpts_capacity *result,
                        const struct cpts_error *err, void *data)
{
    (void)data;
    expect((result != NULL) == (status == CPTS_OK));
    cpts_capacity_free(result);
    note(status, err);
}

static void on_capacity_board(cpts_status status, struct cpts_capacity_board *result,
                              const struct cpts_error *err, void *data)
{
    (void)data;
    expect((result != NULL) == (status == CPTS_OK));
    cpts_capacity_board_free(result);
    note(status, err);
}

/* Indicators and capacity. @return how many calls it started. */
static int start_figures(void)
{
    const struct cpts_indicator_target target = {.size = sizeof target};
    const struct cpts_indicator_values values = {.size = sizeof values};
    const struct cpts_indicator_decision decision = {.size = sizeof decision};
    const struct cpts_capacity_change change = {.size = sizeof change};
    int failures = 0;
    failures += cpts_indicators_list_start(client, NULL, NULL, &ASYNC, on_indicators, NULL, NULL) !=
                CPTS_OK;
    failures += cpts_own_indicators_get_start(client, NULL, &ASYNC, on_own_indicators, NULL,
                                              NULL) != CPTS_OK;
    failures += cpts_indicator_board_get_start(client, NULL, &ASYNC, on_indicator_board, NULL,
                                               NULL) != CPTS_OK;
    failures += cpts_capacity_get_start(client, NULL, &ASYNC, on_capacity, NULL, NULL) != CPTS_OK;
    failures += cpts_capacity_board_get_start(client, NULL, &ASYNC, on_capacity_board, NULL,
                                              NULL) != CPTS_OK;
    failures += cpts_indicator_target_set_start(client, &target, NULL, &ASYNC, on_outcome, NULL,
                                                NULL) != CPTS_OK;
    failures += cpts_indicator_values_record_start(client, &values, NULL, &ASYNC, on_outcome, NULL,
                                                   NULL) != CPTS_OK;
    failures += cpts_indicator_values_decide_start(client, &decision, NULL, &ASYNC, on_outcome,
                                                   NULL, NULL) != CPTS_OK;
    failures += cpts_capacity_record_start(client, &change, NULL, &ASYNC, on_outcome, NULL, NULL) !=
                CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 9;
}

static void on_created(cpts_status status, struct cpts_enrolment_created *created,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    note(status, err);
    cpts_enrolment_created_free(created);
}

static void on_enrolments(cpts_status status, struct cpts_enrolments *enrolments,
                          const struct cpts_error *err, void *data)
{
    (void)data;
    note(status, err);
    cpts_enrolments_free(enrolments);
}

/* An answer without a certificate is refused here: nobody could call with it. */
static void on_certificate(cpts_status status, struct cpts_certificate *certificate,
                           const struct cpts_error *err, void *data)
{
    struct cpts_error fine = {.status = CPTS_OK};
    (void)data;
    expect(status == CPTS_INTERNAL && certificate == NULL);
    expect(strcmp(err->reason, "INTERNAL_ERROR") == 0);
    note(CPTS_OK, &fine);
}

static int start_enrolment(void)
{
    struct cpts_enrolment_creation creation = {.size = sizeof creation};
    struct cpts_certificate_wish wish = {.size = sizeof wish};
    struct cpts_enrolment_revocation revocation = {.size = sizeof revocation};
    int failures = 0;
    failures += cpts_enrolment_create_start(client, &creation, NULL, &ASYNC, on_created, NULL,
                                            NULL) != CPTS_OK;
    failures +=
        cpts_enrolment_list_start(client, NULL, &ASYNC, on_enrolments, NULL, NULL) != CPTS_OK;
    failures += cpts_enrolment_revoke_start(client, &revocation, NULL, &ASYNC, on_outcome, NULL,
                                            NULL) != CPTS_OK;
    failures += cpts_certificate_enroll_start(client, &wish, NULL, &ASYNC, on_certificate, NULL,
                                              NULL) != CPTS_OK;
    failures += cpts_certificate_renew_start(client, &wish, NULL, &ASYNC, on_certificate, NULL,
                                             NULL) != CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 5;
}

/* Of an authority that nobody knows: a client sends it, a node judges it. */
static const char STATEMENT[] = "-----BEGIN CPTS KEY STATEMENT-----\n"
                                "CrEBCiQwMTkwN2QyYy01YTdlLTcwMDAtODAwMC0yZjNiNWMxZDllNDASAjExGAEi\n"
                                "IKH0T7Mltm6XNelbTcewlJRjHUZTr6sO3KLmFnz/n0k9KiBoy3rXz2gpBwnNg4mM\n"
                                "S2Z9gtlSNEyedLP6ymV7rm7pxTIGCOT1i9gGOgYI5NyQ5wZCLwokZDFkNGIxOGIt\n"
                                "YTNiZS04YzBhLWI0YzAtYjYwOWMyYzlhNGIzEgdwb3N0ZSAxEkDMr2VTAuuHPMvD\n"
                                "/PbGcqbfhnUC9ma1WTaZygmB0oAVg0R8bKgjpvP1JBFy2roDN3ee2p1ar/Ha1AtH\n"
                                "acRsGg0OGnwKOAoCMTEQARogFO2NF9bg5PNfE9id78x7wAp5Pjskzexjt53+QsbZ\n"
                                "AzsiBgjg9YvYBioGCOCqmoUHEkBrY2uvBTOiA7pbGk6mn1uV+S6DI6hgS9W/p9HW\n"
                                "9wjGbdfEUIyNgsnpQUFq6mHgDwB9MoyluCz/tjjxI7c6AJgE\n"
                                "-----END CPTS KEY STATEMENT-----\n";
static const char REVOCATION[] =
    "-----BEGIN CPTS KEY REVOCATION-----\n"
    "CjYKJDAxOTA3ZDJjLTVhN2UtNzAwMC04MDAwLTJmM2I1YzFkOWU0MBICMTEYASIG\n"
    "CJT4i9gGKAISQNOeg5AivsLQz/oec6jqy0ci6cumndWWDdbbH6n8SjhFfvofhguv\n"
    "K143UhCt/GNxHK0AdEICRvDJxvP6pBCCQwUafAo4CgIxMRABGiAU7Y0X1uDk818T\n"
    "2J3vzHvACnk+OyTN7GO3nf5CxtkDOyIGCOD1i9gGKgYI4KqahQcSQGtja68FM6ID\n"
    "ulsaTqafW5X5LoMjqGBL1b+n0db3CMZt18RQjI2CyelBQWrqYeAPAH0yjKW4LP+2\n"
    "OPEjtzoAmAQ=\n"
    "-----END CPTS KEY REVOCATION-----\n";

static void on_key_changes(cpts_status status, struct cpts_key_changes *changes,
                           const struct cpts_error *err, void *data)
{
    (void)data;
    expect((changes != NULL) == (status == CPTS_OK));
    cpts_key_changes_free(changes);
    note(status, err);
}

/* A client without a federation root believes no key. */
static void on_keys(cpts_status status, struct cpts_keys *keys, const struct cpts_error *err,
                    void *data)
{
    struct cpts_error fine = {.status = CPTS_OK};
    (void)data;
    expect(status == CPTS_FAILED_PRECONDITION && keys == NULL);
    expect(strcmp(err->reason, "KEY_NOT_VOUCHED") == 0);
    note(CPTS_OK, &fine);
}

static const char AUTHORITY_REVOCATION[] =
    "-----BEGIN CPTS KEY AUTHORITY REVOCATION-----\n"
    "ChAKAjExEAEaBgiA4s+qBiABEkBpl4hQXx/qO87tUh2AuQARSsIV/gIXpbiddEso\n"
    "5qS+Tbioks0+n0N3diAeT/E+D/iptrAxxcEDorYwTBhwryEB\n"
    "-----END CPTS KEY AUTHORITY REVOCATION-----\n";

static int start_keys(void)
{
    const struct cpts_key_question question = {.cpts_id = "0198c0de-0000-7000-8000-00000000000a"};
    const struct cpts_keys_query query = {
        .size = sizeof query, .questions = &question, .question_count = 1};
    const struct cpts_key_publication statement = {.size = sizeof statement, .document = STATEMENT};
    const struct cpts_key_publication revocation = {.size = sizeof revocation,
                                                    .document = REVOCATION};
    const struct cpts_key_publication authority = {.size = sizeof authority,
                                                   .document = AUTHORITY_REVOCATION};
    int failures = 0;
    failures += cpts_key_authority_revoke_start(client, &authority, NULL, &ASYNC, on_outcome, NULL,
                                                NULL) != CPTS_OK;
    failures += cpts_keys_get_start(client, &query, &ASYNC, on_keys, NULL, NULL) != CPTS_OK;
    failures += cpts_key_changes_start(client, NULL, &ASYNC, on_key_changes, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_key_publish_start(client, &statement, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_key_revoke_start(client, &revocation, NULL, &ASYNC, on_outcome, NULL, NULL) != CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 5;
}

static void on_pathway(cpts_status status, struct cpts_pathway *pathway,
                       const struct cpts_error *err, void *data)
{
    (void)data;
    note(status, err);
    cpts_pathway_free(pathway);
}

static void on_pathways(cpts_status status, struct cpts_pathways *pathways,
                        const struct cpts_error *err, void *data)
{
    (void)data;
    note(status, err);
    cpts_pathways_free(pathways);
}

static void on_templates(cpts_status status, struct cpts_pathway_templates *templates,
                         const struct cpts_error *err, void *data)
{
    (void)data;
    note(status, err);
    cpts_pathway_templates_free(templates);
}

static int start_pathways(void)
{
    static const uint8_t NOTHING[CPTS_PSEUDONYM_BYTES];
    struct cpts_pathway_creation creation = {.size = sizeof creation};
    int failures = 0;
    failures += cpts_pathway_begin_start(client, &creation, NULL, &ASYNC, on_outcome, NULL, NULL) !=
                CPTS_OK;
    failures +=
        cpts_pathway_get_start(client, NULL, "x", &ASYNC, on_pathway, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_pathway_list_start(client, NULL, NULL, &ASYNC, on_pathways, NULL, NULL) != CPTS_OK;
    failures += cpts_pathway_templates_list_start(client, NULL, &ASYNC, on_templates, NULL, NULL) !=
                CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    CU_ASSERT_NOT_EQUAL(memcmp(creation.pseudonym, NOTHING, sizeof NOTHING), 0);
    CU_ASSERT_EQUAL(creation.id[6] >> 4, 7);
    return 4;
}

/* The callback of a result that comes with CPTS_OK, and with nothing else. */
#define RESULT(type)                                                                               \
    static void on_##type(cpts_status status, struct cpts_##type *result,                          \
                          const struct cpts_error *err, void *data)                                \
    {                                                                                              \
        (void)data;                                                                                \
        expect((result != NULL) == (status == CPTS_OK));                                           \
        cpts_##type##_free(result);                                                                \
        note(status, err);                                                                         \
    }

RESULT(federation_nodes)
RESULT(federation_report)
RESULT(federation_compared)
RESULT(federation_alarms)
RESULT(parked_aggregates)
RESULT(parked_answer)
RESULT(log_progress)
RESULT(log_checkpoints)

/* A call: what it takes between the client and how it is started, and its callback. */
#define TWIN(name, callback, ...)                                                                  \
    static cpts_status begin_##name(void)                                                          \
    {                                                                                              \
        return cpts_##name##_start(client, __VA_ARGS__, &ASYNC, callback, NULL, NULL);             \
    }
#define SIZED(type) (&(struct type){.size = sizeof(struct type)})

TWIN(federation_status, on_federation_report, NULL)
TWIN(federation_verify, on_federation_compared, SIZED(cpts_federation_comparison))
TWIN(node_suspend, on_outcome, SIZED(cpts_node_suspension), NULL)
TWIN(node_resume, on_outcome, SIZED(cpts_node_resumption), NULL)
TWIN(node_raise_epoch, on_outcome, SIZED(cpts_node_epoch_raise), NULL)
TWIN(parked_aggregate_list, on_parked_aggregates, NULL)
TWIN(parked_aggregate_retry, on_parked_answer, SIZED(cpts_parked_retry))
TWIN(parked_aggregate_reject, on_parked_answer, SIZED(cpts_parked_rejection))
TWIN(alarm_list, on_federation_alarms, NULL)
TWIN(alarm_clear, on_parked_answer, 7)
TWIN(log_verify, on_log_progress, "national", NULL)
TWIN(log_checkpoints_list, on_log_checkpoints, "national", 0)

static cpts_status begin_federation_node_list(void)
{
    return cpts_federation_node_list_start(client, &ASYNC, on_federation_nodes, NULL, NULL);
}

/* The federation's: a row a call. @return how many it started. */
static int start_federation(void)
{
    static cpts_status (*const BEGIN[])(void) = {
        begin_federation_status,
        begin_federation_verify,
        begin_federation_node_list,
        begin_node_suspend,
        begin_node_resume,
        begin_node_raise_epoch,
        begin_parked_aggregate_list,
        begin_parked_aggregate_retry,
        begin_parked_aggregate_reject,
        begin_alarm_list,
        begin_alarm_clear,
        begin_log_verify,
        begin_log_checkpoints_list,
    };
    const int count = sizeof BEGIN / sizeof BEGIN[0];
    for (int i = 0; i < count; i++)
        CU_ASSERT_EQUAL(BEGIN[i](), CPTS_OK);
    return count;
}

/* @return how many calls it started. */
static int start_reads(void)
{
    int failures = 0;
    failures += cpts_client_health_start(client, NULL, &ASYNC, on_health, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_registry_get_start(client, "x", NULL, &ASYNC, on_record, NULL, NULL) != CPTS_OK;
    failures += cpts_registry_list_start(client, NULL, &ASYNC, on_page, NULL, NULL) != CPTS_OK;
    failures += cpts_coverage_get_start(client, NULL, &ASYNC, on_coverage, NULL, NULL) != CPTS_OK;
    failures += cpts_reference_regions_start(client, &ASYNC, on_regions, NULL, NULL) != CPTS_OK;
    failures +=
        cpts_reference_departments_start(client, &ASYNC, on_departments, NULL, NULL) != CPTS_OK;
    failures += cpts_reference_units_start(client, NULL, &ASYNC, on_units, NULL, NULL) != CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 7;
}

static int start_commands(void)
{
    struct cpts_creation creation = {.size = sizeof creation};
    struct cpts_update update = {.size = sizeof update};
    struct cpts_stage_change stage = {.size = sizeof stage};
    struct cpts_territory_change territory = {.size = sizeof territory};
    int failures = 0;
    failures += cpts_registry_create_start(client, &creation, NULL, &ASYNC, on_outcome, NULL,
                                           NULL) != CPTS_OK;
    failures += cpts_registry_update_start(client, &update, NULL, &ASYNC, on_outcome, NULL, NULL) !=
                CPTS_OK;
    failures += cpts_registry_record_stage_start(client, &stage, NULL, &ASYNC, on_outcome, NULL,
                                                 NULL) != CPTS_OK;
    failures += cpts_registry_set_territory_start(client, &territory, NULL, &ASYNC, on_outcome,
                                                  NULL, NULL) != CPTS_OK;
    CU_ASSERT_EQUAL(failures, 0);
    return 4;
}

static void test_twin__every_call_has_its_twin(void)
{
    peer_open(&peer, 1);
    struct cpts_client_options options = peer_options(peer.address);
    client = peer_client(&options);
    int count = start_reads() + start_commands() + start_funding() + start_figures() +
                start_enrolment() + start_keys() + start_pathways() + start_federation() + 1;
    CU_ASSERT_EQUAL(cpts_node_status_start(client, &ASYNC, on_node, NULL, NULL), CPTS_OK);
    wait_over(count);
    CU_ASSERT_EQUAL(cpts_client_close(client, PATIENCE_MS), CPTS_OK);
    peer_close(&peer);
    CU_ASSERT_EQUAL(seen.fine, count);
    CU_ASSERT_EQUAL(seen.callbacks, count);
    CU_ASSERT_EQUAL(seen.faults, 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_twin__every_call_has_its_twin),
};

UNIT_MAIN("sdk/twin")
