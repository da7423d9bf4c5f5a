/* SPDX-License-Identifier: Apache-2.0 */
/* Another destination for a referral, or the same one sealed for again. */
#include <string.h>

#include "command_call.h"
#include "convert.h"
#include "kept_command.h"
#include "referral_command.h"
#include "referral_rule.h"
#include "wire/error.h"

#define HASH_BYTES 32

/* A turn on its way: its blanks filled, its parts as messages. */
struct turn_parts {
    struct referral_target target;
    Cpts__V1__Actor actor;
    Cpts__V1__Recipient **recipients;
    Cpts__V1__Recipient **candidates;
    Cpts__V1__SealedNote *note;
    /* Of both ciphertexts; none without wraps. */
    uint8_t hashes[2 * HASH_BYTES];
    ProtobufCBinaryData sealed_sha256;
};

typedef cpts_status turn_send(const struct command_call *command,
                              const struct cpts_referral_turn *turn, struct turn_parts *parts,
                              struct cpts_error *err);

/* Kept first, when somebody keeps. */
static cpts_status send_turn(const struct command_call *command,
                             const struct cpts_referral_turn *turn, enum operation operation,
                             const ProtobufCMessageDescriptor *response,
                             const ProtobufCMessage *request, struct cpts_error *err)
{
    struct cpts_submission *submission = NULL;
    if (turn->keep == NULL)
        return cpts_referral__send(command, operation, response, request, err);
    cpts_status status = cpts_kept__make(operation, request, &submission, err);
    if (status == CPTS_OK)
        status = turn->keep(submission, turn->keep_data, err);
    cpts_submission_free(submission);
    return status == CPTS_OK ? cpts_referral__send(command, operation, response, request, err)
                             : status;
}

static cpts_status send_redirect(const struct command_call *command,
                                 const struct cpts_referral_turn *turn, struct turn_parts *parts,
                                 struct cpts_error *err)
{
    if (turn->recipient_count != 1)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "recipients",
                               "a redirect goes to exactly one CPTS");
    Cpts__V1__RedirectReferralRequest request = CPTS__V1__REDIRECT_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = (char *)parts->target.referral_id;
    request.assignment_id = (char *)parts->target.assignment_id;
    request.expected_version = parts->target.expected_version;
    request.next = parts->recipients[0];
    request.reason = cpts_convert__text(turn->reason);
    request.note = parts->note;
    request.sealed_sha256 = parts->sealed_sha256;
    request.actor = &parts->actor;
    request.queued = turn->queued;
    return send_turn(command, turn, OPERATION_REFERRAL_REDIRECT,
                     &cpts__v1__redirect_referral_response__descriptor, &request.base, err);
}

static cpts_status send_reassign(const struct command_call *command,
                                 const struct cpts_referral_turn *turn, struct turn_parts *parts,
                                 struct cpts_error *err)
{
    Cpts__V1__ReassignReferralRequest request = CPTS__V1__REASSIGN_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = (char *)parts->target.referral_id;
    request.expected_version = parts->target.expected_version;
    request.n_destinations = turn->recipient_count;
    request.destinations = parts->recipients;
    request.n_candidates = turn->candidate_count;
    request.candidates = parts->candidates;
    request.sealed_sha256 = parts->sealed_sha256;
    request.actor = &parts->actor;
    request.queued = turn->queued;
    return send_turn(command, turn, OPERATION_REFERRAL_REASSIGN,
                     &cpts__v1__reassign_referral_response__descriptor, &request.base, err);
}

static cpts_status send_rewrap(const struct command_call *command,
                               const struct cpts_referral_turn *turn, struct turn_parts *parts,
                               struct cpts_error *err)
{
    Cpts__V1__RewrapReferralRequest request = CPTS__V1__REWRAP_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = (char *)parts->target.referral_id;
    request.expected_version = parts->target.expected_version;
    request.recipient = parts->recipients[0];
    request.sealed_sha256 = parts->sealed_sha256;
    request.actor = &parts->actor;
    return send_turn(command, turn, OPERATION_REFERRAL_REWRAP,
                     &cpts__v1__rewrap_referral_response__descriptor, &request.base, err);
}

static cpts_status send_widen(const struct command_call *command,
                              const struct cpts_referral_turn *turn, struct turn_parts *parts,
                              struct cpts_error *err)
{
    Cpts__V1__WidenReferralRequest request = CPTS__V1__WIDEN_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = (char *)parts->target.referral_id;
    request.expected_version = parts->target.expected_version;
    request.actor = &parts->actor;
    request.queued = turn->queued;
    return send_turn(command, turn, OPERATION_REFERRAL_WIDEN,
                     &cpts__v1__widen_referral_response__descriptor, &request.base, err);
}

/* The three ways to another destination, and the one to the same. */
static const struct turn_kind {
    enum cpts_referral_event event;
    turn_send *send;
} REDIRECT = {CPTS_REFERRAL_REDIRECT, send_redirect},
  REASSIGN = {CPTS_REFERRAL_REASSIGN, send_reassign}, WIDEN = {CPTS_REFERRAL_WIDEN, send_widen},
  REWRAP = {CPTS_REFERRAL_REWRAP, send_rewrap};

