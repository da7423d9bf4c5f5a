/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "support/unit.h"

static void assert_date(int64_t unix_s, const char *expected)
{
    char date[CLOCK_DATE_BYTES];
    clock_date_in_france(unix_s, date);
    CU_ASSERT_STRING_EQUAL(date, expected);
}

static void test_clock__monotonic_never_goes_back(void)
{
    int64_t last = clock_monotonic_ns();
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_monotonic_ns();
        CU_ASSERT_TRUE_FATAL(now >= last);
        last = now;
    }
}

static void test_clock__realtime_is_in_microseconds(void)
{
    int64_t distance_s = clock_realtime_us() / 1000000 - (int64_t)time(NULL);
    CU_ASSERT_TRUE(distance_s >= -1 && distance_s <= 1);
}

static void test_clock__midnight_in_france_is_23_utc_in_winter(void)
{
    assert_date(1767221999, "2025-12-31"); /* 2025-12-31T22:59:59Z */
    assert_date(1767222000, "2026-01-01"); /* 2025-12-31T23:00:00Z */
}

static void test_clock__midnight_in_france_is_22_utc_in_summer(void)
{
    assert_date(1782856799, "2026-06-30"); /* 2026-06-30T21:59:59Z */
    assert_date(1782856800, "2026-07-01"); /* 2026-06-30T22:00:00Z */
}

static void test_clock__summer_begins_and_ends_on_last_sundays(void)
{
    /* 2026: summer time from 29 March 01:00 UTC to 25 October 01:00 UTC. */
    assert_date(1774735200, "2026-03-28"); /* 2026-03-28T22:00:00Z, still winter */
    assert_date(1774821600, "2026-03-30"); /* 2026-03-29T22:00:00Z, summer */
    assert_date(1792879200, "2026-10-25"); /* 2026-10-24T22:00:00Z, still summer */
    assert_date(1792965600, "2026-10-25"); /* 2026-10-25T22:00:00Z, winter */
    assert_date(1792969200, "2026-10-26"); /* 2026-10-25T23:00:00Z */
}

/* The system's own time zone database is the second opinion. */
static void test_clock__agrees_with_the_zone_database(void)
{
    setenv("TZ", "Europe/Paris", 1);
    tzset();
    for (int64_t unix_s = 946684800; unix_s < 2145916800; unix_s += 3599 * 7) {
        char expected[CLOCK_DATE_BYTES];
        char date[CLOCK_DATE_BYTES];
        time_t seconds = unix_s;
        struct tm local;
        localtime_r(&seconds, &local);
        strftime(expected, sizeof expected, "%Y-%m-%d", &local);
        clock_date_in_france(unix_s, date);
        CU_ASSERT_STRING_EQUAL_FATAL(date, expected);
    }
}

static void test_clock__today_is_a_date(void)
{
    char date[CLOCK_DATE_BYTES];
    clock_today(date);
    CU_ASSERT_EQUAL(date[4], '-');
    CU_ASSERT_EQUAL(date[7], '-');
    CU_ASSERT_EQUAL(date[10], '\0');
    CU_ASSERT_TRUE(atoi(date) >= 2024);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_clock__monotonic_never_goes_back),
    UNIT_TEST(test_clock__realtime_is_in_microseconds),
    UNIT_TEST(test_clock__midnight_in_france_is_23_utc_in_winter),
    UNIT_TEST(test_clock__midnight_in_france_is_22_utc_in_summer),
    UNIT_TEST(test_clock__summer_begins_and_ends_on_last_sundays),
    UNIT_TEST(test_clock__agrees_with_the_zone_database),
    UNIT_TEST(test_clock__today_is_a_date),
};

UNIT_MAIN("base/clock")
