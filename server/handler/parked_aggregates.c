/* SPDX-License-Identifier: Apache-2.0 */
/* ListParkedAggregates, RetryParkedAggregate and RejectParkedAggregate. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "domain/identity_card.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define REASON_CHARACTERS_MAX 200

static const uint8_t NOBODY[16] = {0};

/* Columns of federation_parked_list.sql. */
enum parked_column {
    PARKED_ID,
    PEER,
    KIND,
    AGGREGATE_ID,
    REASON,
    DETAIL,
    VERSION_TOLD,
    EPOCH_TOLD,
    VERSION_HERE,
    EPOCH_HERE,
    OWNER_HERE,
    OWNER_TOLD,
    TIMES,
    PARKED_AT,
    LAST_AT,
    RETRY_WANTED,
    REJECTED_AT,
    REJECTED_BY,
    REJECTED_REASON,
    LEAD_REGION,
    TOLD,
};

/* Columns of federation_parked_reject.sql. */
enum rejection_column { OUTCOME, REJECTED_PEER };

cpts_status parked_aggregate_list_begin(struct call *call, const void *message,
                                        struct cpts_error *err)
{
    const Cpts__V1__ListParkedAggregatesRequest *request = message;
    struct listing *listing = NULL;
    cpts_status status = listing_begin(call, &LISTING_PRESENT, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    call->query = query_new(call->arena, STATEMENT_FEDERATION_PARKED_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    query_text(call->query, request->node);
    query_bool(call->query, request->with_rejected);
    /* In order of time: the statement looks for the row, and from the first on without. */
    if (memcmp(listing->token.last_id, NOBODY, sizeof NOBODY) == 0)
        query_text(call->query, NULL);
    else
        query_uuid(call->query, listing->token.last_id);
    query_int(call->query, listing->page_size + 1);
    return CPTS_OK;
}

static bool read_instants(struct call *call, const struct rows *rows, int row,
                          Cpts__V1__ParkedAggregate *parked)
{
    int64_t rejected_at_us = rows_int(rows, row, REJECTED_AT);
    parked->parked_at = request_timestamp(call, rows_int(rows, row, PARKED_AT));
    parked->last_at = request_timestamp(call, rows_int(rows, row, LAST_AT));
    if (rejected_at_us != 0)
        parked->rejected_at = request_timestamp(call, rejected_at_us);
    return parked->parked_at != NULL && parked->last_at != NULL &&
           (rejected_at_us != 0) == (parked->rejected_at != NULL);
}

static Cpts__V1__ParkedAggregate *read_parked(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__ParkedAggregate *parked =
        request_message(call, &cpts__v1__parked_aggregate__descriptor);
    if (parked == NULL)
        return NULL;
    parked->id = (char *)rows_text(rows, row, PARKED_ID);
    parked->aggregate_id = (char *)rows_text(rows, row, AGGREGATE_ID);
    parked->node = (char *)rows_text(rows, row, PEER);
    parked->aggregate_kind = (char *)rows_text(rows, row, KIND);
    parked->reason = (char *)rows_text(rows, row, REASON);
    parked->detail = (char *)rows_text(rows, row, DETAIL);
    parked->version_told = (int32_t)rows_int(rows, row, VERSION_TOLD);
    parked->epoch_told = (int32_t)rows_int(rows, row, EPOCH_TOLD);
    parked->owner_told = (char *)rows_text(rows, row, OWNER_TOLD);
    parked->version_here = (int32_t)rows_int(rows, row, VERSION_HERE);
    parked->epoch_here = (int32_t)rows_int(rows, row, EPOCH_HERE);
    parked->owner_here = (char *)rows_text(rows, row, OWNER_HERE);
    parked->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    parked->count = rows_int(rows, row, TIMES);
    parked->retry_wanted = rows_bool(rows, row, RETRY_WANTED);
    parked->rejected_by = (char *)rows_text(rows, row, REJECTED_BY);
    parked->rejected_reason = (char *)rows_text(rows, row, REJECTED_REASON);
    parked->told = (char *)rows_text(rows, row, TOLD);
    return read_instants(call, rows, row, parked) ? parked : NULL;
}

cpts_status parked_aggregate_list_finish(struct call *call, const struct rows *rows,
                                         struct cpts_error *err)
{
    struct listing *listing = call->state;
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListParkedAggregatesResponse *response =
        request_message(call, &cpts__v1__list_parked_aggregates_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->aggregates =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->aggregates);
    for (int row = 0; response->aggregates != NULL && row < count; row++) {
        response->aggregates[row] = read_parked(call, rows, row);
        if (response->aggregates[row] == NULL)
            return request_no_memory(err);
        response->n_aggregates++;
    }
    if (response->aggregates == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    const char *last = count > 0 ? response->aggregates[count - 1]->id : "";
    return listing_next(call, listing, rows_count(rows), last, &response->next_page_token, err);
}

static cpts_status refuse_unknown(struct cpts_error *err)
{
    return error_set_field(err, REASON_PARKED_NOT_FOUND, "parked_id",
                           "nothing is parked under that id, or of that node");
}

cpts_status parked_aggregate_retry_begin(struct call *call, const void *message,
                                         struct cpts_error *err)
{
    const Cpts__V1__RetryParkedAggregateRequest *request = message;
    uint8_t id[16];
    bool is_one = request->parked_id[0] != '\0';
    if (is_one == (request->node[0] != '\0'))
        return error_set_field(err, REASON_FIELD_REQUIRED, "parked_id",
                               "the id of one, or the node of all, not both");
    cpts_status status = is_one ? request_uuid(request->parked_id, "parked_id", id, err) : CPTS_OK;
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_FEDERATION_PARKED_RETRY);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    if (is_one)
        query_uuid(call->query, id);
    else
        query_text(call->query, NULL);
    query_text(call->query, request->node);
    return CPTS_OK;
}

cpts_status parked_aggregate_retry_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return refuse_unknown(err);
    Cpts__V1__RetryParkedAggregateResponse *response =
        request_message(call, &cpts__v1__retry_parked_aggregate_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->aggregate_count = rows_count(rows);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status parked_aggregate_reject_begin(struct call *call, const void *message,
                                          struct cpts_error *err)
{
    const Cpts__V1__RejectParkedAggregateRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_uuid(request->parked_id, "parked_id", id, err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->reason, REASON_CHARACTERS_MAX, true, "reason", err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_FEDERATION_PARKED_REJECT);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    query_uuid(call->query, id);
    query_text(call->query, request->reason);
    query_text(call->query, call->principal.uri);
    return CPTS_OK;
}

cpts_status parked_aggregate_reject_finish(struct call *call, const struct rows *rows,
                                           struct cpts_error *err)
{
    const char *outcome = rows_count(rows) == 0 ? "" : rows_text(rows, 0, OUTCOME);
    if (strcmp(outcome, "ALREADY_REJECTED") == 0)
        return error_set_field(err, REASON_PARKED_REJECTED, "parked_id",
                               "it was set aside for good already");
    if (strcmp(outcome, "OK") != 0)
        return refuse_unknown(err);
    Cpts__V1__RejectParkedAggregateResponse *response =
        request_message(call, &cpts__v1__reject_parked_aggregate_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->node = (char *)rows_text(rows, 0, REJECTED_PEER);
    call->response = &response->base;
    return CPTS_OK;
}
