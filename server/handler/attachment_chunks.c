/* SPDX-License-Identifier: Apache-2.0 */
/* PutAttachmentChunk and GetAttachmentChunk. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/referral_message.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/error.h"

#define CHUNK_BYTES 524288
#define ATTACHMENT_BYTES_MAX 10500000
#define ATTACHMENTS_MAX 5
/* Begun by one CPTS in seven days and not whole. */
#define OPEN_UPLOADS_MAX 20
#define HASH_BYTES 32

/* Columns of attachment_put.sql and attachment_get.sql. */
enum put_column { OUTCOME, STORED, COMPLETE, OWNER };
enum get_column { BYTE_COUNT = 1, HASH, CHUNK_COUNT, CHUNK };

static cpts_status check_attachment(const Cpts__V1__SealedAttachment *attachment,
                                    uint8_t ret_id[16], struct cpts_error *err)
{
    if (attachment == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "attachment", "say which one it is");
    cpts_status status = request_uuid(attachment->id, "attachment.id", ret_id, err);
    if (status != CPTS_OK)
        return status;
    if (attachment->byte_count < 1 || attachment->byte_count > ATTACHMENT_BYTES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "attachment.byte_count", "1 to %d bytes",
                               ATTACHMENT_BYTES_MAX);
    if (attachment->sha256.len != HASH_BYTES)
        return error_set_field(err, REASON_FIELD_INVALID, "attachment.sha256", "%d bytes",
                               HASH_BYTES);
    if (attachment->chunk_count != (attachment->byte_count + CHUNK_BYTES - 1) / CHUNK_BYTES)
        return error_set_field(err, REASON_FIELD_INVALID, "attachment.chunk_count",
                               "chunks of %d bytes, the last one the rest", CHUNK_BYTES);
    return CPTS_OK;
}

static cpts_status check_chunk(const Cpts__V1__PutAttachmentChunkRequest *request,
                               struct cpts_error *err)
{
    const Cpts__V1__SealedAttachment *attachment = request->attachment;
    if (request->chunk_index < 0 || request->chunk_index >= attachment->chunk_count)
        return error_set_field(err, REASON_FIELD_INVALID, "chunk_index", "0 to %d",
                               attachment->chunk_count - 1);
    int64_t rest = attachment->byte_count - (int64_t)request->chunk_index * CHUNK_BYTES;
    if (request->chunk.len != (size_t)(rest > CHUNK_BYTES ? CHUNK_BYTES : rest))
        return error_set_field(err, REASON_FIELD_INVALID, "chunk",
                               "chunks of %d bytes, the last one the rest", CHUNK_BYTES);
    return CPTS_OK;
}

cpts_status attachment_put_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__PutAttachmentChunkRequest *request = message;
    const Cpts__V1__SealedAttachment *attachment = request->attachment;
    uint8_t id[16];
    uint8_t attachment_id[16];
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", id, err);
    if (status == CPTS_OK)
        status = check_attachment(attachment, attachment_id, err);
    if (status == CPTS_OK)
        status = check_chunk(request, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_ATTACHMENT_PUT);
    if (call->query == NULL)
        return request_no_memory(err);
    actor_bind(call, request->actor);
    query_uuid(call->query, id);
    query_uuid(call->query, attachment_id);
    query_int(call->query, attachment->byte_count);
    query_bytes(call->query, attachment->sha256.data, attachment->sha256.len);
    query_int(call->query, attachment->chunk_count);
    query_int(call->query, request->chunk_index);
    query_bytes(call->query, request->chunk.data, request->chunk.len);
    query_int(call->query, ATTACHMENTS_MAX);
    query_int(call->query, OPEN_UPLOADS_MAX);
    query_text(call->query, call->service->node);
    return CPTS_OK;
}

cpts_status attachment_put_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    const char *outcome = rows_text(rows, 0, OUTCOME);
    if (strcmp(outcome, "NOT_OWNER") == 0)
        return outcome_refuse(outcome, rows_text(rows, 0, OWNER), err);
    cpts_status status = referral_outcome_check(outcome, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__PutAttachmentChunkResponse *response =
        request_message(call, &cpts__v1__put_attachment_chunk_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->stored_chunk_count = (int32_t)rows_int(rows, 0, STORED);
    response->complete = rows_bool(rows, 0, COMPLETE);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status attachment_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetAttachmentChunkRequest *request = message;
    uint8_t id[16];
    uint8_t attachment_id[16];
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->referral_id, "referral_id", id, err);
    if (status == CPTS_OK)
        status = request_uuid(request->attachment_id, "attachment_id", attachment_id, err);
    if (status == CPTS_OK && request->chunk_index < 0)
        status = error_set_field(err, REASON_FIELD_INVALID, "chunk_index", "from 0");
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_ATTACHMENT_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = request->attachment_id;
    actor_bind(call, request->actor);
    query_uuid(call->query, id);
    query_uuid(call->query, attachment_id);
    query_int(call->query, request->chunk_index);
    return CPTS_OK;
}

cpts_status attachment_get_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    cpts_status status = referral_outcome_check(rows_text(rows, 0, OUTCOME), err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetAttachmentChunkResponse *response =
        request_message(call, &cpts__v1__get_attachment_chunk_response__descriptor);
    Cpts__V1__SealedAttachment *attachment =
        request_message(call, &cpts__v1__sealed_attachment__descriptor);
    if (response == NULL || attachment == NULL ||
        !request_bytes(call, rows_text(rows, 0, HASH), &attachment->sha256) ||
        !request_bytes(call, rows_text(rows, 0, CHUNK), &response->chunk))
        return request_no_memory(err);
    attachment->id = call->state;
    attachment->byte_count = rows_int(rows, 0, BYTE_COUNT);
    attachment->chunk_count = (int32_t)rows_int(rows, 0, CHUNK_COUNT);
    response->attachment = attachment;
    call->response = &response->base;
    return CPTS_OK;
}
