/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/indicator_message.h"

#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "domain/decimal.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/arena.h"

/* The definition's columns, after its first. */
enum definition_column {
    CODE,
    MISSION,
    LABEL,
    KIND,
    DIRECTION,
    UNIT,
    COUNTS_PEOPLE,
    PROVIDER,
    EXAMPLE,
    SOURCE,
    CONFIDENCE,
};

static const char *const STATES[] = {
    [CPTS__V1__INDICATOR_STATE__INDICATOR_STATE_SUBMITTED] = "SUBMITTED",
    [CPTS__V1__INDICATOR_STATE__INDICATOR_STATE_APPROVED] = "APPROVED",
    [CPTS__V1__INDICATOR_STATE__INDICATOR_STATE_LOCKED] = "LOCKED",
};

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Index of a name in a table whose first entry is empty; 0 when it is not there. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 1; i < count; i++) {
        if (strcmp(names[i], name) == 0)
            return i;
    }
    return 0;
}

const char *indicator_state_name(Cpts__V1__IndicatorState state)
{
    return state > 0 && (size_t)state < COUNT(STATES) ? STATES[state] : NULL;
}

Cpts__V1__IndicatorState indicator_state_find(const char *name)
{
    return (Cpts__V1__IndicatorState)find(STATES, COUNT(STATES), name);
}

Cpts__V1__Indicator *indicator_read(struct call *call, const struct rows *rows, int row, int column)
{
    Cpts__V1__Indicator *indicator = request_message(call, &cpts__v1__indicator__descriptor);
    if (indicator == NULL)
        return NULL;
    indicator->code = (char *)rows_text(rows, row, column + CODE);
    indicator->mission = (char *)rows_text(rows, row, column + MISSION);
    indicator->label = (char *)rows_text(rows, row, column + LABEL);
    indicator->kind = (char *)rows_text(rows, row, column + KIND);
    indicator->direction = (Cpts__V1__IndicatorDirection)indicator_direction_find(
        rows_text(rows, row, column + DIRECTION));
    indicator->unit = (char *)rows_text(rows, row, column + UNIT);
    indicator->counts_people = rows_bool(rows, row, column + COUNTS_PEOPLE);
    indicator->provider = (char *)rows_text(rows, row, column + PROVIDER);
    indicator->example = (char *)rows_text(rows, row, column + EXAMPLE);
    indicator->source = (char *)rows_text(rows, row, column + SOURCE);
    indicator->confidence = (char *)rows_text(rows, row, column + CONFIDENCE);
    return indicator;
}

bool indicator_table_read(struct call *call, const struct rows *rows, int row, int column,
                          struct indicator_table *ret_table)
{
    char **values = NULL;
    char **amounts = NULL;
    struct indicator_table table = {.threshold_count = 0};
    int count = rows_array(rows, row, column, call->arena, &values);
    if (count < 0 || count > INDICATOR_THRESHOLDS_MAX ||
        rows_array(rows, row, column + 1, call->arena, &amounts) != count)
        return false;
    for (int i = 0; i < count; i++) {
        if (!decimal_parse(values[i], &table.thresholds[i].value_millionths))
            return false;
        table.thresholds[i].amount_cents = strtoll(amounts[i], NULL, 10);
    }
    table.threshold_count = (size_t)count;
    table.direction = ret_table->direction;
    *ret_table = table;
    return true;
}

Cpts__V1__IndicatorThreshold **indicator_thresholds(struct call *call,
                                                    const struct indicator_table *table)
{
    Cpts__V1__IndicatorThreshold **lines =
        arena_alloc(call->arena, (INDICATOR_THRESHOLDS_MAX + 1) * sizeof(void *));
    for (size_t i = 0; lines != NULL && i < table->threshold_count; i++) {
        lines[i] = request_message(call, &cpts__v1__indicator_threshold__descriptor);
        if (lines[i] == NULL)
            return NULL;
        lines[i]->value = indicator_decimal(call, table->thresholds[i].value_millionths);
        if (lines[i]->value == NULL)
            return NULL;
        lines[i]->amount_cents = table->thresholds[i].amount_cents;
    }
    return lines;
}

char *indicator_decimal(struct call *call, int64_t millionths)
{
    char *text = arena_alloc(call->arena, DECIMAL_BYTES);
    if (text != NULL)
        decimal_format(millionths, text);
    return text;
}
