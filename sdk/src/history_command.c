/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/history.h>
#include <cpts/v1/history.pb-c.h>

#include "command_call.h"
#include "convert.h"

static const struct exchange STAGES = {.operation = OPERATION_HISTORY_CORRECT_STAGES,
                                       .response = &cpts__v1__correct_stages_response__descriptor};

static cpts_status correct_stages_in(const struct command_call *command,
                                     const struct cpts_stages_correction *correction,
                                     struct cpts_error *err)
{
    Cpts__V1__CorrectStagesRequest request = CPTS__V1__CORRECT_STAGES_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(correction->id);
    request.expected_version = correction->expected_version;
    request.stages =
        cpts_command__stages(correction->stages, correction->stage_count, command->arena);
    request.n_stages = correction->stage_count;
    request.reason = cpts_convert__text(correction->reason);
    request.evidence = cpts_convert__text(correction->evidence);
    if (request.stages == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &STAGES, &request.base, err);
}

static cpts_status make_correct_stages(cpts_client *client,
                                       const struct cpts_stages_correction *correction,
                                       uint8_t *command_id, const struct launch *launch,
                                       struct cpts_error *err)
{
    struct cpts_stages_correction own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status =
        cpts_command__begin(&command, command_id, &own, sizeof own, correction, err);
    if (status == CPTS_OK)
        status = correct_stages_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_history_correct_stages(cpts_client *client,
                                        const struct cpts_stages_correction *correction,
                                        uint8_t *command_id, int32_t timeout_ms,
                                        struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_correct_stages(client, correction, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_history_correct_stages_start(cpts_client *client,
                                              const struct cpts_stages_correction *correction,
                                              uint8_t *command_id, const struct cpts_async *async,
                                              cpts_outcome_callback *callback, uint64_t *ret_call,
                                              struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_correct_stages(client, correction, command_id, &launch, err);
}

static const struct exchange TERRITORY = {.operation = OPERATION_HISTORY_CORRECT_TERRITORY,
                                          .response =
                                              &cpts__v1__correct_territory_response__descriptor};

static cpts_status correct_territory_in(const struct command_call *command,
                                        const struct cpts_territory_correction *correction,
                                        struct cpts_error *err)
{
    Cpts__V1__CorrectTerritoryRequest request = CPTS__V1__CORRECT_TERRITORY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(correction->id);
    request.expected_version = correction->expected_version;
    request.effective_from = cpts_convert__text(correction->effective_from);
    request.effective_to = cpts_convert__text(correction->effective_to);
    request.territory =
        cpts_command__territory(correction->territory, correction->unit_count, command->arena);
    request.n_territory = correction->unit_count;
    request.reason = cpts_convert__text(correction->reason);
    request.evidence = cpts_convert__text(correction->evidence);
    if (request.territory == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &TERRITORY, &request.base, err);
}

static cpts_status make_correct_territory(cpts_client *client,
                                          const struct cpts_territory_correction *correction,
                                          uint8_t *command_id, const struct launch *launch,
                                          struct cpts_error *err)
{
    struct cpts_territory_correction own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status =
        cpts_command__begin(&command, command_id, &own, sizeof own, correction, err);
    if (status == CPTS_OK)
        status = correct_territory_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_history_correct_territory(cpts_client *client,
                                           const struct cpts_territory_correction *correction,
                                           uint8_t *command_id, int32_t timeout_ms,
                                           struct cpts_outcome **ret_outcome,
                                           struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_correct_territory(client, correction, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_history_correct_territory_start(cpts_client *client,
                                                 const struct cpts_territory_correction *correction,
                                                 uint8_t *command_id,
                                                 const struct cpts_async *async,
                                                 cpts_outcome_callback *callback,
                                                 uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_correct_territory(client, correction, command_id, &launch, err);
}
