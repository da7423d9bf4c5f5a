/* SPDX-License-Identifier: Apache-2.0 */
/* Capacity: of one CPTS, and the board. */
#include <cpts/capacity_async.h>
#include <cpts/v1/capacity.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

/* @return false when the arena is full; without an objective it stays NULL. */
static bool take_objective(const Cpts__V1__CapacityObjective *from, struct arena *arena,
                           const struct cpts_capacity_objective **ret_objective)
{
    if (from == NULL)
        return true;
    struct cpts_capacity_objective *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_capacity_objective){
        .snp_percent = from->snp_percent, .source = from->source, .confidence = from->confidence};
    *ret_objective = own;
    return true;
}

/* --- of one CPTS ------------------------------------------------------------- */

static const struct cpts_seekers *seekers_of(const Cpts__V1__CapacityWeek *from,
                                             struct arena *arena)
{
    struct cpts_seekers *own = arena_alloc(arena, (from->n_seekers + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_seekers; i++)
        own[i] = (struct cpts_seekers){.area = from->seekers[i]->area,
                                       .patient_count = from->seekers[i]->patient_count};
    return own;
}

static struct cpts_capacity_week week_of(const Cpts__V1__CapacityWeek *from, struct arena *arena)
{
    return (struct cpts_capacity_week){
        .week = from->week,
        .snp_slot_count =
            from->_snp_slot_count_case != 0 ? from->snp_slot_count : CPTS_FIGURE_UNKNOWN,
        .doctor_slot_count =
            from->_doctor_slot_count_case != 0 ? from->doctor_slot_count : CPTS_FIGURE_UNKNOWN,
        .place_count = from->_place_count_case != 0 ? from->place_count : CPTS_FIGURE_UNKNOWN,
        .seekers = seekers_of(from, arena),
        .seeker_count = from->n_seekers,
        .recorded_at_us = cpts_convert__instant_us(from->recorded_at)};
}

static cpts_status take_weeks(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetCapacityResponse *from =
        (const Cpts__V1__GetCapacityResponse *)answer->message;
    struct cpts_capacity *result = answer->result;
    struct cpts_capacity_week *own = arena_alloc(answer->arena, (from->n_weeks + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_weeks; i++) {
        own[i] = week_of(from->weeks[i], answer->arena);
        if (own[i].seekers == NULL)
            return no_memory(err);
    }
    *result = (struct cpts_capacity){.version = from->version,
                                     .weeks = own,
                                     .week_count = from->n_weeks,
                                     .latest_week = from->latest_week,
                                     .latest_age_days = from->latest_age_days,
                                     .seekers_withheld = from->seekers_withheld,
                                     .synthetic = from->synthetic,
                                     .message = from};
    return take_objective(from->objective, answer->arena, &result->objective) ? CPTS_OK
                                                                              : no_memory(err);
}

static void deliver_weeks(const struct completion *completion)
{
    ((cpts_capacity_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status get_weeks(cpts_client *client, const struct cpts_capacity_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_capacity_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetCapacityRequest request = CPTS__V1__GET_CAPACITY_REQUEST__INIT;
    request.id = cpts_convert__text(own.id);
    request.from_week = cpts_convert__text(own.from_week);
    request.to_week = cpts_convert__text(own.to_week);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_CAPACITY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_capacity_response__descriptor,
                                .result_bytes = sizeof(struct cpts_capacity),
                                .take = take_weeks};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_capacity_get(cpts_client *client, const struct cpts_capacity_query *query,
                              int32_t timeout_ms, struct cpts_capacity **ret_capacity,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get_weeks(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_capacity = result;
    return status;
}

cpts_status cpts_capacity_get_start(cpts_client *client, const struct cpts_capacity_query *query,
                                    const struct cpts_async *async,
                                    cpts_capacity_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_weeks, ret_call);
    return get_weeks(client, query, &launch, err);
}

char *cpts_capacity_json(const struct cpts_capacity *capacity, int indent_spaces)
{
    return cpts_convert__json(capacity->message, indent_spaces);
}

void cpts_capacity_free(struct cpts_capacity *capacity)
{
    cpts_exchange__release(capacity);
}

/* --- the board --------------------------------------------------------------- */

static struct cpts_capacity_cell cell_of(const Cpts__V1__CapacityCell *from)
{
    return (struct cpts_capacity_cell){
        .key = from->key,
        .name = from->name,
        .cpts_count = from->cpts_count,
        .reporting_count = from->reporting_count,
        .snp_slot_count = from->snp_slot_count,
        .place_count = from->place_count,
        .share_snp_slot_count = from->share_snp_slot_count,
        .share_doctor_slot_count = from->share_doctor_slot_count,
        .seeker_cpts_count = from->seeker_cpts_count,
        .seekers_suppressed = from->seekers_suppressed,
        .seeker_count = from->_seeker_count_case != 0 ? from->seeker_count : CPTS_FIGURE_UNKNOWN};
}

static cpts_status take_board(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetCapacityBoardResponse *from =
        (const Cpts__V1__GetCapacityBoardResponse *)answer->message;
    struct cpts_capacity_board *result = answer->result;
    struct cpts_capacity_cell *own = arena_alloc(answer->arena, (from->n_cells + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_cells; i++)
        own[i] = cell_of(from->cells[i]);
    *result = (struct cpts_capacity_board){.week = from->week,
                                           .cells = own,
                                           .cell_count = from->n_cells,
                                           .threshold_count = from->threshold_count,
                                           .seekers_on = from->seekers_on,
                                           .seekers_closed = from->seekers_closed,
                                           .synthetic = from->synthetic,
                                           .message = from};
    return take_objective(from->objective, answer->arena, &result->objective) ? CPTS_OK
                                                                              : no_memory(err);
}

static void deliver_board(const struct completion *completion)
{
    ((cpts_capacity_board_callback *)completion->callback)(completion->status, completion->result,
                                                           &completion->err, completion->data);
}

static cpts_status get_board(cpts_client *client, const char *week, const struct launch *launch,
                             struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__GetCapacityBoardRequest request = CPTS__V1__GET_CAPACITY_BOARD_REQUEST__INIT;
    request.week = cpts_convert__text(week);
    struct exchange exchange = {.operation = OPERATION_CAPACITY_BOARD,
                                .request = &request.base,
                                .response = &cpts__v1__get_capacity_board_response__descriptor,
                                .result_bytes = sizeof(struct cpts_capacity_board),
                                .take = take_board};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_capacity_board_get(cpts_client *client, const char *week, int32_t timeout_ms,
                                    struct cpts_capacity_board **ret_board, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get_board(client, week, &launch, err);
    if (status == CPTS_OK)
        *ret_board = result;
    return status;
}

cpts_status cpts_capacity_board_get_start(cpts_client *client, const char *week,
                                          const struct cpts_async *async,
                                          cpts_capacity_board_callback *callback,
                                          uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_board, ret_call);
    return get_board(client, week, &launch, err);
}

char *cpts_capacity_board_json(const struct cpts_capacity_board *board, int indent_spaces)
{
    return cpts_convert__json(board->message, indent_spaces);
}

void cpts_capacity_board_free(struct cpts_capacity_board *board)
{
    cpts_exchange__release(board);
}
