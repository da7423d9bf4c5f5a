/* SPDX-License-Identifier: Apache-2.0 */
/* Sealing a referral, opening it, wrapping its keys for one more. */
#include <cpts/seal.h>
#include <sodium.h>
#include <string.h>

#include "exchange.h"
#include "keystore_file.h"
#include "sealing.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* Both ciphertexts, twice (sealed, then packed), and the wraps. */
#define SEAL_BYTES ((size_t)2 * (ENVELOPE_OFFER_BYTES_MAX + ENVELOPE_CONTENT_BYTES_MAX) + 65536)
#define OPEN_BYTES ((size_t)ENVELOPE_OFFER_BYTES_MAX + ENVELOPE_CONTENT_BYTES_MAX + 65536)
#define WRAP_BYTES ((size_t)65536)

_Static_assert(CPTS_OFFER_BYTES_MAX == ENVELOPE_TEXT_BYTES_MAX(ENVELOPE_OFFER_BYTES_MAX), "");
_Static_assert(CPTS_CONTENT_BYTES_MAX == ENVELOPE_TEXT_BYTES_MAX(ENVELOPE_CONTENT_BYTES_MAX), "");

/* The keys of both parts; wiped by who has them. */
struct part_keys {
    uint8_t offer[ENVELOPE_KEY_BYTES];
    uint8_t content[ENVELOPE_KEY_BYTES];
    bool has_content;
};

static void derive_keys(const struct keystore_pair *pair, const uint8_t referral_id[16],
                        struct part_keys *keys)
{
    envelope_key_derive(pair->encryption.secret_key, ENVELOPE_OFFER, referral_id, keys->offer);
    envelope_key_derive(pair->encryption.secret_key, ENVELOPE_CONTENT, referral_id, keys->content);
    keys->has_content = true;
}

static cpts_status check_store(const cpts_keystore *store, struct cpts_error *err)
{
    if (store == NULL || store->kind != CPTS_KEYSTORE_CPTS)
        return cpts_sealing__refuse("store", "the keys of a CPTS are needed", err);
    return CPTS_OK;
}

/* A wrap of @p keys for @p recipient, made and signed by @p store. */
static cpts_status make_wrap(const cpts_keystore *store, const struct envelope_attempt *attempt,
                             const struct part_keys *keys, const struct cpts_key *recipient,
                             struct arena *arena, struct cpts_bytes *ret_wrap,
                             struct cpts_error *err)
{
    uint8_t offer_key[ENVELOPE_WRAPPED_BYTES];
    uint8_t content_key[ENVELOPE_WRAPPED_BYTES];
    const struct keystore_pair *pair = cpts_keystore__find(store, 0);
    Cpts__V1__KeyWrap wrap = CPTS__V1__KEY_WRAP__INIT;
    envelope_key_wrap(keys->offer, recipient->encryption_key, offer_key);
    envelope_key_wrap(keys->content, recipient->encryption_key, content_key);
    wrap.cpts_id = (char *)recipient->cpts_id;
    wrap.key_serial = recipient->serial;
    wrap.offer_key = (ProtobufCBinaryData){sizeof offer_key, offer_key};
    wrap.content_key = (ProtobufCBinaryData){sizeof content_key, content_key};
    wrap.wrapped_by = (char *)store->owner;
    wrap.wrapped_by_serial = pair->serial;
    cpts_status status = envelope_wrap_sign(attempt, pair->signing_secret, arena, &wrap, err);
    if (status != CPTS_OK)
        return status;
    *ret_wrap = cpts_sealing__pack(&wrap.base, arena);
    return ret_wrap->bytes == NULL ? cpts_sealing__no_memory(err) : CPTS_OK;
}

