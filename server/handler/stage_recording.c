/* SPDX-License-Identifier: Apache-2.0 */
/* RecordStage. */
#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/calendar.h"
#include "domain/maturity.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/stage_basis.h"
#include "store/query.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* Column of cpts_stage_record.sql behind the outcome. */
#define CLOSED 5

static cpts_status check_basis(const struct call *call, const Cpts__V1__RecordStageRequest *request,
                               const struct transition *transition, struct cpts_error *err)
{
    cpts_status status = stage_basis_check(request->basis, transition, err);
    if (status == CPTS_OK)
        status = decider_check(call, transition_is_own(transition), "stage", err);
    if (status == CPTS_OK)
        status = document_ids_check(request->document_ids, request->n_document_ids, err);
    if (status == CPTS_OK && request->stage == CPTS__V1__STAGE__STAGE_FUSIONNE &&
        request->basis == CPTS__V1__STAGE_BASIS__STAGE_BASIS_DECISION)
        status = error_set_field(err, REASON_FIELD_INVALID, "basis",
                                 "a merge that is decided moves the territory: use MergeCpts");
    return status;
}

static cpts_status check_stage(const struct call *call, const Cpts__V1__RecordStageRequest *request,
                               struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    const struct transition *transition = transition_to((int)request->stage);
    if (transition == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "stage", "which stage was entered?");
    cpts_status status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status == CPTS_OK)
        status = stage_successor_check((int)request->stage, request->successor_id, request->id,
                                       "successor_id", err);
    if (status == CPTS_OK)
        status = check_basis(call, request, transition, err);
    return status;
}

static void bind_stage(struct call *call, const Cpts__V1__RecordStageRequest *request,
                       const struct transition *transition, const struct clock_set *clocks)
{
    const char *sources[STAGE_LIVE_COUNT];
    size_t source_count = stage_sources((int)request->stage, sources);
    query_int(call->query, request->expected_version);
    query_text(call->query, stage_code((int)request->stage));
    query_text(call->query, request->effective_on);
    query_text(call->query, request->successor_id[0] == '\0' ? NULL : request->successor_id);
    query_text_array(call->query, sources, source_count);
    query_text_array(call->query, (const char *const *)request->document_ids,
                     request->n_document_ids);
    query_text_array(call->query, transition->evidence,
                     transition_kind_count(transition->evidence));
    query_text(call->query, stage_basis_code(request->basis));
    clock_set_bind(call->query, clocks);
    query_text_array(call->query, transition->stops, transition_kind_count(transition->stops));
}

/* What the log keeps of it. */
static cpts_status describe(struct call *call, const Cpts__V1__RecordStageRequest *request,
                            const struct transition *transition, const struct clock_set *clocks,
                            Cpts__V1__CptsStageRecorded *recorded)
{
    recorded->stage->stage = request->stage;
    recorded->stage->effective_on = request->effective_on;
    recorded->stage->successor_id = request->successor_id;
    recorded->basis = request->basis;
    recorded->n_document_ids = request->n_document_ids;
    recorded->document_ids = request->document_ids;
    recorded->n_clocks = clocks->count;
    recorded->clocks = clock_set_facts(call, clocks);
    recorded->n_stopped_kinds = transition_kind_count(transition->stops);
    recorded->stopped_kinds = (char **)transition->stops;
    return recorded->clocks == NULL ? CPTS_RESOURCE_EXHAUSTED : CPTS_OK;
}

cpts_status stage_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordStageRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_stage(call, request, err);
    if (status != CPTS_OK)
        return status;
    const struct transition *transition = transition_to((int)request->stage);
    struct clock_seed seed = {request->id, request->command_id};
    struct clock_set *clocks = clock_set_make(call, transition->starts, TRANSITION_KINDS_MAX,
                                              request->effective_on, &seed);
    Cpts__V1__StageFact fact = CPTS__V1__STAGE_FACT__INIT;
    Cpts__V1__CptsStageRecorded recorded = CPTS__V1__CPTS_STAGE_RECORDED__INIT;
    recorded.stage = &fact;
    if (clocks == NULL || describe(call, request, transition, clocks, &recorded) != CPTS_OK)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_STAGE_RECORDED;
    change.cpts_stage_recorded = &recorded;
    struct command command = {stage_is_live((int)request->stage) ? STATEMENT_CPTS_STAGE_RECORD
                                                                 : STATEMENT_CPTS_EXIT_RECORD,
                              request->command_id, &request->base, id, &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        bind_stage(call, request, transition, clocks);
    return status;
}

cpts_status stage_record_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__record_stage_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordStageResponse *response = (Cpts__V1__RecordStageResponse *)call->response;
    response->closed = closed_items(call, rows, CLOSED, &response->n_closed);
    if (response->closed == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    return CPTS_OK;
}
