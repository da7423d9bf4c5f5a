/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/referral_board.h>
#include <cpts/v1/referral.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static struct cpts_referral_delay delay_of(const Cpts__V1__ReferralDelay *from)
{
    if (from == NULL)
        return (struct cpts_referral_delay){0};
    return (struct cpts_referral_delay){
        .count = from->count, .p50_seconds = from->p50_seconds, .p90_seconds = from->p90_seconds};
}

/* A figure of a newer server has no bit, and no field either. */
static uint32_t bits_of(const Cpts__V1__ReferralFigures *from)
{
    uint32_t bits = 0;
    for (size_t i = 0; i < from->n_held_back; i++) {
        if (from->held_back[i] > 0 && (int)from->held_back[i] < 32)
            bits |= UINT32_C(1) << from->held_back[i];
    }
    return bits;
}

static struct cpts_referral_figures figures_of(const Cpts__V1__ReferralFigures *from)
{
    return (struct cpts_referral_figures){.key = from->key,
                                          .name = from->name,
                                          .submitted_count = from->submitted_count,
                                          .open_count = from->open_count,
                                          .to_reassign_count = from->to_reassign_count,
                                          .fulfilled_count = from->fulfilled_count,
                                          .abandoned_count = from->abandoned_count,
                                          .purged_count = from->purged_count,
                                          .unroutable_count = from->unroutable_count,
                                          .attempt_count = from->attempt_count,
                                          .accepted_count = from->accepted_count,
                                          .declined_count = from->declined_count,
                                          .declined_capacity_count = from->declined_capacity_count,
                                          .acceptance_share = from->acceptance_share,
                                          .accept_delay = delay_of(from->accept_delay),
                                          .report_delay = delay_of(from->report_delay),
                                          .overdue_count = from->overdue_count,
                                          .debt_days = from->debt_days,
                                          .suppressed = from->suppressed,
                                          .given_back_count = from->given_back_count,
                                          .held_back = bits_of(from)};
}

static cpts_status take_board(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetReferralStatisticsResponse *from =
        (const Cpts__V1__GetReferralStatisticsResponse *)answer->message;
    struct cpts_referral_board *own = answer->result;
    struct cpts_referral_figures *rows =
        arena_alloc(answer->arena, (from->n_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_rows; i++)
        rows[i] = figures_of(from->rows[i]);
    *own =
        (struct cpts_referral_board){.rows = rows,
                                     .row_count = from->n_rows,
                                     .from = from->from,
                                     .to = from->to,
                                     .threshold_count = from->threshold_count,
                                     .synthetic = from->synthetic,
                                     .known_at_us = cpts_convert__instant_us(from->known_at),
                                     .message = from,
                                     .period = from->period,
                                     .released_at_us = cpts_convert__instant_us(from->released_at)};
    return CPTS_OK;
}

static void deliver_board(const struct completion *completion)
{
    ((cpts_referral_board_callback *)completion->callback)(completion->status, completion->result,
                                                           &completion->err, completion->data);
}

static cpts_status make_board(cpts_client *client, const struct cpts_referral_figures_query *query,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_referral_figures_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetReferralStatisticsRequest request =
        CPTS__V1__GET_REFERRAL_STATISTICS_REQUEST__INIT;
    request.cpts_id = cpts_convert__text(own.cpts_id);
    request.region = cpts_convert__text(own.region);
    request.from = cpts_convert__text(own.from);
    request.to = cpts_convert__text(own.to);
    request.use_case = (Cpts__V1__UseCase)own.use_case;
    request.group_by = (Cpts__V1__ReferralGrouping)own.group_by;
    request.period = cpts_convert__text(own.period);
    struct exchange exchange = {.operation = OPERATION_REFERRAL_STATISTICS,
                                .request = &request.base,
                                .response = &cpts__v1__get_referral_statistics_response__descriptor,
                                .result_bytes = sizeof(struct cpts_referral_board),
                                .take = take_board};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_referral_board_get(cpts_client *client,
                                    const struct cpts_referral_figures_query *query,
                                    int32_t timeout_ms, struct cpts_referral_board **ret_board,
                                    struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_board(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_board = result;
    return status;
}

cpts_status cpts_referral_board_get_start(cpts_client *client,
                                          const struct cpts_referral_figures_query *query,
                                          const struct cpts_async *async,
                                          cpts_referral_board_callback *callback,
                                          uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_board, ret_call);
    return make_board(client, query, &launch, err);
}

static struct cpts_unmet unmet_of(const Cpts__V1__UnmetDemand *from)
{
    return (struct cpts_unmet){.unit_code = from->unit_code,
                               .name = from->name,
                               .department = from->department,
                               .region = from->region,
                               .population_count = from->population_count,
                               .unmet_count = from->unmet_count,
                               .suppressed = from->suppressed};
}

static cpts_status take_unmet(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListUnmetDemandResponse *from =
        (const Cpts__V1__ListUnmetDemandResponse *)answer->message;
    struct cpts_unmet_page *own = answer->result;
    struct cpts_unmet *rows = arena_alloc(answer->arena, (from->n_rows + 1) * sizeof *rows);
    if (rows == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_rows; i++)
        rows[i] = unmet_of(from->rows[i]);
    *own = (struct cpts_unmet_page){.rows = rows,
                                    .row_count = from->n_rows,
                                    .next_page_token = from->next_page_token,
                                    .unit_count = from->unit_count,
                                    .unmet_count = from->unmet_count,
                                    .suppressed = from->suppressed,
                                    .threshold_count = from->threshold_count,
                                    .synthetic = from->synthetic,
                                    .message = from,
                                    .period = from->period};
    return CPTS_OK;
}

static void deliver_unmet(const struct completion *completion)
{
    ((cpts_unmet_callback *)completion->callback)(completion->status, completion->result,
                                                  &completion->err, completion->data);
}

static cpts_status make_unmet(cpts_client *client, const struct cpts_unmet_query *query,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_unmet_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListUnmetDemandRequest request = CPTS__V1__LIST_UNMET_DEMAND_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.period = cpts_convert__text(own.period);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_REFERRAL_UNMET,
                                .request = &request.base,
                                .response = &cpts__v1__list_unmet_demand_response__descriptor,
                                .result_bytes = sizeof(struct cpts_unmet_page),
                                .take = take_unmet};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_unmet_list(cpts_client *client, const struct cpts_unmet_query *query,
                            int32_t timeout_ms, struct cpts_unmet_page **ret_page,
                            struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_unmet(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_page = result;
    return status;
}

cpts_status cpts_unmet_list_start(cpts_client *client, const struct cpts_unmet_query *query,
                                  const struct cpts_async *async, cpts_unmet_callback *callback,
                                  uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_unmet, ret_call);
    return make_unmet(client, query, &launch, err);
}

char *cpts_referral_board_json(const struct cpts_referral_board *board, int indent_spaces)
{
    return cpts_convert__json(board->message, indent_spaces);
}

char *cpts_unmet_json(const struct cpts_unmet_page *page, int indent_spaces)
{
    return cpts_convert__json(page->message, indent_spaces);
}

void cpts_referral_board_free(struct cpts_referral_board *board)
{
    cpts_exchange__release(board);
}

void cpts_unmet_free(struct cpts_unmet_page *page)
{
    cpts_exchange__release(page);
}
