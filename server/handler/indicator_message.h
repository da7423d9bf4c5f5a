/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_INDICATOR_MESSAGE_H
#define HANDLER_INDICATOR_MESSAGE_H

/**
 * @file
 * Indicators as messages and as rows: what the handlers of IndicatorService
 * share.
 *
 * Threads: the completion-queue thread (requests), the lane's thread (rows).
 */

#include <cpts/status.h>
#include <stddef.h>

#include "cpts/v1/indicator.pb-c.h"
#include "domain/indicator_step.h"

struct call;
struct rows;

/** A step table as the rules read it. */
struct indicator_table {
    enum indicator_direction direction; /**< 0 when the definition is not known */
    size_t threshold_count;
    struct indicator_threshold thresholds[INDICATOR_THRESHOLDS_MAX];
};

/** The definition that @p row holds in eleven columns from @p column on: code,
 * mission, label, kind, direction, unit, counts people, provider, example,
 * source, confidence. Texts are the rows'. NULL when the arena is full. */
Cpts__V1__Indicator *indicator_read(struct call *call, const struct rows *rows, int row,
                                    int column);

/** The step table that @p row holds in two array columns from @p column on:
 * thresholds, amounts in cents. An empty one when they are NULL.
 * @return false when the arena is full or the row makes no sense. */
bool indicator_table_read(struct call *call, const struct rows *rows, int row, int column,
                          struct indicator_table *ret_table);

/** Lines of a step table as messages; NULL when the arena is full. */
Cpts__V1__IndicatorThreshold **indicator_thresholds(struct call *call,
                                                    const struct indicator_table *table);

/** A decimal as text in the arena; NULL when it is full. */
char *indicator_decimal(struct call *call, int64_t millionths);

/** Name of a state as in the database, "LOCKED"; NULL when there is none. */
const char *indicator_state_name(Cpts__V1__IndicatorState state);
/** The state of a name; UNSPECIFIED when there is none. */
Cpts__V1__IndicatorState indicator_state_find(const char *name);

#endif
