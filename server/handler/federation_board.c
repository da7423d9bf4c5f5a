/* SPDX-License-Identifier: Apache-2.0 */
/* ListNodes, GetFederationStatus and VerifyFederation. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/federation_desk.pb-c.h"
#include "domain/node_address.h"
#include "handler/enum_word.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of node_list.sql. */
enum node_column {
    NAME,
    ADDRESS,
    STATE,
    EPOCH,
    OWNERSHIP_EPOCH,
    KEY_ID,
    CPTS_COUNT,
    OPEN_REFERRAL_COUNT,
    PENDING_COUNT,
    SUSPENDED_REASON,
    ENROLLED_AT,
    SUSPENDED_AT,
};

/* Columns of federation_board.sql. */
enum board_column {
    NODE,
    NODE_ADDRESS,
    NODE_STATE,
    NODE_EPOCH,
    HEAD,
    ACKNOWLEDGED,
    WAITING_COUNT,
    WAITING_BYTES,
    OLDEST_AT,
    PEER_HEAD,
    POSITION,
    CHECKPOINT,
    PARKED_COUNT,
    OLDEST_PARKED_AT,
    ALARM_COUNT,
    CONTACT_AT,
    STAGED_COUNT,
    CERTIFICATE_END,
    SELF_EPOCH,
    READ_ONLY,
    SELF_CHECKPOINT,
};

#define US_PER_DAY (86400LL * 1000000)

static cpts_status check_name(const char *node, struct cpts_error *err)
{
    if (node[0] == '\0' || strcmp(node, "national") == 0 || node_name_region(node) != NULL)
        return CPTS_OK;
    return error_set_field(err, REASON_FIELD_INVALID, "node", "national, or region/ and a code");
}

cpts_status node_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    (void)message;
    call->query = query_new(call->arena, STATEMENT_NODE_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    return CPTS_OK;
}

/* Sets an instant that may be absent. @return false without memory. */
static bool set_instant(struct call *call, int64_t instant_us,
                        Google__Protobuf__Timestamp **ret_instant)
{
    if (instant_us == 0)
        return true;
    *ret_instant = request_timestamp(call, instant_us);
    return *ret_instant != NULL;
}

static Cpts__V1__NodeState state_of(const char *word)
{
    return (Cpts__V1__NodeState)enum_word_find(&cpts__v1__node_state__descriptor, word);
}

static Cpts__V1__FederationNode *read_node(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__FederationNode *node = request_message(call, &cpts__v1__federation_node__descriptor);
    if (node == NULL)
        return NULL;
    node->name = (char *)rows_text(rows, row, NAME);
    node->address = (char *)rows_text(rows, row, ADDRESS);
    node->state = state_of(rows_text(rows, row, STATE));
    node->epoch = (int32_t)rows_int(rows, row, EPOCH);
    node->ownership_epoch = (int32_t)rows_int(rows, row, OWNERSHIP_EPOCH);
    node->checkpoint_key_id = (char *)rows_text(rows, row, KEY_ID);
    node->cpts_count = (int32_t)rows_int(rows, row, CPTS_COUNT);
    node->open_referral_count = (int32_t)rows_int(rows, row, OPEN_REFERRAL_COUNT);
    node->pending_count = (int32_t)rows_int(rows, row, PENDING_COUNT);
    node->suspended_reason = (char *)rows_text(rows, row, SUSPENDED_REASON);
    bool is_whole = set_instant(call, rows_int(rows, row, ENROLLED_AT), &node->enrolled_at) &&
                    set_instant(call, rows_int(rows, row, SUSPENDED_AT), &node->suspended_at);
    return is_whole ? node : NULL;
}

cpts_status node_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__ListNodesResponse *response =
        request_message(call, &cpts__v1__list_nodes_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->nodes = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->nodes);
    for (int row = 0; response->nodes != NULL && row < count; row++) {
        response->nodes[row] = read_node(call, rows, row);
        if (response->nodes[row] == NULL)
            return request_no_memory(err);
        response->n_nodes++;
    }
    if (response->nodes == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status federation_status_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetFederationStatusRequest *request = message;
    cpts_status status = check_name(request->node, err);
    if (status != CPTS_OK)
        return status;
    call->state = (void *)request->node;
    call->query = query_new(call->arena, STATEMENT_FEDERATION_BOARD);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->service->node);
    query_text(call->query, request->node);
    return CPTS_OK;
}

static int64_t lag_of(int64_t head, int64_t position)
{
    return head > position ? head - position : 0;
}

static bool read_sent(struct call *call, const struct rows *rows, int row,
                      const struct session_figures *session, Cpts__V1__FederationStatus *status)
{
    Cpts__V1__FederationDirection *sent =
        request_message(call, &cpts__v1__federation_direction__descriptor);
    if (sent == NULL)
        return false;
    int64_t oldest_at_us = rows_int(rows, row, OLDEST_AT);
    sent->head_position = rows_int(rows, row, HEAD);
    sent->acknowledged_position = rows_int(rows, row, ACKNOWLEDGED);
    sent->lag_change_count = rows_int(rows, row, WAITING_COUNT);
    sent->lag_byte_count = rows_int(rows, row, WAITING_BYTES);
    sent->oldest_age_us = oldest_at_us == 0 ? 0 : clock_realtime_us() - oldest_at_us;
    sent->change_count = session->sent_change_count;
    sent->byte_count = session->sent_byte_count;
    status->sent = sent;
    return set_instant(call, session->sent_success_us, &sent->succeeded_at);
}

