/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/inequality.h"

#include "support/unit.h"

static void check(const struct inequality_group *groups, size_t count, double by_group,
                  double by_person)
{
    double in_groups = -1;
    double in_people = -1;
    inequality_gini(groups, count, &in_groups, &in_people);
    CU_ASSERT_DOUBLE_EQUAL(in_groups, by_group, 1e-12);
    CU_ASSERT_DOUBLE_EQUAL(in_people, by_person, 1e-12);
}

static void test_inequality__equal_groups(void)
{
    static const struct inequality_group SAME[] = {{100, 3}, {900, 3}, {5, 3}};
    check(SAME, 3, 0, 0);
}

/* By hand: 1, 2, 3, 4 → differences 20 over ordered pairs, 20 / (2 × 4 × 10). */
static void test_inequality__known_answer(void)
{
    static const struct inequality_group FOUR[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}};
    check(FOUR, 4, 0.25, 0.25);
}

/* By hand: one group of 3 people with 1 each, one person with 5: Lorenz curve
 * (0.75, 3/8), area 1 - (0.75 × 3/8 + 0.25 × 11/8) = 3/8. */
static void test_inequality__people_count_by_their_number(void)
{
    static const struct inequality_group TWO[] = {{3, 1}, {1, 5}};
    check(TWO, 2, 1.0 / 3, 3.0 / 8);
}

static void test_inequality__one_has_everything(void)
{
    static const struct inequality_group ONE[] = {{1, 0}, {1, 0}, {1, 0}, {1, 8}};
    check(ONE, 4, 0.75, 0.75);
}

static void test_inequality__nothing_to_share(void)
{
    static const struct inequality_group NONE[] = {{1, 0}, {2, 0}};
    check(NONE, 2, 0, 0);
    check(NONE, 0, 0, 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_inequality__equal_groups),
    UNIT_TEST(test_inequality__known_answer),
    UNIT_TEST(test_inequality__people_count_by_their_number),
    UNIT_TEST(test_inequality__one_has_everything),
    UNIT_TEST(test_inequality__nothing_to_share),
};

UNIT_MAIN("domain/inequality")
