/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_ACHIEVEMENT_H
#define DOMAIN_ACHIEVEMENT_H

/**
 * @file
 * What the locked indicators of one CPTS bring to its missions in a year: which
 * value of each indicator counts, which step table judges it, what the step is
 * worth (indicator_step.h). The maximum of a mission is entitlement_rules.h's.
 *
 * - A value counts when its indicator has a definition and a step table on the
 *   last day of its period.
 * - Of each indicator one value counts: of the period that ends last, the longest
 *   of these, so that the whole year wins (a reading: the ACI settles by the year).
 * - Its step table is the one of the last day of the period: the one that holds
 *   since latest, then the one recorded last.
 *
 * Threads: pure functions, any thread.
 */

#include <stddef.h>
#include <stdint.h>

#include "domain/entitlement_rules.h"
#include "domain/indicator_step.h"

/** From a date until before another, both ISO 8601; `to` "" has no end. */
struct achievement_span {
    const char *from;
    const char *to;
};

/** Of an indicator, while it stands. Indicators are numbers here, the same for
 * the same code: a board compares them a million times. */
struct achievement_definition {
    int indicator;
    const char *mission;
    enum indicator_direction direction;
    struct achievement_span valid;
};

/** A locked value, true in its period, which ends. */
struct achievement_value {
    int indicator;
    struct achievement_span period;
    int64_t value_millionths;
};

/** A step table as long as it holds. */
struct achievement_table {
    int indicator;
    struct achievement_span valid;
    int64_t version; /**< of the CPTS, that recorded it */
    size_t threshold_count;
    struct indicator_threshold thresholds[INDICATOR_THRESHOLDS_MAX];
};

/** All that is known of one CPTS and one year, in any order. */
struct achievement {
    const struct achievement_definition *definitions;
    size_t definition_count;
    const struct achievement_value *values;
    size_t value_count;
    const struct achievement_table *tables;
    size_t table_count;
};

/** Adds up what the values are worth, by mission; a mission that no value counts
 * for is not among them.
 * @param ret_facts  Room for `value_count`; missions are the definitions'.
 * @return how many were set. */
size_t achievement_add_up(const struct achievement *achievement, struct achieved_fact *ret_facts);

#endif
