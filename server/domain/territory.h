/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_TERRITORY_H
#define DOMAIN_TERRITORY_H

/**
 * @file
 * A territory as asked for, turned into the one that is recorded: today's
 * codes, leaves only, shares checked.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stddef.h>

struct arena;
struct units;

/** Units one request may name, and one territory may hold. */
#define TERRITORY_UNITS_MAX 2000

/** Guidance, not a rule (instruction of 2 December 2016; real range 8,500 to
 * 354,193): outside it is a warning, never a refusal. */
#define TERRITORY_POPULATION_MIN 20000
#define TERRITORY_POPULATION_MAX 200000

/** One unit as the caller named it. */
struct territory_item {
    const char *code;
    double share;
};

/** Something accepted but to be said. Texts live in the arena. */
struct territory_warning {
    const char *reason; /**< OLD_UNIT_CODE, UNIT_EXPANDED, POPULATION_OUTSIDE_GUIDANCE */
    const char *message;
    const char *field;
};

/** What is recorded. Everything lives in the arena. */
struct territory {
    size_t unit_count;
    const char **codes;
    double *shares;
    double population_count;
    size_t warning_count;
    struct territory_warning *warnings;
};

/**
 * Resolves @p items against the reference: a former code becomes today's unit
 * (said in a warning), Paris, Lyon and Marseille become their arrondissements
 * with the same share (said), anything unknown is refused.
 *
 * @param ret_territory  In @p arena; set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_UNIT, UNIT_REPEATED,
 *         SHARE_OUT_OF_RANGE, FIELD_INVALID (too many), with the field
 *         `territory[i]…` · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status territory_resolve(const struct units *units,
                                              const struct territory_item *items, size_t item_count,
                                              struct arena *arena, struct territory *ret_territory,
                                              struct cpts_error *err);

#endif
