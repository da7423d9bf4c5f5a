/* SPDX-License-Identifier: Apache-2.0 */
/* Ciphertexts and wrapped keys. */
#include "wire/envelope.h"

#include <sodium.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/canonical.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define LABEL_OWN_KEY "cpts.fr/own-key/1"
#define LABEL_COMMITMENT "cpts.fr/commitment/1"
#define LABEL_PART "cpts.fr/part/1"
#define LABEL_NOTE "cpts.fr/note/1"
#define NONCE_BYTES crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define COMMITMENT_BYTES 32
#define TAG_BYTES crypto_aead_xchacha20poly1305_ietf_ABYTES
#define PADDING_BYTE 0x80
/* A label, its zero byte, a byte and three ids. */
#define ADDITIONAL_BYTES_MAX 96

_Static_assert(ENVELOPE_KEY_BYTES == crypto_aead_xchacha20poly1305_ietf_KEYBYTES, "as libsodium");
_Static_assert(ENVELOPE_OVERHEAD_BYTES == NONCE_BYTES + COMMITMENT_BYTES + TAG_BYTES,
               "nonce, commitment, tag");
_Static_assert(ENVELOPE_WRAPPED_BYTES == ENVELOPE_KEY_BYTES + crypto_box_SEALBYTES, "a sealed box");
_Static_assert(ENVELOPE_HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

/* What a ciphertext is under: its key, and what is authenticated with it. */
struct seal {
    const uint8_t *key;
    uint8_t additional[ADDITIONAL_BYTES_MAX];
    struct canonical data;
    size_t byte_count_max;
};

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a sealed part");
}

static cpts_status not_opened(struct cpts_error *err)
{
    return error_set(err, REASON_CONTENT_INVALID,
                     "it does not open: changed, sealed under another key, or of another referral");
}

void envelope_hash(const uint8_t *bytes, size_t byte_count, uint8_t ret_hash[ENVELOPE_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, bytes, byte_count);
}

void envelope_key_make(uint8_t ret_key[ENVELOPE_KEY_BYTES])
{
    randombytes_buf(ret_key, ENVELOPE_KEY_BYTES);
}

void envelope_key_derive(const uint8_t secret_key[ENVELOPE_KEY_BYTES], enum envelope_part part,
                         const uint8_t referral_id[16], uint8_t ret_key[ENVELOPE_KEY_BYTES])
{
    const uint8_t part_byte = (uint8_t)part;
    crypto_generichash_state state;
    crypto_generichash_init(&state, secret_key, ENVELOPE_KEY_BYTES, ENVELOPE_KEY_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)LABEL_OWN_KEY, sizeof LABEL_OWN_KEY);
    crypto_generichash_update(&state, &part_byte, sizeof part_byte);
    crypto_generichash_update(&state, referral_id, 16);
    crypto_generichash_final(&state, ret_key, ENVELOPE_KEY_BYTES);
    sodium_memzero(&state, sizeof state);
}

static void commit(const uint8_t key[ENVELOPE_KEY_BYTES], const uint8_t nonce[NONCE_BYTES],
                   uint8_t ret_commitment[COMMITMENT_BYTES])
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, key, ENVELOPE_KEY_BYTES, COMMITMENT_BYTES);
    crypto_generichash_update(&state, (const uint8_t *)LABEL_COMMITMENT, sizeof LABEL_COMMITMENT);
    crypto_generichash_update(&state, nonce, NONCE_BYTES);
    crypto_generichash_final(&state, ret_commitment, COMMITMENT_BYTES);
    sodium_memzero(&state, sizeof state);
}

/* Bytes of the ciphertext of a text; 0 when it is too long. */
static size_t size_class(size_t text_bytes, size_t byte_count_max)
{
    size_t size = ENVELOPE_BYTES_MIN;
    if (text_bytes > ENVELOPE_TEXT_BYTES_MAX(byte_count_max))
        return 0;
    while (text_bytes > ENVELOPE_TEXT_BYTES_MAX(size))
        size *= 2;
    return size;
}

