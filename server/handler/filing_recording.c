/* SPDX-License-Identifier: Apache-2.0 */
/* RecordFiling. */
#include "wire/filing_step.h"

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/calendar.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* Column of filing_record.sql behind the outcome. */
#define CLOSED 5
#define REFUSED "REFUSED"

static const char *const TACIT_CLOCK[] = {"TACIT_VALIDATION", NULL};

/* A command about a filing, checked. */
struct filing_command {
    const Cpts__V1__RecordFilingRequest *request;
    const struct filing_step *step;
    uint8_t cpts_id[16];
    uint8_t filing_id[16];
    /** Text of the filing's id, in the arena. */
    char *filing_text;
    bool keeps_documents;
    struct clock_set *clocks;
    size_t stop_count;
};

static cpts_status check_step(const struct call *call, struct filing_command *filing,
                              struct cpts_error *err)
{
    const Cpts__V1__RecordFilingRequest *request = filing->request;
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    filing->step = filing_step_to((int)request->state);
    if (filing->step == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "state",
                               "DRAFT, FILED, COMPLETE, DECIDED or WITHDRAWN");
    if (request->target < CPTS__V1__STAGE__STAGE_LETTRE_INTENTION ||
        request->target > CPTS__V1__STAGE__STAGE_ACI_SIGNE)
        return error_set_field(err, REASON_FIELD_REQUIRED, "target",
                               "LETTRE_INTENTION, PROJET_VALIDE or ACI_SIGNE");
    cpts_status status = decider_check(call, filing->step->by_cpts, "state", err);
    if (status == CPTS_OK)
        status = calendar_past_check(request->effective_on, today, "effective_on", err);
    return status;
}

static cpts_status check_documents(struct filing_command *filing, struct cpts_error *err)
{
    const Cpts__V1__RecordFilingRequest *request = filing->request;
    bool takes_documents = filing->step->to == FILING_DRAFT || filing->step->to == FILING_FILED;
    filing->keeps_documents = request->documents_unchanged || !takes_documents;
    if (filing->keeps_documents && request->n_document_ids > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "document_ids",
                               "documents change with DRAFT and FILED, and not with "
                               "documents_unchanged");
    return document_ids_check(request->document_ids, request->n_document_ids, err);
}

/* The id given, or one derived from the command's. */
static cpts_status find_id(struct call *call, struct filing_command *filing, struct cpts_error *err)
{
    uint8_t command_id[16];
    cpts_status status = request_uuid(filing->request->command_id, "command_id", command_id, err);
    if (status != CPTS_OK)
        return status;
    if (filing->request->filing_id[0] == '\0')
        dossier_id_make("filing", command_id, filing->filing_id);
    else
        status = request_uuid(filing->request->filing_id, "filing_id", filing->filing_id, err);
    filing->filing_text = arena_alloc(call->arena, UUID_TEXT_BYTES);
    if (status == CPTS_OK && filing->filing_text == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the filing");
    if (status == CPTS_OK)
        uuid_format(filing->filing_id, filing->filing_text);
    return status;
}

/* Silence counts for the projet de santé, from the day it is complete until the
 * filing is something else. */
static cpts_status find_clocks(struct call *call, struct filing_command *filing,
                               struct cpts_error *err)
{
    bool counts = transition_to((int)filing->request->target)->tacit;
    bool starts = counts && filing->step->to == FILING_COMPLETE;
    struct clock_seed seed = {filing->request->id, filing->request->command_id};
    filing->clocks =
        clock_set_make(call, TACIT_CLOCK, starts ? 1 : 0, filing->request->effective_on, &seed);
    filing->stop_count = counts && !starts ? 1 : 0;
    if (filing->clocks == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the clocks");
    return CPTS_OK;
}

static cpts_status describe(struct call *call, const struct filing_command *filing,
                            Cpts__V1__CptsFilingRecorded *recorded)
{
    const Cpts__V1__RecordFilingRequest *request = filing->request;
    recorded->filing_id = filing->filing_text;
    recorded->target = request->target;
    recorded->state = request->state;
    recorded->effective_on = request->effective_on;
    recorded->decision = filing->step->to == FILING_DECIDED ? REFUSED : "";
    recorded->documents_unchanged = filing->keeps_documents;
    recorded->n_document_ids = request->n_document_ids;
    recorded->document_ids = request->document_ids;
    recorded->n_clocks = filing->clocks->count;
    recorded->clocks = clock_set_facts(call, filing->clocks);
    recorded->n_stopped_kinds = filing->stop_count;
    recorded->stopped_kinds = (char **)TACIT_CLOCK;
    return recorded->clocks == NULL ? CPTS_RESOURCE_EXHAUSTED : CPTS_OK;
}

static void bind_filing(struct call *call, const struct filing_command *filing)
{
    const Cpts__V1__RecordFilingRequest *request = filing->request;
    const struct transition *transition = transition_to((int)request->target);
    const char *sources[FILING_SOURCES_MAX];
    size_t source_count = filing_sources(filing->step, sources);
    /* Without an id it is a new one; with one it must be there. */
    bool is_new = request->filing_id[0] == '\0';
    size_t first = !is_new && sources[0][0] == '\0' ? 1 : 0;
    query_int(call->query, request->expected_version);
    query_uuid(call->query, filing->filing_id);
    query_text(call->query, stage_code((int)request->target));
    query_text(call->query, filing_state_code((int)filing->step->to));
    query_text(call->query, request->effective_on);
    if (filing->keeps_documents)
        query_text(call->query, NULL);
    else
        query_text_array(call->query, (const char *const *)request->document_ids,
                         request->n_document_ids);
    query_text_array(call->query, sources + first, source_count - first);
    query_text_array(call->query, transition->evidence,
                     filing->step->needs_documents ? transition_kind_count(transition->evidence)
                                                   : 0);
    query_text(call->query, filing->step->needs_stage ? stage_code((int)request->target - 1) : "");
    query_text(call->query, filing->step->to == FILING_DECIDED ? REFUSED : "");
    clock_set_bind(call->query, filing->clocks);
    query_text_array(call->query, TACIT_CLOCK, filing->stop_count);
}

cpts_status filing_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    struct filing_command filing = {.request = message};
    const Cpts__V1__RecordFilingRequest *request = message;
    cpts_status status =
        request_target(request->id, request->expected_version, filing.cpts_id, err);
    if (status == CPTS_OK)
        status = check_step(call, &filing, err);
    if (status == CPTS_OK)
        status = check_documents(&filing, err);
    if (status == CPTS_OK)
        status = find_id(call, &filing, err);
    if (status == CPTS_OK)
        status = find_clocks(call, &filing, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsFilingRecorded recorded = CPTS__V1__CPTS_FILING_RECORDED__INIT;
    if (describe(call, &filing, &recorded) != CPTS_OK)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_FILING_RECORDED;
    change.cpts_filing_recorded = &recorded;
    struct command command = {STATEMENT_FILING_RECORD, request->command_id, &request->base,
                              filing.cpts_id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    call->state = filing.filing_text;
    bind_filing(call, &filing);
    return CPTS_OK;
}

cpts_status filing_record_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__record_filing_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordFilingResponse *response = (Cpts__V1__RecordFilingResponse *)call->response;
    response->filing_id = call->state;
    response->closed = closed_items(call, rows, CLOSED, &response->n_closed);
    if (response->closed == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    return CPTS_OK;
}
