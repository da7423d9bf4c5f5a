/* SPDX-License-Identifier: Apache-2.0 */
/* CreateEnrolment and RevokeEnrolment. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/enrolment.pb-c.h"
#include "domain/identity_card.h"
#include "domain/node_address.h"
#include "federation/federation_face.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "issuing/issuer.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/enrolment_token.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define ROLES_MAX 4
#define HOURS_DEFAULT 72
#define HOURS_MAX 720
#define TEXT_CHARACTERS_MAX 200
#define NODE_ROLE "REGION_NODE"
/* Columns of enrolment_create.sql behind those of every command. */
#define EXPIRES_AT 5

/* The roles that can be given here, and the form of their scope: a text, or one that
 * ends with what it is about. */
static const struct {
    const char *role;
    const char *scope;
    bool is_prefix;
} ROLES[] = {
    {"DGOS_ANALYST", "read", false},     {"ARS_AGENT", "region:", true},
    {"CPTS_COORDINATOR", "cpts:", true}, {"OPERATOR", "*", false},
    {NODE_ROLE, "region:", true},
};

#define ROLE_COUNT (sizeof ROLES / sizeof ROLES[0])

/* What the request says, read. */
struct newcomer {
    const char *uri;
    int hours;
    bool has_cpts;
    uint8_t cpts_id[16];
    struct enrolment_token token;
};

/* Reads what stands behind a prefix: a UUID in its lower-case form. */
static bool read_id(const char *text, const char *prefix, uint8_t ret_id[16])
{
    char canonical[UUID_TEXT_BYTES];
    size_t prefix_bytes = strlen(prefix);
    if (strncmp(text, prefix, prefix_bytes) != 0 || !uuid_parse(text + prefix_bytes, ret_id))
        return false;
    uuid_format(ret_id, canonical);
    return strcmp(text + prefix_bytes, canonical) == 0;
}

static bool has_scope(size_t role, const char *scope)
{
    return ROLES[role].is_prefix ? strncmp(scope, ROLES[role].scope, strlen(ROLES[role].scope)) == 0
                                 : strcmp(scope, ROLES[role].scope) == 0;
}

static cpts_status check_role(const Cpts__V1__CreateEnrolmentRequest *request, size_t rank,
                              struct cpts_error *err)
{
    const char *name = request->roles[rank];
    size_t role = 0;
    for (size_t i = 0; i < rank; i++) {
        if (strcmp(request->roles[i], name) == 0)
            return error_set_field(err, REASON_FIELD_INVALID, "roles", "%.40s stands there twice",
                                   name);
    }
    while (role < ROLE_COUNT && strcmp(ROLES[role].role, name) != 0)
        role++;
    if (role == ROLE_COUNT)
        return error_set_field(err, REASON_ROLE_NOT_ENROLLABLE, "roles",
                               "%.40s is not given here: DGOS_ANALYST, ARS_AGENT, "
                               "CPTS_COORDINATOR, OPERATOR and REGION_NODE are",
                               name);
    if (!has_scope(role, request->scope))
        return error_set_field(err, REASON_SCOPE_NOT_OF_ROLE, "scope", "the scope of %s is %s%s",
                               name, ROLES[role].scope, ROLES[role].is_prefix ? "…" : "");
    return CPTS_OK;
}

static cpts_status check_roles(const Cpts__V1__CreateEnrolmentRequest *request,
                               struct cpts_error *err)
{
    if (request->n_roles == 0 || request->n_roles > ROLES_MAX)
        return error_set_field(err, REASON_FIELD_REQUIRED, "roles", "one to %d roles", ROLES_MAX);
    cpts_status status = CPTS_OK;
    for (size_t i = 0; i < request->n_roles && status == CPTS_OK; i++)
        status = check_role(request, i, err);
    return status;
}

