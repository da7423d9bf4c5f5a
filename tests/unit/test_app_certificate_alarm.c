/* SPDX-License-Identifier: Apache-2.0 */
#include "app/certificate_alarm.h"

#include "support/unit.h"

#define DAY_S INT64_C(86400)
#define NOW_S INT64_C(1795000000)

static struct certificate_alarm alarm_state;
static struct certificate_warning warning;

/* Whether it rings so many seconds before the end of the certificate. */
static bool rings(int64_t left_s)
{
    int64_t end_s = NOW_S + 100 * DAY_S;
    return certificate_alarm_rings(&alarm_state, end_s, end_s - left_s, &warning);
}

static void begin(void)
{
    alarm_state = (struct certificate_alarm){0};
    warning = (struct certificate_warning){.days_left = 42};
}

static void test_certificate_alarm__is_silent_until_thirty_days(void)
{
    begin();
    CU_ASSERT_FALSE(rings(31 * DAY_S));
    CU_ASSERT_FALSE(rings(30 * DAY_S));
    CU_ASSERT_EQUAL(warning.days_left, 42);
    CU_ASSERT_TRUE(rings(30 * DAY_S - 1));
    CU_ASSERT_EQUAL(warning.days_left, 29);
    CU_ASSERT_FALSE(warning.is_urgent);
}

static void test_certificate_alarm__rings_once_a_day(void)
{
    begin();
    CU_ASSERT_TRUE(rings(20 * DAY_S));
    CU_ASSERT_FALSE(rings(20 * DAY_S - 2));
    CU_ASSERT_FALSE(rings(19 * DAY_S + 1));
    CU_ASSERT_TRUE(rings(19 * DAY_S));
    CU_ASSERT_EQUAL(warning.days_left, 19);
}

static void test_certificate_alarm__rings_at_each_threshold(void)
{
    static const int64_t THRESHOLDS[] = {30, 14, 7, 1};
    for (int i = 0; i < 4; i++) {
        begin();
        rings(THRESHOLDS[i] * DAY_S + 10);
        CU_ASSERT_TRUE(rings(THRESHOLDS[i] * DAY_S - 1));
        CU_ASSERT_EQUAL(warning.is_urgent, THRESHOLDS[i] == 1);
        CU_ASSERT_FALSE(rings(THRESHOLDS[i] * DAY_S - 2));
    }
}

static void test_certificate_alarm__goes_on_after_the_end(void)
{
    begin();
    CU_ASSERT_TRUE(rings(0));
    CU_ASSERT_EQUAL(warning.days_left, 0);
    CU_ASSERT_TRUE(rings(-DAY_S));
    CU_ASSERT_EQUAL(warning.days_left, -1);
    CU_ASSERT_TRUE(warning.is_urgent);
}

static void test_certificate_alarm__another_certificate_rings_at_once_or_not_at_all(void)
{
    begin();
    CU_ASSERT_TRUE(certificate_alarm_rings(&alarm_state, NOW_S + 5 * DAY_S, NOW_S, &warning));
    CU_ASSERT_TRUE(certificate_alarm_rings(&alarm_state, NOW_S + 6 * DAY_S, NOW_S + 2, &warning));
    CU_ASSERT_EQUAL(warning.days_left, 5);
    CU_ASSERT_FALSE(certificate_alarm_rings(&alarm_state, NOW_S + 90 * DAY_S, NOW_S + 4, &warning));
    CU_ASSERT_FALSE(certificate_alarm_rings(&alarm_state, 0, NOW_S, &warning));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_certificate_alarm__is_silent_until_thirty_days),
    UNIT_TEST(test_certificate_alarm__rings_once_a_day),
    UNIT_TEST(test_certificate_alarm__rings_at_each_threshold),
    UNIT_TEST(test_certificate_alarm__goes_on_after_the_end),
    UNIT_TEST(test_certificate_alarm__another_certificate_rings_at_once_or_not_at_all),
};

UNIT_MAIN("app/certificate_alarm")