static cpts_status seal_parts(const cpts_keystore *store, const struct cpts_sealing *sealing,
                              const uint8_t referral_id[16], const struct part_keys *keys,
                              struct arena *arena, Cpts__V1__SealedParts *parts,
                              struct cpts_error *err)
{
    struct envelope_place place = {.part = ENVELOPE_OFFER};
    const struct envelope_text offer = {sealing->offer.bytes, sealing->offer.byte_count};
    const struct envelope_text content = {sealing->content.bytes, sealing->content.byte_count};
    memcpy(place.referral_id, referral_id, sizeof place.referral_id);
    (void)uuid_parse(store->owner, place.origin_id);
    cpts_status status = envelope_part_seal(&place, &offer, keys->offer, arena, &parts->offer, err);
    place.part = ENVELOPE_CONTENT;
    if (status == CPTS_OK)
        status = envelope_part_seal(&place, &content, keys->content, arena, &parts->content, err);
    return status;
}

/* Seals and signs the parts; @p ret_attempt has the referral and both hashes. */
static cpts_status make_parts(const cpts_keystore *store, const struct cpts_sealing *sealing,
                              const struct part_keys *keys, struct arena *arena,
                              struct envelope_attempt *ret_attempt, struct cpts_bytes *ret_parts,
                              struct cpts_error *err)
{
    ProtobufCMessage *header = NULL;
    const struct keystore_pair *pair = cpts_keystore__find(store, 0);
    Cpts__V1__SealedParts parts = CPTS__V1__SEALED_PARTS__INIT;
    cpts_status status = cpts_sealing__unpack(
        &sealing->header, &cpts__v1__referral_header__descriptor, "header", arena, &header, err);
    if (status == CPTS_OK &&
        strcmp(((Cpts__V1__ReferralHeader *)header)->origin_id, store->owner) != 0)
        status = cpts_sealing__refuse("header", "its origin is another CPTS than the store's", err);
    if (status == CPTS_OK)
        status = seal_parts(store, sealing, ret_attempt->referral_id, keys, arena, &parts, err);
    parts.key_serial = pair->serial;
    if (status == CPTS_OK)
        status =
            envelope_referral_sign(ret_attempt->referral_id, (Cpts__V1__ReferralHeader *)header,
                                   pair->signing_secret, arena, &parts, err);
    if (status != CPTS_OK)
        return status;
    envelope_hash(parts.offer.data, parts.offer.len, ret_attempt->offer_sha256);
    envelope_hash(parts.content.data, parts.content.len, ret_attempt->content_sha256);
    *ret_parts = cpts_sealing__pack(&parts.base, arena);
    return ret_parts->bytes == NULL ? cpts_sealing__no_memory(err) : CPTS_OK;
}

static cpts_status make_wraps(const cpts_keystore *store, const struct cpts_sealing *sealing,
                              const struct part_keys *keys, struct envelope_attempt *attempt,
                              struct arena *arena, struct cpts_sealed *sealed,
                              struct cpts_error *err)
{
    struct cpts_bytes *wraps = arena_alloc(arena, (sealing->recipient_count + 1) * sizeof *wraps);
    if (wraps == NULL)
        return cpts_sealing__no_memory(err);
    for (size_t i = 0; i < sealing->recipient_count; i++) {
        const struct cpts_seal_recipient *recipient = &sealing->recipients[i];
        cpts_status status = recipient->key == NULL
                                 ? cpts_sealing__refuse("recipients", "each needs a key", err)
                                 : cpts_sealing__id(recipient->assignment_id, "recipients",
                                                    attempt->assignment_id, err);
        if (status == CPTS_OK)
            status = make_wrap(store, attempt, keys, recipient->key, arena, &wraps[i], err);
        if (status != CPTS_OK)
            return status;
    }
    sealed->wraps = wraps;
    sealed->wrap_count = sealing->recipient_count;
    return CPTS_OK;
}

