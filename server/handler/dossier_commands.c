/* SPDX-License-Identifier: Apache-2.0 */
/* RecordDocument, RecordMilestone, RecordEvidence and SetPublication. */
#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define TITLE_CHARACTERS_MAX 200
#define REFERENCE_CHARACTERS_MAX 500
#define NOTE_CHARACTERS_MAX 500
/* Column of milestone_record.sql behind the outcome. */
#define CLOSED 5

static cpts_status check_past(const char *text, const char *field, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    return calendar_past_check(text, today, field, err);
}

/* Text of the id that a command makes, in the arena; NULL when it is full. */
static char *made_id(struct call *call, const char *what, const uint8_t command_id[16],
                     uint8_t ret_id[16])
{
    char *text = arena_alloc(call->arena, UUID_TEXT_BYTES);
    dossier_id_make(what, command_id, ret_id);
    if (text != NULL)
        uuid_format(ret_id, text);
    return text;
}

static cpts_status check_document(const Cpts__V1__RecordDocumentRequest *request,
                                  struct cpts_error *err)
{
    cpts_status status = dossier_code_check(DOSSIER_DOCUMENT, request->kind, true, "kind", err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->title, TITLE_CHARACTERS_MAX, true, "title", err);
    if (status == CPTS_OK && request->sha256.len != DIGEST_BYTES)
        status = error_set_field(
            err, request->sha256.len == 0 ? REASON_FIELD_REQUIRED : REASON_FIELD_INVALID, "sha256",
            "the SHA-256 of the file is %d bytes", DIGEST_BYTES);
    if (status == CPTS_OK)
        status =
            cpts_text_check(request->reference, REFERENCE_CHARACTERS_MAX, false, "reference", err);
    if (status == CPTS_OK)
        status = check_past(request->dated_on, "dated_on", err);
    return status;
}

cpts_status document_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordDocumentRequest *request = message;
    uint8_t id[16], command_id[16], document_id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_document(request, err);
    if (status == CPTS_OK)
        status = request_uuid(request->command_id, "command_id", command_id, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsDocumentRecorded recorded = CPTS__V1__CPTS_DOCUMENT_RECORDED__INIT;
    recorded.document_id = made_id(call, "document", command_id, document_id);
    if (recorded.document_id == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    call->state = recorded.document_id;
    recorded.kind = request->kind;
    recorded.dated_on = request->dated_on;
    recorded.title = request->title;
    recorded.sha256 = request->sha256;
    recorded.reference = request->reference;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_DOCUMENT_RECORDED;
    change.cpts_document_recorded = &recorded;
    struct command command = {STATEMENT_DOCUMENT_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_uuid(call->query, document_id);
    query_text(call->query, request->kind);
    query_text(call->query, request->title);
    query_bytes(call->query, request->sha256.data, request->sha256.len);
    query_text(call->query, request->reference);
    query_text(call->query, request->dated_on);
    return CPTS_OK;
}

cpts_status document_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__record_document_response__descriptor, err);
    if (status == CPTS_OK)
        ((Cpts__V1__RecordDocumentResponse *)call->response)->document_id = call->state;
    return status;
}

static cpts_status check_milestone(const struct call *call,
                                   const Cpts__V1__RecordMilestoneRequest *request,
                                   const struct milestone_effect *effect, struct cpts_error *err)
{
    bool is_own = effect == NULL || effect->by_cpts;
    cpts_status status = dossier_code_check(DOSSIER_MILESTONE, request->kind, true, "kind", err);
    if (status == CPTS_OK)
        status = decider_check(call, is_own, "kind", err);
    if (status == CPTS_OK)
        status = check_past(request->effective_on, "effective_on", err);
    if (status == CPTS_OK)
        status = cpts_text_check(request->note, NOTE_CHARACTERS_MAX, false, "note", err);
    if (status == CPTS_OK)
        status = document_ids_check(request->document_ids, request->n_document_ids, err);
    return status;
}

static void bind_milestone(struct call *call, const Cpts__V1__RecordMilestoneRequest *request,
                           const struct milestone_effect *effect, const struct clock_set *clocks)
{
    const char *stages[STAGE_COUNT];
    size_t stage_count = 0;
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        if ((effect->stages & (1u << (unsigned)stage)) != 0)
            stages[stage_count++] = stage_code(stage);
    }
    query_int(call->query, request->expected_version);
    query_text(call->query, request->kind);
    query_text(call->query, request->effective_on);
    query_text(call->query, request->note);
    query_text_array(call->query, (const char *const *)request->document_ids,
                     request->n_document_ids);
    query_text_array(call->query, stages, stage_count);
    clock_set_bind(call->query, clocks);
    size_t stop_count = 0;
    while (stop_count < sizeof effect->stops / sizeof effect->stops[0] &&
           effect->stops[stop_count] != NULL)
        stop_count++;
    query_text_array(call->query, effect->stops, stop_count);
}

