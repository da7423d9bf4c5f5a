/* SPDX-License-Identifier: Apache-2.0 */
/* GetBudget: every entitlement computed one by one, and added up. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "domain/units.h"
#include "handler/funding_row.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Facts of one row: a few dozen short texts. */
#define SCRATCH_BYTES ((size_t)1024 * 1024)
#define REASONS_MAX 32

/* Sums of one region, one size. */
struct share {
    const char *code;
    const char *name;
    int32_t contract_count;
    int32_t eligible_count;
    struct entitlement_totals totals;
};

struct line_sum {
    const char *line;
    enum aci_part part;
    const char *confidence;
    int32_t cpts_count;
    struct entitlement_totals totals;
};

struct reason_count {
    const char *reason;
    bool is_blocking;
    int32_t cpts_count;
};

/* A budget that grows entitlement by entitlement; in the call's arena. */
struct budget {
    struct share all;
    struct share sizes[ACI_SIZE_COUNT + 1];
    struct share *regions;
    size_t region_count;
    struct line_sum lines[ENTITLEMENT_LINES_MAX];
    size_t line_count;
    struct reason_count reasons[REASONS_MAX];
    size_t reason_count;
    int32_t start_up_count;
    const char *confidence;
    bool is_synthetic;
};

cpts_status budget_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetBudgetRequest *request = message;
    struct funding_question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_BUDGET);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    cpts_status status = funding_question_read(call, request->year, request->as_of,
                                               request->known_at, question, err);
    if (status != CPTS_OK)
        return status;
    call->state = question;
    query_text(call->query, request->region);
    query_int(call->query, question->year);
    query_text(call->query, question->as_of);
    query_text(call->query, question->known_at);
    return CPTS_OK;
}

static void add_totals(struct entitlement_totals *to, const struct entitlement_totals *from)
{
    to->maximum_cents += from->maximum_cents;
    to->certain_cents += from->certain_cents;
    to->advance_cents += from->advance_cents;
    to->balance_cents += from->balance_cents;
    to->cut_cents += from->cut_cents;
}

static void add_share(struct share *share, const struct entitlement *entitlement)
{
    bool has_contract = entitlement->contract_year > 0 && entitlement->contract_days > 0;
    share->contract_count += has_contract;
    share->eligible_count += has_contract && entitlement->is_eligible;
    add_totals(&share->totals, &entitlement->totals);
}

/* Adds a counted line to its sum; lines come in the order of the grid, which is
 * kept as far as several grids allow. */
static void add_line(struct budget *budget, const struct entitlement_line *line)
{
    size_t at = 0;
    if (!line->is_counted)
        return;
    while (at < budget->line_count && (budget->lines[at].part != line->part ||
                                       strcmp(budget->lines[at].line, line->line) != 0))
        at++;
    if (at == ENTITLEMENT_LINES_MAX)
        return;
    struct line_sum *sum = &budget->lines[at];
    if (at == budget->line_count) {
        *sum = (struct line_sum){
            .line = line->line, .part = line->part, .confidence = line->confidence};
        budget->line_count++;
    }
    sum->cpts_count++;
    sum->confidence = aci_weaker(sum->confidence, line->confidence);
    sum->totals.maximum_cents += line->maximum_cents;
    sum->totals.certain_cents += line->certain_cents;
    sum->totals.advance_cents += line->advance_cents;
    sum->totals.balance_cents += line->balance_cents;
    budget->start_up_count += line->part == ACI_ONE_OFF;
}

static void add_reason(struct budget *budget, const struct entitlement_gap *gap)
{
    size_t at = 0;
    while (at < budget->reason_count && strcmp(budget->reasons[at].reason, gap->reason) != 0)
        at++;
    if (at == REASONS_MAX)
        return;
    struct reason_count *count = &budget->reasons[at];
    if (at == budget->reason_count) {
        *count = (struct reason_count){.reason = gap->reason, .is_blocking = gap->is_blocking};
        budget->reason_count++;
    }
    count->cpts_count++;
}

