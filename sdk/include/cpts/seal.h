/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SEAL_H
#define CPTS_SEAL_H

/**
 * @file
 * Sealing and opening what travels between two CPTS, without any node: the two
 * parts of a referral, its keys for one more recipient, notes, attachments. What
 * is sealed comes as the packed message that the node takes (cpts.v1.SealedParts,
 * KeyWrap, SealedNote), what is opened as the bytes that were sealed. Nothing is
 * opened before its signatures were checked against keys of cpts_keys_get().
 *
 * Sealed bytes must be kept before they are sent first: sealing again gives other
 * bytes, and a command that is repeated must be the same.
 *
 * Threads: any thread; a result, one thread at a time. Results belong to the
 * caller; those with secrets are wiped by their _free.
 */

#include <cpts/key.h>
#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Longest texts, and most recipients. */
#define CPTS_OFFER_BYTES_MAX 65463
#define CPTS_CONTENT_BYTES_MAX 262071
#define CPTS_NOTE_BYTES_MAX 65463
#define CPTS_ATTACHMENT_BYTES_MAX 10000000
#define CPTS_ATTACHMENT_CHUNK_BYTES 524288
#define CPTS_RECIPIENTS_MAX 10

/** Whom a referral is sealed for, in one attempt. */
struct cpts_seal_recipient {
    /** UUID of the attempt, minted by the caller; empty: sealed for the origin, again. */
    const char *assignment_id;
    /** To seal for, as cpts_keys_get() gave it for the serial 0. */
    const struct cpts_key *key;
};

/** A referral to be sealed by its origin. */
struct cpts_sealing {
    size_t size;
    const char *referral_id;
    /** The packed cpts.v1.ReferralHeader, with this CPTS as origin. */
    struct cpts_bytes header;
    /** What a destination needs to decide; names nobody. */
    struct cpts_bytes offer;
    /** Identity and clinical content. */
    struct cpts_bytes content;
    /** Destinations and candidates, 0..CPTS_RECIPIENTS_MAX. */
    const struct cpts_seal_recipient *recipients;
    size_t recipient_count;
};

/** A sealed referral; nothing secret. */
struct cpts_sealed {
    /** A cpts.v1.SealedParts. */
    struct cpts_bytes parts;
    /** A cpts.v1.KeyWrap for each recipient, in their order. */
    const struct cpts_bytes *wraps;
    size_t wrap_count;
};

/** What a node gave of a referral (cpts.v1.GetReferralResponse), to be checked
 * and opened by a party. */
struct cpts_opening {
    size_t size;
    const char *referral_id;
    /** The packed cpts.v1.ReferralHeader. */
    struct cpts_bytes header;
    /** Of the seal: serial of the origin's key, signature, hashes of both parts. */
    int32_t key_serial;
    struct cpts_bytes signature;
    struct cpts_bytes offer_sha256;
    struct cpts_bytes content_sha256;
    /** Ciphertexts; none = not opened. */
    struct cpts_bytes offer;
    struct cpts_bytes content;
    /** The packed cpts.v1.KeyWrap and its attempt; none for the origin itself, unless
     * it was sealed again for it: then without an attempt, NULL or empty. */
    struct cpts_bytes wrap;
    const char *assignment_id;
    /** The origin's key of `key_serial`. */
    const struct cpts_key *origin_key;
    /** The key of who made the wrap; NULL for the origin itself. */
    const struct cpts_key *wrapper_key;
    /** Keys to open with in place of the store's: of a CPTS that merged into its owner.
     * NULL = the store's. */
    const cpts_keystore *former;
};

/** Secret. */
struct cpts_opened {
    bool has_offer;
    bool has_content;
    struct cpts_bytes offer;
    struct cpts_bytes content;
};

/** A note to be sealed: a question, an answer, a report. */
struct cpts_note_sealing {
    size_t size;
    const char *referral_id;
    /** NULL = it is about the referral itself. */
    const char *assignment_id;
    /** NULL = minted. */
    const char *note_id;
    struct cpts_bytes text;
    /** Who else can open it, 1..3; this CPTS always can. */
    const struct cpts_key *const *readers;
    size_t reader_count;
};

