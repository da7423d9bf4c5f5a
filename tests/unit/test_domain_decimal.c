/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/decimal.h"

#include "support/unit.h"

static void check(const char *text, int64_t expected, const char *shortest)
{
    int64_t millionths = -1;
    char back[DECIMAL_BYTES] = "";
    CU_ASSERT_TRUE(decimal_parse(text, &millionths));
    CU_ASSERT_EQUAL(millionths, expected);
    decimal_format(millionths, back);
    CU_ASSERT_STRING_EQUAL(back, shortest);
}

static void test_decimal__there_and_back(void)
{
    check("0", 0, "0");
    check("-0.0", 0, "0");
    check("66.26", 66260000, "66.26");
    check("-3", -3000000, "-3");
    check("-0.5", -500000, "-0.5");
    check("0.000001", 1, "0.000001");
    check("007.10", 7100000, "7.1");
    check("68811", 68811000000, "68811");
    check("999999999999.999999", 999999999999999999, "999999999999.999999");
    check("-999999999999.999999", -999999999999999999, "-999999999999.999999");
}

static void test_decimal__refused(void)
{
    static const char *const BAD[] = {"",    "-",  ".5",        "5.", "1e3",   "+1",
                                      " 1",  "1 ", "1,5",       "--", "0x1",   "nan",
                                      "inf", "1.", "1.0000001", "½",  "1.2.3", "1000000000000"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        int64_t millionths = 42;
        CU_ASSERT_FALSE(decimal_parse(BAD[i], &millionths));
        CU_ASSERT_EQUAL(millionths, 42);
    }
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_decimal__there_and_back),
    UNIT_TEST(test_decimal__refused),
};

UNIT_MAIN("domain/decimal")
