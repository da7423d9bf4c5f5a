/* SPDX-License-Identifier: Apache-2.0 */
/* ReassignReferral and WidenReferral: who is asked next. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/referral_parts.h"
#include "handler/referral_seal.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

/* What both begin with. */
struct choice {
    uint8_t referral_id[16];
    struct recipient_list recipients;
};

static cpts_status check(const char *referral_id, int32_t expected_version,
                         const Cpts__V1__Actor *actor, struct choice *choice,
                         struct cpts_error *err)
{
    cpts_status status = actor_check(actor, err);
    if (status == CPTS_OK)
        status = request_uuid(referral_id, "referral_id", choice->referral_id, err);
    if (status == CPTS_OK && expected_version < 1)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                                 "say which version you have seen, from 1");
    return status;
}

/* The desk proposes one CPTS and seals nothing. */
static cpts_status check_proposal(struct call *call,
                                  const Cpts__V1__ReassignReferralRequest *request,
                                  struct choice *choice, struct cpts_error *err)
{
    if (request->n_destinations != 1 || request->n_candidates != 0)
        return error_set_field(err, REASON_FIELD_INVALID, "destinations",
                               "a desk proposes one CPTS");
    return recipient_list_add(call, request->destinations, 1, true, &choice->recipients, err);
}

static cpts_status check_sealed(struct call *call, const Cpts__V1__ReassignReferralRequest *request,
                                const uint8_t origin_id[16], struct choice *choice,
                                struct cpts_error *err)
{
    struct recipient_list *list = &choice->recipients;
    struct envelope_attempt attempt;
    if (request->n_destinations == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "destinations", "who is asked now?");
    if (request->sealed_sha256.len != 2 * ENVELOPE_HASH_BYTES)
        return error_set_field(err, REASON_FIELD_REQUIRED, "sealed_sha256",
                               "the hashes that the wraps are signed over, 64 bytes");
    cpts_status status =
        recipient_list_add(call, request->destinations, request->n_destinations, false, list, err);
    list->at_once = list->count;
    if (status == CPTS_OK)
        status =
            recipient_list_add(call, request->candidates, request->n_candidates, false, list, err);
    memcpy(attempt.referral_id, choice->referral_id, 16);
    memcpy(attempt.offer_sha256, request->sealed_sha256.data, ENVELOPE_HASH_BYTES);
    memcpy(attempt.content_sha256, request->sealed_sha256.data + ENVELOPE_HASH_BYTES,
           ENVELOPE_HASH_BYTES);
    for (size_t i = 0; status == CPTS_OK && i < list->count; i++)
        status = wrap_check(call, list->all[i], origin_id, &attempt, err);
    return status;
}

/* What one of the two binds. */
struct choice_command {
    const char *command_id;
    const ProtobufCMessage *content;
    int32_t expected_version;
    enum referral_event event;
    Cpts__V1__Actor *actor;
    bool queued;
    const ProtobufCBinaryData *sealed_sha256; /* NULL: none */
};

static cpts_status make(struct call *call, struct choice *choice,
                        const struct choice_command *chosen, struct cpts_error *err)
{
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    acted.event = (Cpts__V1__ReferralEvent)chosen->event;
    acted.n_next = choice->recipients.count;
    acted.next = choice->recipients.facts;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = &acted;
    struct referral_command command = {STATEMENT_REFERRAL_ACT_WHOLE,
                                       chosen->command_id,
                                       chosen->content,
                                       choice->referral_id,
                                       &change,
                                       chosen->actor};
    cpts_status status = referral_command_begin(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, chosen->expected_version);
    query_text(call->query, referral_event_code((int)chosen->event));
    query_text(call->query, "");
    step_bind_whole(call, chosen->event);
    recipient_list_bind(call, &choice->recipients);
    query_int(call->query, (int64_t)choice->recipients.at_once);
    parking_bind(call, chosen->queued, chosen->actor);
    if (chosen->sealed_sha256 == NULL)
        query_text(call->query, NULL);
    else
        query_bytes(call->query, chosen->sealed_sha256->data, chosen->sealed_sha256->len);
    return CPTS_OK;
}

cpts_status referral_reassign_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ReassignReferralRequest *request = message;
    struct choice choice = {0};
    uint8_t own_id[16];
    cpts_status status =
        check(request->referral_id, request->expected_version, request->actor, &choice, err);
    if (status == CPTS_OK)
        status = caller_cpts(call, own_id) ? check_sealed(call, request, own_id, &choice, err)
                                           : check_proposal(call, request, &choice, err);
    if (status != CPTS_OK)
        return status;
    const struct choice_command chosen = {.command_id = request->command_id,
                                          .content = &request->base,
                                          .expected_version = request->expected_version,
                                          .event = REFERRAL_REASSIGN,
                                          .actor = request->actor,
                                          .queued = request->queued,
                                          .sealed_sha256 = &request->sealed_sha256};
    return make(call, &choice, &chosen, err);
}

cpts_status referral_reassign_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__reassign_referral_response__descriptor, err);
}

cpts_status referral_widen_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__WidenReferralRequest *request = message;
    struct choice choice = {0};
    cpts_status status =
        check(request->referral_id, request->expected_version, request->actor, &choice, err);
    if (status != CPTS_OK)
        return status;
    const struct choice_command chosen = {.command_id = request->command_id,
                                          .content = &request->base,
                                          .expected_version = request->expected_version,
                                          .event = REFERRAL_WIDEN,
                                          .actor = request->actor,
                                          .queued = request->queued};
    return make(call, &choice, &chosen, err);
}

cpts_status referral_widen_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__widen_referral_response__descriptor, err);
}
