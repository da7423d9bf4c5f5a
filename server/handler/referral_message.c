/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/referral_message.h"

#include <string.h>

#include "base/call.h"
#include "handler/enum_word.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define CPTS_SCOPE "cpts:"

static const struct {
    enum reason reason;
    const char *sentence;
} SENTENCES[] = {
    {REASON_REFERRAL_NOT_FOUND, "there is no such referral among those that you take part in"},
    {REASON_CONTENT_NOT_FOR_PARTY, "that is not, or not yet, for you to open"},
    {REASON_CONSENT_WITHDRAWN, "the consent was withdrawn: nothing is opened any more"},
    {REASON_REFERRAL_IS_ERASED, "its sealed parts were destroyed"},
    {REASON_ATTACHMENT_NOT_FOUND, "no attachment of that id is complete, or has that chunk"},
    {REASON_ATTACHMENT_DIFFERS, "an attachment of that id has another size, hash or author"},
    {REASON_ATTACHMENT_HASH_MISMATCH, "the chunks are not what its SHA-256 says: send all again"},
    {REASON_TOO_MANY_ATTACHMENTS, "the referral has all the attachments it may have"},
    {REASON_TOO_MANY_OPEN_UPLOADS, "your CPTS has begun too many attachments: finish those first"},
    {REASON_REFERRAL_IS_OVER, "the referral is over and takes nothing any more"},
};

cpts_status referral_outcome_check(const char *outcome, struct cpts_error *err)
{
    if (strcmp(outcome, "OK") == 0)
        return CPTS_OK;
    enum reason reason = reason_find(outcome);
    for (size_t i = 0; i < sizeof SENTENCES / sizeof SENTENCES[0]; i++) {
        if (SENTENCES[i].reason == reason)
            return error_set(err, reason, "%s", SENTENCES[i].sentence);
    }
    return error_set(err, REASON_INTERNAL_ERROR, "the database gave an outcome nobody knows");
}

enum party referral_party_of(const struct principal *principal, const char *origin_id)
{
    if (strncmp(principal->scope, CPTS_SCOPE, strlen(CPTS_SCOPE)) != 0)
        return PARTY_DESK;
    return strcmp(principal->scope + strlen(CPTS_SCOPE), origin_id) == 0 ? PARTY_ORIGIN
                                                                         : PARTY_DESTINATION;
}

static bool add_events(struct call *call, const enum referral_event *events, size_t count,
                       size_t *ret_count, Cpts__V1__ReferralEvent **ret_events)
{
    Cpts__V1__ReferralEvent *list = arena_alloc(call->arena, (count + 1) * sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++)
        list[i] = (Cpts__V1__ReferralEvent)events[i];
    *ret_count = list == NULL ? 0 : count;
    *ret_events = list;
    return list != NULL;
}

/* Steps that were taken as often as they may be are left out. */
static size_t leave_out_used_up(enum party party, int64_t dispute_count,
                                enum referral_event *events, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const struct referral_step *step = referral_step_find(events[i], party);
        bool is_used_up = events[i] == REFERRAL_DISPUTE && step->times_max > 0 &&
                          dispute_count >= step->times_max;
        if (!is_used_up)
            events[kept++] = events[i];
    }
    return kept;
}

/* What the caller may do to the attempt; a destination to its own only. */
static bool add_attempt_events(struct call *call, const struct rows *rows, int row,
                               enum party party, Cpts__V1__Assignment *attempt)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    size_t count =
        referral_step_allowed(party, (int)attempt->state, attempt->overdue_level, events);
    count = leave_out_used_up(party, rows_int(rows, row, ATTEMPT_COLUMN_DISPUTES), events, count);
    return add_events(call, events, count, &attempt->n_allowed_events, &attempt->allowed_events);
}

static bool add_attempt_times(struct call *call, const struct rows *rows, int row,
                              Cpts__V1__Assignment *attempt)
{
    attempt->submitted_at =
        request_timestamp(call, rows_time_us(rows, row, ATTEMPT_COLUMN_SUBMITTED));
    attempt->state_at = request_timestamp(call, rows_time_us(rows, row, ATTEMPT_COLUMN_STATE_AT));
    if (rows_is_null(rows, row, ATTEMPT_COLUMN_SCHEDULED))
        return attempt->submitted_at != NULL && attempt->state_at != NULL;
    attempt->scheduled_for =
        request_timestamp(call, rows_time_us(rows, row, ATTEMPT_COLUMN_SCHEDULED));
    return attempt->submitted_at != NULL && attempt->state_at != NULL &&
           attempt->scheduled_for != NULL;
}

