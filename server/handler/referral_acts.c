/* SPDX-License-Identifier: Apache-2.0 */
/* ActOnReferral, RedirectReferral and DeliverAssignment: steps of an assignment. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/referral_parts.h"
#include "handler/referral_seal.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_S 1000000
/* A visit is planned for now or later: how far a clock may be behind, how late at most. */
#define SCHEDULED_BEHIND_S_MAX 300
#define SCHEDULED_AHEAD_S_MAX (INT64_C(2) * 366 * 86400)

/* A step as it was asked for, whichever RPC it came with. */
struct act {
    enum statement_id statement;
    const char *command_id;
    const ProtobufCMessage *content;
    const char *referral_id;
    const char *assignment_id;
    int32_t expected_version;
    enum referral_event event;
    const char *reason;
    Cpts__V1__SealedNote *note;
    Google__Protobuf__Timestamp *scheduled_for;
    Cpts__V1__Actor *actor;
    bool queued;
    const char *as_node; /* "" unless a node delivers */
    Cpts__V1__Recipient *next;
    ProtobufCBinaryData sealed_sha256;
    uint8_t referral_uuid[16];
    uint8_t assignment_uuid[16];
    bool has_assignment;
};

/* Steps of ActOnReferral: the others have an RPC of their own, or are the server's. */
static bool is_plain(enum referral_event event)
{
    switch (event) {
    case REFERRAL_CREATE:
    case REFERRAL_DISCARD:
    case REFERRAL_SUBMIT:
    case REFERRAL_DELIVER:
    case REFERRAL_REDIRECT:
    case REFERRAL_REASSIGN:
    case REFERRAL_WIDEN:
    case REFERRAL_OVERDUE:
    case REFERRAL_REWRAP:
        return false;
    default:
        return referral_event_code((int)event)[0] != '\0';
    }
}

/* The step as the caller may take it, before it is known which side it is on; NULL: never. */
static const struct referral_step *step_of_caller(const struct call *call, const struct act *act)
{
    uint8_t own_id[16];
    if (act->as_node[0] != '\0')
        return referral_step_find(act->event, PARTY_SERVER);
    if (!caller_cpts(call, own_id))
        return referral_step_find(act->event, PARTY_DESK);
    const struct referral_step *step = referral_step_find(act->event, PARTY_ORIGIN);
    return step != NULL ? step : referral_step_find(act->event, PARTY_DESTINATION);
}

static cpts_status check_needs(const struct referral_step *step, const struct act *act,
                               struct cpts_error *err)
{
    bool has_note = act->note != NULL;
    bool has_reason = act->reason[0] != '\0';
    if (step->note == NEED_NONE && has_note)
        return error_set_field(err, REASON_FIELD_INVALID, "note", "that step has no note");
    if (step->reason == NEED_NONE && has_reason)
        return error_set_field(err, REASON_FIELD_INVALID, "reason", "that step has no reason");
    if (step->reason == NEED_REQUIRED && !has_reason)
        return error_set_field(err, REASON_REFUSAL_REASON_REQUIRED, "reason",
                               "say why: a code of ListReferralReasons");
    if ((step->note == NEED_REQUIRED || (step->note == NEED_THIS_OR_THAT && !has_reason)) &&
        !has_note)
        return error_set_field(err, REASON_NOTE_REQUIRED, "note",
                               step->note == NEED_REQUIRED
                                   ? "a sealed note is needed"
                                   : "a sealed note, or the reason why not");
    return CPTS_OK;
}

static cpts_status check_scheduled(const struct act *act, struct cpts_error *err)
{
    const Google__Protobuf__Timestamp *moment = act->scheduled_for;
    if (act->event != REFERRAL_SCHEDULE)
        return moment == NULL ? CPTS_OK
                              : error_set_field(err, REASON_FIELD_INVALID, "scheduled_for",
                                                "with SCHEDULE only");
    if (moment == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "scheduled_for", "when?");
    int64_t now_s = clock_realtime_us() / US_PER_S;
    if (moment->seconds < now_s - SCHEDULED_BEHIND_S_MAX ||
        moment->seconds > now_s + SCHEDULED_AHEAD_S_MAX || moment->nanos < 0 ||
        moment->nanos > 999999999)
        return error_set_field(err, REASON_FIELD_INVALID, "scheduled_for",
                               "from now until two years ahead");
    return CPTS_OK;
}

static cpts_status check_ids(struct act *act, struct cpts_error *err)
{
    cpts_status status = request_uuid(act->referral_id, "referral_id", act->referral_uuid, err);
    if (status == CPTS_OK && act->has_assignment)
        status = request_uuid(act->assignment_id, "assignment_id", act->assignment_uuid, err);
    if (status == CPTS_OK && act->expected_version < 1)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                                 "say which version you have seen, from 1");
    return status;
}

