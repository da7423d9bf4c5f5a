/* SPDX-License-Identifier: Apache-2.0 */
/* CreateCpts. */
#include "base/call.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/identity_card.h"
#include "domain/maturity.h"
#include "domain/units.h"
#include "handler/dossier_parts.h"
#include "handler/history_message.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/territory_message.h"
#include "store/query.h"
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

static const char *end_of_territory(const struct stage_entry *last)
{
    return stage_is_live(last->stage) ? "infinity" : last->effective_on;
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
    created.stages = stage_entry_facts(call, stages, request->n_stages);
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
    stage_entries_bind(call, stages, request->n_stages);
    territory_bind(call, territory);
    query_text(call->query, end_of_territory(last));
    clock_set_bind(call->query, clocks);
    query_text(call->query, last->effective_on);
    query_int(call->query, territory->reference_version);
    return CPTS_OK;
}

/* From the first stage to the way out, if one is among them. */
static cpts_status read_territory(struct call *call, const Cpts__V1__CreateCptsRequest *request,
                                  const struct stage_entry *stages,
                                  struct territory **ret_territory, struct cpts_error *err)
{
    struct territory_period period = {stages[0].effective_on,
                                      end_of_territory(&stages[request->n_stages - 1])};
    return territory_read(call, request->territory, request->n_territory, &period, ret_territory,
                          err);
}

cpts_status cpts_create_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__CreateCptsRequest *request = message;
    struct stage_entry *stages = NULL;
    struct territory *territory = NULL;
    cpts_status status = check_card(call, request, err);
    if (status == CPTS_OK)
        status = stage_entries_read(call, request->stages, request->n_stages, &stages, err);
    if (status == CPTS_OK)
        status = read_territory(call, request, stages, &territory, err);
    if (status != CPTS_OK)
        return status;
    territory_warn_region(territory, request->lead_region, call->arena);
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
