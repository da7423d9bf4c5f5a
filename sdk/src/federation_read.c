/* SPDX-License-Identifier: Apache-2.0 */
/* ListNodes, GetFederationStatus and VerifyFederation. */
#include <cpts/federation_node.h>
#include <cpts/v1/federation_desk.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static const char *const STATES[] = {"UNSPECIFIED", "ENROLLED", "OWNER",
                                     "SUSPENDED",   "SELF",     "UPSTREAM"};

#define STATE_COUNT (sizeof STATES / sizeof STATES[0])

const char *cpts_node_state_name(enum cpts_node_state state)
{
    return (unsigned)state < STATE_COUNT ? STATES[state] : "UNRECOGNISED";
}

static struct cpts_federation_node node_of(const Cpts__V1__FederationNode *from)
{
    return (struct cpts_federation_node){
        .name = from->name,
        .address = from->address,
        .state = (enum cpts_node_state)from->state,
        .epoch = from->epoch,
        .ownership_epoch = from->ownership_epoch,
        .checkpoint_key_id = from->checkpoint_key_id,
        .cpts_count = from->cpts_count,
        .open_referral_count = from->open_referral_count,
        .pending_count = from->pending_count,
        .suspended_reason = from->suspended_reason,
        .enrolled_at_us = cpts_convert__instant_us(from->enrolled_at),
        .suspended_at_us = cpts_convert__instant_us(from->suspended_at),
    };
}

static cpts_status take_nodes(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListNodesResponse *from = (const Cpts__V1__ListNodesResponse *)answer->message;
    struct cpts_federation_node *own =
        arena_alloc(answer->arena, (from->n_nodes + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_nodes; i++)
        own[i] = node_of(from->nodes[i]);
    *(struct cpts_federation_nodes *)answer->result =
        (struct cpts_federation_nodes){.nodes = own, .node_count = from->n_nodes, .message = from};
    return CPTS_OK;
}

static void deliver_nodes(const struct completion *completion)
{
    ((cpts_federation_nodes_callback *)completion->callback)(completion->status, completion->result,
                                                             &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct launch *launch, struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__ListNodesRequest request = CPTS__V1__LIST_NODES_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_FEDERATION_NODES,
                                .request = &request.base,
                                .response = &cpts__v1__list_nodes_response__descriptor,
                                .result_bytes = sizeof(struct cpts_federation_nodes),
                                .take = take_nodes};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_federation_node_list(cpts_client *client, int32_t timeout_ms,
                                      struct cpts_federation_nodes **ret_nodes,
                                      struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, &launch, err);
    if (status == CPTS_OK)
        *ret_nodes = result;
    return status;
}

cpts_status cpts_federation_node_list_start(cpts_client *client, const struct cpts_async *async,
                                            cpts_federation_nodes_callback *callback,
                                            uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_nodes, ret_call);
    return list(client, &launch, err);
}

static struct cpts_federation_way way_of(const Cpts__V1__FederationDirection *from)
{
    static const Cpts__V1__FederationDirection NOTHING = CPTS__V1__FEDERATION_DIRECTION__INIT;
    if (from == NULL)
        from = &NOTHING;
    return (struct cpts_federation_way){
        .head_position = from->head_position,
        .acknowledged_position = from->acknowledged_position,
        .lag_change_count = from->lag_change_count,
        .lag_byte_count = from->lag_byte_count,
        .oldest_age_us = from->oldest_age_us,
        .change_count = from->change_count,
        .byte_count = from->byte_count,
        .succeeded_at_us = cpts_convert__instant_us(from->succeeded_at),
    };
}

static struct cpts_federation_peer peer_of(const Cpts__V1__FederationStatus *from)
{
    return (struct cpts_federation_peer){
        .node = from->node,
        .address = from->address,
        .state = (enum cpts_node_state)from->state,
        .epoch = from->epoch,
        .is_connected = from->connected,
        .sent = way_of(from->sent),
        .received = way_of(from->received),
        .parked_count = from->parked_count,
        .oldest_parked_at_us = cpts_convert__instant_us(from->oldest_parked_at),
        .alarm_count = from->alarm_count,
        .session_count = from->session_count,
        .failed_at_us = cpts_convert__instant_us(from->failed_at),
        .failed_reason = from->failed_reason,
        .clock_skew_us = from->clock_skew_us,
        .certificate_days_left = from->certificate_days_left,
        .snapshot_chunk_count = from->snapshot_chunk_count,
        .snapshot_chunk_total = from->snapshot_chunk_total,
        .digest_mismatch_count = from->digest_mismatch_count,
        .digest_compared_at_us = cpts_convert__instant_us(from->digest_compared_at),
        .absorbed_count = from->absorbed_count,
        .checkpoint_position = from->checkpoint_position,
    };
}

