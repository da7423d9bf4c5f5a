/* SPDX-License-Identifier: Apache-2.0 */
#include "sparkline.h"
#include "support/unit.h"

#include <string.h>

static void check(const struct sparkline_point *points, size_t count, int cells, const char *wanted)
{
    char text[SPARKLINE_TEXT_BYTES] = "untouched";
    sparkline_write(points, count, cells, false, text);
    CU_ASSERT_STRING_EQUAL(text, wanted);
}

static void test_sparkline__heights_are_from_zero(void)
{
    static const struct sparkline_point RISE[] = {{0, 0}, {7, 8}};
    check(RISE, 2, 8, "_.,-=+*#");
}

static void test_sparkline__time_decides_the_place(void)
{
    static const struct sparkline_point LATE[] = {{0, 0}, {9, 0}, {10, 8}};
    check(LATE, 3, 11, "__________#");
}

static void test_sparkline__odd_series(void)
{
    static const struct sparkline_point ONE[] = {{5, 3}};
    static const struct sparkline_point SAME_DAY[] = {{1, 2}, {1, 4}};
    static const struct sparkline_point NOTHING[] = {{0, 0}, {1, 0}};
    check(ONE, 0, 4, "");
    check(ONE, 1, 4, "####");
    check(SAME_DAY, 2, 3, "===");
    check(NOTHING, 2, 3, "___");
}

static void test_sparkline__keeps_within_its_cells(void)
{
    static const struct sparkline_point RISE[] = {{0, 1}, {1, 2}};
    char text[SPARKLINE_TEXT_BYTES];
    sparkline_write(RISE, 2, SPARKLINE_CELLS_MAX + 9, true, text);
    CU_ASSERT_EQUAL(strlen(text), SPARKLINE_TEXT_BYTES - 1);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_sparkline__heights_are_from_zero),
    UNIT_TEST(test_sparkline__time_decides_the_place),
    UNIT_TEST(test_sparkline__odd_series),
    UNIT_TEST(test_sparkline__keeps_within_its_cells),
};

UNIT_MAIN("sdk/sparkline")
