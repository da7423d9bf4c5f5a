/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_ATTACHMENT_H
#define CPTS_ATTACHMENT_H

/**
 * @file
 * Attachments of referrals: files of up to 10 MB, sealed under a key of their own
 * (cpts/seal.h) and carried in chunks. An attachment's key and name are in the
 * sealed content or note that mentions it; a node knows neither.
 *
 * A transfer that broke goes on where it was: chunks that are there are not sent
 * again, and one that is sent again changes nothing.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/letter.h>

#ifdef __cplusplus
extern "C" {
#endif

/** How an attachment is mentioned. Secret. */
struct cpts_attachment_mention {
    char id[CPTS_UUID_TEXT_BYTES];
    /** Name of the file, 1..200 characters. */
    const char *name;
    uint8_t key[32];
};

/** Mentions of a content or note. Secret. */
struct cpts_attachment_mentions {
    const struct cpts_attachment_mention *mentions;
    size_t mention_count;
    /** What was written, without the mentions. */
    struct cpts_bytes text;
};

/** A chunk: of a sealed attachment to be sent, or one that is wanted. */
struct cpts_attachment_chunk {
    size_t size;
    const struct cpts_actor *actor;
    const char *referral_id;
    const char *attachment_id;
    /** To be sent: the whole of it. NULL to fetch. */
    const struct cpts_sealed_attachment *sealed;
    /** From 0. */
    int32_t index;
};

/** What became of a chunk that was sent. */
struct cpts_attachment_progress {
    int32_t stored_chunk_count;
    /** All of it is there, and its SHA-256 is right. */
    bool complete;
    const void *message;
};

/** A chunk that was fetched. */
struct cpts_attachment_piece {
    struct cpts_attachment_facts facts;
    struct cpts_bytes bytes;
    const void *message;
};

/** Told after each chunk of a transfer; false ends it with CANCELLED. Of a
 * download @p bytes are the chunk's. */
typedef bool cpts_attachment_step(int32_t chunk_count, int32_t done_count, struct cpts_bytes bytes,
                                  void *data);

/** A transfer of all chunks, or of the rest of them. */
struct cpts_attachment_transfer {
    size_t size;
    const struct cpts_actor *actor;
    const char *referral_id;
    const char *attachment_id;
    /** To be sent; NULL to fetch. */
    const struct cpts_sealed_attachment *sealed;
    /** Chunks that are through already. Of a download that has all of them nothing is left
     * to fetch: ATTACHMENT_NOT_FOUND. */
    int32_t done_count;
    /** NULL = nobody is told. A download is nothing without it. */
    cpts_attachment_step *step;
    void *data;
};

typedef void cpts_attachment_progress_callback(cpts_status status,
                                               struct cpts_attachment_progress *progress,
                                               const struct cpts_error *err, void *data);
typedef void cpts_attachment_piece_callback(cpts_status status, struct cpts_attachment_piece *piece,
                                            const struct cpts_error *err, void *data);

/* clang-format off */

/** Sends a chunk.
 * @return CPTS_OK · PERMISSION_DENIED / CONTENT_NOT_FOR_PARTY · INVALID_ARGUMENT /
 *         ATTACHMENT_HASH_MISMATCH: what had come was dropped, begin again ·
 *         RESOURCE_EXHAUSTED / TOO_MANY_ATTACHMENTS, TOO_MANY_OPEN_UPLOADS ·
 *         ALREADY_EXISTS / ATTACHMENT_DIFFERS · FAILED_PRECONDITION / CONSENT_WITHDRAWN,
 *         REFERRAL_IS_ERASED, REFERRAL_IS_OVER, NOT_OWNER · what any call may end with. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_put(
    cpts_client *client, const struct cpts_attachment_chunk *chunk, int32_t timeout_ms,
    struct cpts_attachment_progress **ret_progress, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_put_start(
    cpts_client *client, const struct cpts_attachment_chunk *chunk,
    const struct cpts_async *async, cpts_attachment_progress_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/** Fetches a chunk. @return also NOT_FOUND / ATTACHMENT_NOT_FOUND (also while it is
 * incomplete). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_get(
    cpts_client *client, const struct cpts_attachment_chunk *chunk, int32_t timeout_ms,
    struct cpts_attachment_piece **ret_piece, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_get_start(
    cpts_client *client, const struct cpts_attachment_chunk *chunk,
    const struct cpts_async *async, cpts_attachment_piece_callback *callback,
    uint64_t *ret_call, struct cpts_error *err);

/** Sends what is missing, chunk by chunk, until the node has all of it. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_upload(
    cpts_client *client, const struct cpts_attachment_transfer *transfer, int32_t timeout_ms,
    struct cpts_error *err);

/** Fetches what is missing, chunk by chunk, each given to `step`. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_download(
    cpts_client *client, const struct cpts_attachment_transfer *transfer, int32_t timeout_ms,
    struct cpts_error *err);

/** A content or note with its mentions: a JSON object `{"text", "attachments"}`,
 * or, of a text that is a JSON object, that with `attachments`. Without mentions
 * the text as it is. @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID: the text
 * is not UTF-8, or has `attachments` · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_mention_all(
    struct cpts_bytes text, const struct cpts_attachment_mention *mentions, size_t mention_count,
    struct cpts_text **ret_text, struct cpts_error *err);

/** The mentions in a content or note; none in what is no such JSON. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_attachment_mentions_read(
    struct cpts_bytes text, struct cpts_attachment_mentions **ret_mentions,
    struct cpts_error *err);

/* clang-format on */

/** NULL is fine; mentions are wiped. */
CPTS_API void cpts_attachment_progress_free(struct cpts_attachment_progress *progress);
CPTS_API void cpts_attachment_piece_free(struct cpts_attachment_piece *piece);
CPTS_API void cpts_attachment_mentions_free(struct cpts_attachment_mentions *mentions);

#ifdef __cplusplus
}
#endif
#endif
