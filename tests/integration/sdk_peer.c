/* SPDX-License-Identifier: Apache-2.0 */
#include "integration/sdk_peer.h"

#include <cpts/v1/capacity.pb-c.h>
#include <cpts/v1/coverage.pb-c.h>
#include <cpts/v1/enrolment.pb-c.h>
#include <cpts/v1/federation_desk.pb-c.h>
#include <cpts/v1/funding.pb-c.h>
#include <cpts/v1/indicator.pb-c.h>
#include <cpts/v1/key.pb-c.h>
#include <cpts/v1/lifecycle.pb-c.h>
#include <cpts/v1/node.pb-c.h>
#include <cpts/v1/pathway.pb-c.h>
#include <cpts/v1/reference.pb-c.h>
#include <cpts/v1/referral.pb-c.h>
#include <cpts/v1/registry.pb-c.h>
#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/call.h"
#include "base/method.h"
#include "integration/sdk_journal.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define PATIENCE_S 30
#define CLOSE_GRACE_NS (10LL * 1000 * 1000 * 1000)
#define AN_HOUR_MS (3600 * 1000)

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct call *held;
static int held_count;

static void die(const char *what)
{
    fprintf(stderr, "peer: %s\n", what);
    abort();
}

static cpts_status answer_empty(struct call *call, const void *request, struct cpts_error *err)
{
    (void)request;
    (void)err;
    const ProtobufCMessageDescriptor *type = call->method->response;
    call->response = arena_alloc(call->arena, type->sizeof_message);
    protobuf_c_message_init(type, call->response);
    return CPTS_OK;
}

static cpts_status go_by_id(const char *id, struct cpts_error *err)
{
    if (strcmp(id, "missing") == 0)
        return error_set(err, REASON_CPTS_NOT_FOUND, "there is no such CPTS");
    if (strcmp(id, "unavailable") == 0)
        return error_set(err, REASON_DATABASE_UNAVAILABLE, "the database is away");
    if (strcmp(id, "later") != 0)
        return CPTS_OK;
    cpts_status status = error_set(err, REASON_QUEUE_FULL, "not now");
    err->retry_after_ms = AN_HOUR_MS;
    return status;
}

