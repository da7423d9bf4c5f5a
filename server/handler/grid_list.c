/* SPDX-License-Identifier: Apache-2.0 */
/* ListGrids: from the server's copy of the grids, without the database. */
#include "base/call.h"
#include "cpts/v1/funding.pb-c.h"
#include "domain/aci_grid.h"
#include "domain/calendar.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "wire/arena.h"
#include "wire/error.h"

#define CEILINGS_PER_GRID (2 * 2 * ACI_SIZE_COUNT)
#define CENTS_PER_EURO 100

static Cpts__V1__GridLine *line_message(struct call *call, const struct aci_line *line)
{
    Cpts__V1__GridLine *message = request_message(call, &cpts__v1__grid_line__descriptor);
    Cpts__V1__GridAmount **amounts =
        arena_alloc(call->arena, ACI_SIZE_COUNT * sizeof(Cpts__V1__GridAmount *));
    if (message == NULL || amounts == NULL)
        return NULL;
    message->line = (char *)line->line;
    message->part = (char *)aci_part_name(line->part);
    message->mission = (char *)line->mission;
    message->obligation = (char *)line->obligation;
    message->grid = (char *)line->grid;
    message->amounts = amounts;
    for (int size = 1; size <= ACI_SIZE_COUNT; size++) {
        const struct aci_amount *amount = aci_line_amount(line, size);
        if (amount == NULL)
            continue;
        Cpts__V1__GridAmount *one = request_message(call, &cpts__v1__grid_amount__descriptor);
        if (one == NULL)
            return NULL;
        one->size = size;
        one->amount_cents = amount->cents;
        one->confidence = (char *)amount->confidence;
        one->source = (char *)amount->source;
        amounts[message->n_amounts++] = one;
    }
    return message;
}

static bool add_lines(struct call *call, const struct aci_grids *grids,
                      const struct aci_version *version, Cpts__V1__Grid *grid)
{
    size_t count = aci_line_count(grids, version);
    grid->lines = arena_alloc(call->arena, (count + 1) * sizeof *grid->lines);
    if (grid->lines == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        Cpts__V1__GridLine *message = line_message(call, aci_line_at(grids, version, i));
        if (message == NULL)
            return false;
        grid->lines[grid->n_lines++] = message;
    }
    return true;
}

static bool add_grid(struct call *call, const struct aci_grids *grids,
                     const struct aci_version *version, Cpts__V1__ListGridsResponse *response)
{
    Cpts__V1__Grid *grid = request_message(call, &cpts__v1__grid__descriptor);
    if (grid == NULL)
        return false;
    grid->grid = (char *)version->grid;
    grid->label = (char *)version->label;
    grid->valid_from = (char *)version->valid_from;
    grid->valid_to = (char *)version->valid_to;
    grid->base_grid = (char *)version->base_grid;
    grid->advance_percent = version->advance_percent;
    grid->confidence = (char *)version->confidence;
    grid->source = (char *)version->source;
    response->grids[response->n_grids++] = grid;
    return add_lines(call, grids, version, grid);
}

static bool add_ceilings(struct call *call, const struct aci_grids *grids,
                         const struct aci_version *version, Cpts__V1__ListGridsResponse *response)
{
    for (int i = 0; i < CEILINGS_PER_GRID; i++) {
        bool crisis_year = i / (2 * ACI_SIZE_COUNT) == 1;
        bool with_snp = i / ACI_SIZE_COUNT % 2 == 1;
        int size = i % ACI_SIZE_COUNT + 1;
        struct aci_ceiling found;
        if (!aci_ceiling_find(grids, version, size, with_snp, crisis_year, &found))
            continue;
        Cpts__V1__Ceiling *ceiling = request_message(call, &cpts__v1__ceiling__descriptor);
        if (ceiling == NULL)
            return false;
        ceiling->grid = (char *)version->grid;
        ceiling->size = size;
        ceiling->with_snp = with_snp;
        ceiling->crisis_year = crisis_year;
        ceiling->amount = (int32_t)(found.cents / CENTS_PER_EURO);
        ceiling->confidence = (char *)found.confidence;
        ceiling->source = (char *)found.source;
        response->ceilings[response->n_ceilings++] = ceiling;
    }
    return true;
}

static bool fill(struct call *call, const struct aci_grids *grids, const struct aci_version *only,
                 Cpts__V1__ListGridsResponse *response)
{
    size_t count = aci_version_count(grids);
    response->grids = arena_alloc(call->arena, (count + 1) * sizeof *response->grids);
    response->ceilings =
        arena_alloc(call->arena, (count + 1) * CEILINGS_PER_GRID * sizeof *response->ceilings);
    if (response->grids == NULL || response->ceilings == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct aci_version *version = aci_version_at(grids, i);
        if (only != NULL && version != only)
            continue;
        if (!add_grid(call, grids, version, response) ||
            !add_ceilings(call, grids, version, response))
            return false;
    }
    return true;
}

cpts_status grid_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListGridsRequest *request = message;
    const struct aci_grids *grids = call->service->grids;
    const struct aci_version *only = NULL;
    bool is_dated = request->as_of[0] != '\0';
    if (is_dated && !calendar_is_date(request->as_of))
        return error_set_field(err, REASON_FIELD_INVALID, "as_of", "not a date: YYYY-MM-DD");
    if (is_dated)
        only = aci_version_on(grids, request->as_of);
    Cpts__V1__ListGridsResponse *response =
        request_message(call, &cpts__v1__list_grids_response__descriptor);
    bool is_empty = is_dated && only == NULL;
    if (response == NULL || (!is_empty && !fill(call, grids, only, response)))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    call->response = &response->base;
    return CPTS_OK;
}
