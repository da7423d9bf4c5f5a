/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_ACHIEVED_LIST_H
#define HANDLER_ACHIEVED_LIST_H

/**
 * @file
 * What the indicators of a CPTS achieved in a year: the lists of
 * cpts.funding_facts() and cpts.funding_indicators() as amounts by mission.
 * They are only read here; domain/achievement.h judges.
 *
 * Elements have commas between, words of an element a space, thresholds and
 * amounts semicolons; "" is an empty list; a last word that says until when may
 * be missing: without an end.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "domain/entitlement_rules.h"

struct achievement_definition;
struct arena;

/** The definitions of a year; an indicator's number is the place of the first
 * definition of its code. */
struct achieved_definitions {
    const struct achievement_definition *items;
    const char **codes; /**< by place */
    size_t count;
};

/** Reads `indicator mission direction valid_from [valid_to]`.
 * @param ret_definitions  Set on success only; they live in @p arena.
 * @return false when the arena is full, or an element is not as said. */
bool achieved_definitions_read(const char *list, struct arena *arena,
                               struct achieved_definitions *ret_definitions);

/**
 * Reads what is known of one CPTS and adds it up.
 *
 * Indicators that are not defined bring nothing.
 *
 * @param values     `indicator period_from period_to value`, locked ones.
 * @param tables     `indicator valid_from version thresholds amounts_cents [valid_to]`.
 * @param ret_facts  `achieved` and `achieved_count` are set, on success only;
 *                   they live in @p arena and borrow from @p definitions.
 * @return false when the arena is full, or an element is not as said: a word too
 *         few or too many, no number, no step table.
 */
bool achieved_list_read(const char *values, const char *tables,
                        const struct achieved_definitions *definitions, struct arena *arena,
                        struct entitlement_facts *ret_facts);

#endif