static cpts_status answer_get(struct call *call, const void *request, struct cpts_error *err)
{
    const Cpts__V1__GetCptsRequest *get = request;
    cpts_status status = go_by_id(get->id, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__Cpts *cpts = arena_alloc(call->arena, sizeof *cpts);
    Cpts__V1__GetCptsResponse *response = arena_alloc(call->arena, sizeof *response);
    cpts__v1__cpts__init(cpts);
    cpts__v1__get_cpts_response__init(response);
    cpts->id = get->id;
    cpts->version = *(const int *)call->state;
    response->cpts = cpts;
    call->response = &response->base;
    return CPTS_OK;
}

static cpts_status answer_stage(struct call *call, const void *request, struct cpts_error *err)
{
    cpts_status status = go_by_id(((const Cpts__V1__RecordStageRequest *)request)->id, err);
    return status == CPTS_OK ? answer_empty(call, request, err) : status;
}

/* Submissions and chunks are looked at by the tests; behind the mutex. */
static struct peer_memory memory;

void peer_recall(struct peer_memory *ret_memory)
{
    pthread_mutex_lock(&mutex);
    *ret_memory = memory;
    pthread_mutex_unlock(&mutex);
}

void peer_forget(bool holds_submissions)
{
    pthread_mutex_lock(&mutex);
    memory = (struct peer_memory){.holds_submissions = holds_submissions};
    pthread_mutex_unlock(&mutex);
}

static void remember_submission(const struct call *call)
{
    pthread_mutex_lock(&mutex);
    if (memory.submission_count < PEER_SUBMISSIONS_MAX)
        crypto_hash_sha256(memory.submissions[memory.submission_count++], call->request_bytes,
                           call->request_byte_count);
    pthread_mutex_unlock(&mutex);
}

static cpts_status answer_submit(struct call *call, const void *request, struct cpts_error *err)
{
    return answer_empty(call, request, err);
}

static cpts_status answer_chunk(struct call *call, const void *request, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__PutAttachmentChunkRequest *put = request;
    Cpts__V1__PutAttachmentChunkResponse *response = arena_alloc(call->arena, sizeof *response);
    cpts__v1__put_attachment_chunk_response__init(response);
    pthread_mutex_lock(&mutex);
    memory.chunk_calls++;
    memory.chunks |= 1u << (unsigned)put->chunk_index;
    response->stored_chunk_count = __builtin_popcount(memory.chunks);
    pthread_mutex_unlock(&mutex);
    response->complete = response->stored_chunk_count == put->attachment->chunk_count;
    call->response = &response->base;
    return CPTS_OK;
}

/* clang-format off */
#define ROW(service, method, message, begin_)                                                      \
    {.name = "/cpts.v1." service "/" method,                                                       \
     .request = &cpts__v1__##message##_request__descriptor,                                        \
     .response = &cpts__v1__##message##_response__descriptor, .roles = ROLE_ANY, .begin = (begin_)}
static const struct method METHODS[] = {
    ROW("RegistryService",  "GetCpts",      get_cpts,      answer_get),
    ROW("RegistryService",  "ListCpts",     list_cpts,     answer_empty),
    ROW("RegistryService",  "CreateCpts",   create_cpts,   answer_empty),
    ROW("RegistryService",  "UpdateCpts",   update_cpts,   answer_empty),
    ROW("RegistryService",  "RecordStage",  record_stage,  answer_stage),
    ROW("RegistryService",  "SetTerritory", set_territory, answer_empty),
    {.name = "/cpts.v1.RegistryService/WatchCpts", .roles = ROLE_ANY, .begin = journal_begin,
     .request = &cpts__v1__watch_cpts_request__descriptor,
     .response = &cpts__v1__watch_cpts_response__descriptor, .stream = &journal_stream},
    ROW("CoverageService",  "GetCoverage",  get_coverage,  answer_empty),
    ROW("FundingService",   "ListGrids",    list_grids,    answer_empty),
    ROW("FundingService",   "ListMissions", list_missions, answer_empty),
    ROW("FundingService",   "RecordMission", record_mission, answer_empty),
    ROW("FundingService",   "SetMissionPlan", set_mission_plan, answer_empty),
    ROW("FundingService",   "RecordCrisis", record_crisis, answer_empty),
    ROW("FundingService",   "GetEntitlement", get_entitlement, answer_empty),
    ROW("FundingService",   "GetBudget",    get_budget,    answer_empty),
    ROW("ReferenceService", "ListRegions",  list_regions,  answer_empty),
    ROW("ReferenceService", "ListDepartments", list_departments, answer_empty),
    ROW("ReferenceService", "ListUnits",    list_units,    answer_empty),
    ROW("LifecycleService", "GetLifecycle", get_lifecycle, answer_empty),
    ROW("LifecycleService", "ListDue", list_due, answer_empty),
    ROW("LifecycleService", "ListEvidenceGaps", list_evidence_gaps, answer_empty),
    ROW("LifecycleService", "UpdateIdentity", update_identity, answer_empty),
    ROW("LifecycleService", "RecordDocument", record_document, answer_empty),
    ROW("LifecycleService", "RecordMilestone", record_milestone, answer_empty),
    ROW("LifecycleService", "RecordFiling", record_filing, answer_empty),
    ROW("LifecycleService", "RecordEvidence", record_evidence, answer_empty),
    ROW("LifecycleService", "MergeCpts", merge_cpts, answer_empty),
    ROW("LifecycleService", "SetPublication", set_publication, answer_empty),
    ROW("IndicatorService", "ListIndicators", list_indicators, answer_empty),
    ROW("IndicatorService", "SetIndicatorTarget", set_indicator_target, answer_empty),
    ROW("IndicatorService", "RecordIndicatorValues", record_indicator_values, answer_empty),
    ROW("IndicatorService", "DecideIndicatorValues", decide_indicator_values, answer_empty),
    ROW("IndicatorService", "GetCptsIndicators", get_cpts_indicators, answer_empty),
    ROW("IndicatorService", "GetIndicatorBoard", get_indicator_board, answer_empty),
    ROW("CapacityService",  "RecordCapacity", record_capacity, answer_empty),
    ROW("CapacityService",  "GetCapacity", get_capacity, answer_empty),
    ROW("CapacityService",  "GetCapacityBoard", get_capacity_board, answer_empty),
    ROW("KeyService", "PublishKey", publish_key, answer_empty),
    ROW("KeyService", "RevokeKey", revoke_key, answer_empty),
    ROW("KeyService", "RevokeAuthority", revoke_authority, answer_empty),
    ROW("KeyService", "GetKeys", get_keys, answer_empty),
    ROW("KeyService", "ListKeyChanges", list_key_changes, answer_empty),
    ROW("PathwayService",   "StartPathway", start_pathway, answer_empty),
    ROW("PathwayService",   "GetPathway", get_pathway, answer_empty),
    ROW("PathwayService",   "ListPathways", list_pathways, answer_empty),
    ROW("PathwayService",   "ListPathwayTemplates", list_pathway_templates, answer_empty),
    ROW("EnrolmentService", "CreateEnrolment", create_enrolment, answer_empty),
    ROW("EnrolmentService", "ListEnrolments", list_enrolments, answer_empty),
    ROW("EnrolmentService", "RevokeEnrolment", revoke_enrolment, answer_empty),
    ROW("EnrolmentService", "Enroll", enroll, answer_empty),
    ROW("EnrolmentService", "RenewCertificate", renew_certificate, answer_empty),
    ROW("ReferralService",  "FindRecipients", find_recipients, answer_empty),
    ROW("ReferralService",  "GetReferral", get_referral, answer_empty),
    ROW("ReferralService",  "ListReferrals", list_referrals, answer_empty),
    ROW("ReferralService",  "ListReferralNotes", list_referral_notes, answer_empty),
    ROW("ReferralService",  "PutAttachmentChunk", put_attachment_chunk, answer_chunk),
    ROW("ReferralService",  "GetAttachmentChunk", get_attachment_chunk, answer_empty),
    ROW("ReferralService",  "EraseReferral", erase_referral, answer_empty),
    ROW("ReferralService",  "GetReferralStatistics", get_referral_statistics, answer_empty),
    ROW("ReferralService",  "ListUnmetDemand", list_unmet_demand, answer_empty),
    ROW("ReferralService",  "SubmitReferral", submit_referral, answer_submit),
    ROW("ReferralService",  "ActOnReferral", act_on_referral, answer_empty),
    ROW("ReferralService",  "RedirectReferral", redirect_referral, answer_empty),
    ROW("ReferralService",  "ReassignReferral", reassign_referral, answer_empty),
    ROW("ReferralService",  "RewrapReferral", rewrap_referral, answer_empty),
    ROW("ReferralService",  "WidenReferral", widen_referral, answer_empty),
    ROW("ReferralService",  "RecordConsent", record_consent, answer_empty),
    ROW("ReferralService",  "WithdrawConsent", withdraw_consent, answer_empty),
    ROW("ReferralService",  "SetReferralOptIn", set_referral_opt_in, answer_empty),
    ROW("ReferralService",  "ListParkedActs", list_parked_acts, answer_empty),
    ROW("ReferralService",  "ResolveParkedAct", resolve_parked_act, answer_empty),
    ROW("ReferralService",  "ListReferralReasons", list_referral_reasons, answer_empty),
    ROW("FederationDeskService", "ListNodes", list_nodes, answer_empty),
    ROW("FederationDeskService", "SuspendNode", suspend_node, answer_empty),
    ROW("FederationDeskService", "ResumeNode", resume_node, answer_empty),
    ROW("FederationDeskService", "RaiseNodeEpoch", raise_node_epoch, answer_empty),
    ROW("FederationDeskService", "GetFederationStatus", get_federation_status, answer_empty),
    ROW("FederationDeskService", "VerifyFederation", verify_federation, answer_empty),
    ROW("FederationDeskService", "ListParkedAggregates", list_parked_aggregates, answer_empty),
    ROW("FederationDeskService", "RetryParkedAggregate", retry_parked_aggregate, answer_empty),
    ROW("FederationDeskService", "RejectParkedAggregate", reject_parked_aggregate, answer_empty),
    ROW("FederationDeskService", "ListFederationAlarms", list_federation_alarms, answer_empty),
    ROW("FederationDeskService", "ClearFederationAlarm", clear_federation_alarm, answer_empty),
    ROW("FederationDeskService", "ListLogLinks", list_log_links, answer_empty),
    ROW("FederationDeskService", "ListCheckpoints", list_checkpoints, answer_empty),
    ROW("NodeService",      "GetNodeStatus", get_node_status, answer_empty),
};
/* clang-format on */
static const struct method_table TABLE = {METHODS, sizeof METHODS / sizeof METHODS[0]};

static void hold(struct call *call)
{
    pthread_mutex_lock(&mutex);
    call->next = held;
    held = call;
    held_count++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
}

static bool is_held(const struct method *method, const ProtobufCMessage *request)
{
    const char *id = "";
    if (method->begin == answer_submit) {
        struct peer_memory now;
        peer_recall(&now);
        return now.holds_submissions;
    }
    if (method->begin == answer_get)
        id = ((const Cpts__V1__GetCptsRequest *)request)->id;
    if (method->begin == answer_stage)
        id = ((const Cpts__V1__RecordStageRequest *)request)->id;
    return strcmp(id, "held") == 0;
}

static bool refuses(struct peer *peer)
{
    int left = atomic_load(&peer->refusals);
    while (left > 0 && !atomic_compare_exchange_weak(&peer->refusals, &left, left - 1)) {
    }
    return left > 0;
}

static void dispatch(struct call *call, void *context)
{
    struct peer *peer = context;
    ProtobufCMessage *request = NULL;
    atomic_fetch_add(&peer->call_count, 1);
    call->state = &peer->number;
    if (call->method->begin == answer_submit)
        remember_submission(call);
    cpts_status status = wire_unpack(call->method->request, call->request_bytes,
                                     call->request_byte_count, call->arena, &request, &call->error);
    if (status == CPTS_OK && refuses(peer))
        status = error_set(&call->error, REASON_DATABASE_UNAVAILABLE, "the database is away");
    if (status == CPTS_OK)
        status = call->method->begin(call, request, &call->error);
    if (request != NULL && is_held(call->method, request))
        hold(call);
    else
        call->reply(call, status);
}

static cpts_status identify(void *context, const char *uri, struct principal *ret_principal,
                            struct cpts_error *err)
{
    (void)context;
    (void)err;
    snprintf(ret_principal->uri, sizeof ret_principal->uri, "%s", uri);
    snprintf(ret_principal->scope, sizeof ret_principal->scope, "*");
    ret_principal->roles = ROLE_NATIONAL_NODE;
    return CPTS_OK;
}

void peer_open(struct peer *peer, int number)
{
    struct cpts_error error;
    memset(peer, 0, sizeof *peer);
    peer->number = number;
    fixture_options(&peer->fixture);
    peer->fixture.options.methods = &TABLE;
    peer->fixture.options.dispatch = dispatch;
    peer->fixture.options.identify = identify;
    peer->fixture.options.context = peer;
    if (rpc_server_open(&peer->fixture.options, &peer->fixture.server, &error) != CPTS_OK)
        die(error.message);
    rpc_server_health_set(peer->fixture.server, true);
    snprintf(peer->address, sizeof peer->address, "127.0.0.1:%d",
             rpc_server_port(peer->fixture.server));
}

void peer_close(struct peer *peer)
{
    if (peer->fixture.server == NULL)
        return;
    peer_release();
    rpc_server_close(peer->fixture.server, CLOSE_GRACE_NS);
    peer->fixture.server = NULL;
}

void peer_wait_held(int count)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    int error = 0;
    pthread_mutex_lock(&mutex);
    while (held_count < count && error == 0)
        error = pthread_cond_timedwait(&changed, &mutex, &until);
    pthread_mutex_unlock(&mutex);
    if (error != 0)
        die("the calls to be held did not come");
}

static void *answer_all(void *list)
{
    struct call *call = list;
    while (call != NULL) {
        struct call *next = call->next;
        call->reply(call, CPTS_OK);
        call = next;
    }
    return NULL;
}

void peer_release(void)
{
    pthread_t thread;
    pthread_mutex_lock(&mutex);
    struct call *list = held;
    held = NULL;
    held_count = 0;
    pthread_mutex_unlock(&mutex);
    if (list == NULL)
        return;
    if (pthread_create(&thread, NULL, answer_all, list) != 0)
        die("no thread");
    pthread_join(thread, NULL);
}

struct cpts_client_options peer_options(const char *address)
{
    static char ca[FIXTURE_PATH_BYTES], certificate[FIXTURE_PATH_BYTES], key[FIXTURE_PATH_BYTES];
    fixture_path("ca.pem", ca);
    fixture_path("national.pem", certificate);
    fixture_path("national.key", key);
    return (struct cpts_client_options){.size = sizeof(struct cpts_client_options),
                                        .address = address,
                                        .ca_file = ca,
                                        .certificate_file = certificate,
                                        .key_file = key,
                                        .timeout_ms = PATIENCE_S * 1000,
                                        .retry_pause_ms = 1};
}

cpts_client *peer_client(const struct cpts_client_options *options)
{
    struct cpts_error error;
    cpts_client *client = NULL;
    if (cpts_client_open(options, &client, &error) != CPTS_OK)
        die(error.message);
    return client;
}