static Cpts__V1__Assignment *attempt_message(struct call *call, const struct rows *rows, int row,
                                             enum party party)
{
    Cpts__V1__Assignment *attempt = request_message(call, &cpts__v1__assignment__descriptor);
    if (attempt == NULL)
        return NULL;
    attempt->id = (char *)rows_text(rows, row, ATTEMPT_COLUMN_ID);
    attempt->destination_id = (char *)rows_text(rows, row, ATTEMPT_COLUMN_DESTINATION_ID);
    attempt->destination_name = (char *)rows_text(rows, row, ATTEMPT_COLUMN_DESTINATION_NAME);
    attempt->version = (int32_t)rows_int(rows, row, ATTEMPT_COLUMN_VERSION);
    attempt->state = (Cpts__V1__AssignmentState)assignment_state_find(
        rows_text(rows, row, ATTEMPT_COLUMN_STATE));
    attempt->overdue_level = (int32_t)rows_int(rows, row, ATTEMPT_COLUMN_OVERDUE);
    attempt->no_show_count = (int32_t)rows_int(rows, row, ATTEMPT_COLUMN_NO_SHOWS);
    attempt->hop = (int32_t)rows_int(rows, row, ATTEMPT_COLUMN_HOP);
    attempt->reason = (char *)rows_text(rows, row, ATTEMPT_COLUMN_REASON);
    attempt->entered_in_error = rows_bool(rows, row, ATTEMPT_COLUMN_IN_ERROR);
    attempt->to_rewrap = rows_bool(rows, row, ATTEMPT_COLUMN_TO_REWRAP);
    if (!add_attempt_times(call, rows, row, attempt) ||
        !add_attempt_events(call, rows, row, party, attempt))
        return NULL;
    return attempt;
}

cpts_status referral_consent_read(struct call *call, const char *text, Cpts__V1__Consent **ret,
                                  struct cpts_error *err)
{
    ProtobufCBinaryData bytes = {0};
    ProtobufCMessage *consent = NULL;
    if (text[0] == '\0')
        return CPTS_OK;
    if (!request_bytes(call, text, &bytes))
        return request_no_memory(err);
    if (wire_unpack(&cpts__v1__consent__descriptor, bytes.data, bytes.len, call->arena, &consent,
                    NULL) != CPTS_OK)
        return error_set(err, REASON_INTERNAL_ERROR, "the database has a consent that is none");
    *ret = (Cpts__V1__Consent *)consent;
    return CPTS_OK;
}

static cpts_status read_header(struct call *call, const struct rows *rows, int row,
                               Cpts__V1__ReferralHeader **ret_header, struct cpts_error *err)
{
    Cpts__V1__ReferralHeader *header =
        request_message(call, &cpts__v1__referral_header__descriptor);
    if (header == NULL)
        return request_no_memory(err);
    header->use_case = (Cpts__V1__UseCase)enum_word_find(
        &cpts__v1__use_case__descriptor, rows_text(rows, row, REFERRAL_COLUMN_USE_CASE));
    header->urgency = (Cpts__V1__Urgency)enum_word_find(
        &cpts__v1__urgency__descriptor, rows_text(rows, row, REFERRAL_COLUMN_URGENCY));
    header->profession = (char *)rows_text(rows, row, REFERRAL_COLUMN_PROFESSION);
    header->speciality = (char *)rows_text(rows, row, REFERRAL_COLUMN_SPECIALITY);
    header->unit_code = (char *)rows_text(rows, row, REFERRAL_COLUMN_UNIT_CODE);
    header->origin_id = (char *)rows_text(rows, row, REFERRAL_COLUMN_ORIGIN_ID);
    header->requester_finess = (char *)rows_text(rows, row, REFERRAL_COLUMN_FINESS);
    header->legal_basis = (Cpts__V1__LegalBasis)enum_word_find(
        &cpts__v1__legal_basis__descriptor, rows_text(rows, row, REFERRAL_COLUMN_LEGAL_BASIS));
    header->pathway_id = (char *)rows_text(rows, row, REFERRAL_COLUMN_PATHWAY_ID);
    header->pathway_step = (char *)rows_text(rows, row, REFERRAL_COLUMN_PATHWAY_STEP);
    *ret_header = header;
    return referral_consent_read(call, rows_text(rows, row, REFERRAL_COLUMN_CONSENT),
                                 &header->consent, err);
}

