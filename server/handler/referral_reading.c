/* SPDX-License-Identifier: Apache-2.0 */
/* GetReferral. */
#include <stdlib.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/referral_message.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

/* Columns of referral_get.sql behind those of an attempt. */
enum get_column {
    CLOCK_ASSIGNMENTS = ATTEMPT_COLUMN_END,
    CLOCK_KINDS,
    CLOCK_INSTANTS,
    CLOCK_LEVELS,
    KEY_SERIAL,
    SIGNATURE,
    OFFER_HASH,
    CONTENT_HASH,
    OFFER,
    CONTENT,
    WRAP,
    ATTACHMENT_IDS,
    ATTACHMENT_BYTES,
    ATTACHMENT_HASHES,
    ATTACHMENT_CHUNKS,
    SIGNER,
    LATER_CONSENT,
    WRAPPED_AT,
};

/* Which parts are wanted. */
struct wish {
    bool offer;
    bool content;
};

static cpts_status read_parts(const Cpts__V1__GetReferralRequest *request, struct wish *wish,
                              struct cpts_error *err)
{
    for (size_t i = 0; i < request->n_parts; i++) {
        if (request->parts[i] == CPTS__V1__REFERRAL_PART__REFERRAL_PART_OFFER)
            wish->offer = true;
        else if (request->parts[i] == CPTS__V1__REFERRAL_PART__REFERRAL_PART_CONTENT)
            wish->content = true;
        else
            return error_set_field(err, REASON_FIELD_INVALID, "parts", "OFFER or CONTENT");
    }
    return CPTS_OK;
}

cpts_status referral_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetReferralRequest *request = message;
    uint8_t id[16];
    struct wish *wish = arena_alloc(call->arena, sizeof *wish);
    if (wish == NULL)
        return request_no_memory(err);
    *wish = (struct wish){0};
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", id, err);
    if (status == CPTS_OK)
        status = read_parts(request, wish, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_REFERRAL_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = wish;
    actor_bind(call, request->actor);
    query_uuid(call->query, id);
    query_bool(call->query, wish->offer);
    query_bool(call->query, wish->content);
    return CPTS_OK;
}

static bool add_clocks(struct call *call, const struct rows *rows, Cpts__V1__Referral *referral)
{
    char **columns[4] = {NULL, NULL, NULL, NULL};
    int count = rows_array(rows, 0, CLOCK_ASSIGNMENTS, call->arena, &columns[0]);
    for (int i = 1; i < 4; i++) {
        if (rows_array(rows, 0, CLOCK_ASSIGNMENTS + i, call->arena, &columns[i]) != count)
            return false;
    }
    referral->clocks = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *referral->clocks);
    for (int i = 0; referral->clocks != NULL && i < count; i++) {
        Cpts__V1__ReferralClock *clock = referral_clock_message(
            call, columns[0][i], columns[1][i], strtoll(columns[2][i], NULL, 10),
            (int32_t)strtol(columns[3][i], NULL, 10));
        if (clock == NULL)
            return false;
        referral->clocks[referral->n_clocks++] = clock;
    }
    return referral->clocks != NULL;
}

static bool add_attachments(struct call *call, const struct rows *rows,
                            Cpts__V1__GetReferralResponse *response)
{
    char **columns[4] = {NULL, NULL, NULL, NULL};
    int count = rows_array(rows, 0, ATTACHMENT_IDS, call->arena, &columns[0]);
    for (int i = 1; i < 4; i++) {
        if (rows_array(rows, 0, ATTACHMENT_IDS + i, call->arena, &columns[i]) != count)
            return false;
    }
    response->attachments =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof *response->attachments);
    for (int i = 0; response->attachments != NULL && i < count; i++) {
        Cpts__V1__SealedAttachment *attachment =
            request_message(call, &cpts__v1__sealed_attachment__descriptor);
        if (attachment == NULL || !request_bytes(call, columns[2][i], &attachment->sha256))
            return false;
        attachment->id = columns[0][i];
        attachment->byte_count = strtoll(columns[1][i], NULL, 10);
        attachment->chunk_count = (int32_t)strtol(columns[3][i], NULL, 10);
        response->attachments[response->n_attachments++] = attachment;
    }
    return response->attachments != NULL;
}

