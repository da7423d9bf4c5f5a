/* SPDX-License-Identifier: Apache-2.0 */
/* GetKeys, ListKeyChanges and GetDirectoryHead. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/key.pb-c.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define QUESTIONS_MAX 32
#define PAGE_SIZE_USUAL 50
#define PAGE_SIZE_MOST 500
#define HASH_BYTES 32

/* The head, from two columns of the first row; NULL when the arena is full. */
static Cpts__V1__DirectoryHead *head_message(struct call *call, const struct rows *rows,
                                             int position_column)
{
    static const uint8_t NOTHING[HASH_BYTES];
    Cpts__V1__DirectoryHead *head = request_message(call, &cpts__v1__directory_head__descriptor);
    if (head == NULL)
        return NULL;
    head->position = rows_int(rows, 0, position_column);
    head->hash = (ProtobufCBinaryData){sizeof NOTHING, (uint8_t *)NOTHING};
    if (!rows_is_null(rows, 0, position_column + 1) &&
        !request_bytes(call, rows_text(rows, 0, position_column + 1), &head->hash))
        return NULL;
    return head;
}

static cpts_status check_questions(const Cpts__V1__GetKeysRequest *request, struct cpts_error *err)
{
    uint8_t id[16];
    if (request->n_questions == 0 || request->n_questions > QUESTIONS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "questions", "1 to %d questions",
                               QUESTIONS_MAX);
    for (size_t i = 0; i < request->n_questions; i++) {
        cpts_status status = request_uuid(request->questions[i]->cpts_id, "questions", id, err);
        if (status != CPTS_OK)
            return status;
        if (request->questions[i]->serial < 0)
            return error_set_field(err, REASON_FIELD_INVALID, "questions",
                                   "a serial is 0, the last one, or from 1");
    }
    return CPTS_OK;
}

cpts_status keys_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetKeysRequest *request = message;
    const char *ids[QUESTIONS_MAX];
    const char *serials[QUESTIONS_MAX];
    cpts_status status = check_questions(request, err);
    if (status != CPTS_OK)
        return status;
    for (size_t i = 0; i < request->n_questions; i++) {
        ids[i] = request->questions[i]->cpts_id;
        serials[i] = arena_printf(call->arena, "%d", (int)request->questions[i]->serial);
        if (serials[i] == NULL)
            return request_no_memory(err);
    }
    call->query = query_new(call->arena, STATEMENT_KEY_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text_array(call->query, ids, request->n_questions);
    query_text_array(call->query, serials, request->n_questions);
    return CPTS_OK;
}

/* Columns of key_get.sql. */
enum key_column { KEY_CPTS_ID, KEY_SERIAL, KEY_KIND, KEY_ENTRY, KEY_HEAD_POSITION };

static cpts_status unpack_entry(struct call *call, const char *text, Cpts__V1__KeyEntry **ret_entry,
                                struct cpts_error *err)
{
    ProtobufCBinaryData bytes;
    ProtobufCMessage *message = NULL;
    if (!request_bytes(call, text, &bytes))
        return request_no_memory(err);
    if (wire_unpack(&cpts__v1__key_entry__descriptor, bytes.data, bytes.len, call->arena, &message,
                    err) != CPTS_OK)
        return error_set(err, REASON_INTERNAL_ERROR, "the directory has an entry that is not one");
    *ret_entry = (Cpts__V1__KeyEntry *)message;
    return CPTS_OK;
}

