/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_ACHIEVED_LIST_H
#define HANDLER_ACHIEVED_LIST_H

/**
 * @file
 * What the indicators of a CPTS achieved in a year: the list of
 * cpts.funding_facts() as amounts by mission. Which step a value reaches, and
 * what it is worth, is domain/indicator_step.h's alone; the maximum of the
 * mission is domain/entitlement_rules.h's.
 *
 * Threads: pure function, any thread.
 */

#include <stdbool.h>

#include "domain/entitlement_rules.h"

struct arena;

/**
 * Reads `mission direction value thresholds amounts_cents`, commas between, one
 * an indicator; thresholds and amounts with semicolons between. Amounts of the
 * same mission are added up; a mission that the list does not name is not known.
 *
 * @param list       "" when no value is locked.
 * @param ret_facts  `achieved` and `achieved_count` are set, on success only;
 *                   they live in @p arena.
 * @return false when the arena is full, or an element is not as said: a word too
 *         few or too many, an unknown direction, no number, no step table.
 */
bool achieved_list_read(const char *list, struct arena *arena, struct entitlement_facts *ret_facts);

#endif
