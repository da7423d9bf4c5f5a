/* SPDX-License-Identifier: Apache-2.0 */
/* RewrapReferral: the keys are sealed again, after a merge or for a side that lost its own. */
#include <string.h>
#include <strings.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/referral_parts.h"
#include "handler/referral_seal.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

/* Ids of a rewrap; without an assignment it is for the origin. */
struct rewrap_ids {
    uint8_t referral_id[16];
    uint8_t assignment_id[16];
    uint8_t caller_id[16];
    bool has_assignment;
};

static cpts_status check_ids(const struct call *call,
                             const Cpts__V1__RewrapReferralRequest *request, struct rewrap_ids *ids,
                             struct cpts_error *err)
{
    const Cpts__V1__Recipient *recipient = request->recipient;
    uint8_t ignored[16];
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", ids->referral_id, err);
    if (status == CPTS_OK && request->expected_version < 1)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                                 "say which version you have seen, from 1");
    if (status == CPTS_OK && recipient == NULL)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "recipient", "sealed for whom?");
    if (status == CPTS_OK && !caller_cpts(call, ids->caller_id))
        status = error_set_field(err, REASON_WRAP_NOT_YOURS, "recipient.wrap",
                                 "who is no CPTS holds no keys");
    if (status == CPTS_OK)
        status = request_known(&recipient->base, "recipient", err);
    if (status == CPTS_OK)
        status = request_uuid(recipient->cpts_id, "recipient.cpts_id", ignored, err);
    ids->has_assignment = status == CPTS_OK && recipient->assignment_id[0] != '\0';
    if (ids->has_assignment)
        status = request_uuid(recipient->assignment_id, "recipient.assignment_id",
                              ids->assignment_id, err);
    return status;
}

static cpts_status check_wrap(const struct call *call,
                              const Cpts__V1__RewrapReferralRequest *request,
                              const struct rewrap_ids *ids, struct cpts_error *err)
{
    const Cpts__V1__Recipient *recipient = request->recipient;
    struct envelope_attempt attempt;
    if (recipient->wrap == NULL || strcasecmp(recipient->wrap->cpts_id, recipient->cpts_id) != 0)
        return error_set_field(err, REASON_NOT_SEALED_FOR_RECIPIENT, "recipient.wrap",
                               "the keys are not wrapped for %s", recipient->cpts_id);
    if (request->sealed_sha256.len != 2 * ENVELOPE_HASH_BYTES)
        return error_set_field(err, REASON_FIELD_REQUIRED, "sealed_sha256",
                               "the hashes that the wrap is signed over, 64 bytes");
    memcpy(attempt.referral_id, ids->referral_id, 16);
    memcpy(attempt.offer_sha256, request->sealed_sha256.data, ENVELOPE_HASH_BYTES);
    memcpy(attempt.content_sha256, request->sealed_sha256.data + ENVELOPE_HASH_BYTES,
           ENVELOPE_HASH_BYTES);
    return wrap_check(call, recipient, ids->caller_id, &attempt, err);
}

/* Makes the change, begins the statement. */
static cpts_status begin(struct call *call, const Cpts__V1__RewrapReferralRequest *request,
                         const struct rewrap_ids *ids, struct cpts_error *err)
{
    Cpts__V1__RecipientFact *fact = recipient_fact(call, request->recipient);
    if (fact == NULL)
        return request_no_memory(err);
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    acted.event = CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_REWRAP;
    acted.assignment_id = request->recipient->assignment_id;
    acted.n_next = 1;
    acted.next = &fact;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = &acted;
    struct referral_command command = {STATEMENT_REFERRAL_REWRAP,
                                       request->command_id,
                                       &request->base,
                                       ids->referral_id,
                                       &change,
                                       request->actor};
    return referral_command_begin(call, &command, err);
}

cpts_status referral_rewrap_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RewrapReferralRequest *request = message;
    struct rewrap_ids ids = {0};
    cpts_status status = check_ids(call, request, &ids, err);
    if (status == CPTS_OK)
        status = check_wrap(call, request, &ids, err);
    if (status == CPTS_OK)
        status = begin(call, request, &ids, err);
    if (status != CPTS_OK)
        return status;
    if (ids.has_assignment)
        query_uuid(call->query, ids.assignment_id);
    else
        query_text(call->query, NULL);
    query_int(call->query, request->expected_version);
    step_bind_from(call, REFERRAL_REWRAP);
    query_text(call->query, request->recipient->cpts_id);
    bind_packed(call, &request->recipient->wrap->base);
    query_bytes(call->query, request->sealed_sha256.data, request->sealed_sha256.len);
    return CPTS_OK;
}

cpts_status referral_rewrap_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__rewrap_referral_response__descriptor, err);
}