cpts_status cpts_referral_seal(const cpts_keystore *store, const struct cpts_sealing *sealing,
                               struct cpts_sealed **ret_sealed, struct cpts_error *err)
{
    struct cpts_sealing own;
    struct part_keys keys = {0};
    struct envelope_attempt attempt = {0};
    struct arena *arena = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, sealing, err);
    if (status == CPTS_OK)
        status = check_store(store, err);
    if (status == CPTS_OK)
        status = cpts_sealing__id(own.referral_id, "referral_id", attempt.referral_id, err);
    if (status == CPTS_OK && own.recipient_count > CPTS_RECIPIENTS_MAX)
        status = cpts_sealing__refuse("recipients", "too many", err);
    if (status != CPTS_OK)
        return status;
    struct cpts_sealed *sealed = cpts_sealing__result(sizeof *sealed, SEAL_BYTES, &arena);
    if (sealed == NULL)
        return cpts_sealing__no_memory(err);
    derive_keys(cpts_keystore__find(store, 0), attempt.referral_id, &keys);
    status = make_parts(store, &own, &keys, arena, &attempt, &sealed->parts, err);
    if (status == CPTS_OK)
        status = make_wraps(store, &own, &keys, &attempt, arena, sealed, err);
    sodium_memzero(&keys, sizeof keys);
    if (status == CPTS_OK)
        *ret_sealed = sealed;
    else
        cpts_sealed_free(sealed);
    return status;
}

/* A hash, as the node told it. */
static bool take_hash(const struct cpts_bytes *bytes, uint8_t ret_hash[ENVELOPE_HASH_BYTES])
{
    if (bytes->byte_count != ENVELOPE_HASH_BYTES)
        return false;
    memcpy(ret_hash, bytes->bytes, ENVELOPE_HASH_BYTES);
    return true;
}

static cpts_status changed(struct cpts_error *err)
{
    return error_set(err, REASON_CONTENT_INVALID,
                     "a part is not the one that was signed: it was changed");
}

/* A ciphertext that is there is the one that was signed. */
static cpts_status check_hash(const struct cpts_bytes *ciphertext,
                              const uint8_t expected[ENVELOPE_HASH_BYTES], struct cpts_error *err)
{
    uint8_t hash[ENVELOPE_HASH_BYTES];
    if (ciphertext->byte_count == 0)
        return CPTS_OK;
    envelope_hash(ciphertext->bytes, ciphertext->byte_count, hash);
    return memcmp(hash, expected, sizeof hash) == 0 ? CPTS_OK : changed(err);
}

/* The id of an attempt; zeros for none, which means the origin. */
static cpts_status read_attempt_id(const char *text, const char *field, uint8_t ret_id[16],
                                   struct cpts_error *err)
{
    if (text != NULL && text[0] != '\0')
        return cpts_sealing__id(text, field, ret_id, err);
    memset(ret_id, 0, 16);
    return CPTS_OK;
}

/* What was checked of an opening. */
struct checked {
    struct envelope_attempt attempt;
    struct envelope_place place;
    const Cpts__V1__ReferralHeader *header;
    struct part_keys keys;
};

static bool is_key_of(const struct cpts_key *key, const char *cpts_id, int32_t serial)
{
    return key != NULL && strcmp(key->cpts_id, cpts_id) == 0 && key->serial == serial;
}

/* The order and both parts are what its origin signed. */
static cpts_status check_origin(const struct cpts_opening *opening, struct arena *arena,
                                struct checked *checked, struct cpts_error *err)
{
    ProtobufCMessage *header = NULL;
    const ProtobufCBinaryData signature = {opening->signature.byte_count,
                                           (uint8_t *)opening->signature.bytes};
    cpts_status status =
        cpts_sealing__id(opening->referral_id, "referral_id", checked->attempt.referral_id, err);
    if (status == CPTS_OK)
        status = cpts_sealing__unpack(&opening->header, &cpts__v1__referral_header__descriptor,
                                      "header", arena, &header, err);
    if (status != CPTS_OK)
        return status;
    checked->header = (const Cpts__V1__ReferralHeader *)header;
    if (!take_hash(&opening->offer_sha256, checked->attempt.offer_sha256) ||
        !take_hash(&opening->content_sha256, checked->attempt.content_sha256))
        return changed(err);
    if (!is_key_of(opening->origin_key, checked->header->origin_id, opening->key_serial))
        return cpts_sealing__refuse("origin_key", "another key than the one that signed", err);
    status =
        envelope_referral_verify_hashes(&checked->attempt, checked->header, opening->key_serial,
                                        &signature, opening->origin_key->signing_key, err);
    if (status == CPTS_OK)
        status = check_hash(&opening->offer, checked->attempt.offer_sha256, err);
    if (status == CPTS_OK)
        status = check_hash(&opening->content, checked->attempt.content_sha256, err);
    memcpy(checked->place.referral_id, checked->attempt.referral_id, 16);
    if (status == CPTS_OK)
        status =
            cpts_sealing__id(checked->header->origin_id, "header", checked->place.origin_id, err);
    return status;
}

