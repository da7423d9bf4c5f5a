/* SPDX-License-Identifier: Apache-2.0 */
/* GetEntitlement. */
#include "base/call.h"
#include "handler/funding_row.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status entitlement_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetEntitlementRequest *request = message;
    uint8_t id[16];
    struct funding_question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_ENTITLEMENT_GET);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = funding_question_read(call, request->year, request->as_of, request->known_at,
                                       question, err);
    if (status != CPTS_OK)
        return status;
    call->state = question;
    query_uuid(call->query, id);
    query_int(call->query, question->year);
    query_text(call->query, question->as_of);
    query_text(call->query, question->known_at);
    return CPTS_OK;
}

static Cpts__V1__EntitlementLine *line_message(struct call *call,
                                               const struct entitlement_line *line)
{
    Cpts__V1__EntitlementLine *message =
        request_message(call, &cpts__v1__entitlement_line__descriptor);
    if (message == NULL)
        return NULL;
    message->line = (char *)line->line;
    message->part = (char *)aci_part_name(line->part);
    message->mission = (char *)line->mission;
    message->obligation = (char *)line->obligation;
    message->rule = (char *)line->rule;
    message->full_cents = line->full_cents;
    message->days = line->days;
    message->year_days = line->year_days;
    message->maximum_cents = line->maximum_cents;
    if (line->is_certain) {
        message->_certain_cents_case = CPTS__V1__ENTITLEMENT_LINE___CERTAIN_CENTS_CERTAIN_CENTS;
        message->certain_cents = line->certain_cents;
    }
    message->advance_cents = line->advance_cents;
    message->balance_cents = line->balance_cents;
    message->confidence = (char *)line->confidence;
    message->source = (char *)line->source;
    message->counted = line->is_counted;
    return message;
}

static bool add_lines(struct call *call, const struct entitlement *entitlement,
                      Cpts__V1__Entitlement *message)
{
    message->lines =
        arena_alloc(call->arena, (entitlement->line_count + 1) * sizeof *message->lines);
    for (size_t i = 0; message->lines != NULL && i < entitlement->line_count; i++) {
        message->lines[i] = line_message(call, &entitlement->lines[i]);
        if (message->lines[i] == NULL)
            return false;
        message->n_lines++;
    }
    return message->lines != NULL;
}

static bool add_gaps(struct call *call, const struct entitlement *entitlement,
                     Cpts__V1__Entitlement *message)
{
    message->gaps = arena_alloc(call->arena, (entitlement->gap_count + 1) * sizeof *message->gaps);
    for (size_t i = 0; message->gaps != NULL && i < entitlement->gap_count; i++) {
        const struct entitlement_gap *gap = &entitlement->gaps[i];
        Cpts__V1__EntitlementGap *one =
            request_message(call, &cpts__v1__entitlement_gap__descriptor);
        if (one == NULL)
            return false;
        one->reason = (char *)gap->reason;
        one->mission = (char *)gap->mission;
        one->due_on = (char *)gap->due_on;
        one->blocking = gap->is_blocking;
        one->message = (char *)gap->message;
        message->gaps[message->n_gaps++] = one;
    }
    return message->gaps != NULL;
}

/* What the row says, as it is. */
static void fill_facts(const struct rows *rows, const struct funding_question *question,
                       Cpts__V1__Entitlement *message)
{
    message->id = (char *)rows_text(rows, 0, FUNDING_CPTS_ID);
    message->name = (char *)rows_text(rows, 0, FUNDING_NAME);
    message->lead_region = (char *)rows_text(rows, 0, FUNDING_LEAD_REGION);
    message->synthetic = rows_bool(rows, 0, FUNDING_SYNTHETIC);
    message->year = question->year;
    message->as_of = (char *)question->as_of;
    message->size = (int32_t)rows_int(rows, 0, FUNDING_SIZE);
    message->population_count = (int32_t)rows_int(rows, 0, FUNDING_POPULATION);
    message->letter_on = (char *)rows_text(rows, 0, FUNDING_LETTER_ON);
    message->project_on = (char *)rows_text(rows, 0, FUNDING_PROJECT_ON);
    message->signed_on = (char *)rows_text(rows, 0, FUNDING_SIGNED_ON);
    message->ended_on = (char *)rows_text(rows, 0, FUNDING_ENDED_ON);
}

/* What follows from it. */
static bool fill_result(struct call *call, const struct entitlement *entitlement,
                        Cpts__V1__Entitlement *message)
{
    message->grid = (char *)(entitlement->version == NULL ? "" : entitlement->version->grid);
    message->grid_on = (char *)entitlement->grid_on;
    message->contract_year = entitlement->contract_year;
    message->contract_days = entitlement->contract_days;
    message->eligible = entitlement->is_eligible;
    message->confidence = (char *)entitlement->confidence;
    if (entitlement->has_ceiling) {
        message->_ceiling_cents_case = CPTS__V1__ENTITLEMENT___CEILING_CENTS_CEILING_CENTS;
        message->ceiling_cents = entitlement->ceiling.cents;
        message->ceiling_confidence = (char *)entitlement->ceiling.confidence;
        message->ceiling_source = (char *)entitlement->ceiling.source;
    }
    message->totals = funding_totals_message(call, &entitlement->totals);
    return message->totals != NULL && add_lines(call, entitlement, message) &&
           add_gaps(call, entitlement, message);
}

cpts_status entitlement_get_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    struct funding_question *question = call->state;
    struct entitlement_facts facts;
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    struct entitlement *entitlement = arena_alloc(call->arena, sizeof *entitlement);
    Cpts__V1__Entitlement *message = request_message(call, &cpts__v1__entitlement__descriptor);
    Cpts__V1__GetEntitlementResponse *response =
        request_message(call, &cpts__v1__get_entitlement_response__descriptor);
    if (entitlement == NULL || message == NULL || response == NULL ||
        !funding_indicators_read(call, rows, question) ||
        !funding_row_read(rows, 0, question, call->arena, &facts))
        return request_no_memory(err);
    entitlement_compute(call->service->grids, &facts, entitlement);
    fill_facts(rows, question, message);
    message->known_at = request_timestamp(call, rows_time_us(rows, 0, FUNDING_KNOWN_AT));
    if (message->known_at == NULL || !fill_result(call, entitlement, message))
        return request_no_memory(err);
    response->entitlement = message;
    call->response = &response->base;
    return CPTS_OK;
}
