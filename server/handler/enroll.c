/* SPDX-License-Identifier: Apache-2.0 */
/* Enroll and RenewCertificate. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/enrolment.pb-c.h"
#include "domain/failure_limit.h"
#include "domain/node_address.h"
#include "federation/federation_face.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "issuing/certificate_request.h"
#include "issuing/issuer.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/enrolment_token.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_S 1000000
#define NS_PER_MS 1000000
#define CHECKPOINT_KEY_BYTES 32

/* Columns of enrolment_find.sql. */
enum find_column { FOUND_ID, FOUND_IDENTITY, FOUND_STATE, FOUND_COMMAND, FOUND_ADDRESS };

/* Columns of certificate_holder.sql. */
enum holder_column { HOLDER_STATUS, HOLDER_ADDRESS };

/* Columns of enrolment_use.sql and certificate_renew.sql behind those of every command. */
enum certificate_column { CERTIFICATE = 5, SERIAL, EXPIRES_AT, NODE_EPOCH };

/* What Enroll remembers between its statements. */
struct enrolling {
    const Cpts__V1__EnrollRequest *request;
    /* Where the caller is, for its failures. */
    const char *address;
    const char *identity;
    /* host:port of a node, else empty. */
    const char *node_address;
    uint8_t token_hash[DIGEST_BYTES];
};

/* What the states that allow nothing more are refused with. */
static const struct {
    const char *state;
    enum reason reason;
    const char *sentence;
} STATES[] = {
    {"USED", REASON_ENROLMENT_USED, "the token was used already"},
    {"REVOKED", REASON_ENROLMENT_REVOKED, "the token was taken back"},
    {"EXPIRED", REASON_ENROLMENT_EXPIRED, "the token is too old: ask for another"},
};

static cpts_status refuse_token(struct cpts_error *err)
{
    return error_set_field(err, REASON_ENROLMENT_TOKEN_INVALID, "token", "there is no such token");
}

static cpts_status check_offer(const struct call *call, struct cpts_error *err)
{
    if (call->service->issuer != NULL)
        return CPTS_OK;
    return error_set(err, REASON_ENROLMENT_NOT_OFFERED,
                     "this node has nothing to sign certificates with");
}

/* Counts what strangers did wrong; what the server could not do is not theirs. */
static cpts_status count_failure(const struct call *call, cpts_status status)
{
    const struct enrolling *enrolling = call->state;
    if (status == CPTS_INVALID_ARGUMENT || status == CPTS_UNAUTHENTICATED ||
        status == CPTS_FAILED_PRECONDITION || status == CPTS_ALREADY_EXISTS)
        failure_limit_count(call->service->failures, enrolling->address, clock_monotonic_ns());
    return status;
}

static cpts_status check_failures(const struct call *call, const char *address,
                                  struct cpts_error *err)
{
    int64_t wait_ns = failure_limit_wait_ns(call->service->failures, address, clock_monotonic_ns());
    if (wait_ns == 0)
        return CPTS_OK;
    cpts_status status =
        error_set(err, REASON_TOO_MANY_FAILURES,
                  "too many enrolments from %.80s failed: try again later", address);
    if (err != NULL)
        err->retry_after_ms = (int32_t)(wait_ns / NS_PER_MS) + 1;
    return status;
}

/* Everything that can be judged before the database is asked. */
static cpts_status check_request(const Cpts__V1__EnrollRequest *request,
                                 struct enrolling *enrolling, struct cpts_error *err)
{
    struct enrolment_token token;
    uint8_t command_id[16];
    struct certificate_request *parsed = NULL;
    cpts_status status = request_uuid(request->command_id, "command_id", command_id, err);
    if (status == CPTS_OK)
        status = certificate_request_read(request->certificate_request.data,
                                          request->certificate_request.len, &parsed, err);
    certificate_request_free(parsed);
    if (status != CPTS_OK)
        return status;
    if (!enrolment_token_parse(request->token, &token))
        return refuse_token(err);
    enrolment_token_hash(&token, enrolling->token_hash);
    enrolment_token_erase(&token);
    return CPTS_OK;
}

