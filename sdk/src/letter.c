/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/letter.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "referral_convert.h"
#include "wire/arena.h"
#include "wire/error.h"

#define HASH_BYTES 32

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static struct cpts_bytes bytes_of(const ProtobufCBinaryData *from)
{
    if (from->len == 0)
        return (struct cpts_bytes){0};
    return (struct cpts_bytes){.bytes = from->data, .byte_count = from->len};
}

/* A part of an answer, packed again. */
static bool repack(const ProtobufCMessage *message, struct arena *arena,
                   struct cpts_bytes *ret_bytes)
{
    if (message == NULL)
        return true;
    uint8_t *bytes = arena_alloc(arena, protobuf_c_message_get_packed_size(message) + 1);
    if (bytes == NULL)
        return false;
    *ret_bytes =
        (struct cpts_bytes){.bytes = bytes, .byte_count = protobuf_c_message_pack(message, bytes)};
    return true;
}

static bool take_attachments(const Cpts__V1__GetReferralResponse *from, struct arena *arena,
                             struct cpts_sealed_letter *letter)
{
    struct cpts_attachment_facts *own = arena_alloc(arena, (from->n_attachments + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_attachments; i++) {
        const Cpts__V1__SealedAttachment *one = from->attachments[i];
        own[i] = (struct cpts_attachment_facts){
            .id = one->id, .byte_count = one->byte_count, .chunk_count = one->chunk_count};
        if (one->sha256.len == HASH_BYTES)
            memcpy(own[i].sha256, one->sha256.data, HASH_BYTES);
    }
    letter->attachments = own;
    letter->attachment_count = from->n_attachments;
    return own != NULL;
}

/* Who signed, and when: a key is judged at that instant. @p wrapped_at_us  0 = with its attempt. */
static void ask(struct cpts_sealed_letter *letter, const Cpts__V1__KeyWrap *wrap,
                int64_t wrapped_at_us)
{
    const struct cpts_referral *referral = letter->referral;
    const struct cpts_assignment *attempt = cpts_referral_assignment(referral, NULL);
    letter->questions[letter->question_count++] =
        (struct cpts_key_question){.cpts_id = referral->header.origin_id,
                                   .serial = letter->opening.key_serial,
                                   .at_us = referral->created_at_us};
    bool is_origin = referral->party == CPTS_PARTY_ORIGIN;
    if (wrap == NULL || (attempt == NULL && !is_origin))
        return;
    letter->sealed_for = wrap->cpts_id;
    letter->opening.assignment_id = is_origin ? "" : attempt->id;
    bool is_of_submit = wrap->wrapped_by_serial == letter->opening.key_serial &&
                        strcmp(wrap->wrapped_by, referral->header.origin_id) == 0;
    int64_t with_attempt_us =
        is_of_submit || attempt == NULL ? referral->created_at_us : attempt->submitted_at_us;
    letter->questions[letter->question_count++] =
        (struct cpts_key_question){.cpts_id = wrap->wrapped_by,
                                   .serial = wrap->wrapped_by_serial,
                                   .at_us = wrapped_at_us == 0 ? with_attempt_us : wrapped_at_us};
}

static cpts_status take_letter(const struct answer *answer, struct cpts_error *err)
{
    static const Cpts__V1__Referral NOTHING = CPTS__V1__REFERRAL__INIT;
    static const Cpts__V1__ReferralSeal UNSEALED = CPTS__V1__REFERRAL_SEAL__INIT;
    const Cpts__V1__GetReferralResponse *from =
        (const Cpts__V1__GetReferralResponse *)answer->message;
    const Cpts__V1__Referral *referral = from->referral == NULL ? &NOTHING : from->referral;
    const Cpts__V1__ReferralSeal *seal = from->seal == NULL ? &UNSEALED : from->seal;
    struct cpts_sealed_letter *letter = answer->result;
    struct cpts_referral *own = arena_alloc(answer->arena, sizeof *own);
    if (own == NULL || !cpts_referral__take(referral, answer->arena, own))
        return no_memory(err);
    own->message = from;
    letter->referral = own;
    letter->message = from;
    letter->sealed_for = "";
    letter->opening = (struct cpts_opening){.size = sizeof letter->opening,
                                            .referral_id = own->id,
                                            .key_serial = seal->key_serial,
                                            .signature = bytes_of(&seal->signature),
                                            .offer_sha256 = bytes_of(&seal->offer_sha256),
                                            .content_sha256 = bytes_of(&seal->content_sha256),
                                            .offer = bytes_of(&from->offer),
                                            .content = bytes_of(&from->content)};
    ask(letter, from->wrap, cpts_convert__instant_us(from->wrapped_at));
    bool is_fine =
        repack((const ProtobufCMessage *)referral->header, answer->arena,
               &letter->opening.header) &&
        repack((const ProtobufCMessage *)from->wrap, answer->arena, &letter->opening.wrap) &&
        take_attachments(from, answer->arena, letter);
    return is_fine ? CPTS_OK : no_memory(err);
}

static void deliver_letter(const struct completion *completion)
{
    ((cpts_letter_callback *)completion->callback)(completion->status, completion->result,
                                                   &completion->err, completion->data);
}

static cpts_status make_fetch(cpts_client *client, const struct cpts_letter_query *query,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_letter_query own;
    Cpts__V1__Actor actor;
    Cpts__V1__ReferralPart parts[2];
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetReferralRequest request = CPTS__V1__GET_REFERRAL_REQUEST__INIT;
    if ((own.parts & CPTS_PART_OFFER) != 0)
        parts[request.n_parts++] = CPTS__V1__REFERRAL_PART__REFERRAL_PART_OFFER;
    if ((own.parts & CPTS_PART_CONTENT) != 0)
        parts[request.n_parts++] = CPTS__V1__REFERRAL_PART__REFERRAL_PART_CONTENT;
    request.parts = parts;
    request.actor = &actor;
    request.referral_id = cpts_convert__text(own.referral_id);
    struct exchange exchange = {.operation = OPERATION_REFERRAL_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_referral_response__descriptor,
                                .result_bytes = sizeof(struct cpts_sealed_letter),
                                .take = take_letter};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_letter_fetch(cpts_client *client, const struct cpts_letter_query *query,
                              int32_t timeout_ms, struct cpts_sealed_letter **ret_letter,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_fetch(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_letter = result;
    return status;
}

cpts_status cpts_letter_fetch_start(cpts_client *client, const struct cpts_letter_query *query,
                                    const struct cpts_async *async, cpts_letter_callback *callback,
                                    uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_letter, ret_call);
    return make_fetch(client, query, &launch, err);
}

static cpts_status take_notes(const struct answer *answer, struct cpts_error *err)
{
    static const Cpts__V1__SealedNote NOTHING = CPTS__V1__SEALED_NOTE__INIT;
    const Cpts__V1__ListReferralNotesResponse *from =
        (const Cpts__V1__ListReferralNotesResponse *)answer->message;
    struct cpts_sealed_notes *own = answer->result;
    struct cpts_sealed_note *notes =
        arena_alloc(answer->arena, (from->n_notes + 1) * sizeof *notes);
    bool is_fine = notes != NULL;
    for (size_t i = 0; is_fine && i < from->n_notes; i++) {
        const Cpts__V1__ReferralNote *one = from->notes[i];
        const Cpts__V1__SealedNote *note = one->note == NULL ? &NOTHING : one->note;
        notes[i] =
            (struct cpts_sealed_note){.id = note->id,
                                      .assignment_id = one->assignment_id,
                                      .event = (enum cpts_referral_event)one->event,
                                      .author_id = note->author_id,
                                      .key_serial = note->key_serial,
                                      .recorded_at_us = cpts_convert__instant_us(one->recorded_at)};
        is_fine = repack(&note->base, answer->arena, &notes[i].note);
    }
    *own = (struct cpts_sealed_notes){.notes = notes,
                                      .note_count = from->n_notes,
                                      .next_page_token = from->next_page_token,
                                      .message = from};
    return is_fine ? CPTS_OK : no_memory(err);
}

static void deliver_notes(const struct completion *completion)
{
    ((cpts_notes_callback *)completion->callback)(completion->status, completion->result,
                                                  &completion->err, completion->data);
}

static cpts_status make_notes(cpts_client *client, const struct cpts_notes_query *query,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_notes_query own;
    Cpts__V1__Actor actor;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListReferralNotesRequest request = CPTS__V1__LIST_REFERRAL_NOTES_REQUEST__INIT;
    request.actor = &actor;
    request.referral_id = cpts_convert__text(own.referral_id);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_REFERRAL_NOTES,
                                .request = &request.base,
                                .response = &cpts__v1__list_referral_notes_response__descriptor,
                                .result_bytes = sizeof(struct cpts_sealed_notes),
                                .take = take_notes};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_notes_fetch(cpts_client *client, const struct cpts_notes_query *query,
                             int32_t timeout_ms, struct cpts_sealed_notes **ret_notes,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_notes(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_notes = result;
    return status;
}

cpts_status cpts_notes_fetch_start(cpts_client *client, const struct cpts_notes_query *query,
                                   const struct cpts_async *async, cpts_notes_callback *callback,
                                   uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_notes, ret_call);
    return make_notes(client, query, &launch, err);
}

void cpts_sealed_letter_free(struct cpts_sealed_letter *letter)
{
    cpts_exchange__release(letter);
}

void cpts_sealed_notes_free(struct cpts_sealed_notes *notes)
{
    cpts_exchange__release(notes);
}