static cpts_status check_note(const struct call *call, const struct act *act,
                              struct cpts_error *err)
{
    uint8_t author[16];
    struct envelope_note_place place = {{0}, {0}};
    if (act->note == NULL)
        return CPTS_OK;
    if (!caller_cpts(call, author))
        return error_set_field(err, REASON_WRONG_PARTY, "note", "a desk writes no notes");
    memcpy(place.referral_id, act->referral_uuid, 16);
    memcpy(place.assignment_id, act->assignment_uuid, 16);
    return note_check(call, &place, act->note, author, err);
}

static cpts_status check(const struct call *call, struct act *act, struct cpts_error *err)
{
    cpts_status status = act->as_node[0] == '\0' ? actor_check(act->actor, err) : CPTS_OK;
    if (status == CPTS_OK)
        status = check_ids(act, err);
    if (status != CPTS_OK)
        return status;
    const struct referral_step *step = step_of_caller(call, act);
    if (step == NULL)
        return error_set_field(err, REASON_WRONG_PARTY, "event", "that is for another party to do");
    status = check_needs(step, act, err);
    if (status == CPTS_OK)
        status = check_scheduled(act, err);
    return status == CPTS_OK ? check_note(call, act, err) : status;
}

/* The reason that the server gives with a step, else the caller's. */
static const char *reason_of(const struct act *act)
{
    if (act->event == REFERRAL_RECALL)
        return "DESTINATION_SILENT";
    return act->event == REFERRAL_CLOSE_BY_DESK ? "UNACKNOWLEDGED" : act->reason;
}

static void bind_note(struct call *call, const Cpts__V1__SealedNote *note)
{
    uint8_t id[16];
    if (note == NULL || !uuid_parse(note->id, id)) {
        query_text(call->query, NULL);
        query_text(call->query, NULL);
        return;
    }
    query_uuid(call->query, id);
    bind_packed(call, &note->base);
}

static void bind_next(struct call *call, const Cpts__V1__Recipient *next)
{
    if (next == NULL) {
        query_text(call->query, NULL);
        query_text(call->query, NULL);
        query_text(call->query, NULL);
        return;
    }
    query_text(call->query, next->cpts_id);
    query_text(call->query, next->wrap == NULL ? NULL : next->assignment_id);
    bind_packed(call, next->wrap == NULL ? NULL : &next->wrap->base);
}

static void bind_readers(struct call *call, const Cpts__V1__SealedNote *note)
{
    const char *readers[ENVELOPE_NOTE_KEYS_MAX];
    size_t count = 0;
    for (size_t i = 0; note != NULL && i < note->n_keys && i < ENVELOPE_NOTE_KEYS_MAX; i++)
        readers[count++] = note->keys[i]->cpts_id;
    query_text_array(call->query, readers, count);
}

static void bind_assignment_step(struct call *call, const struct act *act)
{
    const struct referral_step *step = step_of_caller(call, act);
    query_uuid(call->query, act->assignment_uuid);
    query_int(call->query, act->expected_version);
    query_text(call->query, referral_event_code((int)act->event));
    query_text(call->query, reason_of(act));
    query_text(call->query,
               act->scheduled_for == NULL
                   ? NULL
                   : request_instant_text(call, act->scheduled_for->seconds * US_PER_S +
                                                    act->scheduled_for->nanos / 1000));
    bind_note(call, act->note);
    step_bind(call, act->event);
    query_int(call->query, step->times_max);
    query_text(call->query, act->as_node);
    parking_bind(call, act->queued, act->actor);
    bind_next(call, act->next);
    bind_readers(call, act->note);
    query_bytes(call->query, act->sealed_sha256.data, act->sealed_sha256.len);
}

static void bind_whole_step(struct call *call, const struct act *act)
{
    const struct recipient_list nobody = {0};
    query_int(call->query, act->expected_version);
    query_text(call->query, referral_event_code((int)act->event));
    query_text(call->query, act->reason);
    step_bind_whole(call, act->event);
    recipient_list_bind(call, &nobody);
    query_int(call->query, 0);
    parking_bind(call, act->queued, act->actor);
    query_text(call->query, NULL);
}

/* Makes the change, binds the statement. */
static cpts_status make(struct call *call, struct act *act, Cpts__V1__ReferralActed *acted,
                        struct cpts_error *err)
{
    uint8_t note_sha256[ENVELOPE_HASH_BYTES];
    acted->event = (Cpts__V1__ReferralEvent)act->event;
    acted->assignment_id = (char *)(act->has_assignment ? act->assignment_id : "");
    acted->reason = (char *)reason_of(act);
    acted->scheduled_for = act->scheduled_for;
    if (act->note != NULL) {
        acted->note_id = act->note->id;
        envelope_hash(act->note->ciphertext.data, act->note->ciphertext.len, note_sha256);
        acted->note_sha256 = (ProtobufCBinaryData){sizeof note_sha256, note_sha256};
    }
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED;
    change.referral_acted = acted;
    struct referral_command command = {act->has_assignment ? STATEMENT_REFERRAL_ACT
                                                           : STATEMENT_REFERRAL_ACT_WHOLE,
                                       act->command_id,
                                       act->content,
                                       act->referral_uuid,
                                       &change,
                                       act->actor};
    cpts_status status = referral_command_begin(call, &command, err);
    if (status != CPTS_OK)
        return status;
    if (act->has_assignment)
        bind_assignment_step(call, act);
    else
        bind_whole_step(call, act);
    return CPTS_OK;
}

