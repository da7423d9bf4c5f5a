/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_LETTER_H
#define CPTS_LETTER_H

/**
 * @file
 * What two CPTS write one another: the sealed parts of a referral and its notes,
 * fetched from a node, checked and opened with the own key.
 *
 * Fetching gives what is sealed and whose keys it takes to check it; opening needs
 * no node. cpts_letter_get() and cpts_notes_get() do both, and find the keys.
 *
 * Threads: any thread; a result, one thread at a time. What has been opened is
 * secret, and wiped by its _free.
 */

#include <cpts/referral_act.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Sealed parts. */
enum { CPTS_PART_OFFER = 1, CPTS_PART_CONTENT = 2 };

struct cpts_letter_query {
    size_t size;
    const struct cpts_actor *actor;
    const char *referral_id;
    /** CPTS_PART_...; one that the caller may not have refuses the call. */
    unsigned parts;
};

/** What is known of an attachment without opening it. */
struct cpts_attachment_facts {
    const char *id;
    int64_t byte_count;
    uint8_t sha256[32];
    int32_t chunk_count;
};

/** A referral with its sealed parts, as the node gave them. */
struct cpts_sealed_letter {
    /** Its own; not to be released apart. */
    const struct cpts_referral *referral;
    /** For cpts_referral_open() and cpts_referral_wrap(), but for the keys. */
    struct cpts_opening opening;
    /** Whose keys it takes: of the origin, then of who made the wrap. */
    struct cpts_key_question questions[2];
    size_t question_count;
    /** Complete ones, with the content. */
    const struct cpts_attachment_facts *attachments;
    size_t attachment_count;
    const void *message;
    /** The CPTS that the caller's keys are wrapped for, which after a merge is another
     * than the caller; empty: no keys are wrapped for it. */
    const char *sealed_for;
};

/** A letter that was checked and opened. */
struct cpts_letter {
    const struct cpts_sealed_letter *sealed;
    struct cpts_opened *opened;
};

/** One note, sealed. */
struct cpts_sealed_note {
    const char *id;
    const char *assignment_id;
    /** Step it came with. */
    enum cpts_referral_event event;
    const char *author_id;
    /** Serial of the author's key. */
    int32_t key_serial;
    int64_t recorded_at_us;
    /** A cpts.v1.SealedNote. */
    struct cpts_bytes note;
};

struct cpts_notes_query {
    size_t size;
    const struct cpts_actor *actor;
    const char *referral_id;
    /** 1..20, 0 = 10. */
    int32_t page_size;
    const char *page_token;
};

/** One page, oldest first. */
struct cpts_sealed_notes {
    const struct cpts_sealed_note *notes;
    size_t note_count;
    const char *next_page_token;
    const void *message;
};

/** What was sealed for more recipients. */
struct cpts_wraps;

typedef void cpts_letter_callback(cpts_status status, struct cpts_sealed_letter *letter,
                                  const struct cpts_error *err, void *data);
typedef void cpts_notes_callback(cpts_status status, struct cpts_sealed_notes *notes,
                                 const struct cpts_error *err, void *data);

/* clang-format off */

/** A referral with sealed parts.
 * @return as cpts_referral_get() · PERMISSION_DENIED / CONTENT_NOT_FOR_PARTY ·
 *         FAILED_PRECONDITION / CONSENT_WITHDRAWN, REFERRAL_IS_ERASED. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_letter_fetch(
    cpts_client *client, const struct cpts_letter_query *query, int32_t timeout_ms,
    struct cpts_sealed_letter **ret_letter, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_letter_fetch_start(
    cpts_client *client, const struct cpts_letter_query *query, const struct cpts_async *async,
    cpts_letter_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Checks and opens; takes over @p sealed on CPTS_OK only.
 * @param keys  The answers to its questions.
 * @return as cpts_referral_open(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_letter_open(
    const cpts_keystore *store, struct cpts_sealed_letter *sealed, const struct cpts_key *keys,
    struct cpts_letter **ret_letter, struct cpts_error *err);

/** Fetches, finds the keys, checks and opens. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_letter_get(
    cpts_client *client, const cpts_keystore *store, const struct cpts_letter_query *query,
    int32_t timeout_ms, struct cpts_letter **ret_letter, struct cpts_error *err);

/** A page of notes, sealed: to be opened one by one with cpts_note_open() and the
 * author's key. @return as cpts_letter_fetch(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_notes_fetch(
    cpts_client *client, const struct cpts_notes_query *query, int32_t timeout_ms,
    struct cpts_sealed_notes **ret_notes, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_notes_fetch_start(
    cpts_client *client, const struct cpts_notes_query *query, const struct cpts_async *async,
    cpts_notes_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** Finds the author's key, checks and opens one note.
 * @param referral_id  It belongs to. @return as cpts_keys_get() and cpts_note_open(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_note_get(
    cpts_client *client, const cpts_keystore *store, const char *referral_id,
    const struct cpts_sealed_note *note, int32_t timeout_ms, struct cpts_text **ret_text,
    struct cpts_error *err);

/** Seals a note for the other side of an attempt and for oneself, finding its key.
 * @param seen  The referral. @param assignment_id  As in struct cpts_referral_act.
 * @return as cpts_keys_get() and cpts_note_seal(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_note_write(
    cpts_client *client, const cpts_keystore *store, const struct cpts_referral *seen,
    const char *assignment_id, struct cpts_bytes text, struct cpts_packed **ret_note,
    struct cpts_error *err);

/** Seals the keys of a referral for more CPTS: by the origin, or by a destination
 * that accepted, with what cpts_letter_fetch() gave; or again for the same one
 * (cpts_referral_rewrap()).
 * @param recipients  1..CPTS_RECIPIENTS_MAX. An assignment_id of NULL is minted; one that
 *                    is given stays, and an empty one means the origin. wrap is set. What
 *                    is set lives as long as the result.
 * @return as cpts_keys_get() and cpts_referral_wrap(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_letter_wrap(
    cpts_client *client, const cpts_keystore *store, const struct cpts_sealed_letter *sealed,
    struct cpts_sealed_recipient *recipients, size_t recipient_count,
    struct cpts_wraps **ret_wraps, struct cpts_error *err);

/* clang-format on */

/** Wipe and release; NULL is fine. */
CPTS_API void cpts_sealed_letter_free(struct cpts_sealed_letter *letter);
CPTS_API void cpts_letter_free(struct cpts_letter *letter);
CPTS_API void cpts_sealed_notes_free(struct cpts_sealed_notes *notes);
CPTS_API void cpts_wraps_free(struct cpts_wraps *wraps);

#ifdef __cplusplus
}
#endif
#endif
