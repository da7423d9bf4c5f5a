/* SPDX-License-Identifier: Apache-2.0 */
/* SubmitReferral. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/referral_header.h"
#include "handler/referral_parts.h"
#include "handler/referral_seal.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* What the checks read of a request. */
struct submission {
    uint8_t referral_id[16];
    uint8_t origin_id[16];
    struct envelope_attempt attempt;
    struct recipient_list recipients;
};

static cpts_status check_recipients(struct call *call,
                                    const Cpts__V1__SubmitReferralRequest *request,
                                    struct submission *submission, struct cpts_error *err)
{
    struct recipient_list *list = &submission->recipients;
    cpts_status status =
        recipient_list_add(call, request->destinations, request->n_destinations, false, list, err);
    list->at_once = list->count;
    if (status == CPTS_OK)
        status =
            recipient_list_add(call, request->candidates, request->n_candidates, false, list, err);
    if (status == CPTS_OK && list->at_once == 0 && list->count > 0)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "destinations",
                                 "candidates are for later: who is asked now?");
    for (size_t i = 0; status == CPTS_OK && i < list->count; i++)
        status = wrap_check(call, list->all[i], submission->origin_id, &submission->attempt, err);
    return status;
}

static cpts_status check(struct call *call, const Cpts__V1__SubmitReferralRequest *request,
                         struct submission *submission, struct cpts_error *err)
{
    cpts_status status = referral_header_check(call, request->header, err);
    if (status == CPTS_OK)
        status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = minted_id_read(request->referral_id, "referral_id", submission->referral_id, err);
    if (status == CPTS_OK && !caller_cpts(call, submission->origin_id))
        status = error_set(err, REASON_WRONG_PARTY, "a CPTS refers in its own name");
    if (status == CPTS_OK)
        status = parts_check(call, submission->referral_id, request->header, request->parts,
                             &submission->attempt, err);
    return status == CPTS_OK ? check_recipients(call, request, submission, err) : status;
}

static void bind_header(struct call *call, const Cpts__V1__ReferralHeader *header)
{
    struct query *query = call->query;
    uint8_t pathway_id[16];
    query_text(query,
               enum_code(&cpts__v1__use_case__descriptor, (int)header->use_case, "USE_CASE_"));
    query_text(query, enum_code(&cpts__v1__urgency__descriptor, (int)header->urgency, "URGENCY_"));
    query_text(query, header->profession);
    query_text(query, header->speciality);
    query_text(query, header->unit_code);
    query_text(query, header->requester_finess);
    query_text(query, enum_code(&cpts__v1__legal_basis__descriptor, (int)header->legal_basis,
                                "LEGAL_BASIS_"));
    bind_packed(call, header->consent == NULL ? NULL : &header->consent->base);
    if (uuid_parse(header->pathway_id, pathway_id))
        query_uuid(query, pathway_id);
    else
        query_text(query, NULL);
    query_text(query, header->pathway_step);
}

static void bind(struct call *call, const Cpts__V1__SubmitReferralRequest *request,
                 const struct submission *submission)
{
    const Cpts__V1__SealedParts *parts = request->parts;
    query_uuid(call->query, submission->origin_id);
    bind_header(call, request->header);
    query_int(call->query, parts->key_serial);
    query_bytes(call->query, parts->signature.data, parts->signature.len);
    query_bytes(call->query, parts->offer.data, parts->offer.len);
    query_bytes(call->query, parts->content.data, parts->content.len);
    query_bytes(call->query, submission->attempt.offer_sha256, ENVELOPE_HASH_BYTES);
    query_bytes(call->query, submission->attempt.content_sha256, ENVELOPE_HASH_BYTES);
    recipient_list_bind(call, &submission->recipients);
    query_int(call->query, (int64_t)submission->recipients.at_once);
}

cpts_status referral_submit_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SubmitReferralRequest *request = message;
    struct submission submission = {0};
    cpts_status status = check(call, request, &submission, err);
    if (status != CPTS_OK)
        return status;
    struct recipient_list *list = &submission.recipients;
    Cpts__V1__ReferralSubmitted submitted = CPTS__V1__REFERRAL_SUBMITTED__INIT;
    Cpts__V1__ReferralHeader logged = *request->header;
    if (!consent_hash(call, logged.consent, &submitted.consent_sha256))
        return request_no_memory(err);
    logged.consent = NULL;
    submitted.header = &logged;
    submitted.key_serial = request->parts->key_serial;
    submitted.signature = request->parts->signature;
    submitted.offer_sha256 =
        (ProtobufCBinaryData){ENVELOPE_HASH_BYTES, submission.attempt.offer_sha256};
    submitted.content_sha256 =
        (ProtobufCBinaryData){ENVELOPE_HASH_BYTES, submission.attempt.content_sha256};
    submitted.n_destinations = list->at_once;
    submitted.destinations = list->facts;
    submitted.n_candidates = list->count - list->at_once;
    submitted.candidates = list->facts + list->at_once;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_SUBMITTED;
    change.referral_submitted = &submitted;
    struct referral_command command = {STATEMENT_REFERRAL_SUBMIT,
                                       request->command_id,
                                       &request->base,
                                       submission.referral_id,
                                       &change,
                                       request->actor};
    status = referral_command_begin(call, &command, err);
    if (status == CPTS_OK)
        bind(call, request, &submission);
    return status;
}

cpts_status referral_submit_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__submit_referral_response__descriptor, err);
}
