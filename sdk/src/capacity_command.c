/* SPDX-License-Identifier: Apache-2.0 */
/* Capacity: recording it. */
#include <cpts/capacity_async.h>
#include <cpts/v1/capacity.pb-c.h>

#include "command_call.h"
#include "convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static const struct exchange RECORD = {.operation = OPERATION_CAPACITY_RECORD,
                                       .response = &cpts__v1__record_capacity_response__descriptor};

static Cpts__V1__SeekerCount **seeker_list(const struct cpts_capacity_week *from,
                                           struct arena *arena)
{
    Cpts__V1__SeekerCount **list = arena_alloc(arena, (from->seeker_count + 1) * sizeof *list);
    Cpts__V1__SeekerCount *seekers = arena_alloc(arena, (from->seeker_count + 1) * sizeof *seekers);
    if (list == NULL || seekers == NULL)
        return NULL;
    for (size_t i = 0; i < from->seeker_count; i++) {
        list[i] = &seekers[i];
        cpts__v1__seeker_count__init(list[i]);
        list[i]->area = cpts_convert__text(from->seekers[i].area);
        list[i]->patient_count = from->seekers[i].patient_count;
    }
    return list;
}

static void set_figures(const struct cpts_capacity_week *from, Cpts__V1__CapacityWeek *week)
{
    if (from->snp_slot_count != CPTS_FIGURE_UNKNOWN) {
        week->_snp_slot_count_case = CPTS__V1__CAPACITY_WEEK___SNP_SLOT_COUNT_SNP_SLOT_COUNT;
        week->snp_slot_count = from->snp_slot_count;
    }
    if (from->doctor_slot_count != CPTS_FIGURE_UNKNOWN) {
        week->_doctor_slot_count_case =
            CPTS__V1__CAPACITY_WEEK___DOCTOR_SLOT_COUNT_DOCTOR_SLOT_COUNT;
        week->doctor_slot_count = from->doctor_slot_count;
    }
    if (from->place_count != CPTS_FIGURE_UNKNOWN) {
        week->_place_count_case = CPTS__V1__CAPACITY_WEEK___PLACE_COUNT_PLACE_COUNT;
        week->place_count = from->place_count;
    }
}

static Cpts__V1__CapacityWeek **week_list(const struct cpts_capacity_change *change,
                                          struct arena *arena)
{
    Cpts__V1__CapacityWeek **list = arena_alloc(arena, (change->week_count + 1) * sizeof *list);
    Cpts__V1__CapacityWeek *weeks = arena_alloc(arena, (change->week_count + 1) * sizeof *weeks);
    if (list == NULL || weeks == NULL)
        return NULL;
    for (size_t i = 0; i < change->week_count; i++) {
        list[i] = &weeks[i];
        cpts__v1__capacity_week__init(list[i]);
        list[i]->week = cpts_convert__text(change->weeks[i].week);
        set_figures(&change->weeks[i], list[i]);
        list[i]->seekers = seeker_list(&change->weeks[i], arena);
        list[i]->n_seekers = change->weeks[i].seeker_count;
        if (list[i]->seekers == NULL)
            return NULL;
    }
    return list;
}

static cpts_status record_in(const struct command_call *command,
                             const struct cpts_capacity_change *change, struct cpts_error *err)
{
    Cpts__V1__RecordCapacityRequest request = CPTS__V1__RECORD_CAPACITY_REQUEST__INIT;
    request.command_id = (char *)command->id;
    request.id = cpts_convert__text(change->id);
    request.expected_version = change->expected_version;
    request.weeks = week_list(change, command->arena);
    request.n_weeks = change->week_count;
    if (request.weeks == NULL)
        return cpts_command__no_memory(err);
    return cpts_command__make(command, &RECORD, &request.base, err);
}

static cpts_status make_record(cpts_client *client, const struct cpts_capacity_change *change,
                               uint8_t *command_id, const struct launch *launch,
                               struct cpts_error *err)
{
    struct cpts_capacity_change own;
    struct command_call command = {.client = client, .launch = launch};
    cpts_status status = cpts_command__begin(&command, command_id, &own, sizeof own, change, err);
    if (status == CPTS_OK)
        status = record_in(&command, &own, err);
    cpts_command__done(&command);
    return status;
}

cpts_status cpts_capacity_record(cpts_client *client, const struct cpts_capacity_change *change,
                                 uint8_t *command_id, int32_t timeout_ms,
                                 struct cpts_outcome **ret_outcome, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_record(client, change, command_id, &launch, err);
    if (status == CPTS_OK)
        *ret_outcome = result;
    return status;
}

cpts_status cpts_capacity_record_start(cpts_client *client,
                                       const struct cpts_capacity_change *change,
                                       uint8_t *command_id, const struct cpts_async *async,
                                       cpts_outcome_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch = cpts_exchange__started(async, (exchange_callback *)callback,
                                                  cpts_command__deliver, ret_call);
    return make_record(client, change, command_id, &launch, err);
}
