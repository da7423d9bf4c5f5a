/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_INDICATOR_STEP_H
#define DOMAIN_INDICATOR_STEP_H

/**
 * @file
 * The step table of an indicator in an ACI contract: up to three thresholds,
 * an amount for each, and which of them a value reaches.
 *
 * Source: ACI of 20 June 2019, variable part; a published contract of a CPTS
 * of size 3 (sql/reference/aci_indicator_examples.csv), whose steps read
 * `219 initial; 101-219: 3000; 51-100: 6000; <= 50: 9000`.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

/** Numbers of cpts.v1.IndicatorDirection. */
enum indicator_direction {
    INDICATOR_UP = 1,     /**< a value at or above a threshold reaches it */
    INDICATOR_DOWN = 2,   /**< a value at or below a threshold reaches it */
    INDICATOR_YES_NO = 3, /**< 1 is yes, 0 is no; one threshold, 1 */
};

#define INDICATOR_THRESHOLDS_MAX 3

/** One line of the table. */
struct indicator_threshold {
    int64_t value_millionths; /**< in the indicator's unit */
    int64_t amount_cents;     /**< euro cents a year once reached, not added up; >= 0 */
};

/**
 * Checks a table: 1 to 3 thresholds, each harder than the one before, and
 * worth at least as much.
 *
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID (how many,
 *         an amount), THRESHOLD_ORDER_INVALID, with the field `thresholds[i]…`.
 */
CPTS_MUST_CHECK cpts_status indicator_thresholds_check(enum indicator_direction direction,
                                                       const struct indicator_threshold *thresholds,
                                                       size_t threshold_count,
                                                       struct cpts_error *err);

/** The step that a value reaches: 0 = none, else the number of the hardest
 * threshold reached, from 1. */
size_t indicator_step(enum indicator_direction direction,
                      const struct indicator_threshold *thresholds, size_t threshold_count,
                      int64_t value_millionths);

/** The direction that the database names `UP`, `DOWN` or `YES_NO`; 0 for any
 * other name. */
enum indicator_direction indicator_direction_find(const char *name);

/** What that step is worth, in euro cents: the amount of its line alone. */
int64_t indicator_amount_cents(const struct indicator_threshold *thresholds, size_t step);

#endif
