/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/clock_rules.h"

#include <string.h>

#include "support/unit.h"

static const struct clock_seed SEED = {"018f0000-0000-7000-8000-000000000001",
                                       "018f0000-0000-7000-8000-000000000002"};

static struct clock_rules *make_rules(void)
{
    static const struct clock_rule ROWS[] = {
        {"TACIT_VALIDATION", "", "2016-01-28", "infinity", 2},
        {"MISSION_START", "prevention", "2019-06-20", "2022-01-01", 12},
        {"MISSION_START", "prevention", "2022-01-01", "infinity", 9},
        {"MISSION_START", "crise_sanitaire", "2021-12-20", "infinity", 6},
    };
    struct clock_rules *rules = clock_rules_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(rules);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        CU_ASSERT_TRUE(clock_rules_add(rules, &ROWS[i]));
    return rules;
}

static void check_due(const char *kind, const char *started_on, const char *wanted)
{
    struct clock clocks[CLOCKS_MAX];
    struct clock_rules *rules = make_rules();
    size_t count = clock_rules_start(rules, kind, started_on, &SEED, clocks, 0);
    CU_ASSERT_EQUAL(count, 1);
    CU_ASSERT_STRING_EQUAL(clocks[0].due_on, wanted);
    clock_rules_free(rules);
}

static void test_clock_rules__two_months_are_calendar_months(void)
{
    static const char *const DATES[][2] = {
        {"2020-12-31", "2021-02-28"}, {"2023-12-31", "2024-02-29"}, {"2023-12-30", "2024-02-29"},
        {"2023-12-29", "2024-02-29"}, {"2022-12-29", "2023-02-28"}, {"2021-01-15", "2021-03-15"},
        {"2024-02-29", "2024-04-29"}, {"2021-06-30", "2021-08-30"}, {"2021-07-31", "2021-09-30"},
        {"2099-12-31", "2100-02-28"}, {"2021-11-30", "2022-01-30"}, {"2021-10-31", "2021-12-31"},
    };
    for (size_t i = 0; i < sizeof DATES / sizeof DATES[0]; i++)
        check_due("TACIT_VALIDATION", DATES[i][0], DATES[i][1]);
}

static void test_clock_rules__rule_of_the_start_counts(void)
{
    check_due("MISSION_START", "2021-12-19", "2022-12-19");
    struct clock clocks[CLOCKS_MAX];
    struct clock_rules *rules = make_rules();
    size_t count = clock_rules_start(rules, "MISSION_START", "2022-01-01", &SEED, clocks, 0);
    CU_ASSERT_EQUAL(count, 2);
    CU_ASSERT_STRING_EQUAL(clocks[0].mission, "prevention");
    CU_ASSERT_STRING_EQUAL(clocks[0].due_on, "2022-10-01");
    CU_ASSERT_STRING_EQUAL(clocks[1].mission, "crise_sanitaire");
    CU_ASSERT_STRING_EQUAL(clocks[1].due_on, "2022-07-01");
    CU_ASSERT_EQUAL(clock_rules_start(rules, "MISSION_START", "2019-06-19", &SEED, clocks, 0), 0);
    CU_ASSERT_EQUAL(clock_rules_start(rules, "ACI_END", "2022-01-01", &SEED, clocks, 5), 5);
    clock_rules_free(rules);
}

static void test_clock_rules__ids_sort_by_due_date_and_repeat(void)
{
    static const char *const DATES[] = {"1900-01-01", "1969-12-31", "1970-01-01",
                                        "2024-02-29", "2024-03-01", "2200-12-31"};
    uint8_t before[16] = {0};
    uint8_t id[16];
    uint8_t again[16];
    for (size_t i = 0; i < sizeof DATES / sizeof DATES[0]; i++) {
        clock_id_make(DATES[i], "ACI_END", "", &SEED, id);
        clock_id_make(DATES[i], "ACI_END", "", &SEED, again);
        CU_ASSERT_EQUAL(memcmp(id, again, sizeof id), 0);
        CU_ASSERT_TRUE(memcmp(before, id, sizeof id) < 0);
        CU_ASSERT_EQUAL(id[6] >> 4, 8);
        memcpy(before, id, sizeof id);
    }
    clock_id_make("2024-03-01", "ACI_END", "", &SEED, id);
    clock_id_make("2024-03-01", "MISSION_START", "", &SEED, again);
    CU_ASSERT_NOT_EQUAL(memcmp(id, again, sizeof id), 0);
}

static void test_clock_rules__faulty_rules_are_not_taken(void)
{
    struct clock_rules *rules = clock_rules_new();
    struct clock_rule rule = {"X", "", "2020-01-01", "infinity", 0};
    CU_ASSERT_FALSE(clock_rules_add(rules, &rule));
    rule.months = 1;
    for (int i = 0; i < CLOCK_RULES_MAX; i++)
        CU_ASSERT_TRUE(clock_rules_add(rules, &rule));
    CU_ASSERT_FALSE(clock_rules_add(rules, &rule));
    struct clock clocks[CLOCKS_MAX];
    CU_ASSERT_EQUAL(clock_rules_start(rules, "X", "2020-01-01", &SEED, clocks, 0), CLOCKS_MAX);
    clock_rules_free(rules);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_clock_rules__two_months_are_calendar_months),
    UNIT_TEST(test_clock_rules__rule_of_the_start_counts),
    UNIT_TEST(test_clock_rules__ids_sort_by_due_date_and_repeat),
    UNIT_TEST(test_clock_rules__faulty_rules_are_not_taken),
};

UNIT_MAIN("domain/clock_rules")
