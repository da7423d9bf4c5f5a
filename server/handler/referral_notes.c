/* SPDX-License-Identifier: Apache-2.0 */
/* ListReferralNotes. */
#include "base/call.h"
#include "handler/actor.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/referral_message.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

/* A note is up to 64 KiB: few of them make an answer. */
static const struct listing_rule NOTES = {
    .place = LISTING_BY_ID, .page_size_default = 10, .page_size_max = 20};

/* Columns of referral_notes.sql. */
enum note_column { OUTCOME, NOTE_ID, NOTE, ASSIGNMENT_ID, EVENT, RECORDED };

cpts_status referral_note_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListReferralNotesRequest *request = message;
    uint8_t id[16];
    struct listing *listing = NULL;
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", id, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &NOTES, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_REFERRAL_NOTES);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = listing;
    actor_bind(call, request->actor);
    query_uuid(call->query, id);
    listing_bind(call, listing);
    return CPTS_OK;
}

static cpts_status read_note(struct call *call, const struct rows *rows, int row,
                             Cpts__V1__ReferralNote **ret_note, struct cpts_error *err)
{
    ProtobufCBinaryData bytes = {0};
    ProtobufCMessage *sealed = NULL;
    Cpts__V1__ReferralNote *note = request_message(call, &cpts__v1__referral_note__descriptor);
    if (note == NULL || !request_bytes(call, rows_text(rows, row, NOTE), &bytes))
        return request_no_memory(err);
    if (wire_unpack(&cpts__v1__sealed_note__descriptor, bytes.data, bytes.len, call->arena, &sealed,
                    NULL) != CPTS_OK)
        return error_set(err, REASON_INTERNAL_ERROR, "the database has a note that is none");
    note->note = (Cpts__V1__SealedNote *)sealed;
    note->assignment_id = (char *)rows_text(rows, row, ASSIGNMENT_ID);
    note->event = (Cpts__V1__ReferralEvent)referral_event_find(rows_text(rows, row, EVENT));
    note->recorded_at = request_timestamp(call, rows_time_us(rows, row, RECORDED));
    if (note->recorded_at == NULL)
        return request_no_memory(err);
    *ret_note = note;
    return CPTS_OK;
}

cpts_status referral_note_list_finish(struct call *call, const struct rows *rows,
                                      struct cpts_error *err)
{
    struct listing *listing = call->state;
    cpts_status status = referral_outcome_check(rows_text(rows, 0, OUTCOME), err);
    if (status != CPTS_OK)
        return status;
    int found = rows_is_null(rows, 0, NOTE_ID) ? 0 : rows_count(rows);
    int count = listing_count(listing, found);
    Cpts__V1__ListReferralNotesResponse *response =
        request_message(call, &cpts__v1__list_referral_notes_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->notes = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->notes);
    if (response->notes == NULL)
        return request_no_memory(err);
    for (int row = 0; status == CPTS_OK && row < count; row++)
        status = read_note(call, rows, row, &response->notes[response->n_notes++], err);
    if (status == CPTS_OK)
        status = listing_next(call, listing, found,
                              count == 0 ? NULL : rows_text(rows, count - 1, NOTE_ID),
                              &response->next_page_token, err);
    if (status == CPTS_OK)
        call->response = &response->base;
    return status;
}
