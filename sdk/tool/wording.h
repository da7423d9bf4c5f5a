/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_WORDING_H
#define TOOL_WORDING_H

/**
 * @file
 * Stages, dates and numbers as French lists write them.
 *
 * Threads: any thread.
 */

#include <cpts/value.h>
#include <stdbool.h>

#define WORDING_DATE_BYTES 11

/** Reads a stage's published wording ("lettre d'intention validée", "ACI signé",
 * "en projet") or its name; case, accents and punctuation do not count.
 * @return false, output untouched, when it is none of the table. */
bool wording_stage(const char *text, enum cpts_stage *ret_stage);

/** The nearest wording of the table, or NULL. Static text. */
const char *wording_stage_near(const char *text);

enum date_problem {
    DATE_FINE,
    /** Not a day of the calendar in a known form. */
    DATE_MALFORMED,
    /** A month or a year, no day. */
    DATE_WITHOUT_DAY,
    /** A year of two digits. */
    DATE_SHORT_YEAR,
};

/** Reads `31/12/2023`, `31-12-2023`, `31.12.2023`, `2023-12-31`, with or
 * without a time behind. Output untouched unless DATE_FINE. */
enum date_problem wording_date(const char *text, char ret_date[WORDING_DATE_BYTES]);

/** The sentence of a problem. Static text. */
const char *wording_date_problem(enum date_problem problem);

/** Reads `0,5`, `12 345`, `50 %` (0.5), with a point too. */
bool wording_number(const char *text, double *ret_number);

#endif
