/* SPDX-License-Identifier: Apache-2.0 */
/* indicator target, record, approve, lock. */
#include <cpts/indicator.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "deed.h"
#include "failure.h"
#include "input.h"
#include "money_text.h"

#define DECIMAL_TEXT_BYTES 24

/* Every --step VALUE=EUROS; the values' texts go to @p values. */
static int read_steps(const struct arguments *arguments, struct cpts_indicator_target *target,
                      struct cpts_indicator_threshold *lines, char values[][DECIMAL_TEXT_BYTES])
{
    target->thresholds = lines;
    target->threshold_count = arguments_count(arguments, "step");
    if (target->threshold_count == 0)
        return deed_missing(arguments, "step");
    if (target->threshold_count > CPTS_INDICATOR_THRESHOLDS_MAX)
        return usage_error(arguments->command, "more than %d times --step",
                           CPTS_INDICATOR_THRESHOLDS_MAX);
    for (size_t i = 0; i < target->threshold_count; i++) {
        const char *text = arguments_nth(arguments, "step", i);
        const char *equals = strchr(text, '=');
        if (equals == NULL || equals - text >= DECIMAL_TEXT_BYTES ||
            !money_read(equals + 1, &lines[i].amount_cents))
            return usage_error(arguments->command, "--step %s is not VALUE=EUROS, like 72.4=2500",
                               text);
        snprintf(values[i], DECIMAL_TEXT_BYTES, "%.*s", (int)(equals - text), text);
        lines[i].value = values[i];
    }
    return EXIT_CODE_OK;
}

int verb_indicator_target(struct session *session, const struct arguments *arguments)
{
    struct cpts_indicator_threshold lines[CPTS_INDICATOR_THRESHOLDS_MAX] = {{0}};
    char values[CPTS_INDICATOR_THRESHOLDS_MAX][DECIMAL_TEXT_BYTES];
    struct cpts_indicator_target target = {.size = sizeof target,
                                           .indicator = arguments->operands[1],
                                           .baseline = arguments_value(arguments, "baseline"),
                                           .published = arguments_has(arguments, "published")};
    struct deed deed = {.what = "Set the step table of"};
    struct cpts_error err;
    int code = input_date(arguments, "on", &target.effective_on);
    if (code == EXIT_CODE_OK && target.effective_on == NULL)
        code = deed_missing(arguments, "on");
    if (code == EXIT_CODE_OK)
        code = read_steps(arguments, &target, lines, values);
    if (code == EXIT_CODE_OK)
        code = deed_begin(session, arguments, &deed, &target.id, &target.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_indicator_target_set(session->client, &target, deed.command_id, 0,
                                                   &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

int verb_indicator_record(struct session *session, const struct arguments *arguments)
{
    const struct cpts_indicator_value value = {.indicator = arguments->operands[1],
                                               .period = arguments->operands[2],
                                               .value = arguments->operands[3]};
    struct cpts_indicator_values values = {.size = sizeof values,
                                           .values = &value,
                                           .value_count = 1,
                                           .correction_reason =
                                               arguments_value(arguments, "reason")};
    struct deed deed = {.what = "Recorded a value of"};
    struct cpts_error err;
    int code = deed_begin(session, arguments, &deed, &values.id, &values.expected_version);
    if (code != EXIT_CODE_OK)
        return code;
    cpts_status status = cpts_indicator_values_record(session->client, &values, deed.command_id, 0,
                                                      &deed.outcome, &err);
    return deed_finish(session, status, &deed, &err);
}

static bool is_named(const struct arguments *arguments, const char *code)
{
    size_t count = arguments_count(arguments, "indicator");
    for (size_t i = 0; i < count; i++) {
        if (strcmp(arguments_nth(arguments, "indicator", i), code) == 0)
            return true;
    }
    return count == 0;
}

/* The values of the period that wait for the decision. */
static size_t find_waiting(const struct arguments *arguments,
                           const struct cpts_own_indicators *indicators,
                           enum cpts_indicator_state before, struct cpts_indicator_value *values)
{
    size_t count = 0;
    for (size_t i = 0; i < indicators->indicator_count; i++) {
        const struct cpts_own_indicator *own = &indicators->indicators[i];
        for (size_t n = 0; n < own->result_count && is_named(arguments, own->indicator.code); n++) {
            const struct cpts_indicator_value *value = &own->results[n].value;
            if (strcmp(value->period, arguments->operands[1]) == 0 && value->state == before &&
                count < CPTS_INDICATOR_VALUES_MAX)
                values[count++] = *value;
        }
    }
    return count;
}

static int decide(struct session *session, const struct arguments *arguments, struct deed *deed,
                  struct cpts_indicator_decision *decision)
{
    struct cpts_indicator_value values[CPTS_INDICATOR_VALUES_MAX];
    struct cpts_own_indicators *indicators = NULL;
    const struct cpts_indicator_query query = {.size = sizeof query, .id = deed->id};
    struct cpts_error err;
    if (cpts_own_indicators_get(session->client, &query, 0, &indicators, &err) != CPTS_OK)
        return failure_print(&err);
    enum cpts_indicator_state before = decision->state == CPTS_INDICATOR_LOCKED
                                           ? CPTS_INDICATOR_APPROVED
                                           : CPTS_INDICATOR_SUBMITTED;
    decision->values = values;
    decision->value_count = find_waiting(arguments, indicators, before, values);
    int code = EXIT_CODE_NOT_FOUND;
    if (decision->value_count == 0) {
        fprintf(stderr, "cptsctl: no value of %s is %s\n  next:   cptsctl indicator show %s\n",
                arguments->operands[1], cpts_indicator_state_name(before), deed->id);
    } else {
        cpts_status status = cpts_indicator_values_decide(
            session->client, decision, deed->command_id, 0, &deed->outcome, &err);
        if (status == CPTS_OK && session->form == FORM_OWN && !session->is_quiet)
            for (size_t i = 0; i < decision->value_count; i++)
                printf("%s %s %s\n", values[i].indicator, values[i].period, values[i].value);
        code = deed_finish(session, status, deed, &err);
    }
    cpts_own_indicators_free(indicators);
    decision->values = NULL;
    return code;
}

static int verb_decide(struct session *session, const struct arguments *arguments,
                       enum cpts_indicator_state state, const char *what)
{
    struct cpts_indicator_decision decision = {.size = sizeof decision, .state = state};
    struct deed deed = {.what = what};
    int code = deed_begin(session, arguments, &deed, &decision.id, &decision.expected_version);
    return code == EXIT_CODE_OK ? decide(session, arguments, &deed, &decision) : code;
}

int verb_indicator_approve(struct session *session, const struct arguments *arguments)
{
    return verb_decide(session, arguments, CPTS_INDICATOR_APPROVED, "Approved values of");
}

int verb_indicator_lock(struct session *session, const struct arguments *arguments)
{
    return verb_decide(session, arguments, CPTS_INDICATOR_LOCKED, "Locked values of");
}