static cpts_status not_for_us(struct cpts_error *err)
{
    return error_set(err, REASON_NOT_SEALED_FOR_RECIPIENT,
                     "it is sealed for another CPTS, or for a key that this store has not");
}

/* Takes the keys out of a wrap that was checked. */
static cpts_status unwrap(const cpts_keystore *store, const Cpts__V1__KeyWrap *wrap,
                          struct part_keys *keys, struct cpts_error *err)
{
    const struct keystore_pair *pair =
        wrap->key_serial < 1 ? NULL : cpts_keystore__find(store, wrap->key_serial);
    if (pair == NULL || strcmp(wrap->cpts_id, store->owner) != 0)
        return not_for_us(err);
    cpts_status status = envelope_key_unwrap(&wrap->offer_key, &pair->encryption, keys->offer, err);
    keys->has_content = wrap->content_key.len > 0;
    if (status == CPTS_OK && keys->has_content)
        status = envelope_key_unwrap(&wrap->content_key, &pair->encryption, keys->content, err);
    return status;
}

static cpts_status take_wrap(const cpts_keystore *store, const struct cpts_opening *opening,
                             struct arena *arena, struct checked *checked, struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    if (opening->wrap.byte_count == 0)
        return not_for_us(err);
    cpts_status status = cpts_sealing__unpack(&opening->wrap, &cpts__v1__key_wrap__descriptor,
                                              "wrap", arena, &message, err);
    if (status == CPTS_OK)
        status = read_attempt_id(opening->assignment_id, "assignment_id",
                                 checked->attempt.assignment_id, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__KeyWrap *wrap = (const Cpts__V1__KeyWrap *)message;
    if (!is_key_of(opening->wrapper_key, wrap->wrapped_by, wrap->wrapped_by_serial))
        return cpts_sealing__refuse("wrapper_key", "another key than the one that signed", err);
    status = envelope_wrap_verify(&checked->attempt, wrap, opening->wrapper_key->signing_key, err);
    return status == CPTS_OK ? unwrap(store, wrap, &checked->keys, err) : status;
}

/* The own pair with which this CPTS sealed it; NULL when it did not, or has lost that key. */
static const struct keystore_pair *find_origin_pair(const cpts_keystore *opener,
                                                    const struct cpts_opening *opening,
                                                    const Cpts__V1__ReferralHeader *header)
{
    if (strcmp(header->origin_id, opener->owner) != 0 || opening->key_serial < 1)
        return NULL;
    return cpts_keystore__find(opener, opening->key_serial);
}

/* Checks everything and finds the keys: the origin derives them, others unwrap. */
static cpts_status check_opening(const cpts_keystore *store, const struct cpts_opening *opening,
                                 struct arena *arena, struct checked *checked,
                                 struct cpts_error *err)
{
    const cpts_keystore *opener = opening->former == NULL ? store : opening->former;
    cpts_status status = check_store(store, err);
    if (status == CPTS_OK)
        status = check_store(opener, err);
    if (status == CPTS_OK)
        status = check_origin(opening, arena, checked, err);
    if (status != CPTS_OK)
        return status;
    const struct keystore_pair *pair = find_origin_pair(opener, opening, checked->header);
    if (pair == NULL)
        return take_wrap(opener, opening, arena, checked, err);
    derive_keys(pair, checked->attempt.referral_id, &checked->keys);
    return CPTS_OK;
}

static cpts_status open_part(struct checked *checked, enum envelope_part part,
                             const struct cpts_bytes *ciphertext, struct arena *arena,
                             struct cpts_bytes *ret_text, struct cpts_error *err)
{
    const ProtobufCBinaryData sealed = {ciphertext->byte_count, (uint8_t *)ciphertext->bytes};
    struct envelope_text text = {0};
    if (part == ENVELOPE_CONTENT && !checked->keys.has_content)
        return not_for_us(err);
    checked->place.part = part;
    cpts_status status = envelope_part_open(
        &checked->place, &sealed,
        part == ENVELOPE_OFFER ? checked->keys.offer : checked->keys.content, arena, &text, err);
    if (status == CPTS_OK)
        *ret_text = (struct cpts_bytes){text.bytes, text.byte_count};
    return status;
}

cpts_status cpts_referral_open(const cpts_keystore *store, const struct cpts_opening *opening,
                               struct cpts_opened **ret_opened, struct cpts_error *err)
{
    struct cpts_opening own;
    struct checked checked = {0};
    struct arena *arena = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, opening, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_opened *opened = cpts_sealing__result(sizeof *opened, OPEN_BYTES, &arena);
    if (opened == NULL)
        return cpts_sealing__no_memory(err);
    opened->has_offer = own.offer.byte_count > 0;
    opened->has_content = own.content.byte_count > 0;
    status = check_opening(store, &own, arena, &checked, err);
    if (status == CPTS_OK && opened->has_offer)
        status = open_part(&checked, ENVELOPE_OFFER, &own.offer, arena, &opened->offer, err);
    if (status == CPTS_OK && opened->has_content)
        status = open_part(&checked, ENVELOPE_CONTENT, &own.content, arena, &opened->content, err);
    sodium_memzero(&checked, sizeof checked);
    if (status == CPTS_OK)
        *ret_opened = opened;
    else
        cpts_opened_free(opened);
    return status;
}

cpts_status cpts_referral_wrap(const cpts_keystore *store, const struct cpts_opening *opening,
                               const struct cpts_seal_recipient *recipient,
                               struct cpts_packed **ret_wrap, struct cpts_error *err)
{
    struct cpts_opening own;
    struct checked checked = {0};
    struct arena *arena = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, opening, err);
    if (status == CPTS_OK && (recipient == NULL || recipient->key == NULL))
        status = cpts_sealing__refuse("recipient", "it needs a key", err);
    if (status != CPTS_OK)
        return status;
    struct cpts_packed *packed = cpts_sealing__result(sizeof *packed, WRAP_BYTES, &arena);
    if (packed == NULL)
        return cpts_sealing__no_memory(err);
    status = check_opening(store, &own, arena, &checked, err);
    if (status == CPTS_OK && !checked.keys.has_content)
        status = not_for_us(err);
    if (status == CPTS_OK)
        status = read_attempt_id(recipient->assignment_id, "recipient",
                                 checked.attempt.assignment_id, err);
    if (status == CPTS_OK)
        status = make_wrap(store, &checked.attempt, &checked.keys, recipient->key, arena,
                           &packed->bytes, err);
    sodium_memzero(&checked, sizeof checked);
    if (status == CPTS_OK)
        *ret_wrap = packed;
    else
        cpts_packed_free(packed);
    return status;
}

void cpts_sealed_free(struct cpts_sealed *sealed)
{
    cpts_sealing__free(sealed);
}

void cpts_opened_free(struct cpts_opened *opened)
{
    cpts_sealing__free(opened);
}

void cpts_packed_free(struct cpts_packed *packed)
{
    cpts_sealing__free(packed);
}
