/* SPDX-License-Identifier: Apache-2.0 */
/* RecordConsent, WithdrawConsent and SetReferralOptIn. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/referral_header.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

static cpts_status check(const char *referral_id, int32_t expected_version,
                         const Cpts__V1__Actor *actor, uint8_t ret_id[16], struct cpts_error *err)
{
    cpts_status status = actor_check(actor, err);
    if (status == CPTS_OK)
        status = request_uuid(referral_id, "referral_id", ret_id, err);
    if (status == CPTS_OK && expected_version < 1)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                                 "say which version you have seen, from 1");
    return status;
}

cpts_status consent_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordConsentRequest *request = message;
    uint8_t id[16];
    cpts_status status =
        check(request->referral_id, request->expected_version, request->actor, id, err);
    if (status == CPTS_OK)
        status = request->consent == NULL
                     ? error_set_field(err, REASON_FIELD_REQUIRED, "consent", "what consent?")
                     : consent_check(request->consent, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralConsentRecorded recorded = CPTS__V1__REFERRAL_CONSENT_RECORDED__INIT;
    if (!consent_hash(call, request->consent, &recorded.consent_sha256))
        return request_no_memory(err);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_CONSENT_RECORDED;
    change.referral_consent_recorded = &recorded;
    struct referral_command command = {STATEMENT_REFERRAL_CONSENT,
                                       request->command_id,
                                       &request->base,
                                       id,
                                       &change,
                                       request->actor};
    status = referral_command_begin(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    bind_packed(call, &request->consent->base);
    return CPTS_OK;
}

cpts_status consent_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__record_consent_response__descriptor, err);
}

cpts_status consent_withdraw_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__WithdrawConsentRequest *request = message;
    uint8_t id[16], own_id[16];
    cpts_status status =
        check(request->referral_id, request->expected_version, request->actor, id, err);
    if (status == CPTS_OK && !caller_cpts(call, own_id))
        status = error_set(err, REASON_WRONG_PARTY, "a CPTS is told");
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralConsentWithdrawn withdrawn = CPTS__V1__REFERRAL_CONSENT_WITHDRAWN__INIT;
    withdrawn.told_to = call->principal.scope + strlen("cpts:");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_CONSENT_WITHDRAWN;
    change.referral_consent_withdrawn = &withdrawn;
    struct referral_command command = {STATEMENT_REFERRAL_CONSENT,
                                       request->command_id,
                                       &request->base,
                                       id,
                                       &change,
                                       request->actor};
    status = referral_command_begin(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    bind_packed(call, NULL);
    return CPTS_OK;
}

cpts_status consent_withdraw_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__withdraw_consent_response__descriptor, err);
}

cpts_status opt_in_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetReferralOptInRequest *request = message;
    const char *use_case =
        enum_code(&cpts__v1__use_case__descriptor, (int)request->use_case, "USE_CASE_");
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK && use_case[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "use_case", "for what?");
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralOptInSet set = CPTS__V1__REFERRAL_OPT_IN_SET__INIT;
    set.use_case = request->use_case;
    set.opted_in = request->opted_in;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_OPT_IN_SET;
    change.referral_opt_in_set = &set;
    struct command command = {STATEMENT_REFERRAL_OPT_IN_SET, request->command_id, &request->base,
                              id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, use_case);
    query_bool(call->query, request->opted_in);
    return CPTS_OK;
}

cpts_status opt_in_set_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__set_referral_opt_in_response__descriptor, err);
}
