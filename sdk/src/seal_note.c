/* SPDX-License-Identifier: Apache-2.0 */
/* Notes and attachments. */
#include <cpts/seal.h>
#include <sodium.h>
#include <string.h>

#include "exchange.h"
#include "keystore_file.h"
#include "sealing.h"
#include "wire/arena.h"
#include "wire/attachment_stream.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define NOTE_BYTES ((size_t)3 * ENVELOPE_NOTE_BYTES_MAX + 65536)
#define OTHERS_MAX (ENVELOPE_NOTE_KEYS_MAX - 1)

_Static_assert(CPTS_NOTE_BYTES_MAX == ENVELOPE_TEXT_BYTES_MAX(ENVELOPE_NOTE_BYTES_MAX), "");
_Static_assert(CPTS_ATTACHMENT_BYTES_MAX == ATTACHMENT_BYTES_MAX, "");
_Static_assert(CPTS_ATTACHMENT_CHUNK_BYTES == ATTACHMENT_CHUNK_BYTES, "");

static cpts_status read_place(const char *referral_id, const char *assignment_id,
                              struct envelope_note_place *place, struct cpts_error *err)
{
    cpts_status status = cpts_sealing__id(referral_id, "referral_id", place->referral_id, err);
    if (status == CPTS_OK && assignment_id != NULL && assignment_id[0] != '\0')
        status = cpts_sealing__id(assignment_id, "assignment_id", place->assignment_id, err);
    return status;
}

/* One wrapped key of a note, in the arena; NULL when it is full. */
static Cpts__V1__NoteKey *wrap_key(const uint8_t key[ENVELOPE_KEY_BYTES], const char *cpts_id,
                                   int32_t serial, const uint8_t *public_key, struct arena *arena)
{
    Cpts__V1__NoteKey *own = arena_alloc(arena, sizeof *own);
    uint8_t *wrapped = arena_alloc(arena, ENVELOPE_WRAPPED_BYTES);
    if (own == NULL || wrapped == NULL)
        return NULL;
    cpts__v1__note_key__init(own);
    envelope_key_wrap(key, public_key, wrapped);
    own->cpts_id = (char *)cpts_id;
    own->key_serial = serial;
    own->key = (ProtobufCBinaryData){ENVELOPE_WRAPPED_BYTES, wrapped};
    return own;
}

/* The author's own key first, then those of the readers. */
static cpts_status wrap_keys(const cpts_keystore *store, const struct cpts_note_sealing *sealing,
                             const uint8_t key[ENVELOPE_KEY_BYTES], struct arena *arena,
                             Cpts__V1__SealedNote *note, struct cpts_error *err)
{
    const struct keystore_pair *pair = cpts_keystore__find(store, 0);
    note->keys = arena_alloc(arena, ENVELOPE_NOTE_KEYS_MAX * sizeof(Cpts__V1__NoteKey *));
    if (note->keys == NULL)
        return cpts_sealing__no_memory(err);
    note->keys[note->n_keys++] =
        wrap_key(key, store->owner, pair->serial, pair->encryption.public_key, arena);
    for (size_t i = 0; i < sealing->reader_count; i++) {
        const struct cpts_key *reader = sealing->readers[i];
        if (reader == NULL)
            return cpts_sealing__refuse("readers", "each is a key", err);
        note->keys[note->n_keys++] =
            wrap_key(key, reader->cpts_id, reader->serial, reader->encryption_key, arena);
    }
    for (size_t i = 0; i < note->n_keys; i++) {
        if (note->keys[i] == NULL)
            return cpts_sealing__no_memory(err);
    }
    return CPTS_OK;
}

static cpts_status seal_note(const cpts_keystore *store, const struct cpts_note_sealing *sealing,
                             const struct envelope_note_place *place, struct arena *arena,
                             struct cpts_packed *packed, struct cpts_error *err)
{
    uint8_t key[ENVELOPE_KEY_BYTES];
    const struct keystore_pair *pair = cpts_keystore__find(store, 0);
    const struct envelope_text text = {sealing->text.bytes, sealing->text.byte_count};
    Cpts__V1__SealedNote note = CPTS__V1__SEALED_NOTE__INIT;
    note.id = packed->id;
    note.author_id = (char *)store->owner;
    note.key_serial = pair->serial;
    envelope_key_make(key);
    cpts_status status = envelope_note_seal(place->referral_id, &text, key, arena, &note, err);
    if (status == CPTS_OK)
        status = wrap_keys(store, sealing, key, arena, &note, err);
    sodium_memzero(key, sizeof key);
    if (status == CPTS_OK)
        status = envelope_note_sign(place, pair->signing_secret, arena, &note, err);
    if (status != CPTS_OK)
        return status;
    packed->bytes = cpts_sealing__pack(&note.base, arena);
    return packed->bytes.bytes == NULL ? cpts_sealing__no_memory(err) : CPTS_OK;
}