static bool add_seal(struct call *call, const struct rows *rows,
                     Cpts__V1__GetReferralResponse *response)
{
    Cpts__V1__ReferralSeal *seal = request_message(call, &cpts__v1__referral_seal__descriptor);
    if (seal == NULL)
        return false;
    seal->key_serial = (int32_t)rows_int(rows, 0, KEY_SERIAL);
    response->seal = seal;
    return request_bytes(call, rows_text(rows, 0, SIGNATURE), &seal->signature) &&
           request_bytes(call, rows_text(rows, 0, OFFER_HASH), &seal->offer_sha256) &&
           request_bytes(call, rows_text(rows, 0, CONTENT_HASH), &seal->content_sha256) &&
           request_bytes(call, rows_text(rows, 0, OFFER), &response->offer) &&
           request_bytes(call, rows_text(rows, 0, CONTENT), &response->content);
}

/* The row with the caller's keys: of a destination's active attempt, of an origin (whose rows all
 * have them) the first; -1 without any. */
static int find_wrap(const struct call *call, const struct rows *rows, const char *origin_id)
{
    bool is_origin = referral_party_of(&call->principal, origin_id) == PARTY_ORIGIN;
    int found = -1;
    for (int row = 0; row < rows_count(rows) && !(is_origin && found >= 0); row++) {
        const char *state = rows_text(rows, row, ATTEMPT_COLUMN_STATE);
        if (rows_text(rows, row, WRAP)[0] != '\0' &&
            (is_origin || assignment_is_active(assignment_state_find(state))))
            found = row;
    }
    return found;
}

/* The caller's keys; that of the content only together with it. */
static cpts_status add_wrap(struct call *call, const struct rows *rows,
                            Cpts__V1__GetReferralResponse *response, struct cpts_error *err)
{
    const struct wish *wish = call->state;
    ProtobufCBinaryData bytes = {0};
    ProtobufCMessage *wrap = NULL;
    int row = find_wrap(call, rows, response->referral->header->origin_id);
    if (row < 0)
        return CPTS_OK;
    if (!request_bytes(call, rows_text(rows, row, WRAP), &bytes))
        return request_no_memory(err);
    if (wire_unpack(&cpts__v1__key_wrap__descriptor, bytes.data, bytes.len, call->arena, &wrap,
                    NULL) != CPTS_OK)
        return error_set(err, REASON_INTERNAL_ERROR, "the database has a wrap that is none");
    response->wrap = (Cpts__V1__KeyWrap *)wrap;
    if (!wish->content)
        response->wrap->content_key.len = 0;
    if (rows_is_null(rows, row, WRAPPED_AT))
        return CPTS_OK;
    response->wrapped_at = request_timestamp(call, rows_time_us(rows, row, WRAPPED_AT));
    return response->wrapped_at == NULL ? request_no_memory(err) : CPTS_OK;
}

/* The order as it was signed, also when who signed merged into another CPTS since. */
static void name_signer(const struct rows *rows, Cpts__V1__Referral *referral)
{
    const char *signer = rows_text(rows, 0, SIGNER);
    if (signer[0] == '\0')
        return;
    referral->successor_id = referral->header->origin_id;
    referral->header->origin_id = (char *)signer;
}

cpts_status referral_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status = referral_outcome_check(rows_text(rows, 0, 0), err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetReferralResponse *response =
        request_message(call, &cpts__v1__get_referral_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    status = referral_read(call, rows, 0, rows_count(rows), &response->referral, err);
    if (status == CPTS_OK &&
        (!add_clocks(call, rows, response->referral) || !add_attachments(call, rows, response) ||
         !add_seal(call, rows, response)))
        status = request_no_memory(err);
    if (status == CPTS_OK)
        status = referral_consent_read(call, rows_text(rows, 0, LATER_CONSENT),
                                       &response->referral->later_consent, err);
    if (status == CPTS_OK)
        status = add_wrap(call, rows, response, err);
    if (status == CPTS_OK)
        name_signer(rows, response->referral);
    if (status == CPTS_OK)
        call->response = &response->base;
    return status;
}