static void set_hashes(const struct cpts_referral_turn *turn, struct turn_parts *parts)
{
    if (turn->offer_sha256 == NULL || turn->content_sha256 == NULL)
        return;
    memcpy(parts->hashes, turn->offer_sha256, HASH_BYTES);
    memcpy(parts->hashes + HASH_BYTES, turn->content_sha256, HASH_BYTES);
    parts->sealed_sha256 = (ProtobufCBinaryData){sizeof parts->hashes, parts->hashes};
}

/* What a turn is about. Sealed again for the origin it is about the referral, which the table of
 * steps says nothing of: the node judges. */
static cpts_status aim(const struct cpts_referral_turn *turn, const struct turn_kind *kind,
                       struct referral_target *target, struct cpts_error *err)
{
    if (kind != &REWRAP)
        return cpts_referral__aim(turn->seen, kind->event, target, err);
    if (turn->recipient_count != 1)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "recipients",
                               "it is sealed again for exactly one CPTS");
    target->assignment_id = cpts_convert__text(turn->recipients[0].assignment_id);
    if (target->assignment_id[0] != '\0' || turn->seen == NULL)
        return cpts_referral__aim(turn->seen, kind->event, target, err);
    if (target->referral_id == NULL || target->referral_id[0] == '\0')
        target->referral_id = turn->seen->id;
    if (target->expected_version == 0)
        target->expected_version = turn->seen->version;
    return CPTS_OK;
}

static cpts_status turn_in(const struct command_call *command,
                           const struct cpts_referral_turn *turn, const struct turn_kind *kind,
                           struct cpts_error *err)
{
    ProtobufCMessage *note = NULL;
    struct turn_parts parts = {
        .target = {turn->referral_id, turn->assignment_id, turn->expected_version}};
    cpts_status status = aim(turn, kind, &parts.target, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(turn->actor, &parts.actor, err);
    if (status == CPTS_OK)
        status = cpts_referral__recipients(turn->recipients, turn->recipient_count, command->arena,
                                           &parts.recipients, err);
    if (status == CPTS_OK)
        status = cpts_referral__recipients(turn->candidates, turn->candidate_count, command->arena,
                                           &parts.candidates, err);
    if (status == CPTS_OK)
        status = cpts_referral__unpack(&cpts__v1__sealed_note__descriptor, &turn->note,
                                       command->arena, &note, err);
    parts.note = (Cpts__V1__SealedNote *)note;
    set_hashes(turn, &parts);
    return status == CPTS_OK ? kind->send(command, turn, &parts, err) : status;
}

static cpts_status make_turn(cpts_client *client, const struct cpts_referral_turn *turn,
                             const struct turn_kind *kind, uint8_t *command_id,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_referral_turn own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, turn, err);
    if (status == CPTS_OK)
        status = turn_in(&command, &own, kind, err);
    cpts_command__done(&command);
    return status;
}

/* Waits for a turn. */
static cpts_status wait_turn(cpts_client *client, const struct cpts_referral_turn *turn,
                             const struct turn_kind *kind, uint8_t *command_id,
                             const struct launch *launch,
                             struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch own = *launch;
    own.ret_result = &result;
    cpts_status status = make_turn(client, turn, kind, command_id, &own, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_redirect(cpts_client *client, const struct cpts_referral_turn *turn,
                                   uint8_t *command_id, int32_t timeout_ms,
                                   struct cpts_referral_outcome **ret_outcome,
                                   struct cpts_error *err)
{
    struct launch launch = {.timeout_ms = timeout_ms};
    return wait_turn(client, turn, &REDIRECT, command_id, &launch, ret_outcome, err);
}

cpts_status cpts_referral_reassign(cpts_client *client, const struct cpts_referral_turn *turn,
                                   uint8_t *command_id, int32_t timeout_ms,
                                   struct cpts_referral_outcome **ret_outcome,
                                   struct cpts_error *err)
{
    struct launch launch = {.timeout_ms = timeout_ms};
    return wait_turn(client, turn, &REASSIGN, command_id, &launch, ret_outcome, err);
}

cpts_status cpts_referral_rewrap(cpts_client *client, const struct cpts_referral_turn *turn,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    struct launch launch = {.timeout_ms = timeout_ms};
    return wait_turn(client, turn, &REWRAP, command_id, &launch, ret_outcome, err);
}

cpts_status cpts_referral_widen(cpts_client *client, const struct cpts_referral_turn *turn,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    struct launch launch = {.timeout_ms = timeout_ms};
    return wait_turn(client, turn, &WIDEN, command_id, &launch, ret_outcome, err);
}

cpts_status cpts_referral_redirect_start(cpts_client *client, const struct cpts_referral_turn *turn,
                                         uint8_t *command_id, const struct cpts_async *async,
                                         cpts_referral_outcome_callback *callback,
                                         uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_turn(client, turn, &REDIRECT, command_id, &launch, err);
}

cpts_status cpts_referral_reassign_start(cpts_client *client, const struct cpts_referral_turn *turn,
                                         uint8_t *command_id, const struct cpts_async *async,
                                         cpts_referral_outcome_callback *callback,
                                         uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_turn(client, turn, &REASSIGN, command_id, &launch, err);
}

cpts_status cpts_referral_rewrap_start(cpts_client *client, const struct cpts_referral_turn *turn,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_referral_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_turn(client, turn, &REWRAP, command_id, &launch, err);
}

cpts_status cpts_referral_widen_start(cpts_client *client, const struct cpts_referral_turn *turn,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_referral_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_turn(client, turn, &WIDEN, command_id, &launch, err);
}
