/* SPDX-License-Identifier: Apache-2.0 */
/* GetCptsIndicators. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "domain/decimal.h"
#include "handler/indicator_message.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/uuid.h"

/* Columns of indicator_of_cpts.sql. */
enum result_column {
    IN_SCOPE,
    SYNTHETIC,
    DEFINITION,
    BASELINE = 13,
    THRESHOLDS,
    AMOUNTS,
    PUBLISHED,
    PERIODS,
    VALUES,
    STATES,
    RECORDED,
};

static bool is_year(const char *text)
{
    return strspn(text, "0123456789") == 4 && text[4] == '\0';
}

cpts_status indicator_of_cpts_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCptsIndicatorsRequest *request = message;
    uint8_t id[16];
    const char *as_of = NULL;
    const char *known_at = NULL;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK && request->year[0] != '\0' && !is_year(request->year))
        status = error_set_field(err, REASON_FIELD_INVALID, "year", "four digits");
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_INDICATOR_OF_CPTS);
    if (call->query == NULL)
        return request_no_memory(err);
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    query_text(call->query, request->year);
    return CPTS_OK;
}

/* The value of one period and what it reaches. */
static Cpts__V1__CptsIndicatorResult *
result_new(struct call *call, const struct indicator_table *table, const char *value)
{
    int64_t millionths = 0;
    Cpts__V1__CptsIndicatorResult *result =
        request_message(call, &cpts__v1__cpts_indicator_result__descriptor);
    Cpts__V1__IndicatorValue *given = request_message(call, &cpts__v1__indicator_value__descriptor);
    if (result == NULL || given == NULL || !decimal_parse(value, &millionths))
        return NULL;
    size_t step =
        indicator_step(table->direction, table->thresholds, table->threshold_count, millionths);
    given->value = indicator_decimal(call, millionths);
    result->value = given;
    result->step = (int32_t)step;
    result->amount_cents = indicator_amount_cents(table->thresholds, step);
    return given->value == NULL ? NULL : result;
}

static bool add_results(struct call *call, const struct rows *rows, int row,
                        const struct indicator_table *table, Cpts__V1__CptsIndicator *own)
{
    char **periods = NULL;
    char **values = NULL;
    char **states = NULL;
    char **recorded = NULL;
    int count = rows_array(rows, row, PERIODS, call->arena, &periods);
    if (count < 0 || rows_array(rows, row, VALUES, call->arena, &values) != count ||
        rows_array(rows, row, STATES, call->arena, &states) != count ||
        rows_array(rows, row, RECORDED, call->arena, &recorded) != count)
        return false;
    own->results = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *own->results);
    for (int i = 0; own->results != NULL && i < count; i++) {
        Cpts__V1__CptsIndicatorResult *result = result_new(call, table, values[i]);
        if (result == NULL)
            return false;
        result->value->indicator = own->indicator->code;
        result->value->period = periods[i];
        result->value->state = indicator_state_find(states[i]);
        result->value->recorded_at = request_timestamp(call, strtoll(recorded[i], NULL, 10));
        if (result->value->recorded_at == NULL)
            return false;
        own->results[own->n_results++] = result;
    }
    return own->results != NULL;
}

static bool add_baseline(struct call *call, const struct rows *rows, int row,
                         Cpts__V1__CptsIndicator *own)
{
    int64_t baseline = 0;
    if (rows_is_null(rows, row, BASELINE))
        return true;
    if (!decimal_parse(rows_text(rows, row, BASELINE), &baseline))
        return false;
    own->baseline = indicator_decimal(call, baseline);
    return own->baseline != NULL;
}

static Cpts__V1__CptsIndicator *read_indicator(struct call *call, const struct rows *rows, int row)
{
    struct indicator_table table = {.threshold_count = 0};
    Cpts__V1__CptsIndicator *own = request_message(call, &cpts__v1__cpts_indicator__descriptor);
    if (own == NULL)
        return NULL;
    own->indicator = indicator_read(call, rows, row, DEFINITION);
    if (own->indicator == NULL)
        return NULL;
    table.direction = (enum indicator_direction)own->indicator->direction;
    if (!indicator_table_read(call, rows, row, THRESHOLDS, &table) ||
        !add_baseline(call, rows, row, own))
        return NULL;
    own->thresholds = indicator_thresholds(call, &table);
    own->n_thresholds = table.threshold_count;
    own->published = rows_bool(rows, row, PUBLISHED);
    if (own->thresholds == NULL || !add_results(call, rows, row, &table, own))
        return NULL;
    return own;
}

cpts_status indicator_of_cpts_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    if (!rows_bool(rows, 0, IN_SCOPE))
        return error_set(err, REASON_OUT_OF_SCOPE,
                         "the values of one CPTS are for itself, its ARS and the nodes; "
                         "GetIndicatorBoard shows what is published");
    size_t count = rows_is_null(rows, 0, DEFINITION) ? 0 : (size_t)rows_count(rows);
    Cpts__V1__GetCptsIndicatorsResponse *response =
        request_message(call, &cpts__v1__get_cpts_indicators_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->synthetic = rows_bool(rows, 0, SYNTHETIC);
    response->indicators = arena_alloc(call->arena, (count + 1) * sizeof *response->indicators);
    if (response->indicators == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        response->indicators[i] = read_indicator(call, rows, (int)i);
        if (response->indicators[i] == NULL)
            return request_no_memory(err);
    }
    response->n_indicators = count;
    call->response = &response->base;
    return CPTS_OK;
}
