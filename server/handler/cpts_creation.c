/* SPDX-License-Identifier: Apache-2.0 */
/* CreateCpts. */
#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/identity_card.h"
#include "domain/maturity.h"
#include "domain/units.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/territory_message.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

static cpts_status check_card(const struct call *call, const Cpts__V1__CreateCptsRequest *request,
                              struct cpts_error *err)
{
    cpts_status status = cpts_name_check(request->name, err);
    if (status == CPTS_OK)
        status = cpts_finess_check(request->finess, err);
    if (status == CPTS_OK)
        status = cpts_website_check(request->website, err);
    if (status != CPTS_OK)
        return status;
    if (request->lead_region[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "lead_region",
                               "a CPTS is counted in its lead region");
    if (!units_has_region(call->service->units, request->lead_region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "lead_region",
                               "no region with an ARS has this code");
    return CPTS_OK;
}

static cpts_status read_stages(struct call *call, const Cpts__V1__CreateCptsRequest *request,
                               struct stage_entry **ret_entries, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    if (request->n_stages > STAGE_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "stages", "at most %d stages",
                               STAGE_COUNT);
    struct stage_entry *entries =
        arena_alloc(call->arena, (request->n_stages + 1) * sizeof *entries);
    if (entries == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the stages");
    for (size_t i = 0; i < request->n_stages; i++) {
        const Cpts__V1__StageEntry *stage = request->stages[i];
        entries[i] = (struct stage_entry){
            .stage = (int)stage->stage,
            .effective_on = stage->effective_on,
            .successor_id = stage->successor_id,
        };
    }
    cpts_status status = stage_history_check(entries, request->n_stages, today, err);
    if (status == CPTS_OK)
        *ret_entries = entries;
    return status;
}

static Cpts__V1__StageFact **stage_facts(struct call *call, const struct stage_entry *entries,
                                         size_t count)
{
    Cpts__V1__StageFact **facts =
        arena_alloc(call->arena, (count + 1) * sizeof(Cpts__V1__StageFact *));
    for (size_t i = 0; facts != NULL && i < count; i++) {
        facts[i] = request_message(call, &cpts__v1__stage_fact__descriptor);
        if (facts[i] == NULL)
            return NULL;
        facts[i]->stage = (Cpts__V1__Stage)entries[i].stage;
        facts[i]->effective_on = (char *)entries[i].effective_on;
        facts[i]->successor_id = (char *)entries[i].successor_id;
    }
    return facts;
}

static void bind_stages(struct call *call, const struct stage_entry *entries, size_t count)
{
    const char *codes[STAGE_COUNT];
    const char *dates[STAGE_COUNT];
    const char *successors[STAGE_COUNT];
    for (size_t i = 0; i < count; i++) {
        codes[i] = stage_code(entries[i].stage);
        dates[i] = entries[i].effective_on;
        successors[i] = entries[i].successor_id;
    }
    query_text_array(call->query, codes, count);
    query_text_array(call->query, dates, count);
    query_text_array(call->query, successors, count);
}

/* The clocks that run since the last stage; NULL when the arena is full. */
static struct clock_set *running_clocks(struct call *call,
                                        const Cpts__V1__CreateCptsRequest *request,
                                        const struct stage_entry *last, const uint8_t id[16])
{
    char id_text[UUID_TEXT_BYTES];
    uuid_format(id, id_text);
    struct clock_seed seed = {id_text, request->command_id};
    return clock_set_make(call, transition_to(last->stage)->starts, TRANSITION_KINDS_MAX,
                          last->effective_on, &seed);
}

static cpts_status bind_create(struct call *call, const Cpts__V1__CreateCptsRequest *request,
                               const struct stage_entry *stages, const struct territory *territory,
                               struct cpts_error *err)
{
    uint8_t id[16];
    const struct stage_entry *last = &stages[request->n_stages - 1];
    uuid_mint(id);
    struct clock_set *clocks = running_clocks(call, request, last, id);
    Cpts__V1__CptsCreated created = CPTS__V1__CPTS_CREATED__INIT;
    created.name = request->name;
    created.lead_region = request->lead_region;
    created.synthetic = request->synthetic;
    created.finess = request->finess;
    created.website = request->website;
    created.n_stages = request->n_stages;
    created.stages = stage_facts(call, stages, request->n_stages);
    created.n_territory = territory->unit_count;
    created.territory = territory_facts(call, territory);
    created.clocks = clocks == NULL ? NULL : clock_set_facts(call, clocks);
    created.n_clocks = clocks == NULL ? 0 : clocks->count;
    if (created.stages == NULL || created.territory == NULL || created.clocks == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_CREATED;
    change.cpts_created = &created;

    struct command command = {STATEMENT_CPTS_CREATE, request->command_id, &request->base, id,
                              &change};
    cpts_status status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_text(call->query, request->name);
    query_text(call->query, request->lead_region);
    query_bool(call->query, request->synthetic);
    query_text(call->query, request->finess);
    query_text(call->query, request->website);
    bind_stages(call, stages, request->n_stages);
    territory_bind(call, territory);
    query_text(call->query, stage_is_live(last->stage) ? "infinity" : last->effective_on);
    clock_set_bind(call->query, clocks);
    query_text(call->query, last->effective_on);
    return CPTS_OK;
}

cpts_status cpts_create_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__CreateCptsRequest *request = message;
    struct stage_entry *stages = NULL;
    struct territory *territory = NULL;
    cpts_status status = check_card(call, request, err);
    if (status == CPTS_OK)
        status = read_stages(call, request, &stages, err);
    if (status == CPTS_OK)
        status = territory_read(call, request->territory, request->n_territory, &territory, err);
    if (status != CPTS_OK)
        return status;
    call->state = territory;
    return bind_create(call, request, stages, territory, err);
}

cpts_status cpts_create_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct territory *territory = call->state;
    cpts_status status =
        outcome_answer(call, rows, &cpts__v1__create_cpts_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CreateCptsResponse *response = (Cpts__V1__CreateCptsResponse *)call->response;
    response->warnings = territory_warnings(call, territory);
    if (response->warnings == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    response->n_warnings = territory->warning_count;
    return CPTS_OK;
}