/** A note to be opened. */
struct cpts_note_opening {
    size_t size;
    const char *referral_id;
    const char *assignment_id;
    /** A cpts.v1.SealedNote. */
    struct cpts_bytes note;
    /** Its author's key, of the serial that the note names. */
    const struct cpts_key *author_key;
};

/** A packed cpts.v1.KeyWrap or cpts.v1.SealedNote. */
struct cpts_packed {
    struct cpts_bytes bytes;
    /** Of a note. */
    char id[CPTS_UUID_TEXT_BYTES];
};

/** Secret. */
struct cpts_text {
    struct cpts_bytes bytes;
};

/** A sealed attachment. Chunk n begins at n * CPTS_ATTACHMENT_CHUNK_BYTES. */
struct cpts_sealed_attachment {
    struct cpts_bytes ciphertext;
    uint8_t sha256[32];
    int32_t chunk_count;
    /** Secret: put it into the sealed content or note that mentions the attachment. */
    uint8_t key[32];
};

/** What an attachment belongs to. */
struct cpts_attachment_place {
    size_t size;
    const char *referral_id;
    const char *attachment_id;
    /** To open with, 32 bytes; to seal NULL. */
    const uint8_t *key;
};

/*
 * All end with CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID, CONTENT_TOO_LARGE ·
 * RESOURCE_EXHAUSTED / OUT_OF_MEMORY; what opens also with FAILED_PRECONDITION /
 * SIGNATURE_INVALID: not signed by whom it names · NOT_SEALED_FOR_RECIPIENT: for
 * another CPTS or a key that this store has not, or the key is withheld ·
 * CONTENT_INVALID: it was changed.
 */
/* clang-format off */

/** Seals a referral with the last key of @p store, the origin's. The origin can
 * open what it sealed from the same store. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_seal(
    const cpts_keystore *store, const struct cpts_sealing *sealing, struct cpts_sealed **ret_sealed,
    struct cpts_error *err);

/** Checks and opens what a party was given. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_open(
    const cpts_keystore *store, const struct cpts_opening *opening, struct cpts_opened **ret_opened,
    struct cpts_error *err);

/** Seals the keys of a referral for one more recipient, or again for one: the origin at
 * any time, a destination that accepted. The opening needs no ciphertexts. Opened with
 * the keys of `former`, it is signed with those of @p store all the same. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_referral_wrap(
    const cpts_keystore *store, const struct cpts_opening *opening,
    const struct cpts_seal_recipient *recipient, struct cpts_packed **ret_wrap,
    struct cpts_error *err);

/** Seals a note with the last key of @p store. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_note_seal(
    const cpts_keystore *store, const struct cpts_note_sealing *sealing,
    struct cpts_packed **ret_note, struct cpts_error *err);

/** Checks and opens a note. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_note_open(
    const cpts_keystore *store, const struct cpts_note_opening *opening,
    struct cpts_text **ret_text, struct cpts_error *err);

/** Seals a file under a new key. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_seal(
    const struct cpts_attachment_place *place, struct cpts_bytes file,
    struct cpts_sealed_attachment **ret_attachment, struct cpts_error *err);

/** Opens a ciphertext, all its chunks one behind the other. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_open(
    const struct cpts_attachment_place *place, struct cpts_bytes ciphertext,
    struct cpts_text **ret_file, struct cpts_error *err);

/* clang-format on */

/** Wipe and release; NULL is fine. */
CPTS_API void cpts_sealed_free(struct cpts_sealed *sealed);
CPTS_API void cpts_opened_free(struct cpts_opened *opened);
CPTS_API void cpts_packed_free(struct cpts_packed *packed);
CPTS_API void cpts_text_free(struct cpts_text *text);
CPTS_API void cpts_sealed_attachment_free(struct cpts_sealed_attachment *attachment);

#ifdef __cplusplus
}
#endif
#endif
