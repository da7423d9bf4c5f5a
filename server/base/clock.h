/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/**
 * @file
 * The two clocks.
 *
 * Threads: any thread.
 */

#include <stdint.h>

/** CLOCK_MONOTONIC in nanoseconds: for deadlines. */
int64_t clock_monotonic_ns(void);

/** Microseconds since 1970 UTC: for facts. */
int64_t clock_realtime_us(void);

/** Bytes of an ISO 8601 date with its final NUL. */
#define CLOCK_DATE_BYTES 11

/** Date in metropolitan France at an instant, ISO 8601, whatever TZ is: UTC+1,
 * and UTC+2 from the last Sunday of March to the last of October, 01:00 UTC
 * (directive 2000/84/EC). @p unix_s  Seconds since 1970, years 1996 to 9999. */
void clock_date_in_france(int64_t unix_s, char ret_date[CLOCK_DATE_BYTES]);

/** Today's date in France (Europe/Paris), ISO 8601. */
void clock_today(char ret_date[CLOCK_DATE_BYTES]);

#endif