cpts_status enroll_begin(struct call *call, const void *message, struct cpts_error *err)
{
    struct enrolling *enrolling = arena_alloc(call->arena, sizeof *enrolling);
    char *address = arena_printf(call->arena, "%s", call->principal.uri);
    if (enrolling == NULL || address == NULL)
        return request_no_memory(err);
    *enrolling = (struct enrolling){.request = message, .address = address};
    call->state = enrolling;
    cpts_status status = check_offer(call, err);
    if (status == CPTS_OK)
        status = check_failures(call, address, err);
    if (status != CPTS_OK)
        return status;
    status = check_request(message, enrolling, err);
    if (status != CPTS_OK)
        return count_failure(call, status);
    call->query = query_new(call->arena, STATEMENT_ENROLMENT_FIND);
    if (call->query == NULL)
        return request_no_memory(err);
    query_bytes(call->query, enrolling->token_hash, sizeof enrolling->token_hash);
    return CPTS_OK;
}

/* A certificate of the request's key for an identity, which answers at @p node_address
 * ("" = nowhere). */
static cpts_status sign(const struct call *call, const char *identity, const char *node_address,
                        const ProtobufCBinaryData *bytes, struct issued *ret_issued,
                        struct cpts_error *err)
{
    char host[NODE_HOST_BYTES];
    bool is_ip = false;
    bool serves = node_address_split(node_address, host, &is_ip);
    struct certificate_request *parsed = NULL;
    cpts_status status = certificate_request_read(bytes->data, bytes->len, &parsed, err);
    if (status == CPTS_OK)
        status = issuer_sign(call->service->issuer, identity, serves ? host : NULL, parsed,
                             clock_realtime_us() / US_PER_S, ret_issued, err);
    certificate_request_free(parsed);
    return status;
}

static void bind_issued(struct call *call, const struct issued *issued)
{
    query_text(call->query, issued->serial);
    query_bytes(call->query, issued->key_sha256, sizeof issued->key_sha256);
    query_text(call->query, request_instant_text(call, issued->not_before_s * US_PER_S));
    query_text(call->query, request_instant_text(call, issued->not_after_s * US_PER_S));
    query_text(call->query, issued->pem);
}

/* From here on the caller is whom the enrolment names. */
static cpts_status bind_use(struct call *call, const uint8_t id[16], struct issued *issued,
                            struct cpts_error *err)
{
    const struct enrolling *enrolling = call->state;
    Cpts__V1__EnrolmentUsed used = CPTS__V1__ENROLMENT_USED__INIT;
    used.serial = issued->serial;
    used.key_sha256 = (ProtobufCBinaryData){sizeof issued->key_sha256, issued->key_sha256};
    used.expires_at_s = issued->not_after_s;
    used.checkpoint_key = enrolling->request->checkpoint_key;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_ENROLMENT_USED;
    change.enrolment_used = &used;
    struct command command = {STATEMENT_ENROLMENT_USE, enrolling->request->command_id,
                              &enrolling->request->base, id, &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_bytes(call->query, enrolling->token_hash, sizeof enrolling->token_hash);
    bind_issued(call, issued);
    query_bytes(call->query, enrolling->request->checkpoint_key.data,
                enrolling->request->checkpoint_key.len);
    return CPTS_OK;
}

/* Nodes sign checkpoints, nobody else does. */
static cpts_status check_checkpoint_key(const struct enrolling *enrolling, struct cpts_error *err)
{
    size_t wanted = enrolling->node_address[0] == '\0' ? 0 : CHECKPOINT_KEY_BYTES;
    size_t given = enrolling->request->checkpoint_key.len;
    if (given == wanted)
        return CPTS_OK;
    return error_set_field(err, given == 0 ? REASON_FIELD_REQUIRED : REASON_FIELD_INVALID,
                           "checkpoint_key", "a node has one of %d bytes, nobody else has one",
                           CHECKPOINT_KEY_BYTES);
}

/* The state of the enrolment allows it; or the command that used it comes again. */
static cpts_status check_state(const struct call *call, const struct rows *rows,
                               struct cpts_error *err)
{
    const struct enrolling *enrolling = call->state;
    const char *state = rows_text(rows, 0, FOUND_STATE);
    uint8_t used[16];
    uint8_t command_id[16];
    if (uuid_parse(rows_text(rows, 0, FOUND_COMMAND), used) &&
        uuid_parse(enrolling->request->command_id, command_id) &&
        memcmp(used, command_id, sizeof used) == 0)
        return CPTS_OK;
    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++) {
        if (strcmp(STATES[i].state, state) == 0)
            return error_set_field(err, STATES[i].reason, "token", "%s", STATES[i].sentence);
    }
    return CPTS_OK;
}