/* What stands in the referral's own columns. */
static bool fill_referral(struct call *call, const struct rows *rows, int row,
                          Cpts__V1__Referral *referral)
{
    referral->id = (char *)rows_text(rows, row, REFERRAL_COLUMN_ID);
    referral->version = (int32_t)rows_int(rows, row, REFERRAL_COLUMN_VERSION);
    referral->status = (Cpts__V1__ReferralStatus)referral_status_find(
        rows_text(rows, row, REFERRAL_COLUMN_STATUS));
    referral->origin_name = (char *)rows_text(rows, row, REFERRAL_COLUMN_ORIGIN_NAME);
    referral->origin_region = (char *)rows_text(rows, row, REFERRAL_COLUMN_ORIGIN_REGION);
    referral->custodian_id = (char *)rows_text(rows, row, REFERRAL_COLUMN_CUSTODIAN_ID);
    referral->unroutable = rows_bool(rows, row, REFERRAL_COLUMN_UNROUTABLE);
    referral->entered_in_error = rows_bool(rows, row, REFERRAL_COLUMN_IN_ERROR);
    referral->consent_withdrawn = rows_bool(rows, row, REFERRAL_COLUMN_CONSENT_WITHDRAWN);
    referral->erased = rows_bool(rows, row, REFERRAL_COLUMN_ERASED);
    referral->synthetic = rows_bool(rows, row, REFERRAL_COLUMN_SYNTHETIC);
    referral->to_rewrap = rows_bool(rows, row, REFERRAL_COLUMN_TO_REWRAP);
    referral->created_at =
        request_timestamp(call, rows_time_us(rows, row, REFERRAL_COLUMN_CREATED));
    referral->updated_at =
        request_timestamp(call, rows_time_us(rows, row, REFERRAL_COLUMN_UPDATED));
    referral->reason = (char *)rows_text(rows, row, REFERRAL_COLUMN_REASON);
    referral->proposed_id = (char *)rows_text(rows, row, REFERRAL_COLUMN_PROPOSED_ID);
    return referral->created_at != NULL && referral->updated_at != NULL;
}

static bool add_attempts(struct call *call, const struct rows *rows, int row, int row_count,
                         Cpts__V1__Referral *referral)
{
    referral->assignments =
        arena_alloc(call->arena, ((size_t)row_count + 1) * sizeof *referral->assignments);
    for (int i = row; referral->assignments != NULL && i < row + row_count; i++) {
        if (rows_is_null(rows, i, ATTEMPT_COLUMN_ID))
            continue;
        Cpts__V1__Assignment *attempt = attempt_message(call, rows, i, (enum party)referral->party);
        if (attempt == NULL)
            return false;
        referral->assignments[referral->n_assignments++] = attempt;
    }
    return referral->assignments != NULL;
}

cpts_status referral_read(struct call *call, const struct rows *rows, int row, int row_count,
                          Cpts__V1__Referral **ret_referral, struct cpts_error *err)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    Cpts__V1__Referral *referral = request_message(call, &cpts__v1__referral__descriptor);
    if (referral == NULL || !fill_referral(call, rows, row, referral))
        return request_no_memory(err);
    referral->party = (Cpts__V1__Party)referral_party_of(
        &call->principal, rows_text(rows, row, REFERRAL_COLUMN_ORIGIN_ID));
    size_t count =
        referral_step_allowed_whole((enum party)referral->party, (int)referral->status,
                                    (int)rows_int(rows, row, REFERRAL_COLUMN_OVERDUE), events);
    if (!add_events(call, events, count, &referral->n_allowed_events, &referral->allowed_events) ||
        !add_attempts(call, rows, row, row_count, referral))
        return request_no_memory(err);
    *ret_referral = referral;
    return read_header(call, rows, row, &referral->header, err);
}

Cpts__V1__ReferralClock *referral_clock_message(struct call *call, const char *assignment_id,
                                                const char *kind, int64_t fire_us, int32_t level)
{
    Cpts__V1__ReferralClock *clock = request_message(call, &cpts__v1__referral_clock__descriptor);
    if (clock == NULL)
        return NULL;
    clock->assignment_id = (char *)assignment_id;
    clock->kind = (Cpts__V1__ReferralClockKind)referral_clock_find(kind);
    clock->fire_at = request_timestamp(call, fire_us);
    clock->level = level;
    return clock->fire_at == NULL ? NULL : clock;
}
