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

#endif
