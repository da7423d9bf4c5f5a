/* SPDX-License-Identifier: Apache-2.0 */
/* EraseReferral. */
#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "handler/actor.h"
#include "handler/enum_word.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

static cpts_status check(const Cpts__V1__EraseReferralRequest *request, uint8_t ret_id[16],
                         struct cpts_error *err)
{
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", ret_id, err);
    if (status != CPTS_OK)
        return status;
    if (request->expected_version < 1)
        return error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                               "say which version you have seen, from 1");
    if (request->reason != CPTS__V1__ERASURE_REASON__ERASURE_REASON_PATIENT_REQUEST &&
        request->reason != CPTS__V1__ERASURE_REASON__ERASURE_REASON_SENT_BY_MISTAKE)
        return error_set_field(err, REASON_FIELD_INVALID, "reason",
                               "PATIENT_REQUEST or SENT_BY_MISTAKE");
    return CPTS_OK;
}

cpts_status referral_erase_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__EraseReferralRequest *request = message;
    uint8_t id[16];
    cpts_status status = check(request, id, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralErased erased = CPTS__V1__REFERRAL_ERASED__INIT;
    erased.cause = (char *)enum_word(&cpts__v1__erasure_reason__descriptor, (int)request->reason);
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.on_behalf = request->actor;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ERASED;
    change.referral_erased = &erased;
    const struct command command = {.statement = STATEMENT_REFERRAL_ERASE,
                                    .command_id = request->command_id,
                                    .content = &request->base,
                                    .cpts_id = id,
                                    .change = &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        query_int(call->query, request->expected_version);
    return status;
}

cpts_status referral_erase_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__erase_referral_response__descriptor, err);
}