/* The scope's own object: a region that there is, a CPTS that the statement looks for. */
static cpts_status read_scope(const struct call *call,
                              const Cpts__V1__CreateEnrolmentRequest *request,
                              struct newcomer *newcomer, struct cpts_error *err)
{
    static const char REGION[] = "region:";
    static const char CPTS[] = "cpts:";
    if (strncmp(request->scope, CPTS, sizeof CPTS - 1) == 0) {
        newcomer->has_cpts = read_id(request->scope, CPTS, newcomer->cpts_id);
        return newcomer->has_cpts ? CPTS_OK
                                  : error_set_field(err, REASON_FIELD_INVALID, "scope",
                                                    "cpts: and a UUID in lower case");
    }
    if (strncmp(request->scope, REGION, sizeof REGION - 1) != 0)
        return CPTS_OK;
    if (request->scope[sizeof REGION - 1] == '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "scope", "region: and an INSEE code");
    return filter_area_check(call, request->scope + sizeof REGION - 1, "", err);
}

/* The node of a region: its own role, on its own region, at its address. */
static cpts_status check_node(const Cpts__V1__CreateEnrolmentRequest *request, const char *region,
                              struct cpts_error *err)
{
    char host[NODE_HOST_BYTES];
    bool is_ip = false;
    if (request->n_roles != 1 || strcmp(request->roles[0], NODE_ROLE) != 0)
        return error_set_field(err, REASON_SCOPE_NOT_OF_ROLE, "roles",
                               "a node has the role %s alone", NODE_ROLE);
    if (strcmp(request->scope + sizeof "region:" - 1, region) != 0)
        return error_set_field(err, REASON_SCOPE_NOT_OF_ROLE, "scope",
                               "a node has the scope of its own region");
    if (request->node_address[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "node_address",
                               "host:port at which the node will answer");
    return node_address_split(request->node_address, host, &is_ip)
               ? CPTS_OK
               : error_set_field(err, REASON_FIELD_INVALID, "node_address", "not host:port");
}

/* Whoever is no node has nothing of a node. */
static cpts_status check_no_node(const Cpts__V1__CreateEnrolmentRequest *request,
                                 struct cpts_error *err)
{
    for (size_t i = 0; i < request->n_roles; i++) {
        if (strcmp(request->roles[i], NODE_ROLE) == 0)
            return error_set_field(err, REASON_SCOPE_NOT_OF_ROLE, "roles",
                                   "%s is for node/region/ identities", NODE_ROLE);
    }
    return request->node_address[0] == '\0'
               ? CPTS_OK
               : error_set_field(err, REASON_FIELD_INVALID, "node_address", "for nodes alone");
}

/* A CPTS or a person. */
static cpts_status check_holder(const Cpts__V1__CreateEnrolmentRequest *request,
                                const struct newcomer *newcomer, struct cpts_error *err)
{
    uint8_t id[16];
    bool is_cpts = read_id(request->identity, "cpts/", id);
    if (!is_cpts && !read_id(request->identity, "user/", id))
        return error_set_field(err, REASON_FIELD_INVALID, "identity",
                               "cpts/ or user/ and a UUID in lower case, or node/region/ and "
                               "an INSEE code");
    if (is_cpts && (!newcomer->has_cpts || memcmp(id, newcomer->cpts_id, sizeof id) != 0))
        return error_set_field(err, REASON_SCOPE_NOT_OF_ROLE, "scope",
                               "a CPTS coordinates itself, and nothing else");
    return check_no_node(request, err);
}

/* Who it will be, as a URI of our own trust domain. */
static cpts_status read_identity(struct call *call, const Cpts__V1__CreateEnrolmentRequest *request,
                                 struct newcomer *newcomer, struct cpts_error *err)
{
    static const char NODE[] = "node/";
    const char *region = strncmp(request->identity, NODE, sizeof NODE - 1) == 0
                             ? node_name_region(request->identity + sizeof NODE - 1)
                             : NULL;
    cpts_status status =
        region != NULL ? check_node(request, region, err) : check_holder(request, newcomer, err);
    if (status != CPTS_OK)
        return status;
    newcomer->uri =
        arena_printf(call->arena, "spiffe://%s/%s", call->service->trust_domain, request->identity);
    return newcomer->uri == NULL ? request_no_memory(err) : CPTS_OK;
}

static cpts_status check_offer(const struct call *call, struct cpts_error *err)
{
    if (call->principal.is_lent)
        return error_set(err, REASON_ROLE_NOT_ALLOWED, "nobody is named on behalf of others");
    if (call->service->issuer != NULL && call->service->has_enrolment_port)
        return CPTS_OK;
    return error_set(err, REASON_ENROLMENT_NOT_OFFERED,
                     "this node has no enrolment port, or nothing to sign certificates with");
}

/* A node believes the one above by the key of its checkpoints. */
static cpts_status check_signs(const struct call *call, struct cpts_error *err)
{
    struct federation_identity self = {.has_key = false};
    if (call->service->federation != NULL)
        federation_identify(call->service->federation, &self);
    if (self.has_key)
        return CPTS_OK;
    return error_set(err, REASON_ENROLMENT_NOT_OFFERED,
                     "this node signs no checkpoints: no node is enrolled below it");
}

static cpts_status read_newcomer(struct call *call, const Cpts__V1__CreateEnrolmentRequest *request,
                                 struct newcomer *newcomer, struct cpts_error *err)
{
    newcomer->hours = request->lifetime_hours == 0 ? HOURS_DEFAULT : request->lifetime_hours;
    if (newcomer->hours < 1 || newcomer->hours > HOURS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "lifetime_hours", "1 to %d", HOURS_MAX);
    cpts_status status = check_roles(request, err);
    if (status == CPTS_OK)
        status = read_scope(call, request, newcomer, err);
    if (status == CPTS_OK)
        status = read_identity(call, request, newcomer, err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->note, TEXT_CHARACTERS_MAX, false, "note", err);
    if (status == CPTS_OK)
        status = check_offer(call, err);
    return status == CPTS_OK && request->node_address[0] != '\0' ? check_signs(call, err) : status;
}

static cpts_status bind_create(struct call *call, const Cpts__V1__CreateEnrolmentRequest *request,
                               const struct newcomer *newcomer, struct cpts_error *err)
{
    uint8_t id[16];
    uint8_t hash[DIGEST_BYTES];
    Cpts__V1__EnrolmentCreated created = CPTS__V1__ENROLMENT_CREATED__INIT;
    created.identity = (char *)newcomer->uri;
    created.n_roles = request->n_roles;
    created.roles = request->roles;
    created.scope = request->scope;
    created.lifetime_hours = newcomer->hours;
    created.note = request->note;
    created.replaces = request->replaces;
    created.node_address = request->node_address;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_ENROLMENT_CREATED;
    change.enrolment_created = &created;
    uuid_mint(id);
    struct command command = {STATEMENT_ENROLMENT_CREATE, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    enrolment_token_hash(&newcomer->token, hash);
    query_text(call->query, newcomer->uri);
    query_text_array(call->query, (const char *const *)request->roles, request->n_roles);
    query_text(call->query, request->scope);
    query_text(call->query, request->note);
    query_int(call->query, newcomer->hours);
    query_bytes(call->query, hash, sizeof hash);
    if (newcomer->has_cpts)
        query_uuid(call->query, newcomer->cpts_id);
    else
        query_text(call->query, NULL);
    query_bool(call->query, request->replaces);
    query_text(call->query, request->node_address);
    return CPTS_OK;
}

cpts_status enrolment_create_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__CreateEnrolmentRequest *request = message;
    struct newcomer *newcomer = arena_alloc(call->arena, sizeof *newcomer);
    if (newcomer == NULL)
        return request_no_memory(err);
    *newcomer = (struct newcomer){.hours = 0};
    call->state = newcomer;
    cpts_status status = read_newcomer(call, request, newcomer, err);
    if (status != CPTS_OK)
        return status;
    enrolment_token_mint(&newcomer->token);
    issuer_fingerprint(call->service->issuer, newcomer->token.authority);
    return bind_create(call, request, newcomer, err);
}

/* A replayed creation has no token: the database knows its hash alone. */
cpts_status enrolment_create_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    struct newcomer *newcomer = call->state;
    char text[ENROLMENT_TOKEN_BYTES];
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__create_enrolment_response__descriptor, err);
    if (status == CPTS_OK) {
        Cpts__V1__CreateEnrolmentResponse *response =
            (Cpts__V1__CreateEnrolmentResponse *)call->response;
        enrolment_token_format(&newcomer->token, text);
        response->expires_at = request_timestamp(call, rows_time_us(rows, 0, EXPIRES_AT));
        if (!response->replayed)
            response->token = arena_printf(call->arena, "%s", text);
        if (response->expires_at == NULL || response->token == NULL)
            status = request_no_memory(err);
    }
    enrolment_token_erase(&newcomer->token);
    return status;
}

cpts_status enrolment_revoke_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RevokeEnrolmentRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->reason, TEXT_CHARACTERS_MAX, true, "reason", err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__EnrolmentRevoked revoked = CPTS__V1__ENROLMENT_REVOKED__INIT;
    revoked.reason = request->reason;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_ENROLMENT_REVOKED;
    change.enrolment_revoked = &revoked;
    struct command command = {STATEMENT_ENROLMENT_REVOKE, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        query_text(call->query, request->reason);
    return status;
}

cpts_status enrolment_revoke_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__revoke_enrolment_response__descriptor, err);
}
