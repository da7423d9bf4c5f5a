/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/mission.h>
#include <cpts/v1/funding.pb-c.h>

#include "command_call.h"
#include "convert.h"

static const struct exchange MISSION = {.operation = OPERATION_FUNDING_RECORD_MISSION,
                                        .response = &cpts__v1__record_mission_response__descriptor};

static cpts_status mission_in(const struct command_call *command,
                              const struct cpts_mission_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordMissionRequest request = CPTS__V1__RECORD_MISSION_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.mission = cpts_convert__text(change->mission);
    request.status = (Cpts__V1__MissionStatus)change->status;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.correction = change->correction;
    return cpts_command__make(command, &MISSION, &request.base, err);
}

static cpts_status make_mission(cpts_client *client, const struct cpts_mission_change *change,
                                uint8_t *command_id, const struct launch *launch,
                                struct cpts_error *err)
{
    struct cpts_mission_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = mission_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_mission_record(cpts_client *client, const struct cpts_mission_change *change,
                                uint8_t *command_id, int32_t timeout_ms,
                                struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_mission(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_mission_record_start(cpts_client *client, const struct cpts_mission_change *change,
                                      uint8_t *command_id, const struct cpts_async *async,
                                      cpts_outcome_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_mission(client, change, command_id, &launch, err);
}

static const struct exchange PLAN = {.operation = OPERATION_FUNDING_SET_PLAN,
                                     .response = &cpts__v1__set_mission_plan_response__descriptor};

static cpts_status plan_in(const struct command_call *command,
                           const struct cpts_plan_change *change, struct cpts_error *err)
{
    Cpts__V1__SetMissionPlanRequest request = CPTS__V1__SET_MISSION_PLAN_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.mission = cpts_convert__text(change->mission);
    request.state = (Cpts__V1__PlanState)change->state;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.objectives = (char **)change->objectives;
    request.n_objectives = change->objective_count;
    request.actions = (char **)change->actions;
    request.n_actions = change->action_count;
    return cpts_command__make(command, &PLAN, &request.base, err);
}

static cpts_status make_plan(cpts_client *client, const struct cpts_plan_change *change,
                             uint8_t *command_id, const struct launch *launch,
                             struct cpts_error *err)
{
    struct cpts_plan_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = plan_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_mission_set_plan(cpts_client *client, const struct cpts_plan_change *change,
                                  uint8_t *command_id, int32_t timeout_ms,
                                  struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_plan(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_mission_set_plan_start(cpts_client *client, const struct cpts_plan_change *change,
                                        uint8_t *command_id, const struct cpts_async *async,
                                        cpts_outcome_callback *callback, uint64_t *ret_call,
                                        struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_plan(client, change, command_id, &launch, err);
}

static const struct exchange CRISIS = {.operation = OPERATION_FUNDING_RECORD_CRISIS,
                                       .response = &cpts__v1__record_crisis_response__descriptor};

static cpts_status crisis_in(const struct command_call *command,
                             const struct cpts_crisis_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordCrisisRequest request = CPTS__V1__RECORD_CRISIS_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.kind = (Cpts__V1__CrisisKind)change->kind;
    request.effective_on = cpts_convert__text(change->effective_on);
    request.withdrawn = change->withdrawn;
    return cpts_command__make(command, &CRISIS, &request.base, err);
}

static cpts_status make_crisis(cpts_client *client, const struct cpts_crisis_change *change,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_crisis_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = crisis_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_mission_record_crisis(cpts_client *client, const struct cpts_crisis_change *change,
                                       uint8_t *command_id, int32_t timeout_ms,
                                       struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_crisis(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_mission_record_crisis_start(cpts_client *client,
                                             const struct cpts_crisis_change *change,
                                             uint8_t *command_id, const struct cpts_async *async,
                                             cpts_outcome_callback *callback, uint64_t *ret_call,
                                             struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_crisis(client, change, command_id, &launch, err);
}
