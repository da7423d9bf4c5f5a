/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_UNITS_H
#define DOMAIN_UNITS_H

/**
 * @file
 * The server's copy of the geographic reference: units of territory, former
 * codes, départements and regions. About 3 MB; built at start and for each new
 * version, then read-only.
 *
 * Threads: building, one thread; reading, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes of an INSEE code with its final NUL: communes 5, IRIS 9, départements
 * and regions 2 or 3 characters. */
#define UNIT_CODE_BYTES 10
#define AREA_CODE_BYTES 4
/** Bytes of a date, YYYY-MM-DD, with its final NUL. */
#define UNIT_DATE_BYTES 11

/** A commune, an arrondissement municipal or an IRIS. */
struct unit {
    char code[UNIT_CODE_BYTES];
    char parent_code[UNIT_CODE_BYTES]; /**< "" without one */
    char region[AREA_CODE_BYTES];
    char department[AREA_CODE_BYTES];
    int32_t population_count;
    bool is_leaf;                     /**< population is counted here */
    bool is_part;                     /**< an IRIS: a part of the unit that is its parent */
    char valid_from[UNIT_DATE_BYTES]; /**< since when it is this; "" = always */
};

/** What a unit was before a merger. */
struct unit_past {
    struct unit unit;
    char valid_to[UNIT_DATE_BYTES];       /**< the date of the merger */
    char successor_code[UNIT_CODE_BYTES]; /**< what it became; "" for an IRIS */
    /** Its part of the inhabitants of what it became, 0 to 1; of the communes
     * when nobody lives there. MergeUnits weighs claims the same. */
    double weight;
};

/** The unit that a code meant on a date. */
struct unit_found {
    const struct unit *unit;
    const char *valid_to;  /**< first date on which it is no more; "" = it still is */
    bool is_former;        /**< the code was no unit's any more: @p unit is what it became */
    const char *merged_on; /**< when it did; "" before the first reference, nobody knows */
    double weight;         /**< its part of @p unit; 1 without a date: it has no population */
};

struct units;

struct units *units_new(void);
void units_free(struct units *units);

/** Adds a unit, a former code or a département. Units must come in the order
 * of their codes (strcmp), former codes and départements too.
 * Past states come by code and end.
 * @return false when memory is out, a code is too long or the order is wrong. */
bool units_add(struct units *units, const struct unit *unit);
bool units_past_add(struct units *units, const struct unit_past *past);
bool units_old_code_add(struct units *units, const char *old_code, const char *code);
bool units_department_add(struct units *units, const char *code, const char *region, bool has_ars);

/** Version of the reference data that the copy was made of; 0 until it is set. */
void units_version_set(struct units *units, int32_t version);
int32_t units_version(const struct units *units);

size_t units_count(const struct units *units);

/** The unit of a code, NULL when there is none. */
const struct unit *units_find(const struct units *units, const char *code);

/** Today's unit of a former code, NULL when there is none. */
const struct unit *units_find_old(const struct units *units, const char *old_code);

/** The unit that a code meant on a date (YYYY-MM-DD): one of that date, else
 * what it had become by then, merger after merger. A former code without a date
 * stands for today's unit, so only while that one is what it is.
 * @param ret_found Set on true only. @return false: it meant none. */
bool units_find_on(const struct units *units, const char *code, const char *on_date,
                   struct unit_found *ret_found);

/** One of the arrondissements that a commune is made of; NULL for whatever is not made
 * of any, which costs nothing to tell. */
const struct unit *units_district(const struct units *units, const struct unit *unit);

/** The next unit within (arrondissement, IRIS) of @p parent after @p previous (NULL: the first);
 * NULL at the end. */
const struct unit *units_child(const struct units *units, const struct unit *parent,
                               const struct unit *previous);

bool units_has_department(const struct units *units, const char *code);

/** Whether a region has an ARS, hence may lead a CPTS. */
bool units_has_region(const struct units *units, const char *code);

#endif
