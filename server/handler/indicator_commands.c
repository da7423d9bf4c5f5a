/* SPDX-License-Identifier: Apache-2.0 */
/* SetIndicatorTarget, RecordIndicatorValues and DecideIndicatorValues. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/principal.h"
#include "cpts/v1/change.pb-c.h"
#include "domain/calendar.h"
#include "domain/decimal.h"
#include "domain/period.h"
#include "handler/indicator_message.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

#define CODE_CHARACTERS_MAX 40
#define VALUES_MAX 500
#define REASON_CHARACTERS_MAX 500
/* Who corrects what is locked: the ARS, and the nodes. */
#define CORRECTORS (ROLE_OPERATOR | ROLE_ARS_AGENT | ROLE_REGION_NODE | ROLE_NATIONAL_NODE)

static cpts_status check_code(const char *code, const char *field, struct cpts_error *err)
{
    size_t length = strlen(code);
    if (length == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "which indicator?");
    if (length > CODE_CHARACTERS_MAX ||
        strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != length)
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "a code of ListIndicators, upper case");
    return CPTS_OK;
}

/* --- SetIndicatorTarget ----------------------------------------------------- */

static cpts_status read_thresholds(const Cpts__V1__SetIndicatorTargetRequest *request,
                                   struct indicator_table *table, struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    if (request->n_thresholds > INDICATOR_THRESHOLDS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "thresholds", "at most %d",
                               INDICATOR_THRESHOLDS_MAX);
    table->threshold_count = request->n_thresholds;
    for (size_t i = 0; i < request->n_thresholds; i++) {
        snprintf(field, sizeof field, "thresholds[%zu].value", i);
        if (!decimal_parse(request->thresholds[i]->value, &table->thresholds[i].value_millionths))
            return error_set_field(err, REASON_FIELD_INVALID, field,
                                   "not a decimal number such as 66.26");
        table->thresholds[i].amount_cents = request->thresholds[i]->amount_cents;
    }
    /* The statement compares the way they go with the definition's. */
    table->direction = INDICATOR_UP;
    if (table->threshold_count > 1 &&
        table->thresholds[1].value_millionths < table->thresholds[0].value_millionths)
        table->direction = INDICATOR_DOWN;
    return indicator_thresholds_check(table->direction, table->thresholds, table->threshold_count,
                                      err);
}

static cpts_status check_target(const Cpts__V1__SetIndicatorTargetRequest *request,
                                struct indicator_table *table, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    int64_t baseline = 0;
    clock_today(today);
    cpts_status status = check_code(request->indicator, "indicator", err);
    if (status == CPTS_OK)
        status = calendar_past_check(request->effective_on, today, "effective_on", err);
    if (status == CPTS_OK && request->baseline[0] != '\0' &&
        !decimal_parse(request->baseline, &baseline))
        status = error_set_field(err, REASON_FIELD_INVALID, "baseline",
                                 "not a decimal number such as 66.26");
    return status == CPTS_OK ? read_thresholds(request, table, err) : status;
}

static void bind_target(struct call *call, const Cpts__V1__SetIndicatorTargetRequest *request,
                        const struct indicator_table *table)
{
    const char *values[INDICATOR_THRESHOLDS_MAX];
    const char *amounts[INDICATOR_THRESHOLDS_MAX];
    const char *way = table->direction == INDICATOR_DOWN ? "DOWN" : "UP";
    for (size_t i = 0; i < table->threshold_count; i++) {
        values[i] = request->thresholds[i]->value;
        amounts[i] =
            arena_printf(call->arena, "%lld", (long long)table->thresholds[i].amount_cents);
        if (amounts[i] == NULL) {
            call->query->failed = true;
            return;
        }
    }
    query_int(call->query, request->expected_version);
    query_text(call->query, request->indicator);
    query_text(call->query, request->effective_on);
    query_text(call->query, request->baseline[0] == '\0' ? NULL : request->baseline);
    query_text_array(call->query, values, table->threshold_count);
    query_text_array(call->query, amounts, table->threshold_count);
    query_bool(call->query, request->published);
    query_text(call->query, table->threshold_count > 1 ? way : "");
}

