/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ENVELOPE_H
#define WIRE_ENVELOPE_H

/**
 * @file
 * What travels sealed between two CPTS (cpts/v1/sealed.proto), byte by byte.
 * libsodium only; no I/O. The server uses what verifies, never what opens.
 *
 * KEYS of 32 bytes, each for one ciphertext. Of a note: random. Of a part:
 * BLAKE2b-256, keyed with the origin's X25519 secret key, of: the label
 * `cpts.fr/own-key/1`, a zero byte, one byte (1 offer, 2 content), the referral
 * id; so that the origin opens what it sealed, on any of its devices, and keeps
 * no key.
 *
 * CIPHERTEXT of an offer, a content or a note:
 *
 *     nonce        24 bytes, random
 *     commitment   32 bytes, BLAKE2b-256 with the key of: the label
 *                  `cpts.fr/commitment/1`, a zero byte, the nonce. A ciphertext
 *                  therefore opens under one key only, and all recipients read
 *                  the same.
 *     the rest     XChaCha20-Poly1305 (IETF) of the padded text, tag last
 *
 * Its length is a power of two from 1,024 bytes to the limit of its kind: the
 * text, one byte 0x80, then zero bytes (ISO/IEC 7816-4). A text is as long as
 * that leaves room for: ENVELOPE_TEXT_BYTES_MAX(limit).
 *
 * ADDITIONAL DATA, authenticated with it; ids are their 16 bytes:
 *
 *     part    `cpts.fr/part/1`, 0, one byte (1 offer, 2 content), referral id,
 *             origin's CPTS id
 *     note    `cpts.fr/note/1`, 0, referral id, note id, author's CPTS id
 *
 * WRAPPED KEY, 80 bytes: crypto_box_seal of the 32 bytes for the recipient's
 * X25519 key (an ephemeral key, then X25519, XSalsa20-Poly1305).
 *
 * SIGNED (signature.h) under these labels; serials, counts and lengths are four
 * big-endian bytes, hashes SHA-256:
 *
 *     `cpts.fr/referral/1`, by the origin: referral id · serial of its key ·
 *         length of and canonical bytes (canonical.h) of the ReferralHeader ·
 *         hash of the offer · hash of the content
 *     `cpts.fr/wrap/1`, by who made it: referral id · assignment id (16 zero
 *         bytes: for the origin, which cannot derive the keys) · CPTS id ·
 *         serial of its key · hash of the offer's wrapped key · hash of the
 *         content's wrapped key · hash of the offer · hash of the content ·
 *         CPTS id of who made it · serial of its key
 *     `cpts.fr/note-signature/1`, by its author: referral id · assignment id (16
 *         zero bytes: about the referral itself) · note id · author's CPTS id ·
 *         serial of its key · hash of the ciphertext · count of keys · for each:
 *         CPTS id, serial, hash of the wrapped key
 *
 * After a merge whoever holds the keys of a part wraps them again for the CPTS
 * that has the place now: the origin for a destination, a destination that
 * accepted for an origin, a CPTS with the keys of the former one for itself.
 * Where an origin merged before anybody accepted and its keys are gone, nobody
 * can. Of a note the author signs the list of keys: nobody adds one to it later.
 *
 * Hashes are of ciphertext, never of what it says. What is not hidden: who
 * refers to whom, when, in which size class. There is no forward secrecy for a
 * recipient's long-term key.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

#include "cpts/v1/referral.pb-c.h"
#include "cpts/v1/sealed.pb-c.h"

struct arena;

#define ENVELOPE_KEY_BYTES 32
#define ENVELOPE_HASH_BYTES 32
#define ENVELOPE_WRAPPED_BYTES 80
#define ENVELOPE_SIGNATURE_BYTES 64
/** Shortest ciphertext, and what a ciphertext has beside the padded text. */
#define ENVELOPE_BYTES_MIN 1024
#define ENVELOPE_OVERHEAD_BYTES 72
/** Longest ciphertexts. */
#define ENVELOPE_OFFER_BYTES_MAX 65536
#define ENVELOPE_CONTENT_BYTES_MAX 262144
#define ENVELOPE_NOTE_BYTES_MAX 65536
#define ENVELOPE_NOTE_KEYS_MAX 4
/** Longest text of a ciphertext of that limit: one byte of padding at least. */
#define ENVELOPE_TEXT_BYTES_MAX(limit) ((limit)-ENVELOPE_OVERHEAD_BYTES - 1)

