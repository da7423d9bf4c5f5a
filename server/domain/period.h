/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_PERIOD_H
#define DOMAIN_PERIOD_H

/**
 * @file
 * Periods that figures stand for: a year `2024`, a half-year `2024-S1`, a
 * quarter `2024-T3`, a month `2024-07`.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>

/** Bytes of a date, its NUL included. */
#define PERIOD_DATE_BYTES 11

struct period {
    char first_on[PERIOD_DATE_BYTES]; /**< ISO 8601, its first day */
    char last_on[PERIOD_DATE_BYTES];  /**< its last day */
};

/** Reads a period of the years 1900 to 2200.
 * @param ret_period  Set on success only. @return false when it is none. */
bool period_parse(const char *text, struct period *ret_period);

#endif