/* A statement begins a key; the revocations behind it belong to it. */
static cpts_status add_key(struct call *call, const struct rows *rows, int row,
                           Cpts__V1__GetKeysResponse *response, struct cpts_error *err)
{
    Cpts__V1__KeyEntry *entry = NULL;
    cpts_status status = unpack_entry(call, rows_text(rows, row, KEY_ENTRY), &entry, err);
    if (status != CPTS_OK || entry == NULL)
        return status;
    if (strcmp(rows_text(rows, row, KEY_KIND), "REVOCATION") == 0) {
        if (response->n_keys > 0 && entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION)
            response->keys[response->n_keys - 1]->revocation = entry->revocation;
        return CPTS_OK;
    }
    if (strcmp(rows_text(rows, row, KEY_KIND), "AUTHORITY") == 0) {
        if (response->n_keys > 0 &&
            entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION)
            response->keys[response->n_keys - 1]->authority_revocation =
                entry->authority_revocation;
        return CPTS_OK;
    }
    Cpts__V1__PublishedKey *key = request_message(call, &cpts__v1__published_key__descriptor);
    if (key == NULL)
        return request_no_memory(err);
    key->cpts_id = (char *)rows_text(rows, row, KEY_CPTS_ID);
    key->serial = (int32_t)rows_int(rows, row, KEY_SERIAL);
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT)
        key->statement = entry->statement;
    response->keys[response->n_keys++] = key;
    return CPTS_OK;
}

cpts_status keys_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    Cpts__V1__GetKeysResponse *response =
        request_message(call, &cpts__v1__get_keys_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->keys =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->keys);
    response->head = head_message(call, rows, KEY_HEAD_POSITION);
    if (response->keys == NULL || response->head == NULL)
        return request_no_memory(err);
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, KEY_ENTRY); row++) {
        cpts_status status = add_key(call, rows, row, response, err);
        if (status != CPTS_OK)
            return status;
    }
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status key_changes_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListKeyChangesRequest *request = message;
    int32_t page_size = request->page_size == 0 ? PAGE_SIZE_USUAL : request->page_size;
    if (request->after_position < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "after_position",
                               "0 or a position of the directory");
    if (page_size < 1 || page_size > PAGE_SIZE_MOST)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "1 to %d", PAGE_SIZE_MOST);
    call->query = query_new(call->arena, STATEMENT_KEY_CHANGE_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_int(call->query, request->after_position);
    query_int(call->query, page_size);
    return CPTS_OK;
}

/* Columns of key_change_list.sql. */
enum change_column { CHANGE_POSITION, CHANGE_ENTRY, CHANGE_HASH, CHANGE_AT, CHANGE_HEAD_POSITION };

static Cpts__V1__KeyChange *change_message(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__KeyChange *change = request_message(call, &cpts__v1__key_change__descriptor);
    if (change == NULL)
        return NULL;
    change->position = rows_int(rows, row, CHANGE_POSITION);
    change->recorded_at = request_timestamp(call, rows_time_us(rows, row, CHANGE_AT));
    bool is_taken = change->recorded_at != NULL &&
                    request_bytes(call, rows_text(rows, row, CHANGE_ENTRY), &change->entry) &&
                    request_bytes(call, rows_text(rows, row, CHANGE_HASH), &change->hash);
    return is_taken ? change : NULL;
}

cpts_status key_changes_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    Cpts__V1__ListKeyChangesResponse *response =
        request_message(call, &cpts__v1__list_key_changes_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->changes =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *response->changes);
    response->head = head_message(call, rows, CHANGE_HEAD_POSITION);
    if (response->changes == NULL || response->head == NULL)
        return request_no_memory(err);
    for (int row = 0; row < rows_count(rows) && !rows_is_null(rows, row, CHANGE_ENTRY); row++) {
        Cpts__V1__KeyChange *change = change_message(call, rows, row);
        if (change == NULL)
            return request_no_memory(err);
        response->changes[response->n_changes++] = change;
    }
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status key_head_begin(struct call *call, const void *message, struct cpts_error *err)
{
    (void)message;
    call->query = query_new(call->arena, STATEMENT_KEY_DIRECTORY_HEAD);
    return call->query == NULL ? request_no_memory(err) : CPTS_OK;
}

cpts_status key_head_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    Cpts__V1__GetDirectoryHeadResponse *response =
        request_message(call, &cpts__v1__get_directory_head_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->head = head_message(call, rows, 0);
    if (response->head == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