enum envelope_part { ENVELOPE_OFFER = 1, ENVELOPE_CONTENT = 2 };

/** What a part belongs to. */
struct envelope_place {
    enum envelope_part part;
    uint8_t referral_id[16];
    uint8_t origin_id[16];
};

/** What a wrap belongs to. */
struct envelope_attempt {
    uint8_t referral_id[16];
    uint8_t assignment_id[16]; /**< zeros: a wrap for the origin */
    uint8_t offer_sha256[ENVELOPE_HASH_BYTES];
    uint8_t content_sha256[ENVELOPE_HASH_BYTES];
};

/** What a note belongs to. */
struct envelope_note_place {
    uint8_t referral_id[16];
    uint8_t assignment_id[16]; /**< zeros: about the referral itself */
};

/** A text in memory. Secret ones are wiped by whoever owns them. */
struct envelope_text {
    const uint8_t *bytes;
    size_t byte_count;
};

/** The two halves of an encryption key (X25519). */
struct envelope_pair {
    uint8_t public_key[ENVELOPE_KEY_BYTES];
    uint8_t secret_key[ENVELOPE_KEY_BYTES];
};

/** SHA-256. */
void envelope_hash(const uint8_t *bytes, size_t byte_count, uint8_t ret_hash[ENVELOPE_HASH_BYTES]);

/** 32 random bytes: the key of a note. */
void envelope_key_make(uint8_t ret_key[ENVELOPE_KEY_BYTES]);

/** The key of a part, from the origin's secret key. */
void envelope_key_derive(const uint8_t secret_key[ENVELOPE_KEY_BYTES], enum envelope_part part,
                         const uint8_t referral_id[16], uint8_t ret_key[ENVELOPE_KEY_BYTES]);

/** Seals a part. @param ret_ciphertext In @p arena.
 * @return CPTS_OK · INVALID_ARGUMENT / CONTENT_TOO_LARGE · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status envelope_part_seal(const struct envelope_place *place,
                                               const struct envelope_text *text,
                                               const uint8_t key[ENVELOPE_KEY_BYTES],
                                               struct arena *arena,
                                               ProtobufCBinaryData *ret_ciphertext,
                                               struct cpts_error *err);

/** Opens a part. @param ret_text In @p arena, secret: wipe it when done.
 * @return CPTS_OK · FAILED_PRECONDITION / CONTENT_INVALID: changed, another key,
 *         another referral · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status envelope_part_open(const struct envelope_place *place,
                                               const ProtobufCBinaryData *ciphertext,
                                               const uint8_t key[ENVELOPE_KEY_BYTES],
                                               struct arena *arena, struct envelope_text *ret_text,
                                               struct cpts_error *err);

/** As envelope_part_seal(), for a note whose id and author_id are set: sets its ciphertext. */
CPTS_MUST_CHECK cpts_status envelope_note_seal(const uint8_t referral_id[16],
                                               const struct envelope_text *text,
                                               const uint8_t key[ENVELOPE_KEY_BYTES],
                                               struct arena *arena, Cpts__V1__SealedNote *note,
                                               struct cpts_error *err);

/** As envelope_part_open(), for a note. */
CPTS_MUST_CHECK cpts_status envelope_note_open(const uint8_t referral_id[16],
                                               const Cpts__V1__SealedNote *note,
                                               const uint8_t key[ENVELOPE_KEY_BYTES],
                                               struct arena *arena, struct envelope_text *ret_text,
                                               struct cpts_error *err);

/** Wraps a key for a recipient. */
void envelope_key_wrap(const uint8_t key[ENVELOPE_KEY_BYTES],
                       const uint8_t recipient_key[ENVELOPE_KEY_BYTES],
                       uint8_t ret_wrapped[ENVELOPE_WRAPPED_BYTES]);

