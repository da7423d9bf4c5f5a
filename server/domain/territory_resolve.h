/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_TERRITORY_RESOLVE_H
#define DOMAIN_TERRITORY_RESOLVE_H

/**
 * @file
 * A territory as asked for, turned into the one that is recorded: the codes of
 * its first day, leaves only, shares checked.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct units;

/** Units one request may name, and one territory may hold. */
#define TERRITORY_UNITS_MAX 2000

/** Guidance, not a rule (instruction of 2 December 2016; real range 8,500 to
 * 354,193): outside it is a warning, never a refusal. */
#define TERRITORY_POPULATION_MIN 20000
#define TERRITORY_POPULATION_MAX 200000

/** Whether a population is outside that guidance. */
bool territory_is_outside_guidance(double population_count);

/** One unit as the caller named it. */
struct territory_item {
    const char *code;
    double share;
};

/** Units as the caller named them, and for which days. */
struct territory_list {
    const struct territory_item *items;
    size_t item_count;
    /** First day (YYYY-MM-DD) and first day no more ("infinity" = none is); both
     * NULL: by today's reference. */
    const char *from_on;
    const char *to_on;
};

/** Something accepted but to be said. Texts live in the arena. */
struct territory_warning {
    /** OLD_UNIT_CODE, UNIT_EXPANDED, POPULATION_OUTSIDE_GUIDANCE, LEAD_REGION_DIFFERS */
    const char *reason;
    const char *message;
    const char *field;
};

/** What is recorded. Everything lives in the arena. */
struct territory {
    size_t unit_count;
    const char **codes;
    double *shares;
    /** Which of the items asked for each unit came from. */
    size_t *item_indexes;
    double population_count;
    /** INSEE code of the region of most inhabitants, the first by code among
     * equals; "" without inhabitants. */
    const char *main_region;
    /** Version of the reference the units were read by. */
    int32_t reference_version;
    size_t warning_count;
    struct territory_warning *warnings;
};

/**
 * Resolves the units of @p list against the reference of their first day: a
 * unit of that day is that unit, even one that is no more; a code that was
 * former by then becomes what it had become (said in a warning), with the share
 * times its part of the inhabitants, as MergeUnits does. The share of a former
 * code of before the first reference stays as told: when it ended and who lived
 * there is not known. A merger of a unit within the period is refused: two
 * communes have one code, or one of them none. Paris, Lyon and Marseille become their
 * arrondissements with the same share (said), anything unknown is refused, and a unit beside a part
 * of it: nobody is counted twice.
 *
 * @param ret_territory  In @p arena; set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_UNIT, UNIT_REPEATED,
 *         UNIT_MERGED_IN_PERIOD, UNIT_NESTED, SHARE_OUT_OF_RANGE, FIELD_INVALID (too many), with
 * the field `territory[i]…` · RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status territory_resolve(const struct units *units,
                                              const struct territory_list *list,
                                              struct arena *arena, struct territory *ret_territory,
                                              struct cpts_error *err);

/** As territory_resolve(), of any list of units, without a word on how many
 * live there. At most @p unit_max items and units. */
CPTS_MUST_CHECK cpts_status territory_units_resolve(const struct units *units,
                                                    const struct territory_list *list,
                                                    size_t unit_max, struct arena *arena,
                                                    struct territory *ret_territory,
                                                    struct cpts_error *err);

/** Adds the warning LEAD_REGION_DIFFERS to a resolved territory, when most of
 * its inhabitants live in another region than @p lead_region: a CPTS may cross
 * regions, and is counted in one. Without memory nothing is said. */
void territory_warn_region(struct territory *territory, const char *lead_region,
                           struct arena *arena);

#endif
