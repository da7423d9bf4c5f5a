/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/achieved_list.h"

#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES 4096

/* The published steps `101-219: 3000; 51-100: 6000; <= 50: 9000`, and one of
 * another mission. */
#define DOWN "acces_aux_soins DOWN 99.000000 219.000000;100.000000;50.000000 300000;600000;900000"
#define YES "acces_aux_soins YES_NO 1.000000 1.000000 500000"
#define UP "prevention UP 69.690000 69.700000;72.400000;75.000000 100000;250000;350000"

static struct arena *arena;

static bool read_list(const char *list, struct entitlement_facts *ret_facts)
{
    *ret_facts = (struct entitlement_facts){.achieved_count = 7};
    return achieved_list_read(list, arena, ret_facts);
}

static void check_refused(const char *list)
{
    struct entitlement_facts facts;
    CU_ASSERT_FALSE(read_list(list, &facts));
    CU_ASSERT_PTR_NULL(facts.achieved);
    CU_ASSERT_EQUAL(facts.achieved_count, 7);
}

static void test_achieved_list__amounts_of_a_mission_are_added_up(void)
{
    struct entitlement_facts facts;
    arena = arena_new(ARENA_BYTES);
    CU_ASSERT_TRUE_FATAL(read_list(DOWN "," UP "," YES, &facts));
    CU_ASSERT_EQUAL_FATAL(facts.achieved_count, 2);
    CU_ASSERT_STRING_EQUAL(facts.achieved[0].mission, "acces_aux_soins");
    CU_ASSERT_EQUAL(facts.achieved[0].cents, 600000 + 500000);
    CU_ASSERT_STRING_EQUAL(facts.achieved[1].mission, "prevention");
    arena_free(arena);
}

/* Known and worth nothing is not the same as unknown. */
static void test_achieved_list__a_step_not_reached_is_known_to_be_nothing(void)
{
    struct entitlement_facts facts;
    arena = arena_new(ARENA_BYTES);
    CU_ASSERT_TRUE_FATAL(read_list(UP, &facts));
    CU_ASSERT_EQUAL_FATAL(facts.achieved_count, 1);
    CU_ASSERT_EQUAL(facts.achieved[0].cents, 0);
    CU_ASSERT_TRUE(read_list("", &facts));
    CU_ASSERT_EQUAL(facts.achieved_count, 0);
    arena_free(arena);
}

static void test_achieved_list__refuses_what_makes_no_sense(void)
{
    arena = arena_new(ARENA_BYTES);
    check_refused("prevention SIDEWAYS 70 69.7 100000");
    check_refused("prevention UP  69.7 100000");
    check_refused("prevention UP 70 69.7");
    check_refused("prevention UP 70 69.7 100000 more");
    check_refused("prevention UP seventy 69.7 100000");
    check_refused("prevention UP 70 69,7 100000");
    check_refused("prevention UP 70 69.7 1e5");
    check_refused("prevention UP 70 69.7;72.4 100000");
    check_refused("prevention UP 70 1;2;3;4 1;2;3;4");
    check_refused(UP "," DOWN ",x");
    arena_free(arena);
}

static void test_achieved_list__says_when_the_arena_is_full(void)
{
    static char list[ARENA_BYTES];
    size_t used = 0;
    while (used + sizeof UP < sizeof list) {
        memcpy(list + used, UP ",", sizeof UP);
        used += sizeof UP;
    }
    list[used - 1] = '\0';
    arena = arena_new(256);
    check_refused(list);
    arena_free(arena);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_achieved_list__amounts_of_a_mission_are_added_up),
    UNIT_TEST(test_achieved_list__a_step_not_reached_is_known_to_be_nothing),
    UNIT_TEST(test_achieved_list__refuses_what_makes_no_sense),
    UNIT_TEST(test_achieved_list__says_when_the_arena_is_full),
};

UNIT_MAIN("handler/achieved_list")