static cpts_status judge(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct enrolling *enrolling = call->state;
    uint8_t id[16];
    if (rows_count(rows) == 0)
        return refuse_token(err);
    cpts_status status = check_state(call, rows, err);
    if (status != CPTS_OK)
        return status;
    enrolling->identity = arena_printf(call->arena, "%s", rows_text(rows, 0, FOUND_IDENTITY));
    enrolling->node_address = arena_printf(call->arena, "%s", rows_text(rows, 0, FOUND_ADDRESS));
    if (enrolling->node_address == NULL)
        return request_no_memory(err);
    if (enrolling->identity == NULL || strlen(enrolling->identity) >= PRINCIPAL_URI_BYTES ||
        !uuid_parse(rows_text(rows, 0, FOUND_ID), id))
        return error_set(err, REASON_INTERNAL_ERROR, "the database gave an enrolment that is none");
    strcpy(call->principal.uri, enrolling->identity);
    struct issued issued = {0};
    status = check_checkpoint_key(enrolling, err);
    if (status == CPTS_OK)
        status = sign(call, enrolling->identity, enrolling->node_address,
                      &enrolling->request->certificate_request, &issued, err);
    if (status == CPTS_OK)
        status = bind_use(call, id, &issued, err);
    issued_done(&issued);
    return status;
}

cpts_status enroll_then(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return count_failure(call, judge(call, rows, err));
}

/* What both answers hold, from the row of the statement. */
static Cpts__V1__IssuedCertificate *read_certificate(struct call *call, const struct rows *rows,
                                                     const char *identity)
{
    struct service_state state = {0};
    Cpts__V1__IssuedCertificate *certificate =
        request_message(call, &cpts__v1__issued_certificate__descriptor);
    if (certificate == NULL)
        return NULL;
    call->service->state(call->service, &state);
    certificate->certificate = (char *)rows_text(rows, 0, CERTIFICATE);
    certificate->authorities = (char *)issuer_authorities(call->service->issuer);
    certificate->identity = (char *)identity;
    certificate->serial = (char *)rows_text(rows, 0, SERIAL);
    certificate->expires_at = request_timestamp(call, rows_time_us(rows, 0, EXPIRES_AT));
    certificate->port = state.port;
    return certificate->expires_at == NULL ? NULL : certificate;
}

/* Who this node is, by the key of its checkpoints; nodes are told of one without a key, too.
 * @return false without memory. */
