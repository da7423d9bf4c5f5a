/* SPDX-License-Identifier: Apache-2.0 */
#include "latency.h"

#include <string.h>

#include "support/unit.h"

static struct latency latency;

static void begin(void)
{
    memset(&latency, 0, sizeof latency);
}

static void test_latency__nothing_is_nothing(void)
{
    begin();
    CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 50), 0);
    CU_ASSERT_EQUAL(cpts_latency__max_us(&latency), 0);
}

static void test_latency__one_is_every_quantile(void)
{
    begin();
    cpts_latency__record(&latency, 12345);
    CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 1), 12345);
    CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 100), 12345);
    CU_ASSERT_EQUAL(cpts_latency__max_us(&latency), 12345);
}

static void test_latency__a_quantile_is_at_most_an_eighth_too_high(void)
{
    static const int PERCENTS[] = {1, 10, 50, 90, 99};
    begin();
    for (int i = 1; i <= 100000; i++)
        cpts_latency__record(&latency, i);
    for (size_t i = 0; i < sizeof PERCENTS / sizeof PERCENTS[0]; i++) {
        uint64_t right = 1000 * (uint64_t)PERCENTS[i];
        uint64_t found = cpts_latency__quantile_us(&latency, PERCENTS[i]);
        CU_ASSERT_TRUE(found >= right && found <= right + right / LATENCY_STEPS);
    }
}

static void test_latency__small_ones_are_exact(void)
{
    for (int i = 0; i < 2 * LATENCY_STEPS; i++) {
        begin();
        cpts_latency__record(&latency, i);
        cpts_latency__record(&latency, 1000);
        CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 50), (uint64_t)i);
    }
}

static void test_latency__extremes_are_kept_in_the_range(void)
{
    begin();
    cpts_latency__record(&latency, -5);
    CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 100), 0);
    cpts_latency__record(&latency, INT64_MAX);
    CU_ASSERT_EQUAL(cpts_latency__quantile_us(&latency, 100), (UINT64_C(1) << 31) - 1);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_latency__nothing_is_nothing),
    UNIT_TEST(test_latency__one_is_every_quantile),
    UNIT_TEST(test_latency__a_quantile_is_at_most_an_eighth_too_high),
    UNIT_TEST(test_latency__small_ones_are_exact),
    UNIT_TEST(test_latency__extremes_are_kept_in_the_range),
};

UNIT_MAIN("sdk/latency")
