/* SPDX-License-Identifier: Apache-2.0 */
/* MergeCpts. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/calendar.h"
#include "domain/maturity.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/stage_basis.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* Columns of cpts_merge.sql behind the outcome. */
enum { CLOSED = 5, SUCCESSOR_VERSION, SUCCESSOR_POSITION, UNITS };

static cpts_status check_merge(const Cpts__V1__MergeCptsRequest *request, uint8_t ret_successor[16],
                               struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    const struct transition *transition = transition_to(STAGE_FUSIONNE);
    cpts_status status = request_uuid(request->successor_id, "successor_id", ret_successor, err);
    if (status == CPTS_OK)
        status = stage_successor_check(STAGE_FUSIONNE, request->successor_id, request->id,
                                       "successor_id", err);
    if (status == CPTS_OK && request->successor_version < 1)
        status = error_set_field(err, REASON_FIELD_REQUIRED, "successor_version",
                                 "say which version you have seen, from 1");
    if (status == CPTS_OK)
        status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status == CPTS_OK)
        status = stage_basis_check(request->basis, transition, err);
    if (status == CPTS_OK)
        status = document_ids_check(request->document_ids, request->n_document_ids, err);
    return status;
}

/* The id of the successor's change: a command of its own, derived. */
static void absorbed_id(const uint8_t command_id[16], uint8_t ret_id[16])
{
    char text[UUID_TEXT_BYTES];
    uuid_format(command_id, text);
    uuid_derive("cpts.absorbed", text, ret_id);
}

/* The successor's change, packed in the arena; NULL when it is full. */
static uint8_t *pack_absorbed(struct call *call, const Cpts__V1__MergeCptsRequest *request,
                              const uint8_t command_id[16], size_t *ret_bytes)
{
    char command_text[UUID_TEXT_BYTES];
    uuid_format(command_id, command_text);
    Cpts__V1__CptsAbsorbed absorbed = CPTS__V1__CPTS_ABSORBED__INIT;
    absorbed.absorbed_id = request->id;
    absorbed.effective_on = request->effective_on;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.schema_version = 1;
    change.aggregate_id = request->successor_id;
    change.actor = call->principal.uri;
    change.command_id = command_text;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_ABSORBED;
    change.cpts_absorbed = &absorbed;
    *ret_bytes = cpts__v1__change__get_packed_size(&change);
    uint8_t *bytes = arena_alloc(call->arena, *ret_bytes + 1);
    if (bytes != NULL)
        cpts__v1__change__pack(&change, bytes);
    return bytes;
}

static cpts_status bind_merge(struct call *call, const Cpts__V1__MergeCptsRequest *request,
                              const uint8_t successor[16], struct cpts_error *err)
{
    const struct transition *transition = transition_to(STAGE_FUSIONNE);
    const char *sources[STAGE_LIVE_COUNT];
    size_t source_count = stage_sources(STAGE_FUSIONNE, sources);
    uint8_t command_id[16], own_id[16];
    size_t byte_count = 0;
    cpts_status status = request_uuid(request->command_id, "command_id", command_id, err);
    if (status != CPTS_OK)
        return status;
    absorbed_id(command_id, own_id);
    uint8_t *bytes = pack_absorbed(call, request, own_id, &byte_count);
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    query_int(call->query, request->expected_version);
    query_text(call->query, request->effective_on);
    query_text_array(call->query, sources, source_count);
    query_text_array(call->query, (const char *const *)request->document_ids,
                     request->n_document_ids);
    query_text_array(call->query, transition->evidence,
                     transition_kind_count(transition->evidence));
    query_text(call->query, stage_basis_code(request->basis));
    query_uuid(call->query, successor);
    query_int(call->query, request->successor_version);
    query_bytes(call->query, bytes, byte_count);
    query_uuid(call->query, own_id);
    return CPTS_OK;
}

cpts_status cpts_merge_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__MergeCptsRequest *request = message;
    uint8_t id[16], successor[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_merge(request, successor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsMerged merged = CPTS__V1__CPTS_MERGED__INIT;
    merged.successor_id = request->successor_id;
    merged.effective_on = request->effective_on;
    merged.basis = request->basis;
    merged.n_document_ids = request->n_document_ids;
    merged.document_ids = request->document_ids;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_MERGED;
    change.cpts_merged = &merged;
    struct command command = {STATEMENT_CPTS_MERGE, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        status = bind_merge(call, request, successor, err);
    return status;
}

cpts_status cpts_merge_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__merge_cpts_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__MergeCptsResponse *response = (Cpts__V1__MergeCptsResponse *)call->response;
    response->successor_version = (int32_t)rows_int(rows, 0, SUCCESSOR_VERSION);
    response->successor_log_position = rows_int(rows, 0, SUCCESSOR_POSITION);
    response->unit_count = (int32_t)rows_int(rows, 0, UNITS);
    response->closed = closed_items(call, rows, CLOSED, &response->n_closed);
    if (response->closed == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    return CPTS_OK;
}
