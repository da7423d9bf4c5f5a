/* SPDX-License-Identifier: Apache-2.0 */
/* Definitions, indicators of one CPTS, the board: reading them. */
#include <cpts/indicator_async.h>
#include <cpts/v1/indicator.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static const char *const DIRECTIONS[] = {"UNSPECIFIED", "UP", "DOWN", "YES_NO"};
static const char *const STATES[] = {"UNSPECIFIED", "SUBMITTED", "APPROVED", "LOCKED"};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

const char *cpts_indicator_direction_name(enum cpts_indicator_direction direction)
{
    return (unsigned)direction < COUNT(DIRECTIONS) ? DIRECTIONS[direction] : "UNRECOGNISED";
}

const char *cpts_indicator_state_name(enum cpts_indicator_state state)
{
    return (unsigned)state < COUNT(STATES) ? STATES[state] : "UNRECOGNISED";
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static struct cpts_indicator definition(const Cpts__V1__Indicator *from)
{
    static const Cpts__V1__Indicator NONE = CPTS__V1__INDICATOR__INIT;
    const Cpts__V1__Indicator *one = from == NULL ? &NONE : from;
    return (struct cpts_indicator){.code = one->code,
                                   .mission = one->mission,
                                   .label = one->label,
                                   .kind = one->kind,
                                   .direction = (enum cpts_indicator_direction)one->direction,
                                   .unit = one->unit,
                                   .counts_people = one->counts_people,
                                   .provider = one->provider,
                                   .example = one->example,
                                   .source = one->source,
                                   .confidence = one->confidence};
}

/* --- definitions ------------------------------------------------------------- */

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListIndicatorsResponse *from =
        (const Cpts__V1__ListIndicatorsResponse *)answer->message;
    struct cpts_indicator *own = arena_alloc(answer->arena, (from->n_indicators + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_indicators; i++)
        own[i] = definition(from->indicators[i]);
    *(struct cpts_indicators *)answer->result = (struct cpts_indicators){
        .indicators = own, .indicator_count = from->n_indicators, .message = from};
    return CPTS_OK;
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_indicators_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const char *mission, const char *as_of,
                        const struct launch *launch, struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__ListIndicatorsRequest request = CPTS__V1__LIST_INDICATORS_REQUEST__INIT;
    request.mission = cpts_convert__text(mission);
    request.as_of = cpts_convert__text(as_of);
    struct exchange exchange = {.operation = OPERATION_INDICATORS_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_indicators_response__descriptor,
                                .result_bytes = sizeof(struct cpts_indicators),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_indicators_list(cpts_client *client, const char *mission, const char *as_of,
                                 int32_t timeout_ms, struct cpts_indicators **ret_indicators,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, mission, as_of, &launch, err);
    if (status == CPTS_OK)
        *ret_indicators = result;
    return status;
}

cpts_status cpts_indicators_list_start(cpts_client *client, const char *mission, const char *as_of,
                                       const struct cpts_async *async,
                                       cpts_indicators_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, mission, as_of, &launch, err);
}

char *cpts_indicators_json(const struct cpts_indicators *indicators, int indent_spaces)
{
    return cpts_convert__json(indicators->message, indent_spaces);
}

void cpts_indicators_free(struct cpts_indicators *indicators)
{
    cpts_exchange__release(indicators);
}

/* --- of one CPTS ------------------------------------------------------------- */

static const struct cpts_indicator_threshold *threshold_lines(const Cpts__V1__CptsIndicator *from,
                                                              struct arena *arena)
{
    struct cpts_indicator_threshold *own =
        arena_alloc(arena, (from->n_thresholds + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_thresholds; i++)
        own[i] = (struct cpts_indicator_threshold){
            .value = from->thresholds[i]->value, .amount_cents = from->thresholds[i]->amount_cents};
    return own;
}

static const struct cpts_indicator_result *result_lines(const Cpts__V1__CptsIndicator *from,
                                                        struct arena *arena)
{
    static const Cpts__V1__IndicatorValue NONE = CPTS__V1__INDICATOR_VALUE__INIT;
    struct cpts_indicator_result *own = arena_alloc(arena, (from->n_results + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_results; i++) {
        const Cpts__V1__CptsIndicatorResult *one = from->results[i];
        const Cpts__V1__IndicatorValue *value = one->value == NULL ? &NONE : one->value;
        own[i] = (struct cpts_indicator_result){
            .value = {.indicator = value->indicator,
                      .period = value->period,
                      .value = value->value,
                      .state = (enum cpts_indicator_state)value->state,
                      .recorded_at_us = cpts_convert__instant_us(value->recorded_at)},
            .step = one->step,
            .amount_cents = one->amount_cents};
    }
    return own;
}

static cpts_status take_own(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetCptsIndicatorsResponse *from =
        (const Cpts__V1__GetCptsIndicatorsResponse *)answer->message;
    struct cpts_own_indicator *own =
        arena_alloc(answer->arena, (from->n_indicators + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_indicators; i++) {
        const Cpts__V1__CptsIndicator *one = from->indicators[i];
        own[i] = (struct cpts_own_indicator){.indicator = definition(one->indicator),
                                             .baseline = one->baseline,
                                             .thresholds = threshold_lines(one, answer->arena),
                                             .threshold_count = one->n_thresholds,
                                             .published = one->published,
                                             .results = result_lines(one, answer->arena),
                                             .result_count = one->n_results};
        if (own[i].thresholds == NULL || own[i].results == NULL)
            return no_memory(err);
    }
    *(struct cpts_own_indicators *)answer->result =
        (struct cpts_own_indicators){.indicators = own,
                                     .indicator_count = from->n_indicators,
                                     .synthetic = from->synthetic,
                                     .message = from};
    return CPTS_OK;
}

static void deliver_own(const struct completion *completion)
{
    ((cpts_own_indicators_callback *)completion->callback)(completion->status, completion->result,
                                                           &completion->err, completion->data);
}

static cpts_status get_own(cpts_client *client, const struct cpts_indicator_query *query,
                           const struct launch *launch, struct cpts_error *err)
{
    struct cpts_indicator_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetCptsIndicatorsRequest request = CPTS__V1__GET_CPTS_INDICATORS_REQUEST__INIT;
    request.id = cpts_convert__text(own.id);
    request.year = cpts_convert__text(own.year);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_INDICATORS_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_cpts_indicators_response__descriptor,
                                .result_bytes = sizeof(struct cpts_own_indicators),
                                .take = take_own};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_own_indicators_get(cpts_client *client, const struct cpts_indicator_query *query,
                                    int32_t timeout_ms, struct cpts_own_indicators **ret_indicators,
                                    struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get_own(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_indicators = result;
    return status;
}

cpts_status cpts_own_indicators_get_start(cpts_client *client,
                                          const struct cpts_indicator_query *query,
                                          const struct cpts_async *async,
                                          cpts_own_indicators_callback *callback,
                                          uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_own, ret_call);
    return get_own(client, query, &launch, err);
}

char *cpts_own_indicators_json(const struct cpts_own_indicators *indicators, int indent_spaces)
{
    return cpts_convert__json(indicators->message, indent_spaces);
}

void cpts_own_indicators_free(struct cpts_own_indicators *indicators)
{
    cpts_exchange__release(indicators);
}

/* --- the board --------------------------------------------------------------- */

static struct cpts_indicator_cell cell_of(const Cpts__V1__IndicatorCell *from)
{
    struct cpts_indicator_cell cell = {.key = from->key,
                                       .name = from->name,
                                       .suppressed = from->suppressed,
                                       .value = from->value,
                                       .reporting_count = from->reporting_count,
                                       .expected_count = from->expected_count,
                                       .has_steps = from->n_step_counts == CPTS_INDICATOR_STEPS};
    for (size_t i = 0; cell.has_steps && i < CPTS_INDICATOR_STEPS; i++)
        cell.step_counts[i] = from->step_counts[i];
    return cell;
}

static cpts_status take_board(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetIndicatorBoardResponse *from =
        (const Cpts__V1__GetIndicatorBoardResponse *)answer->message;
    struct cpts_indicator_cell *own = arena_alloc(answer->arena, (from->n_cells + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_cells; i++)
        own[i] = cell_of(from->cells[i]);
    *(struct cpts_indicator_board *)answer->result =
        (struct cpts_indicator_board){.indicator = definition(from->indicator),
                                      .period = from->period,
                                      .cells = own,
                                      .cell_count = from->n_cells,
                                      .threshold_count = from->threshold_count,
                                      .synthetic = from->synthetic,
                                      .message = from};
    return CPTS_OK;
}

static void deliver_board(const struct completion *completion)
{
    ((cpts_indicator_board_callback *)completion->callback)(completion->status, completion->result,
                                                            &completion->err, completion->data);
}

static cpts_status get_board(cpts_client *client, const struct cpts_indicator_board_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_indicator_board_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetIndicatorBoardRequest request = CPTS__V1__GET_INDICATOR_BOARD_REQUEST__INIT;
    request.indicator = cpts_convert__text(own.indicator);
    request.period = cpts_convert__text(own.period);
    request.region = cpts_convert__text(own.region);
    struct exchange exchange = {.operation = OPERATION_INDICATOR_BOARD,
                                .request = &request.base,
                                .response = &cpts__v1__get_indicator_board_response__descriptor,
                                .result_bytes = sizeof(struct cpts_indicator_board),
                                .take = take_board};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_indicator_board_get(cpts_client *client,
                                     const struct cpts_indicator_board_query *query,
                                     int32_t timeout_ms, struct cpts_indicator_board **ret_board,
                                     struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = get_board(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_board = result;
    return status;
}

cpts_status cpts_indicator_board_get_start(cpts_client *client,
                                           const struct cpts_indicator_board_query *query,
                                           const struct cpts_async *async,
                                           cpts_indicator_board_callback *callback,
                                           uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_board, ret_call);
    return get_board(client, query, &launch, err);
}

char *cpts_indicator_board_json(const struct cpts_indicator_board *board, int indent_spaces)
{
    return cpts_convert__json(board->message, indent_spaces);
}

void cpts_indicator_board_free(struct cpts_indicator_board *board)
{
    cpts_exchange__release(board);
}
