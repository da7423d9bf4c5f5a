/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/achieved_list.h"

#include <string.h>

#include "domain/achievement.h"
#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES 8192

#define DEFINITIONS                                                                                \
    "CHRONIC acces_aux_soins DOWN 2019-06-20,DIRECTORY acces_aux_soins YES_NO 2019-06-20,"         \
    "SCREENING prevention UP 2019-06-20 2024-01-01,CHRONIC prevention DOWN 2018-01-01 2019-06-20"
/* The published steps `101-219: 3000; 51-100: 6000; <= 50: 9000`, and others. */
#define DOWN "CHRONIC 2022-01-01 7 219.000000;100.000000;50.000000 300000;600000;900000"
#define YES "DIRECTORY 2022-01-01 8 1.000000 500000 2024-01-01"
#define UP "SCREENING 2022-01-01 9 69.700000;72.400000;75.000000 100000;250000;350000"
#define TABLES UP "," DOWN "," YES
#define CHRONIC "CHRONIC 2023-01-01 2024-01-01 99.000000"
#define DIRECTORY "DIRECTORY 2023-01-01 2024-01-01 1.000000"
#define SCREENING "SCREENING 2023-01-01 2024-01-01 69.690000"

static struct arena *arena;
static struct achieved_definitions definitions;

static void begin(void)
{
    arena = arena_new(ARENA_BYTES);
    CU_ASSERT_TRUE_FATAL(achieved_definitions_read(DEFINITIONS, arena, &definitions));
}

static bool read_list(const char *values, const char *tables, struct entitlement_facts *ret_facts)
{
    *ret_facts = (struct entitlement_facts){.achieved_count = 7};
    return achieved_list_read(values, tables, &definitions, arena, ret_facts);
}

static void check_refused(const char *values, const char *tables)
{
    struct entitlement_facts facts;
    CU_ASSERT_FALSE(read_list(values, tables, &facts));
    CU_ASSERT_PTR_NULL(facts.achieved);
    CU_ASSERT_EQUAL(facts.achieved_count, 7);
}

static void test_achieved_list__amounts_of_a_mission_are_added_up(void)
{
    struct entitlement_facts facts;
    begin();
    CU_ASSERT_TRUE_FATAL(read_list(CHRONIC "," SCREENING "," DIRECTORY, TABLES, &facts));
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
    begin();
    CU_ASSERT_TRUE_FATAL(read_list(SCREENING, TABLES, &facts));
    CU_ASSERT_EQUAL_FATAL(facts.achieved_count, 1);
    CU_ASSERT_EQUAL(facts.achieved[0].cents, 0);
    CU_ASSERT_TRUE(read_list("", TABLES, &facts));
    CU_ASSERT_EQUAL(facts.achieved_count, 0);
    CU_ASSERT_TRUE(read_list("UNKNOWN 2023-01-01 2024-01-01 5", TABLES, &facts));
    CU_ASSERT_EQUAL(facts.achieved_count, 0);
    arena_free(arena);
}

static void test_achieved_list__definitions_of_a_code_share_its_number(void)
{
    begin();
    CU_ASSERT_EQUAL_FATAL(definitions.count, 4);
    CU_ASSERT_EQUAL(definitions.items[3].indicator, definitions.items[0].indicator);
    CU_ASSERT_NOT_EQUAL(definitions.items[1].indicator, definitions.items[0].indicator);
    CU_ASSERT_STRING_EQUAL(definitions.items[0].valid.to, "");
    CU_ASSERT_STRING_EQUAL(definitions.items[2].valid.to, "2024-01-01");
    arena_free(arena);
}

static void test_achieved_list__refuses_what_makes_no_sense(void)
{
    struct achieved_definitions untouched = {0};
    begin();
    check_refused("CHRONIC 2023-01-01 99", TABLES);
    check_refused("CHRONIC 2023-01-01 2024-01-01 99 more", TABLES);
    check_refused("CHRONIC 2023-01-01 2024-01-01 ninety", TABLES);
    check_refused("x," CHRONIC, TABLES);
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7 69.7");
    check_refused(CHRONIC, DOWN " 2024-01-01 more");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 seven 69.7 100000");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7  100000");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7 69,7 100000");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7 69.7 1e5");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7 69.7;72.4 100000");
    check_refused(CHRONIC, "CHRONIC 2022-01-01 7 1;2;3;4 1;2;3;4");
    check_refused(CHRONIC, DOWN "," UP ",x");
    CU_ASSERT_FALSE(
        achieved_definitions_read("A prevention SIDEWAYS 2019-06-20", arena, &untouched));
    CU_ASSERT_FALSE(achieved_definitions_read("A prevention UP", arena, &untouched));
    CU_ASSERT_PTR_NULL(untouched.items);
    arena_free(arena);
}

static void test_achieved_list__says_when_the_arena_is_full(void)
{
    static char list[ARENA_BYTES];
    struct arena *roomy = NULL;
    size_t used = 0;
    begin();
    while (used + sizeof SCREENING < sizeof list) {
        memcpy(list + used, SCREENING ",", sizeof SCREENING);
        used += sizeof SCREENING;
    }
    list[used - 1] = '\0';
    roomy = arena;
    arena = arena_new(256);
    check_refused(list, "");
    arena_free(arena);
    arena_free(roomy);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_achieved_list__amounts_of_a_mission_are_added_up),
    UNIT_TEST(test_achieved_list__a_step_not_reached_is_known_to_be_nothing),
    UNIT_TEST(test_achieved_list__definitions_of_a_code_share_its_number),
    UNIT_TEST(test_achieved_list__refuses_what_makes_no_sense),
    UNIT_TEST(test_achieved_list__says_when_the_arena_is_full),
};

UNIT_MAIN("handler/achieved_list")