cpts_status indicator_target_set_begin(struct call *call, const void *message,
                                       struct cpts_error *err)
{
    const Cpts__V1__SetIndicatorTargetRequest *request = message;
    uint8_t id[16];
    struct indicator_table table = {.threshold_count = 0};
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = check_target(request, &table, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsIndicatorTargetSet set = CPTS__V1__CPTS_INDICATOR_TARGET_SET__INIT;
    set.indicator = request->indicator;
    set.effective_on = request->effective_on;
    set.baseline = request->baseline;
    set.n_thresholds = request->n_thresholds;
    set.thresholds = request->thresholds;
    set.published = request->published;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_INDICATOR_TARGET_SET;
    change.cpts_indicator_target_set = &set;
    struct command command = {STATEMENT_INDICATOR_TARGET_SET, request->command_id, &request->base,
                              id, &change};
    status = request_command(call, &command, err);
    if (status == CPTS_OK)
        bind_target(call, request, &table);
    return status;
}

cpts_status indicator_target_set_finish(struct call *call, const struct rows *rows,
                                        struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__set_indicator_target_response__descriptor, err);
}

/* --- values ------------------------------------------------------------------ */

/* The values of a request, column by column, as a statement takes them. */
struct value_columns {
    size_t count;
    const char **indicators;
    const char **periods;
    const char **first_days;
    const char **last_days;
    const char **values;
};

static bool columns_alloc(struct call *call, size_t count, struct value_columns *columns)
{
    size_t bytes = (count + 1) * sizeof(const char *);
    columns->count = count;
    columns->indicators = arena_alloc(call->arena, bytes);
    columns->periods = arena_alloc(call->arena, bytes);
    columns->first_days = arena_alloc(call->arena, bytes);
    columns->last_days = arena_alloc(call->arena, bytes);
    columns->values = arena_alloc(call->arena, bytes);
    return columns->indicators != NULL && columns->periods != NULL && columns->first_days != NULL &&
           columns->last_days != NULL && columns->values != NULL;
}

static bool is_repeated(const struct value_columns *columns, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(columns->indicators[i], columns->indicators[index]) == 0 &&
            strcmp(columns->periods[i], columns->periods[index]) == 0)
            return true;
    }
    return false;
}

/* The period of one value: @p ended asks that it is over, else that it began. */
static cpts_status read_period(struct call *call, const char *text, size_t index, bool ended,
                               struct value_columns *columns, struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    char today[CLOCK_DATE_BYTES];
    struct period period;
    snprintf(field, sizeof field, "values[%zu].period", index);
    clock_today(today);
    if (!period_parse(text, &period))
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "not a period: 2024, 2024-S1, 2024-T3 or 2024-07");
    if (strcmp(ended ? period.last_on : period.first_on, today) > 0)
        return error_set_field(err, REASON_DATE_IN_FUTURE, field, "%s has not %s yet", text,
                               ended ? "ended" : "begun");
    columns->first_days[index] = arena_printf(call->arena, "%s", period.first_on);
    columns->last_days[index] = arena_printf(call->arena, "%s", period.last_on);
    return columns->first_days[index] == NULL || columns->last_days[index] == NULL
               ? request_no_memory(err)
               : CPTS_OK;
}

static cpts_status read_value(struct call *call, const Cpts__V1__IndicatorValue *value,
                              size_t index, bool deciding, struct value_columns *columns,
                              struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    int64_t millionths = 0;
    snprintf(field, sizeof field, "values[%zu].indicator", index);
    cpts_status status = check_code(value->indicator, field, err);
    if (status == CPTS_OK)
        status = read_period(call, value->period, index, deciding, columns, err);
    if (status != CPTS_OK)
        return status;
    snprintf(field, sizeof field, "values[%zu].value", index);
    if (!deciding && !decimal_parse(value->value, &millionths))
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "not a decimal number such as 66.26");
    columns->indicators[index] = value->indicator;
    columns->periods[index] = value->period;
    columns->values[index] = value->value;
    snprintf(field, sizeof field, "values[%zu]", index);
    if (is_repeated(columns, index))
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "this indicator and period stand there twice");
    return CPTS_OK;
}