static cpts_status take_id(const char *text, char ret_id[CPTS_UUID_TEXT_BYTES],
                           struct cpts_error *err)
{
    uint8_t id[16];
    cpts_status status = CPTS_OK;
    if (text == NULL)
        uuid_mint(id);
    else
        status = cpts_sealing__id(text, "note_id", id, err);
    if (status == CPTS_OK)
        uuid_format(id, ret_id);
    return status;
}

cpts_status cpts_note_seal(const cpts_keystore *store, const struct cpts_note_sealing *sealing,
                           struct cpts_packed **ret_note, struct cpts_error *err)
{
    struct cpts_note_sealing own;
    struct envelope_note_place place = {0};
    struct arena *arena = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, sealing, err);
    if (status == CPTS_OK && (store == NULL || store->kind != CPTS_KEYSTORE_CPTS))
        status = cpts_sealing__refuse("store", "the keys of a CPTS are needed", err);
    if (status == CPTS_OK && (own.reader_count < 1 || own.reader_count > OTHERS_MAX))
        status = cpts_sealing__refuse("readers", "1 to 3 readers", err);
    if (status == CPTS_OK)
        status = read_place(own.referral_id, own.assignment_id, &place, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_packed *packed = cpts_sealing__result(sizeof *packed, NOTE_BYTES, &arena);
    if (packed == NULL)
        return cpts_sealing__no_memory(err);
    status = take_id(own.note_id, packed->id, err);
    if (status == CPTS_OK)
        status = seal_note(store, &own, &place, arena, packed, err);
    if (status == CPTS_OK)
        *ret_note = packed;
    else
        cpts_packed_free(packed);
    return status;
}

/* The note's key, from whichever of its wraps is for this store. */
static cpts_status unwrap(const cpts_keystore *store, const Cpts__V1__SealedNote *note,
                          uint8_t ret_key[ENVELOPE_KEY_BYTES], struct cpts_error *err)
{
    for (size_t i = 0; i < note->n_keys; i++) {
        const Cpts__V1__NoteKey *key = note->keys[i];
        const struct keystore_pair *pair =
            key->key_serial < 1 ? NULL : cpts_keystore__find(store, key->key_serial);
        if (pair != NULL && strcmp(key->cpts_id, store->owner) == 0)
            return envelope_key_unwrap(&key->key, &pair->encryption, ret_key, err);
    }
    return error_set(err, REASON_NOT_SEALED_FOR_RECIPIENT,
                     "the note is sealed for others, or for a key that this store has not");
}

static cpts_status open_note(const cpts_keystore *store, const struct cpts_note_opening *opening,
                             struct arena *arena, struct cpts_text *text, struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    struct envelope_note_place place = {0};
    struct envelope_text opened = {0};
    uint8_t key[ENVELOPE_KEY_BYTES];
    cpts_status status = read_place(opening->referral_id, opening->assignment_id, &place, err);
    if (status == CPTS_OK)
        status = cpts_sealing__unpack(&opening->note, &cpts__v1__sealed_note__descriptor, "note",
                                      arena, &message, err);
    if (status != CPTS_OK)
        return status;
    const Cpts__V1__SealedNote *note = (const Cpts__V1__SealedNote *)message;
    const struct cpts_key *author = opening->author_key;
    if (author == NULL || strcmp(author->cpts_id, note->author_id) != 0 ||
        author->serial != note->key_serial)
        return cpts_sealing__refuse("author_key", "another key than the one that signed", err);
    status = envelope_note_verify(&place, note, author->signing_key, err);
    if (status == CPTS_OK)
        status = unwrap(store, note, key, err);
    if (status == CPTS_OK)
        status = envelope_note_open(place.referral_id, note, key, arena, &opened, err);
    sodium_memzero(key, sizeof key);
    if (status == CPTS_OK)
        text->bytes = (struct cpts_bytes){opened.bytes, opened.byte_count};
    return status;
}

