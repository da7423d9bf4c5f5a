/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/calendar.h"

#include <string.h>

#include "support/unit.h"

static void test_calendar__dates(void)
{
    static const char *const GOOD[] = {"2019-11-30", "2020-02-29", "2000-02-29", "1900-01-01",
                                       "2200-12-31"};
    static const char *const BAD[] = {
        "",           "2019-11-31", "2019-02-29",  "1900-02-29",  "2019-13-01",
        "2019-00-01", "2019-01-00", "1899-12-31",  "2201-01-01",  "2019-1-01",
        "2019/01/01", "20190101",   "2019-01-01 ", "２019-01-01", "2019-01-0a"};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        CU_ASSERT_TRUE(calendar_is_date(GOOD[i]));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CU_ASSERT_FALSE(calendar_is_date(BAD[i]));
}

static void check(const char *date, cpts_status expected, const char *reason)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(calendar_past_check(date, "2026-11-22", "on", &err), expected);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, expected == CPTS_OK ? "" : "on");
}

static void test_calendar__past(void)
{
    check("2026-11-22", CPTS_OK, "");
    check("2026-11-23", CPTS_INVALID_ARGUMENT, "DATE_IN_FUTURE");
    check("", CPTS_INVALID_ARGUMENT, "FIELD_REQUIRED");
    check("tomorrow", CPTS_INVALID_ARGUMENT, "FIELD_INVALID");
}

static void test_calendar__every_day_there_and_back(void)
{
    /* The ends were counted by hand: 25,567 days before 1970, 84,370 after. */
    char text[CALENDAR_DATE_BYTES];
    char before[CALENDAR_DATE_BYTES] = "1900-01-01";
    CU_ASSERT_EQUAL(calendar_day("1900-01-01"), -25567);
    CU_ASSERT_EQUAL(calendar_day("2000-02-29"), 11016);
    CU_ASSERT_EQUAL(calendar_day("2200-12-31"), 84370);
    for (int32_t day = -25566; day <= 84370; day++) {
        calendar_text(day, text);
        CU_ASSERT_TRUE(calendar_is_date(text) && strcmp(text, before) > 0);
        CU_ASSERT_EQUAL(calendar_day(text), day);
        memcpy(before, text, sizeof before);
    }
}

static void test_calendar__days_outside_give_the_ends(void)
{
    char text[CALENDAR_DATE_BYTES];
    calendar_text(-30000, text);
    CU_ASSERT_STRING_EQUAL(text, "1900-01-01");
    calendar_text(90000, text);
    CU_ASSERT_STRING_EQUAL(text, "2200-12-31");
}

static void check_months(const char *from, int32_t months, const char *wanted)
{
    char text[CALENDAR_DATE_BYTES];
    calendar_add_months(from, months, text);
    CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void test_calendar__months_end_within_their_month(void)
{
    check_months("2024-01-31", 0, "2024-01-31");
    check_months("2024-01-31", 1, "2024-02-29");
    check_months("2023-01-31", 1, "2023-02-28");
    check_months("2024-12-15", 13, "2026-01-15");
    check_months("2200-06-30", 7, "2200-12-31");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_calendar__every_day_there_and_back),
    UNIT_TEST(test_calendar__days_outside_give_the_ends),
    UNIT_TEST(test_calendar__months_end_within_their_month),
    UNIT_TEST(test_calendar__dates),
    UNIT_TEST(test_calendar__past),
};

UNIT_MAIN("domain/calendar")
