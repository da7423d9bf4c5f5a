/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/referral_seal.h"

#include <stdbool.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "handler/key_directory.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "handler/service.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_S 1000000

/* What is signed now is signed with the last key: one that was replaced may be in other hands. */
static cpts_status find_key(const struct call *call, const uint8_t cpts_id[16], int32_t serial,
                            struct key_public *ret_key, struct cpts_error *err)
{
    struct key_directory *directory = call->service->key_directory;
    struct key_public last;
    cpts_status status = key_directory_use(directory, cpts_id, serial, ret_key, err);
    if (status == CPTS_OK && key_directory_find_last(directory, cpts_id, &last) &&
        last.serial != serial)
        status =
            error_set(err, REASON_KEY_NOT_VOUCHED,
                      "signed with key %d of that CPTS, which has key %d now", serial, last.serial);
    return status;
}

/* What is sealed for a CPTS is sealed for its last key, which has to hold. */
static cpts_status check_sealed_for(const struct call *call, const char *cpts_id, int32_t serial,
                                    const char *field, struct cpts_error *err)
{
    struct key_public last;
    uint8_t id[16];
    if (!uuid_parse(cpts_id, id) ||
        !key_directory_find_last(call->service->key_directory, id, &last))
        return error_set_field(err, REASON_KEY_NOT_PUBLISHED, field,
                               "the directory holds no key of %s", cpts_id);
    if (last.serial != serial)
        return error_set_field(err, REASON_NOT_SEALED_FOR_RECIPIENT, field,
                               "sealed for key %d of %s, which has key %d now", serial, cpts_id,
                               last.serial);
    return key_holds_check(&last, clock_realtime_us() / US_PER_S, err);
}

static bool is_same(const char *text, const uint8_t cpts_id[16])
{
    uint8_t id[16];
    return uuid_parse(text, id) && memcmp(id, cpts_id, sizeof id) == 0;
}

cpts_status parts_check(const struct call *call, const uint8_t referral_id[16],
                        const Cpts__V1__ReferralHeader *header, const Cpts__V1__SealedParts *parts,
                        struct envelope_attempt *ret_attempt, struct cpts_error *err)
{
    struct key_public key;
    uint8_t origin_id[16];
    if (parts == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "parts", "the sealed parts are missing");
    cpts_status status = request_uuid(header->origin_id, "header.origin_id", origin_id, err);
    if (status == CPTS_OK)
        status = find_key(call, origin_id, parts->key_serial, &key, err);
    if (status == CPTS_OK)
        status =
            envelope_referral_verify(referral_id, header, parts, key.signing_key, ret_attempt, err);
    return status;
}

cpts_status wrap_check(const struct call *call, const Cpts__V1__Recipient *recipient,
                       const uint8_t wrapper[16], struct envelope_attempt *attempt,
                       struct cpts_error *err)
{
    const Cpts__V1__KeyWrap *wrap = recipient->wrap;
    struct key_public key;
    if (!is_same(wrap->wrapped_by, wrapper))
        return error_set_field(err, REASON_WRAP_NOT_YOURS, "destinations.wrap.wrapped_by",
                               "another CPTS wrapped the keys");
    cpts_status status = CPTS_OK;
    memset(attempt->assignment_id, 0, sizeof attempt->assignment_id);
    if (recipient->assignment_id[0] != '\0')
        status = request_uuid(recipient->assignment_id, "destinations.assignment_id",
                              attempt->assignment_id, err);
    if (status == CPTS_OK)
        status =
            check_sealed_for(call, recipient->cpts_id, wrap->key_serial, "destinations.wrap", err);
    if (status == CPTS_OK)
        status = request_known(&wrap->base, "destinations.wrap", err);
    if (status == CPTS_OK)
        status = find_key(call, wrapper, wrap->wrapped_by_serial, &key, err);
    if (status == CPTS_OK && (wrap->offer_key.len != ENVELOPE_WRAPPED_BYTES ||
                              wrap->content_key.len != ENVELOPE_WRAPPED_BYTES))
        status = error_set_field(err, REASON_NOT_SEALED_FOR_RECIPIENT, "destinations.wrap",
                                 "both keys are wrapped, %d bytes each", ENVELOPE_WRAPPED_BYTES);
    return status == CPTS_OK ? envelope_wrap_verify(attempt, wrap, key.signing_key, err) : status;
}

cpts_status note_check(const struct call *call, const struct envelope_note_place *place,
                       const Cpts__V1__SealedNote *note, const uint8_t author[16],
                       struct cpts_error *err)
{
    struct key_public key;
    uint8_t id[16];
    cpts_status status = request_known(&note->base, "note", err);
    for (size_t i = 0; status == CPTS_OK && i < note->n_keys; i++)
        status = request_known(&note->keys[i]->base, "note.keys", err);
    if (status == CPTS_OK)
        status = minted_id_read(note->id, "note.id", id, err);
    if (status == CPTS_OK && !is_same(note->author_id, author))
        status = error_set_field(err, REASON_WRONG_PARTY, "note.author_id",
                                 "a note is written by who acts");
    if (status == CPTS_OK)
        status = find_key(call, author, note->key_serial, &key, err);
    if (status == CPTS_OK)
        status = envelope_note_verify(place, note, key.signing_key, err);
    for (size_t i = 0; status == CPTS_OK && i < note->n_keys; i++)
        status = check_sealed_for(call, note->keys[i]->cpts_id, note->keys[i]->key_serial,
                                  "note.keys", err);
    return status;
}
