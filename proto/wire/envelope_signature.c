/* SPDX-License-Identifier: Apache-2.0 */
/* What is signed of a referral, a wrap and a note, and its check. */
#include <sodium.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/canonical.h"
#include "wire/envelope.h"
#include "wire/error.h"
#include "wire/signature.h"
#include "wire/uuid.h"

#define LABEL_REFERRAL "cpts.fr/referral/1"
#define LABEL_WRAP "cpts.fr/wrap/1"
#define LABEL_NOTE_SIGNATURE "cpts.fr/note-signature/1"

/* What is signed, in a place of its own. */
struct signed_bytes {
    uint8_t bytes[SIGNATURE_INPUT_BYTES_MAX];
    struct canonical data;
};

static void begin(struct signed_bytes *input)
{
    input->data = (struct canonical){input->bytes, sizeof input->bytes, 0, false};
}

static void put_hash(struct signed_bytes *input, const ProtobufCBinaryData *of)
{
    uint8_t hash[ENVELOPE_HASH_BYTES];
    envelope_hash(of->data, of->len, hash);
    canonical_put(&input->data, hash, sizeof hash);
}

static void put_id(struct signed_bytes *input, const char *text)
{
    uint8_t id[16];
    if (uuid_parse(text, id))
        canonical_put(&input->data, id, sizeof id);
    else
        input->data.failed = true;
}

static cpts_status sign(const char *label, const struct signed_bytes *input,
                        const uint8_t secret[64], struct arena *arena,
                        ProtobufCBinaryData *ret_signature, struct cpts_error *err)
{
    if (input->data.failed)
        return error_set(err, REASON_FIELD_INVALID,
                         "it cannot be signed: an id is none, or a field is too long");
    uint8_t *signature = arena_alloc(arena, SIGNATURE_BYTES);
    if (signature == NULL ||
        !signature_make(label, input->bytes, input->data.count, secret, signature))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a signature");
    *ret_signature = (ProtobufCBinaryData){SIGNATURE_BYTES, signature};
    return CPTS_OK;
}

static cpts_status verify(const char *label, const struct signed_bytes *input,
                          const ProtobufCBinaryData *signature, const uint8_t signing_key[32],
                          struct cpts_error *err)
{
    if (input->data.failed ||
        !signature_verify(label, input->bytes, input->data.count, signature, signing_key))
        return error_set(err, REASON_SIGNATURE_INVALID,
                         "the signature is not that of the CPTS and key that it names");
    return CPTS_OK;
}

static void put_referral(struct signed_bytes *input, const struct envelope_attempt *attempt,
                         const Cpts__V1__ReferralHeader *header, int32_t key_serial)
{
    begin(input);
    canonical_put(&input->data, attempt->referral_id, sizeof attempt->referral_id);
    canonical_put_number(&input->data, (uint32_t)key_serial);
    canonical_put_number(&input->data, 0);
    size_t header_begin = input->data.count;
    canonical_put_message(&input->data, &header->base);
    if (!input->data.failed) {
        struct canonical length = {input->bytes + header_begin - 4, 4, 0, false};
        canonical_put_number(&length, (uint32_t)(input->data.count - header_begin));
    }
    canonical_put(&input->data, attempt->offer_sha256, sizeof attempt->offer_sha256);
    canonical_put(&input->data, attempt->content_sha256, sizeof attempt->content_sha256);
}

static struct envelope_attempt hashes_of(const uint8_t referral_id[16],
                                         const Cpts__V1__SealedParts *parts)
{
    struct envelope_attempt attempt = {0};
    memcpy(attempt.referral_id, referral_id, sizeof attempt.referral_id);
    envelope_hash(parts->offer.data, parts->offer.len, attempt.offer_sha256);
    envelope_hash(parts->content.data, parts->content.len, attempt.content_sha256);
    return attempt;
}