static bool read_received(struct call *call, const struct rows *rows, int row,
                          const struct session_figures *session, Cpts__V1__FederationStatus *status)
{
    Cpts__V1__FederationDirection *received =
        request_message(call, &cpts__v1__federation_direction__descriptor);
    if (received == NULL)
        return false;
    received->head_position = rows_int(rows, row, PEER_HEAD);
    received->acknowledged_position = rows_int(rows, row, POSITION);
    received->lag_change_count = lag_of(received->head_position, received->acknowledged_position);
    received->oldest_age_us = session->received_oldest_age_us;
    received->change_count = session->received_change_count;
    received->byte_count = session->received_byte_count;
    status->received = received;
    return set_instant(call, rows_int(rows, row, CONTACT_AT), &received->succeeded_at);
}

/* What the sessions of this server know. */
static bool read_session(struct call *call, const struct session_figures *session,
                         Cpts__V1__FederationStatus *status)
{
    status->connected = session->is_connected;
    status->session_count = session->session_count;
    status->failed_reason = arena_printf(call->arena, "%s", session->failed_reason);
    status->clock_skew_us = session->clock_skew_us;
    status->absorbed_count = session->absorbed_count;
    status->digest_mismatch_count = session->digest_mismatch_count;
    status->snapshot_chunk_total = session->snapshot_chunk_total;
    return status->failed_reason != NULL &&
           set_instant(call, session->failed_us, &status->failed_at) &&
           set_instant(call, session->digest_compared_us, &status->digest_compared_at);
}

static Cpts__V1__FederationStatus *read_status(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__FederationStatus *status =
        request_message(call, &cpts__v1__federation_status__descriptor);
    if (status == NULL)
        return NULL;
    struct session_figures session = {.is_connected = false};
    status->node = (char *)rows_text(rows, row, NODE);
    if (call->service->session != NULL)
        call->service->session(call->service, status->node, &session);
    status->address = (char *)rows_text(rows, row, NODE_ADDRESS);
    status->state = state_of(rows_text(rows, row, NODE_STATE));
    status->epoch = (int32_t)rows_int(rows, row, NODE_EPOCH);
    status->checkpoint_position = rows_int(rows, row, CHECKPOINT);
    status->parked_count = (int32_t)rows_int(rows, row, PARKED_COUNT);
    status->alarm_count = (int32_t)rows_int(rows, row, ALARM_COUNT);
    status->snapshot_chunk_count = (int32_t)rows_int(rows, row, STAGED_COUNT);
    int64_t end_us = rows_int(rows, row, CERTIFICATE_END);
    status->certificate_days_left =
        end_us == 0 ? -1 : (int32_t)((end_us - clock_realtime_us()) / US_PER_DAY);
    bool is_whole =
        set_instant(call, rows_int(rows, row, OLDEST_PARKED_AT), &status->oldest_parked_at) &&
        read_sent(call, rows, row, &session, status) &&
        read_received(call, rows, row, &session, status) && read_session(call, &session, status);
    return is_whole ? status : NULL;
}

static bool read_statuses(struct call *call, const struct rows *rows,
                          Cpts__V1__GetFederationStatusResponse *response)
{
    size_t count = (size_t)rows_count(rows);
    response->nodes = arena_alloc(call->arena, (count + 1) * sizeof *response->nodes);
    for (int row = 0; response->nodes != NULL && row < rows_count(rows); row++) {
        if (rows_is_null(rows, row, NODE))
            continue;
        Cpts__V1__FederationStatus *status = read_status(call, rows, row);
        if (status == NULL)
            return false;
        response->nodes[response->n_nodes++] = status;
    }
    return response->nodes != NULL;
}

/* One row at least: this node itself, with NULLs for the other one when there is none. */
cpts_status federation_status_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    const char *node = call->state;
    Cpts__V1__GetFederationStatusResponse *response =
        request_message(call, &cpts__v1__get_federation_status_response__descriptor);
    if (response == NULL || !read_statuses(call, rows, response))
        return request_no_memory(err);
    if (node[0] != '\0' && response->n_nodes == 0)
        return error_set_field(err, REASON_NODE_NOT_FOUND, "node", "no node is called %s", node);
    response->node = (char *)call->service->node;
    response->time = request_timestamp(call, clock_realtime_us());
    response->log_position = rows_int(rows, 0, HEAD);
    response->epoch = (int32_t)rows_int(rows, 0, SELF_EPOCH);
    response->read_only_reason = (char *)rows_text(rows, 0, READ_ONLY);
    response->checkpoint_position = rows_int(rows, 0, SELF_CHECKPOINT);
    if (response->time == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status federation_verify_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__VerifyFederationRequest *request = message;
    cpts_status status = check_name(request->node, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__VerifyFederationResponse *response =
        request_message(call, &cpts__v1__verify_federation_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    if (call->service->verify != NULL)
        response->node_count = call->service->verify(call->service, request->node, request->repair);
    if (request->node[0] != '\0' && response->node_count == 0)
        return error_set_field(err, REASON_NODE_NOT_FOUND, "node", "no session with %s is open",
                               request->node);
    call->response = &response->base;
    return CPTS_OK;
}
