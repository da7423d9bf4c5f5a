/* SPDX-License-Identifier: Apache-2.0 */
#include "referral_command.h"

#include "command_call.h"
#include "convert.h"
#include "referral_rule.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/referral_step.h"
#include "wire/unpack.h"

cpts_status cpts_referral__take_outcome(const struct answer *answer, struct cpts_error *err)
{
    const ProtobufCMessage *message = answer->message;
    struct cpts_referral_outcome *own = answer->result;
    const void *list = NULL;
    size_t count = cpts_command__list(message, "allowed_events", &list);
    const char *const *id = cpts_command__field(message, "id");
    *own = (struct cpts_referral_outcome){
        .id = id == NULL ? "" : *id,
        .version = cpts_command__number(message, "version"),
        .log_position = cpts_command__position(message),
        .replayed = cpts_command__replayed(message),
        .status = (enum cpts_referral_status)cpts_command__number(message, "status"),
        .state = (enum cpts_assignment_state)cpts_command__number(message, "state"),
        .allowed = cpts_referral__events(list, count, answer->arena),
        .allowed_count = count,
        .message = message};
    return own->allowed == NULL ? cpts_command__no_memory(err) : CPTS_OK;
}

void cpts_referral__deliver_outcome(const struct completion *completion)
{
    ((cpts_referral_outcome_callback *)completion->callback)(completion->status, completion->result,
                                                             &completion->err, completion->data);
}

cpts_status cpts_referral__unpack(const ProtobufCMessageDescriptor *type,
                                  const struct cpts_bytes *packed, struct arena *arena,
                                  ProtobufCMessage **ret_message, struct cpts_error *err)
{
    *ret_message = NULL;
    if (packed->bytes == NULL)
        return CPTS_OK;
    return wire_unpack(type, packed->bytes, packed->byte_count, arena, ret_message, err);
}

static cpts_status set_recipient(const struct cpts_sealed_recipient *from, struct arena *arena,
                                 Cpts__V1__Recipient *recipient, struct cpts_error *err)
{
    ProtobufCMessage *wrap = NULL;
    cpts_status status =
        cpts_referral__unpack(&cpts__v1__key_wrap__descriptor, &from->wrap, arena, &wrap, err);
    cpts__v1__recipient__init(recipient);
    recipient->assignment_id = cpts_convert__text(from->assignment_id);
    recipient->cpts_id = cpts_convert__text(from->cpts_id);
    recipient->wrap = (Cpts__V1__KeyWrap *)wrap;
    return status;
}

cpts_status cpts_referral__recipients(const struct cpts_sealed_recipient *from, size_t count,
                                      struct arena *arena, Cpts__V1__Recipient ***ret_recipients,
                                      struct cpts_error *err)
{
    if (count > REFERRAL_RECIPIENTS_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "recipients",
                               "more than %d destinations", REFERRAL_RECIPIENTS_MAX);
    Cpts__V1__Recipient **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__Recipient *own = arena_alloc(arena, (count + 1) * sizeof *own);
    if (list == NULL || own == NULL)
        return cpts_command__no_memory(err);
    for (size_t i = 0; i < count; i++) {
        cpts_status status = set_recipient(&from[i], arena, &own[i], err);
        if (status != CPTS_OK)
            return status;
        list[i] = &own[i];
    }
    *ret_recipients = list;
    return CPTS_OK;
}

cpts_status cpts_referral__send(const struct command_call *command, enum operation operation,
                                const ProtobufCMessageDescriptor *response,
                                const ProtobufCMessage *request, struct cpts_error *err)
{
    struct exchange exchange = {.operation = operation,
                                .response = response,
                                .result_bytes = sizeof(struct cpts_referral_outcome),
                                .take = cpts_referral__take_outcome};
    return cpts_command__make(command, &exchange, request, err);
}

static cpts_status act_in(const struct command_call *command, const struct cpts_referral_act *act,
                          struct cpts_error *err)
{
    Cpts__V1__Actor actor;
    Google__Protobuf__Timestamp scheduled_for;
    ProtobufCMessage *note = NULL;
    struct referral_target target = {act->referral_id, act->assignment_id, act->expected_version};
    cpts_status status = cpts_referral__aim(act->seen, act->event, &target, err);
    if (status == CPTS_OK)
        status = cpts_referral__check_needs(act->seen, act->event,
                                            act->reason != NULL && act->reason[0] != '\0',
                                            act->note.bytes != NULL, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(act->actor, &actor, err);
    if (status == CPTS_OK)
        status = cpts_referral__unpack(&cpts__v1__sealed_note__descriptor, &act->note,
                                       command->arena, &note, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ActOnReferralRequest request = CPTS__V1__ACT_ON_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = (char *)target.referral_id;
    request.assignment_id = (char *)target.assignment_id;
    request.expected_version = target.expected_version;
    request.event = (Cpts__V1__ReferralEvent)act->event;
    request.reason = cpts_convert__text(act->reason);
    request.note = (Cpts__V1__SealedNote *)note;
    request.scheduled_for = cpts_convert__timestamp(act->scheduled_for_us, &scheduled_for);
    request.actor = &actor;
    request.queued = act->queued;
    return cpts_referral__send(command, OPERATION_REFERRAL_ACT,
                               &cpts__v1__act_on_referral_response__descriptor, &request.base, err);
}

static cpts_status make_act(cpts_client *client, const struct cpts_referral_act *act,
                            uint8_t *command_id, const struct launch *launch,
                            struct cpts_error *err)
{
    struct cpts_referral_act own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, act, err);
    if (status == CPTS_OK)
        status = act_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_referral_do(cpts_client *client, const struct cpts_referral_act *act,
                             uint8_t *command_id, int32_t timeout_ms,
                             struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_act(client, act, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_do_start(cpts_client *client, const struct cpts_referral_act *act,
                                   uint8_t *command_id, const struct cpts_async *async,
                                   cpts_referral_outcome_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_act(client, act, command_id, &launch, err);
}

char *cpts_referral_outcome_json(const struct cpts_referral_outcome *outcome, int indent_spaces)
{
    return cpts_convert__json(outcome->message, indent_spaces);
}

void cpts_referral_outcome_free(struct cpts_referral_outcome *outcome)
{
    cpts_exchange__release(outcome);
}
