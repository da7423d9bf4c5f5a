/* SPDX-License-Identifier: Apache-2.0 */
/* SuspendNode, ResumeNode and RaiseNodeEpoch. */
#include <cpts/federation_node.h>
#include <cpts/v1/federation_desk.pb-c.h>

#include "command_call.h"
#include "convert.h"

static cpts_status make_suspend(cpts_client *client, const struct cpts_node_suspension *suspension,
                                uint8_t *command_id, const struct launch *launch,
                                struct cpts_error *err)
{
    static const struct exchange EXCHANGE = {.operation = OPERATION_NODE_SUSPEND,
                                             .response =
                                                 &cpts__v1__suspend_node_response__descriptor};
    struct cpts_node_suspension own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status =
        cpts_command__begin(&command, command_id, &own, sizeof own, suspension, err);
    if (status == CPTS_OK) {
        Cpts__V1__SuspendNodeRequest request = CPTS__V1__SUSPEND_NODE_REQUEST__INIT;
        request.command_id = command.id;
        request.node = cpts_convert__text(own.node);
        request.reason = cpts_convert__text(own.reason);
        status = cpts_command__make(&command, &EXCHANGE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_node_suspend(cpts_client *client, const struct cpts_node_suspension *suspension,
                              uint8_t *command_id, int32_t timeout_ms,
                              struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_suspend(client, suspension, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_node_suspend_start(cpts_client *client,
                                    const struct cpts_node_suspension *suspension,
                                    uint8_t *command_id, const struct cpts_async *async,
                                    cpts_outcome_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_suspend(client, suspension, command_id, &launch, err);
}

static cpts_status make_resume(cpts_client *client, const struct cpts_node_resumption *resumption,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    static const struct exchange EXCHANGE = {.operation = OPERATION_NODE_RESUME,
                                             .response =
                                                 &cpts__v1__resume_node_response__descriptor};
    struct cpts_node_resumption own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status =
        cpts_command__begin(&command, command_id, &own, sizeof own, resumption, err);
    if (status == CPTS_OK) {
        Cpts__V1__ResumeNodeRequest request = CPTS__V1__RESUME_NODE_REQUEST__INIT;
        request.command_id = command.id;
        request.node = cpts_convert__text(own.node);
        status = cpts_command__make(&command, &EXCHANGE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_node_resume(cpts_client *client, const struct cpts_node_resumption *resumption,
                             uint8_t *command_id, int32_t timeout_ms,
                             struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_resume(client, resumption, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_node_resume_start(cpts_client *client,
                                   const struct cpts_node_resumption *resumption,
                                   uint8_t *command_id, const struct cpts_async *async,
                                   cpts_outcome_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_resume(client, resumption, command_id, &launch, err);
}

static cpts_status make_raise_epoch(cpts_client *client, const struct cpts_node_epoch_raise *raise,
                                    uint8_t *command_id, const struct launch *launch,
                                    struct cpts_error *err)
{
    static const struct exchange EXCHANGE = {.operation = OPERATION_NODE_RAISE_EPOCH,
                                             .response =
                                                 &cpts__v1__raise_node_epoch_response__descriptor};
    struct cpts_node_epoch_raise own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, raise, err);
    if (status == CPTS_OK) {
        Cpts__V1__RaiseNodeEpochRequest request = CPTS__V1__RAISE_NODE_EPOCH_REQUEST__INIT;
        request.command_id = command.id;
        request.node = cpts_convert__text(own.node);
        request.expected_epoch = own.expected_epoch;
        request.reason = cpts_convert__text(own.reason);
        status = cpts_command__make(&command, &EXCHANGE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_node_raise_epoch(cpts_client *client, const struct cpts_node_epoch_raise *raise,
                                  uint8_t *command_id, int32_t timeout_ms,
                                  struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_raise_epoch(client, raise, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_node_raise_epoch_start(cpts_client *client,
                                        const struct cpts_node_epoch_raise *raise,
                                        uint8_t *command_id, const struct cpts_async *async,
                                        cpts_outcome_callback *callback, uint64_t *ret_call,
                                        struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_raise_epoch(client, raise, command_id, &launch, err);
}
