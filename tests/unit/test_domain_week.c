/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/week.h"

#include <string.h>

#include "domain/calendar.h"
#include "support/unit.h"

/* Weeks around the turn of years, with their Mondays (ISO 8601). */
static const struct {
    const char *week;
    const char *monday;
} KNOWN[] = {
    {"2024-W01", "2024-01-01"}, {"2024-W07", "2024-02-12"}, {"2020-W53", "2020-12-28"},
    {"2021-W01", "2021-01-04"}, {"2022-W52", "2022-12-26"}, {"2025-W01", "2024-12-30"},
    {"1969-W01", "1968-12-30"}, {"1970-W01", "1969-12-29"},
};

static void test_week__known_mondays_both_ways(void)
{
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        int32_t monday = 0;
        char text[WEEK_BYTES];
        CU_ASSERT_TRUE(week_parse(KNOWN[i].week, &monday));
        CU_ASSERT_EQUAL(monday, calendar_day(KNOWN[i].monday));
        week_text(monday + 6, text);
        CU_ASSERT_STRING_EQUAL(text, KNOWN[i].week);
    }
}

static void test_week__every_day_of_ten_years_lies_in_its_week(void)
{
    for (int32_t day = calendar_day("2016-01-01"); day < calendar_day("2026-01-01"); day++) {
        int32_t monday = 0;
        char text[WEEK_BYTES];
        week_text(day, text);
        CU_ASSERT_TRUE_FATAL(week_parse(text, &monday));
        CU_ASSERT_TRUE_FATAL(monday <= day && day < monday + DAYS_PER_WEEK);
        CU_ASSERT_EQUAL_FATAL(monday, week_monday(day));
    }
}

static void test_week__refuses_what_is_none(void)
{
    static const char *const BAD[] = {"",         "2024",     "2024-W00", "2024-W54",  "2023-W53",
                                      "2024-07",  "2024W07",  "2024-W7",  "2024-W071", "1900-W07",
                                      "2200-W07", "x024-W07", "2024-S07", "2024-W 7"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        int32_t monday = 42;
        CU_ASSERT_FALSE(week_parse(BAD[i], &monday));
        CU_ASSERT_EQUAL(monday, 42);
    }
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_week__known_mondays_both_ways),
    UNIT_TEST(test_week__every_day_of_ten_years_lies_in_its_week),
    UNIT_TEST(test_week__refuses_what_is_none),
};

UNIT_MAIN("domain/week")
