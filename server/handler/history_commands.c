/* SPDX-License-Identifier: Apache-2.0 */
/* CorrectStages and CorrectTerritory. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/history.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "handler/dossier_parts.h"
#include "handler/history_message.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/territory_message.h"
#include "store/query.h"
#include "wire/error.h"

#define REASON_CHARACTERS_MAX 500
#define EVIDENCE_CHARACTERS_MAX 500

/* Whoever corrects says why. */
static cpts_status check_reason(const char *reason, const char *evidence, struct cpts_error *err)
{
    cpts_status status = cpts_text_check(reason, REASON_CHARACTERS_MAX, true, "reason", err);
    if (status == CPTS_OK)
        status = cpts_text_check(evidence, EVIDENCE_CHARACTERS_MAX, false, "evidence", err);
    return status;
}

/* Binds the next two parameters: every stage with each kind of clock that it starts, or stops. */
static void bind_stage_kinds(struct call *call, bool is_stop)
{
    const char *stages[STAGE_COUNT * TRANSITION_KINDS_MAX];
    const char *kinds[STAGE_COUNT * TRANSITION_KINDS_MAX];
    size_t count = 0;
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        const struct transition *transition = transition_to(stage);
        const char *const *named = is_stop ? transition->stops : transition->starts;
        for (size_t i = 0; i < transition_kind_count(named); i++) {
            stages[count] = stage_code(stage);
            kinds[count++] = named[i];
        }
    }
    query_text_array(call->query, stages, count);
    query_text_array(call->query, kinds, count);
}

/* The clocks of the last stage that starts any; NULL when the arena is full. */
static struct clock_set *clocks_of(struct call *call, const Cpts__V1__CorrectStagesRequest *request,
                                   const struct stage_entry *entries)
{
    struct clock_seed seed = {request->id, request->command_id};
    size_t last = request->n_stages - 1;
    while (last > 0 && transition_to(entries[last].stage)->starts[0] == NULL)
        last--;
    return clock_set_make(call, transition_to(entries[last].stage)->starts, TRANSITION_KINDS_MAX,
                          entries[last].effective_on, &seed);
}

/* The event and the statement of a correction of stages that was checked. */
static cpts_status bind_stages(struct call *call, const Cpts__V1__CorrectStagesRequest *request,
                               const uint8_t id[16], const struct stage_entry *entries,
                               struct cpts_error *err)
{
    const struct stage_entry *last = &entries[request->n_stages - 1];
    Cpts__V1__CptsStagesCorrected corrected = CPTS__V1__CPTS_STAGES_CORRECTED__INIT;
    corrected.n_stages = request->n_stages;
    corrected.stages = stage_entry_facts(call, entries, request->n_stages);
    corrected.reason = request->reason;
    corrected.evidence = request->evidence;
    struct clock_set *clocks = clocks_of(call, request, entries);
    corrected.clocks = clocks == NULL ? NULL : clock_set_facts(call, clocks);
    corrected.n_clocks = clocks == NULL ? 0 : clocks->count;
    if (corrected.stages == NULL || corrected.clocks == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_STAGES_CORRECTED;
    change.cpts_stages_corrected = &corrected;
    struct command command = {STATEMENT_STAGES_CORRECT, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    stage_entries_bind(call, entries, request->n_stages);
    query_text(call->query, stage_is_live(last->stage) ? "infinity" : last->effective_on);
    query_text(call->query, request->reason);
    query_text(call->query, request->evidence);
    bind_stage_kinds(call, false);
    bind_stage_kinds(call, true);
    clock_set_bind(call->query, clocks);
    return CPTS_OK;
}

/* A CPTS is not merged into itself. */
static cpts_status check_successors(const Cpts__V1__CorrectStagesRequest *request,
                                    struct cpts_error *err)
{
    const Cpts__V1__StageEntry *last = request->stages[request->n_stages - 1];
    return stage_successor_check((int)last->stage, last->successor_id, request->id, "stages", err);
}

cpts_status stages_correct_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__CorrectStagesRequest *request = message;
    struct stage_entry *entries = NULL;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_reason(request->reason, request->evidence, err);
    if (status == CPTS_OK)
        status = stage_entries_read(call, request->stages, request->n_stages, &entries, err);
    if (status == CPTS_OK)
        status = check_successors(request, err);
    return status == CPTS_OK ? bind_stages(call, request, id, entries, err) : status;
}

cpts_status stages_correct_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__correct_stages_response__descriptor, err);
}

static cpts_status check_period(const Cpts__V1__CorrectTerritoryRequest *request,
                                struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    cpts_status status = calendar_past_check(request->effective_from, today, "effective_from", err);
    if (status != CPTS_OK || request->effective_to[0] == '\0')
        return status;
    if (!calendar_is_date(request->effective_to))
        return error_set_field(err, REASON_FIELD_INVALID, "effective_to", "not a date: YYYY-MM-DD");
    if (strcmp(request->effective_to, request->effective_from) <= 0)
        return error_set_field(err, REASON_FIELD_INVALID, "effective_to", "%s is not after %s",
                               request->effective_to, request->effective_from);
    return CPTS_OK;
}

static const char *end_of_period(const Cpts__V1__CorrectTerritoryRequest *request)
{
    return request->effective_to[0] == '\0' ? "infinity" : request->effective_to;
}

static cpts_status read_territory(struct call *call,
                                  const Cpts__V1__CorrectTerritoryRequest *request,
                                  struct territory **ret_territory, struct cpts_error *err)
{
    struct territory_period period = {request->effective_from, end_of_period(request)};
    return territory_read(call, request->territory, request->n_territory, &period, ret_territory,
                          err);
}

static cpts_status bind_territory(struct call *call,
                                  const Cpts__V1__CorrectTerritoryRequest *request,
                                  const uint8_t id[16], const struct territory *territory,
                                  struct cpts_error *err)
{
    Cpts__V1__CptsTerritoryCorrected corrected = CPTS__V1__CPTS_TERRITORY_CORRECTED__INIT;
    corrected.effective_from = request->effective_from;
    corrected.effective_to = request->effective_to;
    corrected.n_territory = territory->unit_count;
    corrected.territory = territory_facts(call, territory);
    corrected.reason = request->reason;
    corrected.evidence = request->evidence;
    if (corrected.territory == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_TERRITORY_CORRECTED;
    change.cpts_territory_corrected = &corrected;
    struct command command = {STATEMENT_TERRITORY_CORRECT, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->effective_from);
    query_text(call->query, end_of_period(request));
    territory_bind(call, territory);
    query_int(call->query, territory->reference_version);
    query_text(call->query, request->reason);
    query_text(call->query, request->evidence);
    return CPTS_OK;
}

cpts_status territory_correct_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__CorrectTerritoryRequest *request = message;
    struct territory *territory = NULL;
    uint8_t id[16];
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_reason(request->reason, request->evidence, err);
    if (status == CPTS_OK)
        status = check_period(request, err);
    if (status == CPTS_OK)
        status = read_territory(call, request, &territory, err);
    if (status != CPTS_OK)
        return status;
    call->state = territory;
    return bind_territory(call, request, id, territory, err);
}

cpts_status territory_correct_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    const struct territory *territory = call->state;
    Cpts__V1__Warning **warnings = territory_warnings(call, territory);
    if (warnings == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__correct_territory_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CorrectTerritoryResponse *response =
        (Cpts__V1__CorrectTerritoryResponse *)call->response;
    response->n_warnings = territory->warning_count;
    response->warnings = warnings;
    return CPTS_OK;
}
