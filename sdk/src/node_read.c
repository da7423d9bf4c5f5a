/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/node.h>
#include <cpts/sync_value.h>
#include <cpts/v1/node.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static bool fill_lanes(struct cpts_node_status *status, const Cpts__V1__GetNodeStatusResponse *from,
                       struct arena *arena)
{
    struct cpts_lane *lanes = arena_alloc(arena, (from->n_lanes + 1) * sizeof *lanes);
    if (lanes == NULL)
        return false;
    for (size_t i = 0; i < from->n_lanes; i++) {
        const Cpts__V1__LaneStatus *lane = from->lanes[i];
        lanes[i] = (struct cpts_lane){.name = lane->name,
                                      .connected = lane->connected,
                                      .queue_length = lane->queue_length,
                                      .calls_done = lane->calls_done,
                                      .calls_refused = lane->calls_refused,
                                      .calls_expired = lane->calls_expired,
                                      .batches = lane->batches,
                                      .batches_retried = lane->batches_retried,
                                      .outcomes_resolved = lane->outcomes_resolved,
                                      .outcomes_unknown = lane->outcomes_unknown,
                                      .reconnects = lane->reconnects,
                                      .stalls_ended = lane->stalls_ended};
    }
    status->lanes = lanes;
    status->lane_count = from->n_lanes;
    return true;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    struct cpts_node_status *status = answer->result;
    const Cpts__V1__GetNodeStatusResponse *from =
        (const Cpts__V1__GetNodeStatusResponse *)answer->message;
    *status = (struct cpts_node_status){
        .node = from->node,
        .version = from->version,
        .time_us = cpts_convert__instant_us(from->time),
        .started_at_us = cpts_convert__instant_us(from->started_at),
        .certificate_not_after_us = cpts_convert__instant_us(from->certificate_not_after),
        .database_version = from->database_version,
        .database_time_us = cpts_convert__instant_us(from->database_time),
        .reference_version = from->reference_version,
        .population_vintage = from->population_vintage,
        .log_position = from->log_position,
        .identity = from->identity,
        .roles = (const char *const *)from->roles,
        .role_count = from->n_roles,
        .scope = from->scope,
        .message = from,
        .checkpoint_key =
            from->checkpoint_key.len == CPTS_SYNC_HASH_BYTES ? from->checkpoint_key.data : NULL,
    };
    if (fill_lanes(status, from, answer->arena))
        return CPTS_OK;
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static void deliver(const struct completion *completion)
{
    ((cpts_node_status_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__GetNodeStatusRequest request = CPTS__V1__GET_NODE_STATUS_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_NODE_STATUS,
                                .request = &request.base,
                                .response = &cpts__v1__get_node_status_response__descriptor,
                                .result_bytes = sizeof(struct cpts_node_status),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_node_status(cpts_client *client, int32_t timeout_ms,
                             struct cpts_node_status **ret_status, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, &launch, err);
    if (status == CPTS_OK)
        *ret_status = result;
    return status;
}

cpts_status cpts_node_status_start(cpts_client *client, const struct cpts_async *async,
                                   cpts_node_status_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, &launch, err);
}

char *cpts_node_status_json(const struct cpts_node_status *status, int indent_spaces)
{
    return cpts_convert__json(status->message, indent_spaces);
}

void cpts_node_status_free(struct cpts_node_status *status)
{
    cpts_exchange__release(status);
}
