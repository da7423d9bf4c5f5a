/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/attachment.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "referral_convert.h"
#include "wire/error.h"

#define HASH_BYTES 32

static cpts_status take_progress(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__PutAttachmentChunkResponse *from =
        (const Cpts__V1__PutAttachmentChunkResponse *)answer->message;
    *(struct cpts_attachment_progress *)answer->result =
        (struct cpts_attachment_progress){.stored_chunk_count = from->stored_chunk_count,
                                          .complete = from->complete,
                                          .message = from};
    return CPTS_OK;
}

static void deliver_progress(const struct completion *completion)
{
    ((cpts_attachment_progress_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

/* The bytes of a chunk of what is sealed. */
static cpts_status cut(const struct cpts_attachment_chunk *chunk, ProtobufCBinaryData *ret_bytes,
                       struct cpts_error *err)
{
    const struct cpts_sealed_attachment *sealed = chunk->sealed;
    if (sealed == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "sealed", "there is nothing to send");
    if (chunk->index < 0 || chunk->index >= sealed->chunk_count)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "index", "there is no chunk %d",
                               (int)chunk->index);
    size_t begin = (size_t)chunk->index * CPTS_ATTACHMENT_CHUNK_BYTES;
    size_t left = sealed->ciphertext.byte_count - begin;
    ret_bytes->data = (uint8_t *)sealed->ciphertext.bytes + begin;
    ret_bytes->len = left < CPTS_ATTACHMENT_CHUNK_BYTES ? left : CPTS_ATTACHMENT_CHUNK_BYTES;
    return CPTS_OK;
}

static cpts_status make_put(cpts_client *client, const struct cpts_attachment_chunk *chunk,
                            const struct launch *launch, struct cpts_error *err)
{
    struct cpts_attachment_chunk own;
    Cpts__V1__Actor actor;
    Cpts__V1__SealedAttachment facts = CPTS__V1__SEALED_ATTACHMENT__INIT;
    Cpts__V1__PutAttachmentChunkRequest request = CPTS__V1__PUT_ATTACHMENT_CHUNK_REQUEST__INIT;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, chunk, err);
    if (status == CPTS_OK)
        status = cut(&own, &request.chunk, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    facts.id = cpts_convert__text(own.attachment_id);
    facts.byte_count = (int64_t)own.sealed->ciphertext.byte_count;
    facts.sha256 = (ProtobufCBinaryData){HASH_BYTES, (uint8_t *)own.sealed->sha256};
    facts.chunk_count = own.sealed->chunk_count;
    request.actor = &actor;
    request.referral_id = cpts_convert__text(own.referral_id);
    request.attachment = &facts;
    request.chunk_index = own.index;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_PUT_CHUNK,
                                .request = &request.base,
                                .response = &cpts__v1__put_attachment_chunk_response__descriptor,
                                .result_bytes = sizeof(struct cpts_attachment_progress),
                                .take = take_progress};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_attachment_put(cpts_client *client, const struct cpts_attachment_chunk *chunk,
                                int32_t timeout_ms, struct cpts_attachment_progress **ret_progress,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_put(client, chunk, &launch, err);
    if (status == CPTS_OK)
        *ret_progress = result;
    return status;
}

cpts_status cpts_attachment_put_start(cpts_client *client,
                                      const struct cpts_attachment_chunk *chunk,
                                      const struct cpts_async *async,
                                      cpts_attachment_progress_callback *callback,
                                      uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_progress, ret_call);
    return make_put(client, chunk, &launch, err);
}

static cpts_status take_piece(const struct answer *answer, struct cpts_error *err)
{
    static const Cpts__V1__SealedAttachment NOTHING = CPTS__V1__SEALED_ATTACHMENT__INIT;
    const Cpts__V1__GetAttachmentChunkResponse *from =
        (const Cpts__V1__GetAttachmentChunkResponse *)answer->message;
    const Cpts__V1__SealedAttachment *facts =
        from->attachment == NULL ? &NOTHING : from->attachment;
    struct cpts_attachment_piece *piece = answer->result;
    if (facts->sha256.len != HASH_BYTES || from->chunk.len > CPTS_ATTACHMENT_CHUNK_BYTES)
        return error_set(err, REASON_CONTENT_INVALID, "the node sent what is no chunk");
    *piece = (struct cpts_attachment_piece){.facts = {.id = facts->id,
                                                      .byte_count = facts->byte_count,
                                                      .chunk_count = facts->chunk_count},
                                            .bytes = {from->chunk.data, from->chunk.len},
                                            .message = from};
    memcpy(piece->facts.sha256, facts->sha256.data, HASH_BYTES);
    return CPTS_OK;
}

static void deliver_piece(const struct completion *completion)
{
    ((cpts_attachment_piece_callback *)completion->callback)(completion->status, completion->result,
                                                             &completion->err, completion->data);
}

static cpts_status make_get(cpts_client *client, const struct cpts_attachment_chunk *chunk,
                            const struct launch *launch, struct cpts_error *err)
{
    struct cpts_attachment_chunk own;
    Cpts__V1__Actor actor;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, chunk, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetAttachmentChunkRequest request = CPTS__V1__GET_ATTACHMENT_CHUNK_REQUEST__INIT;
    request.actor = &actor;
    request.referral_id = cpts_convert__text(own.referral_id);
    request.attachment_id = cpts_convert__text(own.attachment_id);
    request.chunk_index = own.index;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_GET_CHUNK,
                                .request = &request.base,
                                .response = &cpts__v1__get_attachment_chunk_response__descriptor,
                                .result_bytes = sizeof(struct cpts_attachment_piece),
                                .take = take_piece};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_attachment_get(cpts_client *client, const struct cpts_attachment_chunk *chunk,
                                int32_t timeout_ms, struct cpts_attachment_piece **ret_piece,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, chunk, &launch, err);
    if (status == CPTS_OK)
        *ret_piece = result;
    return status;
}