cpts_status referral_act_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ActOnReferralRequest *request = message;
    bool is_whole = request->event == CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_ABANDON;
    struct act act = {
        .command_id = request->command_id,
        .content = &request->base,
        .referral_id = request->referral_id,
        .assignment_id = request->assignment_id,
        .expected_version = request->expected_version,
        .event = (enum referral_event)request->event,
        .reason = request->reason,
        .note = request->note,
        .scheduled_for = request->scheduled_for,
        .actor = request->actor,
        .queued = request->queued,
        .as_node = "",
        .has_assignment = !is_whole,
    };
    if (!is_plain(act.event))
        return error_set_field(
            err, act.event == REFERRAL_NO_EVENT ? REASON_FIELD_REQUIRED : REASON_FIELD_INVALID,
            "event", "no step of that kind is taken here");
    if (is_whole && request->assignment_id[0] != '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "assignment_id",
                               "that step is of the referral itself");
    cpts_status status = check(call, &act, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    return make(call, &act, &acted, err);
}

cpts_status referral_act_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__act_on_referral_response__descriptor, err);
}

/* With a wrap: made by the caller, over the hashes that the request names. */
static cpts_status check_next(struct call *call, const struct act *act, struct recipient_list *list,
                              struct cpts_error *err)
{
    struct envelope_attempt attempt;
    uint8_t own_id[16];
    if (act->next == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "next", "where to?");
    bool is_proposal = act->next->wrap == NULL;
    cpts_status status = recipient_list_add(call, &act->next, 1, is_proposal, list, err);
    if (status != CPTS_OK || is_proposal)
        return status;
    if (!caller_cpts(call, own_id))
        return error_set_field(err, REASON_WRAP_NOT_YOURS, "next.wrap", "a desk holds no keys");
    if (act->sealed_sha256.len != 2 * ENVELOPE_HASH_BYTES)
        return error_set_field(err, REASON_FIELD_REQUIRED, "sealed_sha256",
                               "the hashes that the wrap is signed over, 64 bytes");
    memcpy(attempt.referral_id, act->referral_uuid, 16);
    memcpy(attempt.offer_sha256, act->sealed_sha256.data, ENVELOPE_HASH_BYTES);
    memcpy(attempt.content_sha256, act->sealed_sha256.data + ENVELOPE_HASH_BYTES,
           ENVELOPE_HASH_BYTES);
    return wrap_check(call, act->next, own_id, &attempt, err);
}

cpts_status referral_redirect_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RedirectReferralRequest *request = message;
    struct act act = {
        .command_id = request->command_id,
        .content = &request->base,
        .referral_id = request->referral_id,
        .assignment_id = request->assignment_id,
        .expected_version = request->expected_version,
        .event = REFERRAL_REDIRECT,
        .reason = request->reason,
        .note = request->note,
        .actor = request->actor,
        .queued = request->queued,
        .as_node = "",
        .next = request->next,
        .sealed_sha256 = request->sealed_sha256,
        .has_assignment = true,
    };
    struct recipient_list list = {0};
    cpts_status status = check(call, &act, err);
    if (status == CPTS_OK)
        status = check_next(call, &act, &list, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    acted.n_next = list.count;
    acted.next = list.facts;
    return make(call, &act, &acted, err);
}

cpts_status referral_redirect_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__redirect_referral_response__descriptor, err);
}

cpts_status assignment_deliver_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__DeliverAssignmentRequest *request = message;
    const char *node = strstr(call->principal.uri, "/node/");
    struct act act = {
        .command_id = request->command_id,
        .content = &request->base,
        .referral_id = request->referral_id,
        .assignment_id = request->assignment_id,
        .expected_version = request->expected_version,
        .event = REFERRAL_DELIVER,
        .reason = "",
        .as_node = node == NULL ? "" : node + strlen("/node/"),
        .has_assignment = true,
    };
    if (act.as_node[0] == '\0')
        return error_set(err, REASON_WRONG_PARTY, "a node delivers to the CPTS that it serves");
    cpts_status status = check(call, &act, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ReferralActed acted = CPTS__V1__REFERRAL_ACTED__INIT;
    return make(call, &act, &acted, err);
}

cpts_status assignment_deliver_finish(struct call *call, const struct rows *rows,
                                      struct cpts_error *err)
{
    return referral_answer(call, rows, &cpts__v1__deliver_assignment_response__descriptor, err);
}