/* What is missing, each reason once a CPTS. */
static void add_reasons(struct budget *budget, const struct entitlement *entitlement)
{
    for (size_t i = 0; i < entitlement->gap_count; i++) {
        bool is_first = true;
        for (size_t j = 0; j < i; j++)
            is_first =
                is_first && strcmp(entitlement->gaps[j].reason, entitlement->gaps[i].reason) != 0;
        if (is_first)
            add_reason(budget, &entitlement->gaps[i]);
    }
}

static struct share *region_of(struct budget *budget, const struct rows *rows, int row)
{
    const char *code = rows_text(rows, row, FUNDING_LEAD_REGION);
    if (budget->region_count == 0 ||
        strcmp(budget->regions[budget->region_count - 1].code, code) != 0)
        budget->regions[budget->region_count++] =
            (struct share){.code = code, .name = rows_text(rows, row, FUNDING_REGION_NAME)};
    return &budget->regions[budget->region_count - 1];
}

static void add(struct budget *budget, const struct rows *rows, int row,
                const struct entitlement_facts *facts, const struct entitlement *entitlement)
{
    bool is_over = entitlement->contract_year > 0 && entitlement->contract_days == 0;
    bool is_meant = facts->project_on[0] != '\0' && facts->ended_on[0] == '\0';
    add_share(&budget->all, entitlement);
    add_share(region_of(budget, rows, row), entitlement);
    if (entitlement->contract_year > 0 && !is_over)
        add_share(&budget->sizes[facts->size], entitlement);
    else
        add_totals(&budget->sizes[facts->letter_size].totals, &entitlement->totals);
    for (size_t i = 0; i < entitlement->line_count; i++)
        add_line(budget, &entitlement->lines[i]);
    if (is_meant || (entitlement->contract_year > 0 && !is_over))
        add_reasons(budget, entitlement);
    if (entitlement->confidence[0] == '\0')
        return;
    budget->confidence = budget->confidence[0] == '\0'
                             ? entitlement->confidence
                             : aci_weaker(budget->confidence, entitlement->confidence);
    budget->is_synthetic = budget->is_synthetic || rows_bool(rows, row, FUNDING_SYNTHETIC);
}

/* Computes every row's entitlement and adds it up. */
static bool compute(struct call *call, const struct rows *rows, struct budget *budget)
{
    const struct aci_grids *grids = call->service->grids;
    struct arena *scratch = arena_new(SCRATCH_BYTES);
    struct entitlement *entitlement = arena_alloc(call->arena, sizeof *entitlement);
    bool is_fine =
        scratch != NULL && entitlement != NULL && funding_indicators_read(call, rows, call->state);
    for (int row = 0; is_fine && row < rows_count(rows); row++) {
        struct entitlement_facts facts;
        arena_reset(scratch);
        is_fine = funding_row_read(rows, row, call->state, scratch, &facts);
        if (!is_fine)
            break;
        entitlement_compute(grids, &facts, entitlement);
        add(budget, rows, row, &facts, entitlement);
    }
    arena_free(scratch);
    return is_fine;
}

static Cpts__V1__BudgetShare *share_message(struct call *call, const struct share *share)
{
    Cpts__V1__BudgetShare *message = request_message(call, &cpts__v1__budget_share__descriptor);
    if (message == NULL)
        return NULL;
    message->code = (char *)share->code;
    message->name = (char *)share->name;
    message->contract_count = share->contract_count;
    message->eligible_count = share->eligible_count;
    message->totals = funding_totals_message(call, &share->totals);
    return message->totals == NULL ? NULL : message;
}

/* Shares as a message's array; NULL when the arena is full. */
static Cpts__V1__BudgetShare **share_messages(struct call *call, const struct share *shares,
                                              size_t count)
{
    Cpts__V1__BudgetShare **messages =
        arena_alloc(call->arena, (count + 1) * sizeof(Cpts__V1__BudgetShare *));
    for (size_t i = 0; messages != NULL && i < count; i++) {
        messages[i] = share_message(call, &shares[i]);
        if (messages[i] == NULL)
            return NULL;
    }
    return messages;
}