static bool tell_above(struct call *call, const struct rows *rows,
                       Cpts__V1__EnrollResponse *response)
{
    const struct enrolling *enrolling = call->state;
    bool is_node = enrolling->node_address[0] != '\0';
    struct federation_identity self;
    if (call->service->federation == NULL)
        return true;
    federation_identify(call->service->federation, &self);
    if (!is_node && !self.has_key)
        return true;
    Cpts__V1__NodeAbove *above = request_message(call, &cpts__v1__node_above__descriptor);
    if (above == NULL ||
        !request_copy(call, self.checkpoint_key, self.has_key ? sizeof self.checkpoint_key : 0,
                      &above->checkpoint_key))
        return false;
    above->node = (char *)call->service->node;
    above->epoch = self.epoch;
    above->node_epoch = is_node ? (int32_t)rows_int(rows, 0, NODE_EPOCH) : 0;
    response->above = above;
    return true;
}

cpts_status enroll_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct enrolling *enrolling = call->state;
    cpts_status status = outcome_answer(call, rows, &cpts__v1__enroll_response__descriptor, err);
    if (status != CPTS_OK)
        return count_failure(call, status);
    Cpts__V1__EnrollResponse *response = (Cpts__V1__EnrollResponse *)call->response;
    response->certificate = read_certificate(call, rows, enrolling->identity);
    return response->certificate == NULL || !tell_above(call, rows, response)
               ? request_no_memory(err)
               : CPTS_OK;
}

static cpts_status bind_renewal(struct call *call, const Cpts__V1__RenewCertificateRequest *request,
                                struct issued *issued, struct cpts_error *err)
{
    uint8_t id[16];
    Cpts__V1__CertificateRenewed renewed = CPTS__V1__CERTIFICATE_RENEWED__INIT;
    renewed.identity = call->principal.uri;
    renewed.serial = issued->serial;
    renewed.key_sha256 = (ProtobufCBinaryData){sizeof issued->key_sha256, issued->key_sha256};
    renewed.expires_at_s = issued->not_after_s;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CERTIFICATE_RENEWED;
    change.certificate_renewed = &renewed;
    uuid_mint(id);
    struct command command = {STATEMENT_CERTIFICATE_RENEW, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status == CPTS_OK)
        bind_issued(call, issued);
    return status;
}

/* A certificate is for who shows one: nobody has it made for others. */
static cpts_status check_holder(const struct call *call, struct cpts_error *err)
{
    if (!call->principal.is_lent)
        return CPTS_OK;
    return error_set(err, REASON_ROLE_NOT_ALLOWED, "no certificate is given on behalf of others");
}

/* The name of the node that calls, "" for all others. */
static const char *node_of(const struct principal *principal)
{
    static const char PATH[] = "/node/";
    const char *path = strstr(principal->uri, PATH);
    return path == NULL ? "" : path + sizeof PATH - 1;
}

cpts_status certificate_renew_begin(struct call *call, const void *message, struct cpts_error *err)
{
    call->state = (void *)(uintptr_t)message;
    cpts_status status = check_holder(call, err);
    if (status == CPTS_OK)
        status = check_offer(call, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CERTIFICATE_HOLDER);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, node_of(&call->principal));
    return CPTS_OK;
}

/* The first answer says how a node stands, and where it answers. */
cpts_status certificate_renew_then(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    const Cpts__V1__RenewCertificateRequest *request = call->state;
    struct issued issued = {0};
    if (strcmp(rows_text(rows, 0, HOLDER_STATUS), "SUSPENDED") == 0)
        return error_set(err, REASON_NODE_SUSPENDED, "%.64s is suspended",
                         node_of(&call->principal));
    cpts_status status = sign(call, call->principal.uri, rows_text(rows, 0, HOLDER_ADDRESS),
                              &request->certificate_request, &issued, err);
    if (status != CPTS_OK)
        return status;
    status = bind_renewal(call, request, &issued, err);
    issued_done(&issued);
    return status;
}

cpts_status certificate_renew_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__renew_certificate_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RenewCertificateResponse *response =
        (Cpts__V1__RenewCertificateResponse *)call->response;
    response->certificate = read_certificate(call, rows, call->principal.uri);
    return response->certificate == NULL ? request_no_memory(err) : CPTS_OK;
}