cpts_status cpts_note_open(const cpts_keystore *store, const struct cpts_note_opening *opening,
                           struct cpts_text **ret_text, struct cpts_error *err)
{
    struct cpts_note_opening own;
    struct arena *arena = NULL;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, opening, err);
    if (status == CPTS_OK && (store == NULL || store->kind != CPTS_KEYSTORE_CPTS))
        status = cpts_sealing__refuse("store", "the keys of a CPTS are needed", err);
    if (status != CPTS_OK)
        return status;
    struct cpts_text *text = cpts_sealing__result(sizeof *text, NOTE_BYTES, &arena);
    if (text == NULL)
        return cpts_sealing__no_memory(err);
    status = open_note(store, &own, arena, text, err);
    if (status == CPTS_OK)
        *ret_text = text;
    else
        cpts_text_free(text);
    return status;
}

static cpts_status read_attachment(const struct cpts_attachment_place *from,
                                   struct attachment_place *place, struct cpts_error *err)
{
    struct cpts_attachment_place own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, from, err);
    if (status == CPTS_OK)
        status = cpts_sealing__id(own.referral_id, "referral_id", place->referral_id, err);
    if (status == CPTS_OK)
        status = cpts_sealing__id(own.attachment_id, "attachment_id", place->attachment_id, err);
    if (status == CPTS_OK && own.key != NULL)
        memcpy(place->key, own.key, sizeof place->key);
    return status;
}

cpts_status cpts_attachment_seal(const struct cpts_attachment_place *place, struct cpts_bytes file,
                                 struct cpts_sealed_attachment **ret_attachment,
                                 struct cpts_error *err)
{
    struct attachment_place own = {0};
    struct arena *arena = NULL;
    cpts_status status = read_attachment(place, &own, err);
    size_t sealed_bytes = attachment_sealed_bytes(file.byte_count);
    if (status == CPTS_OK && sealed_bytes == 0)
        status = error_set_field(err, REASON_CONTENT_TOO_LARGE, "file", "%zu bytes, at most %d",
                                 file.byte_count, ATTACHMENT_BYTES_MAX);
    if (status != CPTS_OK)
        return status;
    struct cpts_sealed_attachment *sealed =
        cpts_sealing__result(sizeof *sealed, sealed_bytes + 64, &arena);
    uint8_t *bytes = sealed == NULL ? NULL : arena_alloc(arena, sealed_bytes);
    if (bytes == NULL) {
        cpts_sealing__free(sealed);
        return cpts_sealing__no_memory(err);
    }
    envelope_key_make(own.key);
    status = attachment_seal(&own, file.bytes, file.byte_count, bytes, err);
    envelope_hash(bytes, sealed_bytes, sealed->sha256);
    sealed->ciphertext = (struct cpts_bytes){bytes, sealed_bytes};
    sealed->chunk_count = attachment_chunk_count(sealed_bytes);
    memcpy(sealed->key, own.key, sizeof sealed->key);
    sodium_memzero(&own, sizeof own);
    if (status == CPTS_OK)
        *ret_attachment = sealed;
    else
        cpts_sealing__free(sealed);
    return status;
}

cpts_status cpts_attachment_open(const struct cpts_attachment_place *place,
                                 struct cpts_bytes ciphertext, struct cpts_text **ret_file,
                                 struct cpts_error *err)
{
    struct attachment_place own = {0};
    struct arena *arena = NULL;
    size_t byte_count = 0;
    cpts_status status = read_attachment(place, &own, err);
    if (status == CPTS_OK && place->key == NULL)
        status = cpts_sealing__refuse("key", "it opens with the key that its text names", err);
    if (status == CPTS_OK && ciphertext.byte_count > attachment_sealed_bytes(ATTACHMENT_BYTES_MAX))
        status = error_set(err, REASON_CONTENT_INVALID, "longer than any attachment");
    if (status != CPTS_OK)
        return status;
    struct cpts_text *file = cpts_sealing__result(sizeof *file, ciphertext.byte_count + 64, &arena);
    uint8_t *bytes = file == NULL ? NULL : arena_alloc(arena, ciphertext.byte_count + 1);
    if (bytes == NULL) {
        cpts_sealing__free(file);
        return cpts_sealing__no_memory(err);
    }
    status =
        attachment_open(&own, ciphertext.bytes, ciphertext.byte_count, bytes, &byte_count, err);
    sodium_memzero(&own, sizeof own);
    file->bytes = (struct cpts_bytes){bytes, byte_count};
    if (status == CPTS_OK)
        *ret_file = file;
    else
        cpts_sealing__free(file);
    return status;
}

void cpts_text_free(struct cpts_text *text)
{
    cpts_sealing__free(text);
}

void cpts_sealed_attachment_free(struct cpts_sealed_attachment *attachment)
{
    cpts_sealing__free(attachment);
}