static cpts_status read_values(struct call *call, Cpts__V1__IndicatorValue *const *values,
                               size_t count, bool deciding, struct value_columns *columns,
                               struct cpts_error *err)
{
    if (count == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "values", "name at least one value");
    if (count > VALUES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "values", "at most %d a command",
                               VALUES_MAX);
    if (!columns_alloc(call, count, columns))
        return request_no_memory(err);
    for (size_t i = 0; i < count; i++) {
        cpts_status status = read_value(call, values[i], i, deciding, columns, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

cpts_status indicator_value_record_begin(struct call *call, const void *message,
                                         struct cpts_error *err)
{
    const Cpts__V1__RecordIndicatorValuesRequest *request = message;
    uint8_t id[16];
    struct value_columns columns;
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK && strlen(request->correction_reason) > REASON_CHARACTERS_MAX)
        status = error_set_field(err, REASON_FIELD_INVALID, "correction_reason", "at most %d bytes",
                                 REASON_CHARACTERS_MAX);
    if (status == CPTS_OK)
        status = read_values(call, request->values, request->n_values, false, &columns, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsIndicatorValuesRecorded recorded = CPTS__V1__CPTS_INDICATOR_VALUES_RECORDED__INIT;
    recorded.n_values = request->n_values;
    recorded.values = request->values;
    recorded.correction_reason = request->correction_reason;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_INDICATOR_VALUES_RECORDED;
    change.cpts_indicator_values_recorded = &recorded;
    struct command command = {STATEMENT_INDICATOR_VALUE_RECORD, request->command_id, &request->base,
                              id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text_array(call->query, columns.indicators, columns.count);
    query_text_array(call->query, columns.periods, columns.count);
    query_text_array(call->query, columns.first_days, columns.count);
    query_text_array(call->query, columns.last_days, columns.count);
    query_text_array(call->query, columns.values, columns.count);
    query_bool(call->query, (call->principal.roles & CORRECTORS) != 0);
    query_text(call->query, request->correction_reason);
    return CPTS_OK;
}

cpts_status indicator_value_record_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__record_indicator_values_response__descriptor, err);
}

/* State from which a state follows; NULL when none decides it. */
static const char *state_before(Cpts__V1__IndicatorState state)
{
    if (state == CPTS__V1__INDICATOR_STATE__INDICATOR_STATE_APPROVED)
        return "SUBMITTED";
    return state == CPTS__V1__INDICATOR_STATE__INDICATOR_STATE_LOCKED ? "APPROVED" : NULL;
}

cpts_status indicator_value_decide_begin(struct call *call, const void *message,
                                         struct cpts_error *err)
{
    const Cpts__V1__DecideIndicatorValuesRequest *request = message;
    uint8_t id[16];
    struct value_columns columns;
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK && state_before(request->state) == NULL)
        status = error_set_field(err, REASON_FIELD_INVALID, "state", "APPROVED or LOCKED");
    if (status == CPTS_OK)
        status = read_values(call, request->values, request->n_values, true, &columns, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsIndicatorValuesDecided decided = CPTS__V1__CPTS_INDICATOR_VALUES_DECIDED__INIT;
    decided.state = request->state;
    decided.n_values = request->n_values;
    decided.values = request->values;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_INDICATOR_VALUES_DECIDED;
    change.cpts_indicator_values_decided = &decided;
    struct command command = {STATEMENT_INDICATOR_VALUE_DECIDE, request->command_id, &request->base,
                              id, &change};
    status = request_command(call, &command, err);
    if (status != CPTS_OK)
        return status;
    query_int(call->query, request->expected_version);
    query_text_array(call->query, columns.indicators, columns.count);
    query_text_array(call->query, columns.periods, columns.count);
    query_text(call->query, indicator_state_name(request->state));
    query_text(call->query, state_before(request->state));
    return CPTS_OK;
}

cpts_status indicator_value_decide_finish(struct call *call, const struct rows *rows,
                                          struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__decide_indicator_values_response__descriptor, err);
}
