/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/indicator_step.h"

#include "domain/decimal.h"
#include "support/unit.h"

#define ONE ((int64_t)DECIMAL_ONE)
#define EURO ((int64_t)100)

/* Lines of the published contract (aci_indicator_examples.csv). */
static const struct indicator_threshold CHRONIC[] = {
    {219 * ONE, 3000 * EURO}, {100 * ONE, 6000 * EURO}, {50 * ONE, 9000 * EURO}};
static const struct indicator_threshold SCREENING[] = {
    {69700000, 1000 * EURO}, {72400000, 2500 * EURO}, {75 * ONE, 3500 * EURO}};

static void check_amount(enum indicator_direction direction,
                         const struct indicator_threshold *thresholds, const char *value,
                         int64_t euros)
{
    int64_t millionths = 0;
    CU_ASSERT_TRUE(decimal_parse(value, &millionths));
    size_t step = indicator_step(direction, thresholds, 3, millionths);
    CU_ASSERT_EQUAL(indicator_amount_cents(thresholds, step), euros * EURO);
}

static void test_indicator_step__published_down(void)
{
    check_amount(INDICATOR_DOWN, CHRONIC, "220", 0);
    check_amount(INDICATOR_DOWN, CHRONIC, "219", 3000);
    check_amount(INDICATOR_DOWN, CHRONIC, "101", 3000);
    check_amount(INDICATOR_DOWN, CHRONIC, "100", 6000);
    check_amount(INDICATOR_DOWN, CHRONIC, "51", 6000);
    check_amount(INDICATOR_DOWN, CHRONIC, "50", 9000);
    check_amount(INDICATOR_DOWN, CHRONIC, "0", 9000);
}

static void test_indicator_step__published_up(void)
{
    check_amount(INDICATOR_UP, SCREENING, "66.26", 0);
    check_amount(INDICATOR_UP, SCREENING, "69.699999", 0);
    check_amount(INDICATOR_UP, SCREENING, "69.70", 1000);
    check_amount(INDICATOR_UP, SCREENING, "72.40", 2500);
    check_amount(INDICATOR_UP, SCREENING, "74.99", 2500);
    check_amount(INDICATOR_UP, SCREENING, "75", 3500);
}

static void test_indicator_step__yes_no(void)
{
    const struct indicator_threshold yes = {ONE, 5000 * EURO};
    CU_ASSERT_EQUAL(indicator_step(INDICATOR_YES_NO, &yes, 1, ONE), 1);
    CU_ASSERT_EQUAL(indicator_step(INDICATOR_YES_NO, &yes, 1, 0), 0);
}

static void refuse(enum indicator_direction direction, const struct indicator_threshold *thresholds,
                   size_t count, const char *reason, const char *field)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(indicator_thresholds_check(direction, thresholds, count, &err),
                    CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, field);
}

static void test_indicator_step__tables(void)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(indicator_thresholds_check(INDICATOR_DOWN, CHRONIC, 3, &err), CPTS_OK);
    CU_ASSERT_EQUAL(indicator_thresholds_check(INDICATOR_UP, SCREENING, 3, &err), CPTS_OK);
    refuse(INDICATOR_UP, CHRONIC, 3, "THRESHOLD_ORDER_INVALID", "thresholds[1].value");
    refuse(INDICATOR_DOWN, SCREENING, 3, "THRESHOLD_ORDER_INVALID", "thresholds[1].value");
    refuse(INDICATOR_UP, SCREENING, 0, "FIELD_REQUIRED", "thresholds");
    refuse(INDICATOR_UP, SCREENING, 4, "FIELD_INVALID", "thresholds");
    refuse(INDICATOR_YES_NO, SCREENING, 2, "FIELD_INVALID", "thresholds");
    refuse(INDICATOR_YES_NO, SCREENING, 1, "FIELD_INVALID", "thresholds[0].value");
}

static void test_indicator_step__amounts(void)
{
    const struct indicator_threshold negative = {ONE, -1};
    const struct indicator_threshold huge = {ONE, 1000000001};
    const struct indicator_threshold falling[] = {{ONE, 200}, {2 * ONE, 100}};
    const struct indicator_threshold same[] = {{ONE, 100}, {ONE, 100}};
    refuse(INDICATOR_UP, &negative, 1, "FIELD_INVALID", "thresholds[0].amount_cents");
    refuse(INDICATOR_UP, &huge, 1, "FIELD_INVALID", "thresholds[0].amount_cents");
    refuse(INDICATOR_UP, falling, 2, "THRESHOLD_ORDER_INVALID", "thresholds[1].amount_cents");
    refuse(INDICATOR_UP, same, 2, "THRESHOLD_ORDER_INVALID", "thresholds[1].value");
}

static void test_indicator_step__directions_have_one_name(void)
{
    CU_ASSERT_EQUAL(indicator_direction_find("UP"), INDICATOR_UP);
    CU_ASSERT_EQUAL(indicator_direction_find("DOWN"), INDICATOR_DOWN);
    CU_ASSERT_EQUAL(indicator_direction_find("YES_NO"), INDICATOR_YES_NO);
    CU_ASSERT_EQUAL(indicator_direction_find("up"), 0);
    CU_ASSERT_EQUAL(indicator_direction_find(""), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_indicator_step__published_down),
    UNIT_TEST(test_indicator_step__published_up),
    UNIT_TEST(test_indicator_step__yes_no),
    UNIT_TEST(test_indicator_step__tables),
    UNIT_TEST(test_indicator_step__amounts),
    UNIT_TEST(test_indicator_step__directions_have_one_name),
};

UNIT_MAIN("domain/indicator_step")
