/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/calendar.h"

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

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_calendar__dates),
    UNIT_TEST(test_calendar__past),
};

UNIT_MAIN("domain/calendar")
