/* SPDX-License-Identifier: Apache-2.0 */
/* ListLogLinks and ListCheckpoints: what somebody needs to check a chain themselves. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "domain/node_address.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define LINKS_DEFAULT 1024
#define LINKS_MAX 4096
#define CHECKPOINTS_MAX 1024
/* Bytes of entries in one answer: well below what a message may have. */
#define LINK_BYTES_MAX (512 * 1024)

/* Columns of log_links.sql and checkpoint_list.sql. */
enum link_column { LINK_POSITION, LINK_BYTES, LINK_PREV_HASH, LINK_HASH, LINK_WITHHELD_SINCE };
enum checkpoint_column { POSITION, HASH, SIGNED_AT, SIGNATURE, KEY_ID, PUBLIC_KEY, FORMER_KEY };

static cpts_status check_origin(const char *node, int64_t after, struct cpts_error *err)
{
    if (node[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "node", "whose chain is meant");
    if (strcmp(node, "national") != 0 && node_name_region(node) == NULL)
        return error_set_field(err, REASON_FIELD_INVALID, "node",
                               "national, or region/ and a code");
    return after < 0 ? error_set_field(err, REASON_FIELD_INVALID, "after", "from 0") : CPTS_OK;
}

cpts_status log_link_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListLogLinksRequest *request = message;
    cpts_status status = check_origin(request->node, request->after, err);
    if (status == CPTS_OK && (request->count_max < 0 || request->count_max > LINKS_MAX))
        status = error_set_field(err, REASON_FIELD_INVALID, "count_max", "0 to %d", LINKS_MAX);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_LOG_LINKS);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, request->node);
    query_int(call->query, request->after);
    query_int(call->query, request->count_max == 0 ? LINKS_DEFAULT : request->count_max);
    query_int(call->query, LINK_BYTES_MAX);
    return CPTS_OK;
}

cpts_status log_link_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__ListLogLinksResponse *response =
        request_message(call, &cpts__v1__list_log_links_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->links = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->links);
    for (int row = 0; response->links != NULL && row < count; row++) {
        Cpts__V1__LogLink *link = request_message(call, &cpts__v1__log_link__descriptor);
        if (link == NULL || !request_bytes(call, rows_text(rows, row, LINK_BYTES), &link->bytes) ||
            !request_bytes(call, rows_text(rows, row, LINK_PREV_HASH), &link->prev_hash) ||
            !request_bytes(call, rows_text(rows, row, LINK_HASH), &link->hash))
            return request_no_memory(err);
        link->position = rows_int(rows, row, LINK_POSITION);
        link->withheld_since = rows_int(rows, row, LINK_WITHHELD_SINCE);
        response->links[response->n_links++] = link;
    }
    if (response->links == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status checkpoint_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListCheckpointsRequest *request = message;
    cpts_status status = check_origin(request->node, request->after, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CHECKPOINT_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    query_text(call->query, request->node);
    query_int(call->query, request->after);
    query_int(call->query, CHECKPOINTS_MAX);
    return CPTS_OK;
}

static Cpts__V1__LogCheckpoint *read_checkpoint(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__LogCheckpoint *checkpoint =
        request_message(call, &cpts__v1__log_checkpoint__descriptor);
    if (checkpoint == NULL || !request_bytes(call, rows_text(rows, row, HASH), &checkpoint->hash) ||
        !request_bytes(call, rows_text(rows, row, SIGNATURE), &checkpoint->signature) ||
        !request_bytes(call, rows_text(rows, row, KEY_ID), &checkpoint->key_id) ||
        !request_bytes(call, rows_text(rows, row, FORMER_KEY), &checkpoint->former_key))
        return NULL;
    checkpoint->position = rows_int(rows, row, POSITION);
    checkpoint->signed_at = request_timestamp(call, rows_int(rows, row, SIGNED_AT));
    return checkpoint->signed_at == NULL ? NULL : checkpoint;
}

/* One row at least: the key, with NULLs when there is no checkpoint. */
cpts_status checkpoint_list_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__ListCheckpointsResponse *response =
        request_message(call, &cpts__v1__list_checkpoints_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->checkpoints =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->checkpoints);
    for (int row = 0; response->checkpoints != NULL && row < count; row++) {
        if (!request_bytes(call, rows_text(rows, row, PUBLIC_KEY), &response->checkpoint_key))
            return request_no_memory(err);
        if (rows_is_null(rows, row, POSITION))
            continue;
        Cpts__V1__LogCheckpoint *checkpoint = read_checkpoint(call, rows, row);
        if (checkpoint == NULL)
            return request_no_memory(err);
        response->checkpoints[response->n_checkpoints++] = checkpoint;
    }
    if (response->checkpoints == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
