/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_WEEK_H
#define DOMAIN_WEEK_H

/**
 * @file
 * ISO 8601 weeks, `2024-W07`: Monday to Sunday, the first one of a year being
 * that of its 4 January.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

/** Bytes of a week's text, its NUL included. */
#define WEEK_BYTES 9
#define DAYS_PER_WEEK 7

/** Reads a week of the years 1901 to 2199.
 * @param ret_monday  Its first day, days since 1970-01-01 (domain/calendar.h);
 *        set on success only.
 * @return false when it is none: 2023 has no week 53. */
bool week_parse(const char *text, int32_t *ret_monday);

/** The Monday of the week that a day lies in. */
int32_t week_monday(int32_t day);

/** The text of the week that a day lies in. */
void week_text(int32_t day, char ret_text[WEEK_BYTES]);

#endif
