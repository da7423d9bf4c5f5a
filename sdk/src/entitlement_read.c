/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/entitlement.h>
#include <cpts/v1/funding.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static struct cpts_funding_totals totals(const Cpts__V1__FundingTotals *from)
{
    if (from == NULL)
        return (struct cpts_funding_totals){0};
    return (struct cpts_funding_totals){.maximum_cents = from->maximum_cents,
                                        .certain_cents = from->certain_cents,
                                        .advance_cents = from->advance_cents,
                                        .balance_cents = from->balance_cents,
                                        .cut_cents = from->cut_cents};
}

static const struct cpts_entitlement_line *lines(const Cpts__V1__Entitlement *from,
                                                 struct arena *arena)
{
    struct cpts_entitlement_line *own = arena_alloc(arena, (from->n_lines + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_lines; i++) {
        const Cpts__V1__EntitlementLine *one = from->lines[i];
        own[i] = (struct cpts_entitlement_line){
            .line = one->line,
            .part = one->part,
            .mission = one->mission,
            .obligation = one->obligation,
            .rule = one->rule,
            .full_cents = one->full_cents,
            .days = one->days,
            .year_days = one->year_days,
            .maximum_cents = one->maximum_cents,
            .is_certain = one->_certain_cents_case ==
                          CPTS__V1__ENTITLEMENT_LINE___CERTAIN_CENTS_CERTAIN_CENTS,
            .advance_cents = one->advance_cents,
            .balance_cents = one->balance_cents,
            .confidence = one->confidence,
            .source = one->source,
            .counted = one->counted};
        if (own[i].is_certain)
            own[i].certain_cents = one->certain_cents;
    }
    return own;
}

static const struct cpts_entitlement_gap *gaps(const Cpts__V1__Entitlement *from,
                                               struct arena *arena)
{
    struct cpts_entitlement_gap *own = arena_alloc(arena, (from->n_gaps + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_gaps; i++)
        own[i] = (struct cpts_entitlement_gap){.reason = from->gaps[i]->reason,
                                               .mission = from->gaps[i]->mission,
                                               .due_on = from->gaps[i]->due_on,
                                               .blocking = from->gaps[i]->blocking,
                                               .message = from->gaps[i]->message};
    return own;
}

static void fill(struct cpts_entitlement *own, const Cpts__V1__Entitlement *from,
                 struct arena *arena)
{
    bool has_ceiling =
        from->_ceiling_cents_case == CPTS__V1__ENTITLEMENT___CEILING_CENTS_CEILING_CENTS;
    *own = (struct cpts_entitlement){
        .id = from->id,
        .name = from->name,
        .lead_region = from->lead_region,
        .year = from->year,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .grid = from->grid,
        .grid_on = from->grid_on,
        .size = from->size,
        .population_count = from->population_count,
        .letter_on = from->letter_on,
        .project_on = from->project_on,
        .signed_on = from->signed_on,
        .ended_on = from->ended_on,
        .contract_year = from->contract_year,
        .contract_days = from->contract_days,
        .eligible = from->eligible,
        .gaps = gaps(from, arena),
        .gap_count = from->n_gaps,
        .lines = lines(from, arena),
        .line_count = from->n_lines,
        .totals = totals(from->totals),
        .ceiling_cents = has_ceiling ? from->ceiling_cents : -1,
        .ceiling_confidence = from->ceiling_confidence,
        .ceiling_source = from->ceiling_source,
        .confidence = from->confidence,
        .synthetic = from->synthetic,
        .message = from,
    };
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetEntitlementResponse *from =
        (const Cpts__V1__GetEntitlementResponse *)answer->message;
    static const Cpts__V1__Entitlement EMPTY = CPTS__V1__ENTITLEMENT__INIT;
    struct cpts_entitlement *own = answer->result;
    fill(own, from->entitlement == NULL ? &EMPTY : from->entitlement, answer->arena);
    return own->gaps == NULL || own->lines == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver(const struct completion *completion)
{
    ((cpts_entitlement_callback *)completion->callback)(completion->status, completion->result,
                                                        &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const char *id, const struct cpts_funding_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_funding_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetEntitlementRequest request = CPTS__V1__GET_ENTITLEMENT_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.year = own.year;
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_FUNDING_ENTITLEMENT,
                                .request = &request.base,
                                .response = &cpts__v1__get_entitlement_response__descriptor,
                                .result_bytes = sizeof(struct cpts_entitlement),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_entitlement_get(cpts_client *client, const char *id,
                                 const struct cpts_funding_query *query, int32_t timeout_ms,
                                 struct cpts_entitlement **ret_entitlement, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, id, query, &launch, err);
    if (status == CPTS_OK)
        *ret_entitlement = result;
    return status;
}

cpts_status cpts_entitlement_get_start(cpts_client *client, const char *id,
                                       const struct cpts_funding_query *query,
                                       const struct cpts_async *async,
                                       cpts_entitlement_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, id, query, &launch, err);
}

char *cpts_entitlement_json(const struct cpts_entitlement *entitlement, int indent_spaces)
{
    return cpts_convert__json(entitlement->message, indent_spaces);
}

void cpts_entitlement_free(struct cpts_entitlement *entitlement)
{
    cpts_exchange__release(entitlement);
}

static const struct cpts_budget_share *shares(Cpts__V1__BudgetShare *const *from, size_t count,
                                              struct arena *arena)
{
    struct cpts_budget_share *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] = (struct cpts_budget_share){.code = from[i]->code,
                                            .name = from[i]->name,
                                            .contract_count = from[i]->contract_count,
                                            .eligible_count = from[i]->eligible_count,
                                            .totals = totals(from[i]->totals)};
    return own;
}

static const struct cpts_budget_line *line_sums(const Cpts__V1__GetBudgetResponse *from,
                                                struct arena *arena)
{
    struct cpts_budget_line *own = arena_alloc(arena, (from->n_lines + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_lines; i++)
        own[i] = (struct cpts_budget_line){.line = from->lines[i]->line,
                                           .part = from->lines[i]->part,
                                           .cpts_count = from->lines[i]->cpts_count,
                                           .totals = totals(from->lines[i]->totals),
                                           .confidence = from->lines[i]->confidence};
    return own;
}

static const struct cpts_budget_gap *gap_counts(const Cpts__V1__GetBudgetResponse *from,
                                                struct arena *arena)
{
    struct cpts_budget_gap *own = arena_alloc(arena, (from->n_gaps + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_gaps; i++)
        own[i] = (struct cpts_budget_gap){.reason = from->gaps[i]->reason,
                                          .blocking = from->gaps[i]->blocking,
                                          .cpts_count = from->gaps[i]->cpts_count};
    return own;
}

static cpts_status take_budget(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetBudgetResponse *from = (const Cpts__V1__GetBudgetResponse *)answer->message;
    struct cpts_budget *own = answer->result;
    *own = (struct cpts_budget){
        .year = from->year,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .contract_count = from->contract_count,
        .eligible_count = from->eligible_count,
        .start_up_count = from->start_up_count,
        .totals = totals(from->totals),
        .regions = shares(from->regions, from->n_regions, answer->arena),
        .region_count = from->n_regions,
        .sizes = shares(from->sizes, from->n_sizes, answer->arena),
        .size_count = from->n_sizes,
        .lines = line_sums(from, answer->arena),
        .line_count = from->n_lines,
        .gaps = gap_counts(from, answer->arena),
        .gap_count = from->n_gaps,
        .confidence = from->confidence,
        .synthetic = from->synthetic,
        .message = from,
    };
    bool is_fine =
        own->regions != NULL && own->sizes != NULL && own->lines != NULL && own->gaps != NULL;
    return is_fine ? CPTS_OK : no_memory(err);
}

static void deliver_budget(const struct completion *completion)
{
    ((cpts_budget_callback *)completion->callback)(completion->status, completion->result,
                                                   &completion->err, completion->data);
}

static cpts_status make_budget(cpts_client *client, const struct cpts_funding_query *query,
                               const struct launch *launch, struct cpts_error *err)
{
    struct cpts_funding_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetBudgetRequest request = CPTS__V1__GET_BUDGET_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.year = own.year;
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_FUNDING_BUDGET,
                                .request = &request.base,
                                .response = &cpts__v1__get_budget_response__descriptor,
                                .result_bytes = sizeof(struct cpts_budget),
                                .take = take_budget};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_budget_get(cpts_client *client, const struct cpts_funding_query *query,
                            int32_t timeout_ms, struct cpts_budget **ret_budget,
                            struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_budget(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_budget = result;
    return status;
}

cpts_status cpts_budget_get_start(cpts_client *client, const struct cpts_funding_query *query,
                                  const struct cpts_async *async, cpts_budget_callback *callback,
                                  uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_budget, ret_call);
    return make_budget(client, query, &launch, err);
}

char *cpts_budget_json(const struct cpts_budget *budget, int indent_spaces)
{
    return cpts_convert__json(budget->message, indent_spaces);
}

void cpts_budget_free(struct cpts_budget *budget)
{
    cpts_exchange__release(budget);
}