static cpts_status seal(const struct seal *under, const struct envelope_text *text,
                        struct arena *arena, ProtobufCBinaryData *ret_ciphertext,
                        struct cpts_error *err)
{
    size_t size = size_class(text->byte_count, under->byte_count_max);
    if (size == 0)
        return error_set(err, REASON_CONTENT_TOO_LARGE, "%zu bytes, at most %zu", text->byte_count,
                         ENVELOPE_TEXT_BYTES_MAX(under->byte_count_max));
    uint8_t *bytes = arena_alloc(arena, size);
    if (bytes == NULL)
        return no_memory(err);
    uint8_t *body = bytes + NONCE_BYTES + COMMITMENT_BYTES;
    size_t padded_bytes = size - ENVELOPE_OVERHEAD_BYTES;
    randombytes_buf(bytes, NONCE_BYTES);
    commit(under->key, bytes, bytes + NONCE_BYTES);
    if (text->byte_count > 0)
        memcpy(body, text->bytes, text->byte_count);
    memset(body + text->byte_count, 0, padded_bytes - text->byte_count);
    body[text->byte_count] = PADDING_BYTE;
    (void)crypto_aead_xchacha20poly1305_ietf_encrypt(body, NULL, body, padded_bytes,
                                                     under->data.bytes, under->data.count, NULL,
                                                     bytes, under->key);
    *ret_ciphertext = (ProtobufCBinaryData){size, bytes};
    return CPTS_OK;
}

/* Length of the text before its padding; -1 when there is none. */
static ptrdiff_t unpad(const uint8_t *bytes, size_t byte_count)
{
    size_t length = 0;
    if (sodium_unpad(&length, bytes, byte_count, byte_count) != 0)
        return -1;
    return (ptrdiff_t)length;
}

static bool is_size_class(size_t byte_count, size_t byte_count_max)
{
    return byte_count >= ENVELOPE_BYTES_MIN && byte_count <= byte_count_max &&
           (byte_count & (byte_count - 1)) == 0;
}

static cpts_status open_sealed(const struct seal *under, const ProtobufCBinaryData *ciphertext,
                               struct arena *arena, struct envelope_text *ret_text,
                               struct cpts_error *err)
{
    uint8_t commitment[COMMITMENT_BYTES];
    if (!is_size_class(ciphertext->len, under->byte_count_max))
        return not_opened(err);
    commit(under->key, ciphertext->data, commitment);
    if (sodium_memcmp(commitment, ciphertext->data + NONCE_BYTES, COMMITMENT_BYTES) != 0)
        return not_opened(err);
    const uint8_t *body = ciphertext->data + NONCE_BYTES + COMMITMENT_BYTES;
    size_t body_bytes = ciphertext->len - NONCE_BYTES - COMMITMENT_BYTES;
    uint8_t *text = arena_alloc(arena, body_bytes);
    if (text == NULL)
        return no_memory(err);
    ptrdiff_t length = -1;
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(text, NULL, NULL, body, body_bytes,
                                                   under->data.bytes, under->data.count,
                                                   ciphertext->data, under->key) == 0)
        length = unpad(text, body_bytes - TAG_BYTES);
    if (length < 0) {
        sodium_memzero(text, body_bytes);
        return not_opened(err);
    }
    *ret_text = (struct envelope_text){text, (size_t)length};
    return CPTS_OK;
}

static void under_part(struct seal *under, const struct envelope_place *place,
                       const uint8_t key[ENVELOPE_KEY_BYTES])
{
    const uint8_t part = (uint8_t)place->part;
    *under =
        (struct seal){.key = key,
                      .byte_count_max = place->part == ENVELOPE_OFFER ? ENVELOPE_OFFER_BYTES_MAX
                                                                      : ENVELOPE_CONTENT_BYTES_MAX};
    under->data = (struct canonical){under->additional, sizeof under->additional, 0, false};
    canonical_put(&under->data, LABEL_PART, sizeof LABEL_PART);
    canonical_put(&under->data, &part, sizeof part);
    canonical_put(&under->data, place->referral_id, sizeof place->referral_id);
    canonical_put(&under->data, place->origin_id, sizeof place->origin_id);
}