cpts_status envelope_referral_sign(const uint8_t referral_id[16],
                                   const Cpts__V1__ReferralHeader *header, const uint8_t secret[64],
                                   struct arena *arena, Cpts__V1__SealedParts *parts,
                                   struct cpts_error *err)
{
    struct signed_bytes input;
    const struct envelope_attempt attempt = hashes_of(referral_id, parts);
    put_referral(&input, &attempt, header, parts->key_serial);
    return sign(LABEL_REFERRAL, &input, secret, arena, &parts->signature, err);
}

cpts_status envelope_referral_verify_hashes(const struct envelope_attempt *attempt,
                                            const Cpts__V1__ReferralHeader *header,
                                            int32_t key_serial,
                                            const ProtobufCBinaryData *signature,
                                            const uint8_t signing_key[32], struct cpts_error *err)
{
    struct signed_bytes input;
    put_referral(&input, attempt, header, key_serial);
    return verify(LABEL_REFERRAL, &input, signature, signing_key, err);
}

static cpts_status check_size(const ProtobufCBinaryData *ciphertext, size_t byte_count_max,
                              const char *field, struct cpts_error *err)
{
    size_t byte_count = ciphertext->len;
    if (byte_count > byte_count_max)
        return error_set_field(err, REASON_CONTENT_TOO_LARGE, field, "%zu bytes, at most %zu",
                               byte_count, byte_count_max);
    if (byte_count < ENVELOPE_BYTES_MIN || (byte_count & (byte_count - 1)) != 0)
        return error_set_field(err, REASON_CONTENT_INVALID, field,
                               "%zu bytes: not padded to a size class", byte_count);
    return CPTS_OK;
}

cpts_status envelope_referral_verify(const uint8_t referral_id[16],
                                     const Cpts__V1__ReferralHeader *header,
                                     const Cpts__V1__SealedParts *parts,
                                     const uint8_t signing_key[32],
                                     struct envelope_attempt *ret_attempt, struct cpts_error *err)
{
    cpts_status status = check_size(&parts->offer, ENVELOPE_OFFER_BYTES_MAX, "parts.offer", err);
    if (status == CPTS_OK)
        status = check_size(&parts->content, ENVELOPE_CONTENT_BYTES_MAX, "parts.content", err);
    if (status != CPTS_OK)
        return status;
    struct envelope_attempt attempt = hashes_of(referral_id, parts);
    memcpy(attempt.assignment_id, ret_attempt->assignment_id, sizeof attempt.assignment_id);
    status = envelope_referral_verify_hashes(&attempt, header, parts->key_serial, &parts->signature,
                                             signing_key, err);
    if (status == CPTS_OK)
        *ret_attempt = attempt;
    return status;
}

static void put_wrap(struct signed_bytes *input, const struct envelope_attempt *attempt,
                     const Cpts__V1__KeyWrap *wrap)
{
    begin(input);
    canonical_put(&input->data, attempt->referral_id, sizeof attempt->referral_id);
    canonical_put(&input->data, attempt->assignment_id, sizeof attempt->assignment_id);
    put_id(input, wrap->cpts_id);
    canonical_put_number(&input->data, (uint32_t)wrap->key_serial);
    put_hash(input, &wrap->offer_key);
    canonical_put(&input->data, wrap->content_key_sha256.data, wrap->content_key_sha256.len);
    canonical_put(&input->data, attempt->offer_sha256, sizeof attempt->offer_sha256);
    canonical_put(&input->data, attempt->content_sha256, sizeof attempt->content_sha256);
    put_id(input, wrap->wrapped_by);
    canonical_put_number(&input->data, (uint32_t)wrap->wrapped_by_serial);
}