static cpts_status take_report(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetFederationStatusResponse *from =
        (const Cpts__V1__GetFederationStatusResponse *)answer->message;
    struct cpts_federation_peer *own =
        arena_alloc(answer->arena, (from->n_nodes + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_nodes; i++)
        own[i] = peer_of(from->nodes[i]);
    *(struct cpts_federation_report *)answer->result =
        (struct cpts_federation_report){.peers = own,
                                        .peer_count = from->n_nodes,
                                        .node = from->node,
                                        .time_us = cpts_convert__instant_us(from->time),
                                        .epoch = from->epoch,
                                        .read_only_reason = from->read_only_reason,
                                        .log_position = from->log_position,
                                        .checkpoint_position = from->checkpoint_position,
                                        .message = from};
    return CPTS_OK;
}

static void deliver_report(const struct completion *completion)
{
    ((cpts_federation_report_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status report(cpts_client *client, const char *node, const struct launch *launch,
                          struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__GetFederationStatusRequest request = CPTS__V1__GET_FEDERATION_STATUS_REQUEST__INIT;
    request.node = cpts_convert__text(node);
    struct exchange exchange = {.operation = OPERATION_FEDERATION_STATUS,
                                .request = &request.base,
                                .response = &cpts__v1__get_federation_status_response__descriptor,
                                .result_bytes = sizeof(struct cpts_federation_report),
                                .take = take_report};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_federation_status(cpts_client *client, const char *node, int32_t timeout_ms,
                                   struct cpts_federation_report **ret_report,
                                   struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = report(client, node, &launch, err);
    if (status == CPTS_OK)
        *ret_report = result;
    return status;
}

cpts_status cpts_federation_status_start(cpts_client *client, const char *node,
                                         const struct cpts_async *async,
                                         cpts_federation_report_callback *callback,
                                         uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_report, ret_call);
    return report(client, node, &launch, err);
}

static cpts_status take_compared(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__VerifyFederationResponse *from =
        (const Cpts__V1__VerifyFederationResponse *)answer->message;
    *(struct cpts_federation_compared *)answer->result =
        (struct cpts_federation_compared){.node_count = from->node_count, .message = from};
    return CPTS_OK;
}

static void deliver_compared(const struct completion *completion)
{
    ((cpts_federation_compared_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status compare(cpts_client *client, const struct cpts_federation_comparison *comparison,
                           const struct launch *launch, struct cpts_error *err)
{
    struct cpts_federation_comparison own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, comparison, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__VerifyFederationRequest request = CPTS__V1__VERIFY_FEDERATION_REQUEST__INIT;
    request.node = cpts_convert__text(own.node);
    request.repair = own.repair;
    struct exchange exchange = {.operation = OPERATION_FEDERATION_VERIFY,
                                .request = &request.base,
                                .response = &cpts__v1__verify_federation_response__descriptor,
                                .result_bytes = sizeof(struct cpts_federation_compared),
                                .take = take_compared};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_federation_verify(cpts_client *client,
                                   const struct cpts_federation_comparison *comparison,
                                   int32_t timeout_ms,
                                   struct cpts_federation_compared **ret_compared,
                                   struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = compare(client, comparison, &launch, err);
    if (status == CPTS_OK)
        *ret_compared = result;
    return status;
}

cpts_status cpts_federation_verify_start(cpts_client *client,
                                         const struct cpts_federation_comparison *comparison,
                                         const struct cpts_async *async,
                                         cpts_federation_compared_callback *callback,
                                         uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_compared, ret_call);
    return compare(client, comparison, &launch, err);
}

char *cpts_federation_nodes_json(const struct cpts_federation_nodes *nodes, int indent_spaces)
{
    return cpts_convert__json(nodes->message, indent_spaces);
}

char *cpts_federation_report_json(const struct cpts_federation_report *report, int indent_spaces)
{
    return cpts_convert__json(report->message, indent_spaces);
}

void cpts_federation_nodes_free(struct cpts_federation_nodes *nodes)
{
    cpts_exchange__release(nodes);
}

void cpts_federation_report_free(struct cpts_federation_report *report)
{
    cpts_exchange__release(report);
}

void cpts_federation_compared_free(struct cpts_federation_compared *compared)
{
    cpts_exchange__release(compared);
}
