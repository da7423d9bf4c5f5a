/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdbool.h>
#include <time.h>

#define NS_PER_S 1000000000LL
#define US_PER_S 1000000LL
#define S_PER_DAY 86400
#define S_PER_HOUR 3600

int64_t clock_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

int64_t clock_realtime_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / 1000;
}

/* Seconds since 1970 of the last Sunday of a month of 31 days, 01:00 UTC. */
static int64_t last_sunday(int year, int month_from_0)
{
    struct tm last_day = {
        .tm_year = year - 1900, .tm_mon = month_from_0, .tm_mday = 31, .tm_hour = 1};
    int64_t seconds = timegm(&last_day);
    return seconds - (int64_t)last_day.tm_wday * S_PER_DAY;
}

void clock_date_in_france(int64_t unix_s, char ret_date[CLOCK_DATE_BYTES])
{
    time_t utc_s = unix_s;
    struct tm utc;
    gmtime_r(&utc_s, &utc);
    int year = utc.tm_year + 1900;
    bool summer = unix_s >= last_sunday(year, 2) && unix_s < last_sunday(year, 9);

    time_t local_s = unix_s + (summer ? 2 : 1) * S_PER_HOUR;
    struct tm local;
    gmtime_r(&local_s, &local);
    strftime(ret_date, CLOCK_DATE_BYTES, "%Y-%m-%d", &local);
}

void clock_today(char ret_date[CLOCK_DATE_BYTES])
{
    clock_date_in_france(clock_realtime_us() / US_PER_S, ret_date);
}
