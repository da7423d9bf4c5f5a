/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/indicator_step.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "domain/decimal.h"
#include "wire/error.h"

/* The most that one line may be worth: ten million euros, far above any ACI. */
#define AMOUNT_MAX_CENTS 1000000000

static const char *const DIRECTIONS[] = {
    [INDICATOR_UP] = "UP",
    [INDICATOR_DOWN] = "DOWN",
    [INDICATOR_YES_NO] = "YES_NO",
};

enum indicator_direction indicator_direction_find(const char *name)
{
    for (size_t i = 1; i < sizeof DIRECTIONS / sizeof DIRECTIONS[0]; i++) {
        if (strcmp(DIRECTIONS[i], name) == 0)
            return (enum indicator_direction)i;
    }
    return (enum indicator_direction)0;
}

static bool reaches(enum indicator_direction direction, int64_t value, int64_t threshold)
{
    return direction == INDICATOR_DOWN ? value <= threshold : value >= threshold;
}

static bool is_harder(enum indicator_direction direction, int64_t threshold, int64_t before)
{
    return direction == INDICATOR_DOWN ? threshold < before : threshold > before;
}

static cpts_status check_line(enum indicator_direction direction,
                              const struct indicator_threshold *thresholds, size_t index,
                              struct cpts_error *err)
{
    const struct indicator_threshold *line = &thresholds[index];
    char field[CPTS_FIELD_BYTES];

    snprintf(field, sizeof field, "thresholds[%zu].amount_cents", index);
    if (line->amount_cents < 0 || line->amount_cents > AMOUNT_MAX_CENTS)
        return error_set_field(err, REASON_FIELD_INVALID, field, "0 to %d euro cents",
                               AMOUNT_MAX_CENTS);
    if (index > 0 && line->amount_cents < thresholds[index - 1].amount_cents)
        return error_set_field(err, REASON_THRESHOLD_ORDER_INVALID, field,
                               "a harder threshold is worth at least as much as the one before");
    snprintf(field, sizeof field, "thresholds[%zu].value", index);
    if (direction == INDICATOR_YES_NO && line->value_millionths != DECIMAL_ONE)
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "yes or no: the one threshold is 1, yes");
    if (index > 0 &&
        !is_harder(direction, line->value_millionths, thresholds[index - 1].value_millionths))
        return error_set_field(err, REASON_THRESHOLD_ORDER_INVALID, field,
                               "not harder to reach than the threshold before");
    return CPTS_OK;
}

cpts_status indicator_thresholds_check(enum indicator_direction direction,
                                       const struct indicator_threshold *thresholds,
                                       size_t threshold_count, struct cpts_error *err)
{
    size_t most = direction == INDICATOR_YES_NO ? 1 : INDICATOR_THRESHOLDS_MAX;
    if (threshold_count == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "thresholds",
                               "name at least one threshold and its amount");
    if (threshold_count > most)
        return error_set_field(err, REASON_FIELD_INVALID, "thresholds", "at most %zu", most);
    for (size_t i = 0; i < threshold_count; i++) {
        cpts_status status = check_line(direction, thresholds, i, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

size_t indicator_step(enum indicator_direction direction,
                      const struct indicator_threshold *thresholds, size_t threshold_count,
                      int64_t value_millionths)
{
    size_t step = 0;
    while (step < threshold_count &&
           reaches(direction, value_millionths, thresholds[step].value_millionths))
        step++;
    return step;
}

int64_t indicator_amount_cents(const struct indicator_threshold *thresholds, size_t step)
{
    return step == 0 ? 0 : thresholds[step - 1].amount_cents;
}
