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
#include <stdint.h>

/** Whether @p text is a date of the Gregorian calendar, years 1900 to 2200. */
bool calendar_is_date(const char *text);

/** Bytes of a date's text with the final NUL. */
#define CALENDAR_DATE_BYTES 11

/** Days from 1970-01-01 to a date that calendar_is_date() accepts. */
int32_t calendar_day(const char *text);

/** The date of a day number; years before 1900 and after 2200 give the nearest
 * date that calendar_is_date() accepts. */
void calendar_text(int32_t day, char ret_text[CALENDAR_DATE_BYTES]);

/** The date @p months (>= 0) after a date; the last day of the month where its
 * month is shorter (the rule of legal delays counted in months: Code de procédure
 * civile, art. 641). Ends at the last date as calendar_text(). */
void calendar_add_months(const char *text, int32_t months, char ret_text[CALENDAR_DATE_BYTES]);

/** Checks a date that cannot lie in the future.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         DATE_IN_FUTURE, all with @p field. */
CPTS_MUST_CHECK cpts_status calendar_past_check(const char *text, const char *today,
                                                const char *field, struct cpts_error *err);

#endif
