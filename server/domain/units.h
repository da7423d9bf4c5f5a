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

/** A commune, an arrondissement municipal or an IRIS. */
struct unit {
    char code[UNIT_CODE_BYTES];
    char parent_code[UNIT_CODE_BYTES]; /**< "" without one */
    char region[AREA_CODE_BYTES];
    char department[AREA_CODE_BYTES];
    int32_t population_count;
    bool is_leaf; /**< population is counted here */
    bool is_part; /**< an IRIS: a part of the unit that is its parent */
};

struct units;

struct units *units_new(void);
void units_free(struct units *units);

/** Adds a unit, a former code or a département. Units must come in the order
 * of their codes (strcmp), former codes and départements too.
 * @return false when memory is out, a code is too long or the order is wrong. */
bool units_add(struct units *units, const struct unit *unit);
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

/** The next unit within (arrondissement, IRIS) of @p parent after @p previous (NULL: the first);
 * NULL at the end. */
const struct unit *units_child(const struct units *units, const struct unit *parent,
                               const struct unit *previous);

bool units_has_department(const struct units *units, const char *code);

/** Whether a region has an ARS, hence may lead a CPTS. */
bool units_has_region(const struct units *units, const char *code);

#endif