cpts_status envelope_wrap_sign(const struct envelope_attempt *attempt, const uint8_t secret[64],
                               struct arena *arena, Cpts__V1__KeyWrap *wrap, struct cpts_error *err)
{
    struct signed_bytes input;
    uint8_t *hash = arena_alloc(arena, ENVELOPE_HASH_BYTES);
    if (hash == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a wrap");
    envelope_hash(wrap->content_key.data, wrap->content_key.len, hash);
    wrap->content_key_sha256 = (ProtobufCBinaryData){ENVELOPE_HASH_BYTES, hash};
    put_wrap(&input, attempt, wrap);
    return sign(LABEL_WRAP, &input, secret, arena, &wrap->signature, err);
}

/* The content's key is there and is the one that was signed, or is withheld. */
static bool has_keys(const Cpts__V1__KeyWrap *wrap)
{
    uint8_t hash[ENVELOPE_HASH_BYTES];
    if (wrap->offer_key.len != ENVELOPE_WRAPPED_BYTES ||
        wrap->content_key_sha256.len != ENVELOPE_HASH_BYTES)
        return false;
    if (wrap->content_key.len == 0)
        return true;
    envelope_hash(wrap->content_key.data, wrap->content_key.len, hash);
    return wrap->content_key.len == ENVELOPE_WRAPPED_BYTES &&
           memcmp(hash, wrap->content_key_sha256.data, sizeof hash) == 0;
}

cpts_status envelope_wrap_verify(const struct envelope_attempt *attempt,
                                 const Cpts__V1__KeyWrap *wrap, const uint8_t signing_key[32],
                                 struct cpts_error *err)
{
    struct signed_bytes input;
    if (!has_keys(wrap))
        return error_set(err, REASON_NOT_SEALED_FOR_RECIPIENT,
                         "the wrap has no keys, or others than were signed");
    put_wrap(&input, attempt, wrap);
    return verify(LABEL_WRAP, &input, &wrap->signature, signing_key, err);
}

static void put_note(struct signed_bytes *input, const struct envelope_note_place *place,
                     const Cpts__V1__SealedNote *note)
{
    begin(input);
    canonical_put(&input->data, place->referral_id, sizeof place->referral_id);
    canonical_put(&input->data, place->assignment_id, sizeof place->assignment_id);
    put_id(input, note->id);
    put_id(input, note->author_id);
    canonical_put_number(&input->data, (uint32_t)note->key_serial);
    put_hash(input, &note->ciphertext);
    canonical_put_number(&input->data, (uint32_t)note->n_keys);
    for (size_t i = 0; i < note->n_keys && !input->data.failed; i++) {
        put_id(input, note->keys[i]->cpts_id);
        canonical_put_number(&input->data, (uint32_t)note->keys[i]->key_serial);
        put_hash(input, &note->keys[i]->key);
    }
}

cpts_status envelope_note_sign(const struct envelope_note_place *place, const uint8_t secret[64],
                               struct arena *arena, Cpts__V1__SealedNote *note,
                               struct cpts_error *err)
{
    struct signed_bytes input;
    put_note(&input, place, note);
    return sign(LABEL_NOTE_SIGNATURE, &input, secret, arena, &note->signature, err);
}

cpts_status envelope_note_verify(const struct envelope_note_place *place,
                                 const Cpts__V1__SealedNote *note, const uint8_t signing_key[32],
                                 struct cpts_error *err)
{
    struct signed_bytes input;
    cpts_status status =
        check_size(&note->ciphertext, ENVELOPE_NOTE_BYTES_MAX, "note.ciphertext", err);
    if (status != CPTS_OK)
        return status;
    bool has_all = note->n_keys >= 1 && note->n_keys <= ENVELOPE_NOTE_KEYS_MAX;
    for (size_t i = 0; has_all && i < note->n_keys; i++)
        has_all = note->keys[i]->key.len == ENVELOPE_WRAPPED_BYTES;
    if (!has_all)
        return error_set_field(err, REASON_NOT_SEALED_FOR_RECIPIENT, "note.keys",
                               "1 to %d wrapped keys", ENVELOPE_NOTE_KEYS_MAX);
    put_note(&input, place, note);
    return verify(LABEL_NOTE_SIGNATURE, &input, &note->signature, signing_key, err);
}
