/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/failure_limit.h"

#include <stdio.h>

#include "support/unit.h"

#define NOW_NS (1000LL * FAILURE_LIMIT_PERIOD_NS)

static void fail_times(struct failure_limit *limit, const char *who, int times, int64_t now_ns)
{
    for (int i = 0; i < times; i++)
        failure_limit_count(limit, who, now_ns);
}

static void test_failure_limit__ten_at_once_then_one_a_period(void)
{
    struct failure_limit *limit = failure_limit_new();
    fail_times(limit, "a", FAILURE_LIMIT_COUNT - 1, NOW_NS);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "a", NOW_NS), 0);
    failure_limit_count(limit, "a", NOW_NS);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "a", NOW_NS), FAILURE_LIMIT_PERIOD_NS);
    int64_t later_ns = NOW_NS + FAILURE_LIMIT_PERIOD_NS;
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "a", later_ns), 0);
    failure_limit_count(limit, "a", later_ns);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "a", later_ns), FAILURE_LIMIT_PERIOD_NS);
    failure_limit_free(limit);
}

static void test_failure_limit__one_does_not_pay_for_another(void)
{
    struct failure_limit *limit = failure_limit_new();
    fail_times(limit, "a", 3 * FAILURE_LIMIT_COUNT, NOW_NS);
    CU_ASSERT_TRUE(failure_limit_wait_ns(limit, "a", NOW_NS) > 0);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "b", NOW_NS), 0);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "", NOW_NS), 0);
    failure_limit_free(limit);
}

static void test_failure_limit__is_forgiven_in_time(void)
{
    struct failure_limit *limit = failure_limit_new();
    fail_times(limit, "a", FAILURE_LIMIT_COUNT, NOW_NS);
    int64_t later_ns = NOW_NS + FAILURE_LIMIT_COUNT * FAILURE_LIMIT_PERIOD_NS;
    fail_times(limit, "a", FAILURE_LIMIT_COUNT - 1, later_ns);
    CU_ASSERT_EQUAL(failure_limit_wait_ns(limit, "a", later_ns), 0);
    failure_limit_free(limit);
}

static void test_failure_limit__the_worst_are_remembered_in_a_crowd(void)
{
    char who[32];
    struct failure_limit *limit = failure_limit_new();
    fail_times(limit, "worst", FAILURE_LIMIT_COUNT, NOW_NS);
    for (int i = 0; i < 5000; i++) {
        snprintf(who, sizeof who, "ipv4:192.0.2.%d", i);
        failure_limit_count(limit, who, NOW_NS);
    }
    CU_ASSERT_TRUE(failure_limit_wait_ns(limit, "worst", NOW_NS) > 0);
    failure_limit_free(limit);
    failure_limit_free(NULL);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_failure_limit__ten_at_once_then_one_a_period),
    UNIT_TEST(test_failure_limit__one_does_not_pay_for_another),
    UNIT_TEST(test_failure_limit__is_forgiven_in_time),
    UNIT_TEST(test_failure_limit__the_worst_are_remembered_in_a_crowd),
};

UNIT_MAIN("domain/failure_limit")
