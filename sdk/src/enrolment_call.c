/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolments: made, listed, taken back. */
#include <cpts/enrolment.h>
#include <cpts/v1/enrolment.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static const char *const STATES[] = {"UNSPECIFIED", "OPEN", "USED", "EXPIRED", "REVOKED"};

#define STATE_COUNT (sizeof STATES / sizeof STATES[0])

const char *cpts_enrolment_state_name(enum cpts_enrolment_state state)
{
    return (unsigned)state < STATE_COUNT ? STATES[state] : "UNRECOGNISED";
}

static cpts_status take_created(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__CreateEnrolmentResponse *from =
        (const Cpts__V1__CreateEnrolmentResponse *)answer->message;
    *(struct cpts_enrolment_created *)answer->result =
        (struct cpts_enrolment_created){.id = from->id,
                                        .version = from->version,
                                        .log_position = from->log_position,
                                        .replayed = from->replayed,
                                        .token = from->token,
                                        .expires_at_us = cpts_convert__instant_us(from->expires_at),
                                        .message = from};
    return CPTS_OK;
}

static void deliver_created(const struct completion *completion)
{
    ((cpts_enrolment_created_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static const struct exchange CREATE = {.operation = OPERATION_ENROLMENT_CREATE,
                                       .response = &cpts__v1__create_enrolment_response__descriptor,
                                       .result_bytes = sizeof(struct cpts_enrolment_created),
                                       .take = take_created};

static cpts_status create_in(const struct command_call *command,
                             const struct cpts_enrolment_creation *creation, struct cpts_error *err)
{
    Cpts__V1__CreateEnrolmentRequest request = CPTS__V1__CREATE_ENROLMENT_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.identity = cpts_convert__text(creation->identity);
    request.roles = (char **)creation->roles;
    request.n_roles = creation->role_count;
    request.scope = cpts_convert__text(creation->scope);
    request.note = cpts_convert__text(creation->note);
    request.lifetime_hours = creation->lifetime_hours;
    request.replaces = creation->replaces;
    request.node_address = cpts_convert__text(creation->node_address);
    return cpts_command__make(command, &CREATE, &request.base, err);
}

static cpts_status make_create(cpts_client *client, const struct cpts_enrolment_creation *creation,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_enrolment_creation own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, creation, err);
    if (status == CPTS_OK)
        status = create_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_enrolment_create(cpts_client *client,
                                  const struct cpts_enrolment_creation *creation,
                                  uint8_t *command_id, int32_t timeout_ms,
                                  struct cpts_enrolment_created **ret_created,
                                  struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_create(client, creation, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_created = result;
    return status;
}

cpts_status cpts_enrolment_create_start(cpts_client *client,
                                        const struct cpts_enrolment_creation *creation,
                                        uint8_t *command_id, const struct cpts_async *async,
                                        cpts_enrolment_created_callback *callback,
                                        uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_created, ret_call);
    return make_create(client, creation, command_id, &launch, err);
}

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListEnrolmentsResponse *from =
        (const Cpts__V1__ListEnrolmentsResponse *)answer->message;
    struct cpts_enrolment *own = arena_alloc(answer->arena, (from->n_enrolments + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_enrolments; i++) {
        const Cpts__V1__Enrolment *one = from->enrolments[i];
        own[i] = (struct cpts_enrolment){.id = one->id,
                                         .identity = one->identity,
                                         .roles = (const char *const *)one->roles,
                                         .role_count = one->n_roles,
                                         .scope = one->scope,
                                         .note = one->note,
                                         .state = (enum cpts_enrolment_state)one->state,
                                         .created_by = one->created_by,
                                         .created_at_us = cpts_convert__instant_us(one->created_at),
                                         .expires_at_us = cpts_convert__instant_us(one->expires_at),
                                         .used_at_us = cpts_convert__instant_us(one->used_at),
                                         .certificate_serial = one->certificate_serial,
                                         .revoked_reason = one->revoked_reason,
                                         .node_address = one->node_address};
    }
    *(struct cpts_enrolments *)answer->result =
        (struct cpts_enrolments){.enrolments = own,
                                 .enrolment_count = from->n_enrolments,
                                 .next_page_token = from->next_page_token,
                                 .message = from};
    return CPTS_OK;
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_enrolments_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_enrolments_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_enrolments_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListEnrolmentsRequest request = CPTS__V1__LIST_ENROLMENTS_REQUEST__INIT;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.state = (Cpts__V1__EnrolmentState)own.state;
    struct exchange exchange = {.operation = OPERATION_ENROLMENT_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_enrolments_response__descriptor,
                                .result_bytes = sizeof(struct cpts_enrolments),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_enrolment_list(cpts_client *client, const struct cpts_enrolments_query *query,
                                int32_t timeout_ms, struct cpts_enrolments **ret_enrolments,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_enrolments = result;
    return status;
}

cpts_status cpts_enrolment_list_start(cpts_client *client,
                                      const struct cpts_enrolments_query *query,
                                      const struct cpts_async *async,
                                      cpts_enrolments_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, query, &launch, err);
}

static const struct exchange REVOKE = {.operation = OPERATION_ENROLMENT_REVOKE,
                                       .response =
                                           &cpts__v1__revoke_enrolment_response__descriptor};

static cpts_status make_revoke(cpts_client *client,
                               const struct cpts_enrolment_revocation *revocation,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_enrolment_revocation own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status =
        cpts_command__begin(&command, command_id, &own, sizeof own, revocation, err);
    if (status == CPTS_OK) {
        Cpts__V1__RevokeEnrolmentRequest request = CPTS__V1__REVOKE_ENROLMENT_REQUEST__INIT;
        request.command_id = command.id;
        request.id = cpts_convert__text(own.id);
        request.reason = cpts_convert__text(own.reason);
        status = cpts_command__make(&command, &REVOKE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_enrolment_revoke(cpts_client *client,
                                  const struct cpts_enrolment_revocation *revocation,
                                  uint8_t *command_id, int32_t timeout_ms,
                                  struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_revoke(client, revocation, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_enrolment_revoke_start(cpts_client *client,
                                        const struct cpts_enrolment_revocation *revocation,
                                        uint8_t *command_id, const struct cpts_async *async,
                                        cpts_outcome_callback *callback, uint64_t *ret_call,
                                        struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_revoke(client, revocation, command_id, &launch, err);
}

char *cpts_enrolment_created_json(const struct cpts_enrolment_created *created, int indent_spaces)
{
    return cpts_convert__json(created->message, indent_spaces);
}

char *cpts_enrolments_json(const struct cpts_enrolments *enrolments, int indent_spaces)
{
    return cpts_convert__json(enrolments->message, indent_spaces);
}

void cpts_enrolment_created_free(struct cpts_enrolment_created *created)
{
    cpts_exchange__release(created);
}

void cpts_enrolments_free(struct cpts_enrolments *enrolments)
{
    cpts_exchange__release(enrolments);
}
