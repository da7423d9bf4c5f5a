/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/referral_desk.h>

#include "command_call.h"
#include "convert.h"
#include "referral_command.h"

/* One of the commands about a referral as a whole. */
typedef cpts_status record_send(const struct command_call *command,
                                const struct cpts_referral_record *record, Cpts__V1__Actor *actor,
                                struct cpts_error *err);

static cpts_status send(const struct command_call *command, enum operation operation,
                        const ProtobufCMessageDescriptor *response, const ProtobufCMessage *request,
                        struct cpts_error *err)
{
    struct exchange exchange = {.operation = operation,
                                .response = response,
                                .result_bytes = sizeof(struct cpts_referral_outcome),
                                .take = cpts_referral__take_outcome};
    return cpts_command__make(command, &exchange, request, err);
}

static cpts_status send_consent(const struct command_call *command,
                                const struct cpts_referral_record *record, Cpts__V1__Actor *actor,
                                struct cpts_error *err)
{
    Cpts__V1__Consent consent = CPTS__V1__CONSENT__INIT;
    Cpts__V1__RecordConsentRequest request = CPTS__V1__RECORD_CONSENT_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = cpts_convert__text(record->referral_id);
    request.expected_version = record->expected_version;
    request.actor = actor;
    if (record->consent != NULL) {
        consent.given_by = cpts_convert__text(record->consent->given_by);
        consent.given_on = cpts_convert__text(record->consent->given_on);
        consent.form = cpts_convert__text(record->consent->form);
        consent.scope = cpts_convert__text(record->consent->scope);
        request.consent = &consent;
    }
    return send(command, OPERATION_REFERRAL_CONSENT, &cpts__v1__record_consent_response__descriptor,
                &request.base, err);
}

static cpts_status send_withdraw(const struct command_call *command,
                                 const struct cpts_referral_record *record, Cpts__V1__Actor *actor,
                                 struct cpts_error *err)
{
    Cpts__V1__WithdrawConsentRequest request = CPTS__V1__WITHDRAW_CONSENT_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = cpts_convert__text(record->referral_id);
    request.expected_version = record->expected_version;
    request.actor = actor;
    return send(command, OPERATION_REFERRAL_WITHDRAW_CONSENT,
                &cpts__v1__withdraw_consent_response__descriptor, &request.base, err);
}

static cpts_status send_erase(const struct command_call *command,
                              const struct cpts_referral_record *record, Cpts__V1__Actor *actor,
                              struct cpts_error *err)
{
    Cpts__V1__EraseReferralRequest request = CPTS__V1__ERASE_REFERRAL_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.referral_id = cpts_convert__text(record->referral_id);
    request.expected_version = record->expected_version;
    request.reason = (Cpts__V1__ErasureReason)record->erasure;
    request.actor = actor;
    return send(command, OPERATION_REFERRAL_ERASE, &cpts__v1__erase_referral_response__descriptor,
                &request.base, err);
}

static cpts_status make_record(cpts_client *client, const struct cpts_referral_record *record,
                               record_send *own_send, uint8_t *command_id,
                               const struct launch *launch, struct cpts_error *err)
{
    struct cpts_referral_record own;
    Cpts__V1__Actor actor;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, record, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status == CPTS_OK)
        status = own_send(&command, &own, &actor, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_referral_consent(cpts_client *client, const struct cpts_referral_record *record,
                                  uint8_t *command_id, int32_t timeout_ms,
                                  struct cpts_referral_outcome **ret_outcome,
                                  struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record(client, record, send_consent, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_consent_start(cpts_client *client,
                                        const struct cpts_referral_record *record,
                                        uint8_t *command_id, const struct cpts_async *async,
                                        cpts_referral_outcome_callback *callback,
                                        uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_record(client, record, send_consent, command_id, &launch, err);
}

cpts_status cpts_referral_withdraw_consent(cpts_client *client,
                                           const struct cpts_referral_record *record,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_referral_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record(client, record, send_withdraw, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_withdraw_consent_start(cpts_client *client,
                                                 const struct cpts_referral_record *record,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_referral_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_record(client, record, send_withdraw, command_id, &launch, err);
}

cpts_status cpts_referral_erase(cpts_client *client, const struct cpts_referral_record *record,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_referral_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record(client, record, send_erase, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_erase_start(cpts_client *client,
                                      const struct cpts_referral_record *record,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_referral_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_referral__deliver_outcome, ret_call);
    return make_record(client, record, send_erase, command_id, &launch, err);
}

static const struct exchange OPT_IN = {.operation = OPERATION_REFERRAL_OPT_IN,
                                       .response =
                                           &cpts__v1__set_referral_opt_in_response__descriptor};

static cpts_status make_opt_in(cpts_client *client, const struct cpts_referral_opt_in *opt_in,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_referral_opt_in own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, opt_in, err);
    if (status == CPTS_OK) {
        Cpts__V1__SetReferralOptInRequest request = CPTS__V1__SET_REFERRAL_OPT_IN_REQUEST__INIT;
        request.command_id = command.id;
        request.id = cpts_convert__text(own.cpts_id);
        request.expected_version = own.expected_version;
        request.use_case = (Cpts__V1__UseCase)own.use_case;
        request.opted_in = own.opted_in;
        status = cpts_command__make(&command, &OPT_IN, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

static const struct exchange RESOLVE = {.operation = OPERATION_REFERRAL_RESOLVE,
                                        .response =
                                            &cpts__v1__resolve_parked_act_response__descriptor};

static cpts_status make_resolve(cpts_client *client, const struct cpts_parked_decision *decision,
                                uint8_t *command_id, const struct launch *launch,
                                struct cpts_error *err)
{
    struct cpts_parked_decision own;
    Cpts__V1__Actor actor;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, decision, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status == CPTS_OK) {
        Cpts__V1__ResolveParkedActRequest request = CPTS__V1__RESOLVE_PARKED_ACT_REQUEST__INIT;
        request.command_id = command.id;
        request.id = cpts_convert__text(own.parked_id);
        request.resolution = (Cpts__V1__ParkedResolution)own.resolution;
        request.actor = &actor;
        status = cpts_command__make(&command, &RESOLVE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_referral_set_opt_in(cpts_client *client, const struct cpts_referral_opt_in *opt_in,
                                     uint8_t *command_id, int32_t timeout_ms,
                                     struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_opt_in(client, opt_in, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_referral_set_opt_in_start(cpts_client *client,
                                           const struct cpts_referral_opt_in *opt_in,
                                           uint8_t *command_id, const struct cpts_async *async,
                                           cpts_outcome_callback *callback, uint64_t *ret_call,
                                           struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_opt_in(client, opt_in, command_id, &launch, err);
}

cpts_status cpts_parked_resolve(cpts_client *client, const struct cpts_parked_decision *decision,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_resolve(client, decision, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_parked_resolve_start(cpts_client *client,
                                      const struct cpts_parked_decision *decision,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_resolve(client, decision, command_id, &launch, err);
}
