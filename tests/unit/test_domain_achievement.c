/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/achievement.h"

#include "support/unit.h"

enum { CHRONIC, SCREENING };

#define YEAR                                                                                       \
    {                                                                                              \
        "2023-01-01", "2024-01-01"                                                                 \
    }
#define VALUES_MAX 4
#define ONE_THRESHOLD(worth)                                                                       \
    1,                                                                                             \
    {                                                                                              \
        {                                                                                          \
            100000000, (worth)                                                                     \
        }                                                                                          \
    }

static const struct achievement_definition DEFINITIONS[] = {
    {CHRONIC, "acces_aux_soins", INDICATOR_DOWN, {"2019-06-20", ""}},
    {SCREENING, "prevention", INDICATOR_UP, {"2019-06-20", "2023-07-01"}},
};
/* Out of order; the second one replaces the first from July on. */
static const struct achievement_table TABLES[] = {
    {CHRONIC, {"2023-07-01", ""}, 3, ONE_THRESHOLD(2000)},
    {CHRONIC, {"2022-01-01", ""}, 5, ONE_THRESHOLD(1000)},
    {SCREENING, {"2022-01-01", "2023-04-01"}, 2, ONE_THRESHOLD(500)},
    {SCREENING, {"2023-06-15", ""}, 2, ONE_THRESHOLD(700)},
};
#define TABLE_COUNT (sizeof TABLES / sizeof TABLES[0])

/* Adds up; the one mission that something counts for, or none. */
static size_t add_up(const struct achievement_value *values, size_t value_count,
                     const struct achievement_table *tables, size_t table_count,
                     struct achieved_fact *ret_facts)
{
    struct achievement achievement = {DEFINITIONS, 2, values, value_count, tables, table_count};
    return achievement_add_up(&achievement, ret_facts);
}

static void check_cents(const struct achievement_value *values, size_t count, int64_t expected)
{
    struct achieved_fact facts[VALUES_MAX] = {{0}};
    CU_ASSERT_EQUAL_FATAL(add_up(values, count, TABLES, TABLE_COUNT, facts), 1);
    CU_ASSERT_EQUAL(facts[0].cents, expected);
}

static void test_achievement__whole_year_before_what_ends_with_it(void)
{
    const struct achievement_value values[] = {
        {CHRONIC, {"2023-10-01", "2024-01-01"}, 200000000},
        {CHRONIC, YEAR, 100000000},
        {CHRONIC, {"2023-12-01", "2024-01-01"}, 200000000},
    };
    check_cents(values, 3, 2000);
}

static void test_achievement__what_ends_last_before_what_is_longer(void)
{
    const struct achievement_value values[] = {
        {CHRONIC, {"2023-01-01", "2023-07-01"}, 100000000},
        {CHRONIC, {"2023-11-01", "2023-12-01"}, 200000000},
    };
    check_cents(values, 2, 0);
}

static void test_achievement__table_of_the_last_day(void)
{
    const struct achievement_value june = {CHRONIC, {"2023-01-01", "2023-07-01"}, 100000000};
    const struct achievement_value july = {CHRONIC, {"2023-07-01", "2023-08-01"}, 100000000};
    check_cents(&june, 1, 1000);
    check_cents(&july, 1, 2000);
}

static void test_achievement__table_recorded_last(void)
{
    const struct achievement_value value = {CHRONIC, YEAR, 100000000};
    static const struct achievement_table tables[] = {
        {CHRONIC, {"2022-01-01", ""}, 9, ONE_THRESHOLD(900)},
        {CHRONIC, {"2022-01-01", ""}, 10, ONE_THRESHOLD(1000)},
        {CHRONIC, {"2022-01-01", ""}, 8, ONE_THRESHOLD(800)},
    };
    struct achieved_fact facts[1];
    CU_ASSERT_EQUAL_FATAL(add_up(&value, 1, tables, 3, facts), 1);
    CU_ASSERT_EQUAL(facts[0].cents, 1000);
}

/* A later value that nothing judges leaves the earlier one in place. */
static void test_achievement__only_what_has_a_table_and_a_definition_counts(void)
{
    const struct achievement_value values[] = {
        {SCREENING, {"2023-03-01", "2023-04-01"}, 100000000},
        {SCREENING, {"2023-05-01", "2023-06-01"}, 100000000}, /* no table on its last day */
        {SCREENING, YEAR, 100000000},                         /* no definition */
        {-1, YEAR, 100000000},                                /* none at all */
    };
    struct achieved_fact facts[VALUES_MAX];
    CU_ASSERT_EQUAL(add_up(values + 1, 3, TABLES, TABLE_COUNT, facts), 0);
    check_cents(values, 4, 500);
}

static void test_achievement__missions_apart(void)
{
    const struct achievement_value values[] = {
        {SCREENING, {"2023-03-01", "2023-04-01"}, 99999999},
        {CHRONIC, YEAR, 100000000},
    };
    struct achieved_fact facts[VALUES_MAX];
    CU_ASSERT_EQUAL_FATAL(add_up(values, 2, TABLES, TABLE_COUNT, facts), 2);
    CU_ASSERT_STRING_EQUAL(facts[0].mission, "prevention");
    CU_ASSERT_EQUAL(facts[0].cents, 0);
    CU_ASSERT_STRING_EQUAL(facts[1].mission, "acces_aux_soins");
    CU_ASSERT_EQUAL(facts[1].cents, 2000);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_achievement__whole_year_before_what_ends_with_it),
    UNIT_TEST(test_achievement__what_ends_last_before_what_is_longer),
    UNIT_TEST(test_achievement__table_of_the_last_day),
    UNIT_TEST(test_achievement__table_recorded_last),
    UNIT_TEST(test_achievement__only_what_has_a_table_and_a_definition_counts),
    UNIT_TEST(test_achievement__missions_apart),
};

UNIT_MAIN("domain/achievement")
