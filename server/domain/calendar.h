/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_CALENDAR_H
#define DOMAIN_CALENDAR_H

/**
 * @file
 * Dates as ISO 8601 text, `YYYY-MM-DD`: they compare with strcmp(). The clock
 * is never read here; today is an argument.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>

/** Whether @p text is a date of the Gregorian calendar, years 1900 to 2200. */
bool calendar_is_date(const char *text);

/** Checks a date that cannot lie in the future.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         DATE_IN_FUTURE, all with @p field. */
CPTS_MUST_CHECK cpts_status calendar_past_check(const char *text, const char *today,
                                                const char *field, struct cpts_error *err);

/** Bytes of a date with its final NUL. */
#define CALENDAR_DATE_BYTES 11

/** The date @p months calendar months after @p date: the same day of the month,
 * or its last day where the month is shorter (Code de procédure civile,
 * art. 641, the rule of delays counted in months).
 * @param date  A date. @param months  0 to 1200. */
void calendar_add_months(const char *date, int months, char ret_date[CALENDAR_DATE_BYTES]);

/** Days from 1 January 1900 to @p date, from 0. */
int calendar_day_number(const char *date);

#endif
