/* SPDX-License-Identifier: Apache-2.0 */
/* RecordMission, SetMissionPlan and RecordCrisis. */
#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/funding.pb-c.h"
#include "domain/calendar.h"
#include "domain/entitlement_rules.h"
#include "domain/mission_status.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/error.h"

/* Column of mission_record.sql. */
#define CLOSED 5

static cpts_status check_date(const char *date, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    return calendar_past_check(date, today, "effective_on", err);
}

static cpts_status check_mission(const Cpts__V1__RecordMissionRequest *request,
                                 struct cpts_error *err)
{
    cpts_status status = mission_code_check(request->mission, err);
    if (status != CPTS_OK)
        return status;
    if (mission_status_code((int)request->status)[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "status", "which status was entered?");
    return check_date(request->effective_on, err);
}

cpts_status mission_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordMissionRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_mission(request, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsMissionRecorded recorded = CPTS__V1__CPTS_MISSION_RECORDED__INIT;
    recorded.mission = request->mission;
    recorded.status = (char *)mission_status_code((int)request->status);
    recorded.effective_on = request->effective_on;
    recorded.correction = request->correction;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_MISSION_RECORDED;
    change.cpts_mission_recorded = &recorded;
    struct command command = {STATEMENT_MISSION_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    const char *const *sources = NULL;
    size_t source_count = mission_status_sources((int)request->status, &sources);
    query_int(call->query, request->expected_version);
    query_text(call->query, request->mission);
    query_text(call->query, recorded.status);
    query_text(call->query, request->effective_on);
    query_text_array(call->query, sources, source_count);
    query_bool(call->query, request->correction);
    const char *const *clocks = NULL;
    size_t clock_count = mission_status_clocks((int)request->status, &clocks);
    query_text_array(call->query, clocks, clock_count);
    return CPTS_OK;
}

cpts_status mission_record_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__record_mission_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordMissionResponse *response = (Cpts__V1__RecordMissionResponse *)call->response;
    response->closed = closed_items(call, rows, CLOSED, &response->n_closed);
    return response->closed != NULL
               ? CPTS_OK
               : error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static const char *plan_state_code(Cpts__V1__PlanState state)
{
    if (state == CPTS__V1__PLAN_STATE__PLAN_STATE_PROPOSED)
        return "PROPOSED";
    return state == CPTS__V1__PLAN_STATE__PLAN_STATE_ADOPTED ? "ADOPTED" : "";
}

static cpts_status check_plan(const struct call *call,
                              const Cpts__V1__SetMissionPlanRequest *request,
                              struct cpts_error *err)
{
    bool is_proposal = request->state == CPTS__V1__PLAN_STATE__PLAN_STATE_PROPOSED;
    cpts_status status = mission_code_check(request->mission, err);
    if (status == CPTS_OK && plan_state_code(request->state)[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "state", "proposed or adopted?");
    if (status == CPTS_OK)
        status = decider_check(call, is_proposal, "state", err);
    if (status == CPTS_OK)
        status = check_date(request->effective_on, err);
    if (status == CPTS_OK && request->n_objectives + request->n_actions == 0)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "objectives",
                                 "a plan has an objective or an action");
    if (status == CPTS_OK)
        status = mission_texts_check(request->objectives, request->n_objectives,
                                     MISSION_OBJECTIVES_MAX, "objectives", err);
    if (status == CPTS_OK)
        status = mission_texts_check(request->actions, request->n_actions, MISSION_ACTIONS_MAX,
                                     "actions", err);
    return status;
}

cpts_status mission_plan_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetMissionPlanRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_plan(call, request, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsMissionPlanSet set = CPTS__V1__CPTS_MISSION_PLAN_SET__INIT;
    set.mission = request->mission;
    set.state = (char *)plan_state_code(request->state);
    set.effective_on = request->effective_on;
    set.n_objectives = request->n_objectives;
    set.objectives = request->objectives;
    set.n_actions = request->n_actions;
    set.actions = request->actions;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_MISSION_PLAN_SET;
    change.cpts_mission_plan_set = &set;
    struct command command = {STATEMENT_MISSION_PLAN_SET, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->mission);
    query_text(call->query, set.state);
    query_text(call->query, request->effective_on);
    query_text_array(call->query, (const char *const *)request->objectives, request->n_objectives);
    query_text_array(call->query, (const char *const *)request->actions, request->n_actions);
    return CPTS_OK;
}

cpts_status mission_plan_set_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__set_mission_plan_response__descriptor, err);
}

cpts_status crisis_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordCrisisRequest *request = message;
    uint8_t id[16];
    const char *kind = crisis_kind_code((int)request->kind);
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK && kind[0] == '\0')
        status = error_set_field(err, REASON_FIELD_REQUIRED, "kind", "what happened?");
    if (status == CPTS_OK)
        status = check_date(request->effective_on, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsCrisisRecorded recorded = CPTS__V1__CPTS_CRISIS_RECORDED__INIT;
    recorded.kind = (char *)kind;
    recorded.effective_on = request->effective_on;
    recorded.withdrawn = request->withdrawn;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_CRISIS_RECORDED;
    change.cpts_crisis_recorded = &recorded;
    struct command command = {STATEMENT_CRISIS_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, kind);
    query_text(call->query, request->effective_on);
    query_bool(call->query, request->withdrawn);
    return CPTS_OK;
}

cpts_status crisis_record_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__record_crisis_response__descriptor, err);
}
