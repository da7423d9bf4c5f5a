/* SPDX-License-Identifier: Apache-2.0 */
/* Step tables, values and decisions: what changes them. */
#include <cpts/indicator_async.h>
#include <cpts/v1/indicator.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static Cpts__V1__IndicatorThreshold **threshold_list(const struct cpts_indicator_threshold *from,
                                                     size_t count, struct arena *arena)
{
    Cpts__V1__IndicatorThreshold **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__IndicatorThreshold *lines = arena_alloc(arena, (count + 1) * sizeof *lines);
    if (list == NULL || lines == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &lines[i];
        cpts__v1__indicator_threshold__init(list[i]);
        list[i]->value = cpts_convert__text(from[i].value);
        list[i]->amount_cents = from[i].amount_cents;
    }
    return list;
}

static Cpts__V1__IndicatorValue **value_list(const struct cpts_indicator_value *from, size_t count,
                                             struct arena *arena)
{
    Cpts__V1__IndicatorValue **list = arena_alloc(arena, (count + 1) * sizeof *list);
    Cpts__V1__IndicatorValue *values = arena_alloc(arena, (count + 1) * sizeof *values);
    if (list == NULL || values == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        list[i] = &values[i];
        cpts__v1__indicator_value__init(list[i]);
        list[i]->indicator = cpts_convert__text(from[i].indicator);
        list[i]->period = cpts_convert__text(from[i].period);
        list[i]->value = cpts_convert__text(from[i].value);
    }
    return list;
}

static const struct exchange TARGET = {.operation = OPERATION_INDICATOR_TARGET_SET,
                                       .response =
                                           &cpts__v1__set_indicator_target_response__descriptor};

static cpts_status target_in(const struct command_call *command,
                             const struct cpts_indicator_target *target, struct cpts_error *err)
{
    Cpts__V1__SetIndicatorTargetRequest request = CPTS__V1__SET_INDICATOR_TARGET_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(target->id);
    request.expected_version = target->expected_version;
    request.indicator = cpts_convert__text(target->indicator);
    request.effective_on = cpts_convert__text(target->effective_on);
    request.baseline = cpts_convert__text(target->baseline);
    request.thresholds =
        threshold_list(target->thresholds, target->threshold_count, command->arena);
    request.n_thresholds = target->threshold_count;
    request.published = target->published;
    if (request.thresholds == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &TARGET, &request.base, err);
}

static cpts_status make_target(cpts_client *client, const struct cpts_indicator_target *target,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_indicator_target own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, target, err);
    if (status == CPTS_OK)
        status = target_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_indicator_target_set(cpts_client *client,
                                      const struct cpts_indicator_target *target,
                                      uint8_t *command_id, int32_t timeout_ms,
                                      struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_target(client, target, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_indicator_target_set_start(cpts_client *client,
                                            const struct cpts_indicator_target *target,
                                            uint8_t *command_id, const struct cpts_async *async,
                                            cpts_outcome_callback *callback, uint64_t *ret_call,
                                            struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_target(client, target, command_id, &launch, err);
}

static const struct exchange RECORD = {.operation = OPERATION_INDICATOR_VALUES_RECORD,
                                       .response =
                                           &cpts__v1__record_indicator_values_response__descriptor};

static cpts_status record_in(const struct command_call *command,
                             const struct cpts_indicator_values *values, struct cpts_error *err)
{
    Cpts__V1__RecordIndicatorValuesRequest request =
        CPTS__V1__RECORD_INDICATOR_VALUES_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(values->id);
    request.expected_version = values->expected_version;
    request.values = value_list(values->values, values->value_count, command->arena);
    request.n_values = values->value_count;
    request.correction_reason = cpts_convert__text(values->correction_reason);
    if (request.values == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &RECORD, &request.base, err);
}

static cpts_status make_record(cpts_client *client, const struct cpts_indicator_values *values,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_indicator_values own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, values, err);
    if (status == CPTS_OK)
        status = record_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_indicator_values_record(cpts_client *client,
                                         const struct cpts_indicator_values *values,
                                         uint8_t *command_id, int32_t timeout_ms,
                                         struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record(client, values, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_indicator_values_record_start(cpts_client *client,
                                               const struct cpts_indicator_values *values,
                                               uint8_t *command_id, const struct cpts_async *async,
                                               cpts_outcome_callback *callback, uint64_t *ret_call,
                                               struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record(client, values, command_id, &launch, err);
}

static const struct exchange DECIDE = {.operation = OPERATION_INDICATOR_VALUES_DECIDE,
                                       .response =
                                           &cpts__v1__decide_indicator_values_response__descriptor};

static cpts_status decide_in(const struct command_call *command,
                             const struct cpts_indicator_decision *decision, struct cpts_error *err)
{
    Cpts__V1__DecideIndicatorValuesRequest request =
        CPTS__V1__DECIDE_INDICATOR_VALUES_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(decision->id);
    request.expected_version = decision->expected_version;
    request.state = (Cpts__V1__IndicatorState)decision->state;
    request.values = value_list(decision->values, decision->value_count, command->arena);
    request.n_values = decision->value_count;
    if (request.values == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &DECIDE, &request.base, err);
}

static cpts_status make_decide(cpts_client *client, const struct cpts_indicator_decision *decision,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_indicator_decision own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, decision, err);
    if (status == CPTS_OK)
        status = decide_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_indicator_values_decide(cpts_client *client,
                                         const struct cpts_indicator_decision *decision,
                                         uint8_t *command_id, int32_t timeout_ms,
                                         struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_decide(client, decision, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_indicator_values_decide_start(cpts_client *client,
                                               const struct cpts_indicator_decision *decision,
                                               uint8_t *command_id, const struct cpts_async *async,
                                               cpts_outcome_callback *callback, uint64_t *ret_call,
                                               struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_decide(client, decision, command_id, &launch, err);
}