static bool fill_lines(struct call *call, const struct budget *budget,
                       Cpts__V1__GetBudgetResponse *response)
{
    response->lines = arena_alloc(call->arena, (budget->line_count + 1) * sizeof *response->lines);
    for (size_t i = 0; response->lines != NULL && i < budget->line_count; i++) {
        const struct line_sum *sum = &budget->lines[i];
        Cpts__V1__BudgetLine *line = request_message(call, &cpts__v1__budget_line__descriptor);
        if (line == NULL)
            return false;
        line->line = (char *)sum->line;
        line->part = (char *)aci_part_name(sum->part);
        line->cpts_count = sum->cpts_count;
        line->confidence = (char *)sum->confidence;
        line->totals = funding_totals_message(call, &sum->totals);
        if (line->totals == NULL)
            return false;
        response->lines[response->n_lines++] = line;
    }
    return response->lines != NULL;
}

static int by_count(const void *one, const void *other)
{
    const struct reason_count *a = one;
    const struct reason_count *b = other;
    if (a->cpts_count != b->cpts_count)
        return a->cpts_count < b->cpts_count ? 1 : -1;
    return strcmp(a->reason, b->reason);
}

static bool fill_gaps(struct call *call, struct budget *budget,
                      Cpts__V1__GetBudgetResponse *response)
{
    qsort(budget->reasons, budget->reason_count, sizeof budget->reasons[0], by_count);
    response->gaps = arena_alloc(call->arena, (budget->reason_count + 1) * sizeof *response->gaps);
    for (size_t i = 0; response->gaps != NULL && i < budget->reason_count; i++) {
        Cpts__V1__BudgetGap *gap = request_message(call, &cpts__v1__budget_gap__descriptor);
        if (gap == NULL)
            return false;
        gap->reason = (char *)budget->reasons[i].reason;
        gap->blocking = budget->reasons[i].is_blocking;
        gap->cpts_count = budget->reasons[i].cpts_count;
        response->gaps[response->n_gaps++] = gap;
    }
    return response->gaps != NULL;
}

static bool fill(struct call *call, struct budget *budget, Cpts__V1__GetBudgetResponse *response)
{
    const struct funding_question *question = call->state;
    response->year = question->year;
    response->as_of = (char *)question->as_of;
    response->contract_count = budget->all.contract_count;
    response->eligible_count = budget->all.eligible_count;
    response->start_up_count = budget->start_up_count;
    response->confidence = (char *)budget->confidence;
    response->synthetic = budget->is_synthetic;
    response->totals = funding_totals_message(call, &budget->all.totals);
    response->regions = share_messages(call, budget->regions, budget->region_count);
    response->n_regions = budget->region_count;
    response->sizes = share_messages(call, budget->sizes, ACI_SIZE_COUNT + 1);
    response->n_sizes = ACI_SIZE_COUNT + 1;
    return response->totals != NULL && response->regions != NULL && response->sizes != NULL &&
           fill_lines(call, budget, response) && fill_gaps(call, budget, response);
}

static struct budget *budget_new(struct call *call, const struct rows *rows)
{
    static const char *const SIZES[ACI_SIZE_COUNT + 1] = {"", "1", "2", "3", "4"};
    struct budget *budget = arena_alloc(call->arena, sizeof *budget);
    if (budget == NULL)
        return NULL;
    budget->confidence = "";
    for (int size = 0; size <= ACI_SIZE_COUNT; size++)
        budget->sizes[size] = (struct share){.code = SIZES[size], .name = ""};
    budget->regions =
        arena_alloc(call->arena, ((size_t)rows_count(rows) + 1) * sizeof *budget->regions);
    return budget->regions == NULL ? NULL : budget;
}

cpts_status budget_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct budget *budget = budget_new(call, rows);
    Cpts__V1__GetBudgetResponse *response =
        request_message(call, &cpts__v1__get_budget_response__descriptor);
    if (budget == NULL || response == NULL || !compute(call, rows, budget) ||
        !fill(call, budget, response))
        return request_no_memory(err);
    if (rows_count(rows) > 0)
        response->known_at = request_timestamp(call, rows_time_us(rows, 0, FUNDING_KNOWN_AT));
    call->response = &response->base;
    return CPTS_OK;
}