/** Takes a key out of its wrap. FAILED_PRECONDITION / NOT_SEALED_FOR_RECIPIENT. */
CPTS_MUST_CHECK cpts_status envelope_key_unwrap(const ProtobufCBinaryData *wrapped,
                                                const struct envelope_pair *pair,
                                                uint8_t ret_key[ENVELOPE_KEY_BYTES],
                                                struct cpts_error *err);

/** Signs a referral: sets parts->signature (64 bytes in @p arena); offer, content
 * and key_serial are set. INVALID_ARGUMENT / FIELD_INVALID: the header is too
 * long or its origin no UUID. RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status envelope_referral_sign(const uint8_t referral_id[16],
                                                   const Cpts__V1__ReferralHeader *header,
                                                   const uint8_t secret[64], struct arena *arena,
                                                   Cpts__V1__SealedParts *parts,
                                                   struct cpts_error *err);

/** Checks sizes and the origin's signature; @p signing_key is that of
 * parts->key_serial of header->origin_id.
 * @param ret_attempt  On CPTS_OK the id and both hashes are set, as the wraps
 * of this referral are signed over; its assignment_id is left as it is.
 * @return CPTS_OK · INVALID_ARGUMENT / CONTENT_TOO_LARGE (the field named) ·
 *         FAILED_PRECONDITION / CONTENT_INVALID: no size class ·
 *         FAILED_PRECONDITION / SIGNATURE_INVALID. */
CPTS_MUST_CHECK cpts_status envelope_referral_verify(const uint8_t referral_id[16],
                                                     const Cpts__V1__ReferralHeader *header,
                                                     const Cpts__V1__SealedParts *parts,
                                                     const uint8_t signing_key[32],
                                                     struct envelope_attempt *ret_attempt,
                                                     struct cpts_error *err);

/** As envelope_referral_verify(), when only a part of the ciphertexts is there:
 * by their hashes. Sizes are not checked. */
CPTS_MUST_CHECK cpts_status envelope_referral_verify_hashes(const struct envelope_attempt *attempt,
                                                            const Cpts__V1__ReferralHeader *header,
                                                            int32_t key_serial,
                                                            const ProtobufCBinaryData *signature,
                                                            const uint8_t signing_key[32],
                                                            struct cpts_error *err);

/** Signs a wrap: sets content_key_sha256 and signature (in @p arena); all other
 * fields are set. Errors as envelope_referral_sign(). */
CPTS_MUST_CHECK cpts_status envelope_wrap_sign(const struct envelope_attempt *attempt,
                                               const uint8_t secret[64], struct arena *arena,
                                               Cpts__V1__KeyWrap *wrap, struct cpts_error *err);

/** Checks a wrap's shape and signature; @p signing_key is that of
 * wrap->wrapped_by_serial of wrap->wrapped_by. The content's key may be absent,
 * its hash may not. That the wrap is for its recipient's current key is for the
 * caller to compare.
 * @return CPTS_OK · FAILED_PRECONDITION / NOT_SEALED_FOR_RECIPIENT: no wrapped
 *         keys · FAILED_PRECONDITION / SIGNATURE_INVALID. */
CPTS_MUST_CHECK cpts_status envelope_wrap_verify(const struct envelope_attempt *attempt,
                                                 const Cpts__V1__KeyWrap *wrap,
                                                 const uint8_t signing_key[32],
                                                 struct cpts_error *err);

/** Signs a note whose other fields are set. Errors as envelope_referral_sign(). */
CPTS_MUST_CHECK cpts_status envelope_note_sign(const struct envelope_note_place *place,
                                               const uint8_t secret[64], struct arena *arena,
                                               Cpts__V1__SealedNote *note, struct cpts_error *err);

/** Checks a note's shape and its author's signature.
 * @return as envelope_referral_verify(), and NOT_SEALED_FOR_RECIPIENT: no or too many keys. */
CPTS_MUST_CHECK cpts_status envelope_note_verify(const struct envelope_note_place *place,
                                                 const Cpts__V1__SealedNote *note,
                                                 const uint8_t signing_key[32],
                                                 struct cpts_error *err);

#endif