/* @return false when the note's ids are none. */
static bool under_note(struct seal *under, const uint8_t referral_id[16],
                       const Cpts__V1__SealedNote *note, const uint8_t key[ENVELOPE_KEY_BYTES])
{
    uint8_t note_id[16];
    uint8_t author_id[16];
    if (!uuid_parse(note->id, note_id) || !uuid_parse(note->author_id, author_id))
        return false;
    *under = (struct seal){.key = key, .byte_count_max = ENVELOPE_NOTE_BYTES_MAX};
    under->data = (struct canonical){under->additional, sizeof under->additional, 0, false};
    canonical_put(&under->data, LABEL_NOTE, sizeof LABEL_NOTE);
    canonical_put(&under->data, referral_id, 16);
    canonical_put(&under->data, note_id, sizeof note_id);
    canonical_put(&under->data, author_id, sizeof author_id);
    return true;
}

cpts_status envelope_part_seal(const struct envelope_place *place, const struct envelope_text *text,
                               const uint8_t key[ENVELOPE_KEY_BYTES], struct arena *arena,
                               ProtobufCBinaryData *ret_ciphertext, struct cpts_error *err)
{
    struct seal under;
    under_part(&under, place, key);
    return seal(&under, text, arena, ret_ciphertext, err);
}

cpts_status envelope_part_open(const struct envelope_place *place,
                               const ProtobufCBinaryData *ciphertext,
                               const uint8_t key[ENVELOPE_KEY_BYTES], struct arena *arena,
                               struct envelope_text *ret_text, struct cpts_error *err)
{
    struct seal under;
    under_part(&under, place, key);
    return open_sealed(&under, ciphertext, arena, ret_text, err);
}

cpts_status envelope_note_seal(const uint8_t referral_id[16], const struct envelope_text *text,
                               const uint8_t key[ENVELOPE_KEY_BYTES], struct arena *arena,
                               Cpts__V1__SealedNote *note, struct cpts_error *err)
{
    struct seal under;
    if (!under_note(&under, referral_id, note, key))
        return error_set(err, REASON_FIELD_INVALID, "id and author of a note are UUIDs");
    return seal(&under, text, arena, &note->ciphertext, err);
}

cpts_status envelope_note_open(const uint8_t referral_id[16], const Cpts__V1__SealedNote *note,
                               const uint8_t key[ENVELOPE_KEY_BYTES], struct arena *arena,
                               struct envelope_text *ret_text, struct cpts_error *err)
{
    struct seal under;
    if (!under_note(&under, referral_id, note, key))
        return not_opened(err);
    return open_sealed(&under, &note->ciphertext, arena, ret_text, err);
}

void envelope_key_wrap(const uint8_t key[ENVELOPE_KEY_BYTES],
                       const uint8_t recipient_key[ENVELOPE_KEY_BYTES],
                       uint8_t ret_wrapped[ENVELOPE_WRAPPED_BYTES])
{
    (void)crypto_box_seal(ret_wrapped, key, ENVELOPE_KEY_BYTES, recipient_key);
}

cpts_status envelope_key_unwrap(const ProtobufCBinaryData *wrapped,
                                const struct envelope_pair *pair,
                                uint8_t ret_key[ENVELOPE_KEY_BYTES], struct cpts_error *err)
{
    uint8_t key[ENVELOPE_KEY_BYTES];
    if (wrapped->len != ENVELOPE_WRAPPED_BYTES ||
        crypto_box_seal_open(key, wrapped->data, wrapped->len, pair->public_key,
                             pair->secret_key) != 0)
        return error_set(err, REASON_NOT_SEALED_FOR_RECIPIENT,
                         "it is not sealed for this key, or was changed");
    memcpy(ret_key, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return CPTS_OK;
}
