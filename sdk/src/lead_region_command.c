/* SPDX-License-Identifier: Apache-2.0 */
/* SetLeadRegion. */
#include <cpts/lead_region.h>
#include <cpts/v1/lifecycle.pb-c.h>

#include "command_call.h"
#include "convert.h"

static cpts_status make(cpts_client *client, const struct cpts_lead_region_change *change,
                        uint8_t *command_id, const struct launch *launch, struct cpts_error *err)
{
    static const struct exchange EXCHANGE = {.operation = OPERATION_LIFECYCLE_SET_LEAD_REGION,
                                             .response =
                                                 &cpts__v1__set_lead_region_response__descriptor};
    struct cpts_lead_region_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK) {
        Cpts__V1__SetLeadRegionRequest request = CPTS__V1__SET_LEAD_REGION_REQUEST__INIT;
        request.command_id = command.id;
        request.id = cpts_convert__text(own.id);
        request.expected_version = own.expected_version;
        request.new_region = cpts_convert__text(own.new_region);
        request.reason = cpts_convert__text(own.reason);
        status = cpts_command__make(&command, &EXCHANGE, &request.base, err);
    }
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_lead_region_set(cpts_client *client, const struct cpts_lead_region_change *change,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_lead_region_set_start(cpts_client *client,
                                       const struct cpts_lead_region_change *change,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make(client, change, command_id, &launch, err);
}