cpts_status cpts_attachment_get_start(cpts_client *client,
                                      const struct cpts_attachment_chunk *chunk,
                                      const struct cpts_async *async,
                                      cpts_attachment_piece_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_piece, ret_call);
    return make_get(client, chunk, &launch, err);
}

/* Tells of progress. @return CANCELLED when the caller wants no more. */
static cpts_status tell(const struct cpts_attachment_transfer *transfer, int32_t chunk_count,
                        int32_t done_count, const struct cpts_bytes *bytes, struct cpts_error *err)
{
    if (transfer->step == NULL || transfer->step(chunk_count, done_count, *bytes, transfer->data))
        return CPTS_OK;
    return error_set(err, REASON_CANCELLED, "the transfer was ended after %d of %d chunks",
                     (int)done_count, (int)chunk_count);
}

static struct cpts_attachment_chunk chunk_of(const struct cpts_attachment_transfer *transfer,
                                             int32_t index)
{
    return (struct cpts_attachment_chunk){.size = sizeof(struct cpts_attachment_chunk),
                                          .actor = transfer->actor,
                                          .referral_id = transfer->referral_id,
                                          .attachment_id = transfer->attachment_id,
                                          .sealed = transfer->sealed,
                                          .index = index};
}

/* Sends chunks from @p first on, until the node says that it has all. */
static cpts_status send_from(cpts_client *client, const struct cpts_attachment_transfer *transfer,
                             int32_t first, int32_t timeout_ms, bool *ret_complete,
                             struct cpts_error *err)
{
    static const struct cpts_bytes NONE;
    cpts_status status = CPTS_OK;
    int32_t count = transfer->sealed->chunk_count;
    for (int32_t i = first; status == CPTS_OK && i < count && !*ret_complete; i++) {
        struct cpts_attachment_progress *progress = NULL;
        struct cpts_attachment_chunk chunk = chunk_of(transfer, i);
        status = cpts_attachment_put(client, &chunk, timeout_ms, &progress, err);
        if (status != CPTS_OK)
            break;
        *ret_complete = progress->complete;
        cpts_attachment_progress_free(progress);
        status = tell(transfer, count, *ret_complete ? count : i + 1, &NONE, err);
    }
    return status;
}

cpts_status cpts_attachment_upload(cpts_client *client,
                                   const struct cpts_attachment_transfer *transfer,
                                   int32_t timeout_ms, struct cpts_error *err)
{
    struct cpts_attachment_transfer own;
    bool is_complete = false;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, transfer, err);
    if (status == CPTS_OK && own.sealed == NULL)
        status =
            error_set_field(err, REASON_ARGUMENT_INVALID, "sealed", "there is nothing to send");
    if (status == CPTS_OK && (own.done_count < 0 || own.done_count > own.sealed->chunk_count))
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "done_count", "there are %d chunks",
                                 (int)own.sealed->chunk_count);
    if (status == CPTS_OK)
        status = send_from(client, &own, own.done_count, timeout_ms, &is_complete, err);
    /* Chunks that were said to be through are not there: all of them once more. */
    if (status == CPTS_OK && !is_complete)
        status = send_from(client, &own, 0, timeout_ms, &is_complete, err);
    if (status == CPTS_OK && !is_complete)
        status = error_set(err, REASON_CONTENT_INVALID, "the node misses a part of the attachment");
    return status;
}

cpts_status cpts_attachment_download(cpts_client *client,
                                     const struct cpts_attachment_transfer *transfer,
                                     int32_t timeout_ms, struct cpts_error *err)
{
    struct cpts_attachment_transfer own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, transfer, err);
    if (status == CPTS_OK && own.done_count < 0)
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "done_count", "it is negative");
    int32_t count = own.done_count + 1;
    for (int32_t i = own.done_count; status == CPTS_OK && i < count; i++) {
        struct cpts_attachment_piece *piece = NULL;
        struct cpts_attachment_chunk chunk = chunk_of(&own, i);
        status = cpts_attachment_get(client, &chunk, timeout_ms, &piece, err);
        if (status != CPTS_OK)
            break;
        count = piece->facts.chunk_count;
        status = tell(&own, count, i + 1, &piece->bytes, err);
        cpts_attachment_piece_free(piece);
    }
    return status;
}

void cpts_attachment_progress_free(struct cpts_attachment_progress *progress)
{
    cpts_exchange__release(progress);
}

void cpts_attachment_piece_free(struct cpts_attachment_piece *piece)
{
    cpts_exchange__release(piece);
}
