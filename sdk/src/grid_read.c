/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/funding.h>
#include <cpts/v1/funding.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static const struct cpts_grid_amount *amounts(const Cpts__V1__GridLine *from, struct arena *arena)
{
    struct cpts_grid_amount *own = arena_alloc(arena, (from->n_amounts + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_amounts; i++)
        own[i] = (struct cpts_grid_amount){.size = from->amounts[i]->size,
                                           .amount_cents = from->amounts[i]->amount_cents,
                                           .confidence = from->amounts[i]->confidence,
                                           .source = from->amounts[i]->source};
    return own;
}

static const struct cpts_grid_line *lines(const Cpts__V1__Grid *from, struct arena *arena)
{
    struct cpts_grid_line *own = arena_alloc(arena, (from->n_lines + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_lines; i++) {
        const Cpts__V1__GridLine *one = from->lines[i];
        own[i] = (struct cpts_grid_line){.line = one->line,
                                         .part = one->part,
                                         .mission = one->mission,
                                         .obligation = one->obligation,
                                         .amounts = amounts(one, arena),
                                         .amount_count = one->n_amounts,
                                         .grid = one->grid};
        if (own[i].amounts == NULL)
            return NULL;
    }
    return own;
}

static const struct cpts_grid *versions(const Cpts__V1__ListGridsResponse *from,
                                        struct arena *arena)
{
    struct cpts_grid *own = arena_alloc(arena, (from->n_grids + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_grids; i++) {
        const Cpts__V1__Grid *one = from->grids[i];
        own[i] = (struct cpts_grid){.grid = one->grid,
                                    .label = one->label,
                                    .valid_from = one->valid_from,
                                    .valid_to = one->valid_to,
                                    .base_grid = one->base_grid,
                                    .advance_percent = one->advance_percent,
                                    .confidence = one->confidence,
                                    .source = one->source,
                                    .lines = lines(one, arena),
                                    .line_count = one->n_lines};
        if (own[i].lines == NULL)
            return NULL;
    }
    return own;
}

static const struct cpts_ceiling *ceilings(const Cpts__V1__ListGridsResponse *from,
                                           struct arena *arena)
{
    struct cpts_ceiling *own = arena_alloc(arena, (from->n_ceilings + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_ceilings; i++) {
        const Cpts__V1__Ceiling *one = from->ceilings[i];
        own[i] = (struct cpts_ceiling){.grid = one->grid,
                                       .size = one->size,
                                       .with_snp = one->with_snp,
                                       .crisis_year = one->crisis_year,
                                       .amount = one->amount,
                                       .confidence = one->confidence,
                                       .source = one->source,
                                       .message = one};
    }
    return own;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListGridsResponse *from = (const Cpts__V1__ListGridsResponse *)answer->message;
    struct cpts_grids *grids = answer->result;
    *grids = (struct cpts_grids){.grids = versions(from, answer->arena),
                                 .grid_count = from->n_grids,
                                 .ceilings = ceilings(from, answer->arena),
                                 .ceiling_count = from->n_ceilings,
                                 .message = from};
    return grids->grids == NULL || grids->ceilings == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver(const struct completion *completion)
{
    ((cpts_grids_callback *)completion->callback)(completion->status, completion->result,
                                                  &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const char *as_of, const struct launch *launch,
                        struct cpts_error *err)
{
    Cpts__V1__ListGridsRequest request = CPTS__V1__LIST_GRIDS_REQUEST__INIT;
    request.as_of = cpts_convert__text(as_of);
    struct exchange exchange = {.operation = OPERATION_FUNDING_GRIDS,
                                .request = &request.base,
                                .response = &cpts__v1__list_grids_response__descriptor,
                                .result_bytes = sizeof(struct cpts_grids),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_funding_grids(cpts_client *client, const char *as_of, int32_t timeout_ms,
                               struct cpts_grids **ret_grids, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, as_of, &launch, err);
    if (status == CPTS_OK)
        *ret_grids = result;
    return status;
}

cpts_status cpts_funding_grids_start(cpts_client *client, const char *as_of,
                                     const struct cpts_async *async, cpts_grids_callback *callback,
                                     uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, as_of, &launch, err);
}

char *cpts_grids_json(const struct cpts_grids *grids, int indent_spaces)
{
    return cpts_convert__json(grids->message, indent_spaces);
}

char *cpts_ceiling_json(const struct cpts_ceiling *ceiling, int indent_spaces)
{
    return cpts_convert__json(ceiling->message, indent_spaces);
}

void cpts_grids_free(struct cpts_grids *grids)
{
    cpts_exchange__release(grids);
}
