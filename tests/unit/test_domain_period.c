/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/period.h"

#include "support/unit.h"

static void check(const char *text, const char *first_on, const char *last_on)
{
    struct period period = {"", ""};
    CU_ASSERT_TRUE(period_parse(text, &period));
    CU_ASSERT_STRING_EQUAL(period.first_on, first_on);
    CU_ASSERT_STRING_EQUAL(period.last_on, last_on);
}

static void test_period__first_and_last_day(void)
{
    check("2024", "2024-01-01", "2024-12-31");
    check("2024-S1", "2024-01-01", "2024-06-30");
    check("2024-S2", "2024-07-01", "2024-12-31");
    check("2024-T1", "2024-01-01", "2024-03-31");
    check("2024-T4", "2024-10-01", "2024-12-31");
    check("2024-02", "2024-02-01", "2024-02-29");
    check("2023-02", "2023-02-01", "2023-02-28");
    check("2024-12", "2024-12-01", "2024-12-31");
    check("1900", "1900-01-01", "1900-12-31");
}

static void test_period__refused(void)
{
    static const char *const BAD[] = {"",        "24",      "2024-",     "2024-S0", "2024-S3",
                                      "2024-T5", "2024-00", "2024-13",   "2024-7",  "2024-S1 ",
                                      "2024S1",  "1899",    "20240",     "2024-1a", "2024-U1",
                                      "2201",    "2024-T",  "2024-01-01"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        struct period period = {"x", "y"};
        CU_ASSERT_FALSE(period_parse(BAD[i], &period));
        CU_ASSERT_STRING_EQUAL(period.first_on, "x");
        CU_ASSERT_STRING_EQUAL(period.last_on, "y");
    }
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_period__first_and_last_day),
    UNIT_TEST(test_period__refused),
};

UNIT_MAIN("domain/period")