static cpts_status describe_milestone(struct call *call,
                                      const Cpts__V1__RecordMilestoneRequest *request,
                                      const struct milestone_effect *effect,
                                      const struct clock_set *clocks,
                                      Cpts__V1__CptsMilestoneRecorded *recorded)
{
    recorded->kind = request->kind;
    recorded->effective_on = request->effective_on;
    recorded->note = request->note;
    recorded->n_document_ids = request->n_document_ids;
    recorded->document_ids = request->document_ids;
    recorded->n_clocks = clocks->count;
    recorded->clocks = clock_set_facts(call, clocks);
    recorded->stopped_kinds = (char **)effect->stops;
    while (recorded->n_stopped_kinds < sizeof effect->stops / sizeof effect->stops[0] &&
           effect->stops[recorded->n_stopped_kinds] != NULL)
        recorded->n_stopped_kinds++;
    return recorded->clocks == NULL ? CPTS_RESOURCE_EXHAUSTED : CPTS_OK;
}

cpts_status milestone_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    static const struct milestone_effect NO_EFFECT = {0};
    const Cpts__V1__RecordMilestoneRequest *request = message;
    const struct milestone_effect *effect = milestone_effect_find(request->kind);
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_milestone(call, request, effect, err);
    if (status != CPTS_OK)
        return status;
    if (effect == NULL)
        effect = &NO_EFFECT;
    struct clock_seed seed = {request->id, request->command_id};
    struct clock_set *clocks =
        clock_set_make(call, effect->starts, sizeof effect->starts / sizeof effect->starts[0],
                       request->effective_on, &seed);
    Cpts__V1__CptsMilestoneRecorded recorded = CPTS__V1__CPTS_MILESTONE_RECORDED__INIT;
    if (clocks == NULL || describe_milestone(call, request, effect, clocks, &recorded) != CPTS_OK)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_MILESTONE_RECORDED;
    change.cpts_milestone_recorded = &recorded;
    struct command command = {STATEMENT_MILESTONE_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        bind_milestone(call, request, effect, clocks);
    return status;
}

cpts_status milestone_record_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__record_milestone_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RecordMilestoneResponse *response =
        (Cpts__V1__RecordMilestoneResponse *)call->response;
    response->closed = closed_items(call, rows, CLOSED, &response->n_closed);
    if (response->closed == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    return CPTS_OK;
}

static cpts_status check_evidence(const struct call *call,
                                  const Cpts__V1__RecordEvidenceRequest *request,
                                  struct cpts_error *err)
{
    const struct transition *transition = transition_to((int)request->stage);
    if (transition == NULL)
        return error_set_field(err, REASON_FIELD_REQUIRED, "stage", "evidence of which stage?");
    cpts_status status = decider_check(call, transition_is_own(transition), "stage", err);
    if (status == CPTS_OK && request->n_document_ids == 0)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "document_ids",
                                 "name at least one document");
    if (status == CPTS_OK)
        status = document_ids_check(request->document_ids, request->n_document_ids, err);
    return status;
}

cpts_status evidence_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordEvidenceRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_evidence(call, request, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsEvidenceRecorded recorded = CPTS__V1__CPTS_EVIDENCE_RECORDED__INIT;
    recorded.stage = request->stage;
    recorded.n_document_ids = request->n_document_ids;
    recorded.document_ids = request->document_ids;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_EVIDENCE_RECORDED;
    change.cpts_evidence_recorded = &recorded;
    struct command command = {STATEMENT_EVIDENCE_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, stage_code((int)request->stage));
    query_text_array(call->query, (const char *const *)request->document_ids,
                     request->n_document_ids);
    return CPTS_OK;
}

cpts_status evidence_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__record_evidence_response__descriptor, err);
}

cpts_status publication_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetPublicationRequest *request = message;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status != CPTS_OK)
        return status;
    bool is_decided =
        request->_published_case == CPTS__V1__SET_PUBLICATION_REQUEST___PUBLISHED_PUBLISHED;
    Cpts__V1__CptsPublicationSet set = CPTS__V1__CPTS_PUBLICATION_SET__INIT;
    if (is_decided) {
        set._published_case = CPTS__V1__CPTS_PUBLICATION_SET___PUBLISHED_PUBLISHED;
        set.published = request->published;
    }
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_PUBLICATION_SET;
    change.cpts_publication_set = &set;
    struct command command = {STATEMENT_PUBLICATION_SET, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    if (is_decided)
        query_bool(call->query, request->published);
    else
        query_text(call->query, NULL);
    return CPTS_OK;
}

cpts_status publication_set_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__set_publication_response__descriptor, err);
}
