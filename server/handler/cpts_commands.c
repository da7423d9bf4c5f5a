/* SPDX-License-Identifier: Apache-2.0 */
/* UpdateCpts and SetTerritory. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/territory_message.h"
#include "store/query.h"
#include "wire/error.h"

/* A field that an update may name. */
static bool mask_has(const Google__Protobuf__FieldMask *mask, const char *path)
{
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (strcmp(mask->paths[i], path) == 0)
            return true;
    }
    return false;
}

static cpts_status check_mask(const Google__Protobuf__FieldMask *mask, struct cpts_error *err)
{
    if (mask == NULL || mask->n_paths == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "update_mask",
                               "name at least one of name, finess, website");
    for (size_t i = 0; i < mask->n_paths; i++) {
        const char *path = mask->paths[i];
        if (strcmp(path, "name") != 0 && strcmp(path, "finess") != 0 &&
            strcmp(path, "website") != 0)
            return error_set_field(err, REASON_FIELD_INVALID, "update_mask",
                                   "'%.40s' cannot be updated: name, finess, website can", path);
    }
    return CPTS_OK;
}

/* A text that is packed also when it is empty: protobuf-c takes a field of a
 * oneof that points at its own empty string for an absent one. */
static char *present(char *text)
{
    static char empty[] = "";
    return text[0] == '\0' ? empty : text;
}

/* Moves the fields that the mask names from the request to the event. */
static cpts_status read_update(const Cpts__V1__UpdateCptsRequest *request,
                               Cpts__V1__CptsUpdated *updated, struct cpts_error *err)
{
    cpts_status status = check_mask(request->update_mask, err);
    if (status == CPTS_OK && mask_has(request->update_mask, "name")) {
        updated->_name_case = CPTS__V1__CPTS_UPDATED___NAME_NAME;
        updated->name = present(request->name);
        status = cpts_name_check(request->name, err);
    }
    if (status == CPTS_OK && mask_has(request->update_mask, "finess")) {
        updated->_finess_case = CPTS__V1__CPTS_UPDATED___FINESS_FINESS;
        updated->finess = present(request->finess);
        status = cpts_finess_check(request->finess, err);
    }
    if (status == CPTS_OK && mask_has(request->update_mask, "website")) {
        updated->_website_case = CPTS__V1__CPTS_UPDATED___WEBSITE_WEBSITE;
        updated->website = present(request->website);
        status = cpts_website_check(request->website, err);
    }
    return status;
}

cpts_status cpts_update_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__UpdateCptsRequest *request = message;
    uint8_t id[16];
    Cpts__V1__CptsUpdated updated = CPTS__V1__CPTS_UPDATED__INIT;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_UPDATED;
    change.cpts_updated = &updated;
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = read_update(request, &updated, err);
    struct command command = {STATEMENT_CPTS_UPDATE, request->command_id, &request->base, id,
                              &change};
    if (status == CPTS_OK)
        status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text(call->query, updated._name_case == 0 ? NULL : updated.name);
    query_text(call->query, updated._finess_case == 0 ? NULL : updated.finess);
    query_text(call->query, updated._website_case == 0 ? NULL : updated.website);
    return CPTS_OK;
}

cpts_status cpts_update_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__update_cpts_response__descriptor, err);
}

static cpts_status read_territory(struct call *call, const Cpts__V1__SetTerritoryRequest *request,
                                  struct territory **ret_territory, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    clock_today(today);
    cpts_status status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status != CPTS_OK)
        return status;
    if (request->n_territory == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "territory",
                               "name every unit of the territory");
    struct territory_period period = {request->effective_on, "infinity"};
    return territory_read(call, request->territory, request->n_territory, &period, ret_territory,
                          err);
}

cpts_status territory_set_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__SetTerritoryRequest *request = message;
    uint8_t id[16];
    struct territory *territory = NULL;
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = read_territory(call, request, &territory, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsTerritorySet set = CPTS__V1__CPTS_TERRITORY_SET__INIT;
    set.effective_on = request->effective_on;
    set.n_territory = territory->unit_count;
    set.territory = territory_facts(call, territory);
    if (set.territory == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the change");
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_TERRITORY_SET;
    change.cpts_territory_set = &set;
    struct command command = {STATEMENT_CPTS_TERRITORY_SET, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    call->state = territory;
    query_int(call->query, request->expected_version);
    query_text(call->query, request->effective_on);
    territory_bind(call, territory);
    query_int(call->query, territory->reference_version);
    return CPTS_OK;
}

cpts_status territory_set_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct territory *territory = call->state;
    struct outcome outcome;
    cpts_status status = outcome_read(rows, &outcome, err);
    if (status == CPTS_OK)
        status = outcome_answer(call, rows, &cpts__v1__set_territory_response__descriptor, err);
    if (status != CPTS_OK)
        return status;
    if (outcome.detail[0] != '\0')
        territory_warn_region(territory, outcome.detail, call->arena);
    Cpts__V1__SetTerritoryResponse *response = (Cpts__V1__SetTerritoryResponse *)call->response;
    response->warnings = territory_warnings(call, territory);
    if (response->warnings == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    response->n_warnings = territory->warning_count;
    return CPTS_OK;
}
