/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query_array.h"

#include <string.h>

#include "store/query.h"
#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES ((size_t)64 * 1024)
#define UUID_1 "0190b000-0000-7000-8000-0000000000ff"

struct fact {
    const char *id;
    int32_t number;
    bool truth;
};

static struct arena *arena;

static struct query *start(void)
{
    arena = arena_new(ARENA_BYTES);
    return query_new(arena, STATEMENT_CPTS_GET);
}

/* The parameter that was bound last is these bytes, in binary format. */
static bool is_bound(const struct query *query, const void *bytes, size_t byte_count)
{
    int last = query->parameter_count - 1;
    return !query->failed && query->formats[last] == 1 && query->lengths[last] == (int)byte_count &&
           memcmp(query->values[last], bytes, byte_count) == 0;
}

static void test_query_array__one_member_of_each_struct(void)
{
    static const struct fact FACTS[] = {{UUID_1, 258, true}, {UUID_1, -1, false}};
    static const uint8_t NUMBERS[] = {0, 0, 0, 1, 0, 0, 0, 0, 0,    0,    0,    23,
                                      0, 0, 0, 2, 0, 0, 0, 1, 0,    0,    0,    4,
                                      0, 0, 1, 2, 0, 0, 0, 4, 0xff, 0xff, 0xff, 0xff};
    static const uint8_t TRUTHS[] = {0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0,
                                     2, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0,  0, 1, 0};
    struct query *query = start();
    query_members(query, MEMBER_INT, &FACTS->number, sizeof *FACTS, 2);
    CU_ASSERT_TRUE(is_bound(query, NUMBERS, sizeof NUMBERS));
    query_members(query, MEMBER_BOOL, &FACTS->truth, sizeof *FACTS, 2);
    CU_ASSERT_TRUE(is_bound(query, TRUTHS, sizeof TRUTHS));
    CU_ASSERT_EQUAL(query->parameter_count, 2);
    arena_free(arena);
}

static void test_query_array__none_is_an_empty_array_not_null(void)
{
    static const uint8_t EMPTY[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x0b, 0x86};
    struct query *query = start();
    query_members(query, MEMBER_UUID, NULL, sizeof(struct fact), 0);
    CU_ASSERT_TRUE(is_bound(query, EMPTY, sizeof EMPTY));
    arena_free(arena);
}

static void test_query_array__what_is_no_uuid_fails_the_query(void)
{
    const char *const broken[] = {UUID_1, "0190b000-0000-7000-8000-0000000000f", ""};
    for (size_t count = 1; count <= 3; count++) {
        struct query *query = start();
        query_members(query, MEMBER_UUID, broken, sizeof *broken, count);
        CU_ASSERT_EQUAL(query->failed, count > 1);
        CU_ASSERT_EQUAL(query_are_uuids(broken, sizeof *broken, count), count == 1);
        arena_free(arena);
    }
    CU_ASSERT_TRUE(query_are_uuids(NULL, sizeof *broken, 0));
}

static void test_query_array__what_does_not_fit_fails_the_query(void)
{
    static uint8_t bytes[ARENA_BYTES];
    const struct query_cell cell = {.bytes = bytes, .byte_count = sizeof bytes};
    struct query *query = start();
    query_members(query, MEMBER_BYTES_CELL, &cell, sizeof cell, 1);
    CU_ASSERT_TRUE(query->failed);
    arena_free(arena);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_query_array__one_member_of_each_struct),
    UNIT_TEST(test_query_array__none_is_an_empty_array_not_null),
    UNIT_TEST(test_query_array__what_is_no_uuid_fails_the_query),
    UNIT_TEST(test_query_array__what_does_not_fit_fails_the_query),
};

UNIT_MAIN("query array")
