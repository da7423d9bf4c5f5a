/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES ((size_t)64 * 1024)

static struct arena *arena;

static struct query *start(void)
{
    arena = arena_new(ARENA_BYTES);
    return query_new(arena, STATEMENT_CPTS_GET);
}

static void test_query__binds_in_order_with_formats(void)
{
    static const uint8_t UUID[16] = {1, 0, 2};
    struct query *query = start();
    char text[] = "abc";
    query_text(query, text);
    query_uuid(query, UUID);
    query_int(query, -42);
    query_bool(query, true);
    query_text(query, NULL);
    text[0] = 'X';
    CU_ASSERT_EQUAL(query->statement, STATEMENT_CPTS_GET);
    CU_ASSERT_EQUAL(query->parameter_count, 5);
    CU_ASSERT_STRING_EQUAL(query->values[0], "abc");
    CU_ASSERT_EQUAL(query->formats[0], 0);
    CU_ASSERT_EQUAL(memcmp(query->values[1], UUID, 16), 0);
    CU_ASSERT_EQUAL(query->lengths[1], 16);
    CU_ASSERT_EQUAL(query->formats[1], 1);
    CU_ASSERT_STRING_EQUAL(query->values[2], "-42");
    CU_ASSERT_STRING_EQUAL(query->values[3], "t");
    CU_ASSERT_PTR_NULL(query->values[4]);
    CU_ASSERT_FALSE(query->failed);
    arena_free(arena);
}

static void test_query__binds_no_bytes_as_empty_not_null(void)
{
    struct query *query = start();
    query_bytes(query, NULL, 0);
    CU_ASSERT_PTR_NOT_NULL(query->values[0]);
    CU_ASSERT_EQUAL(query->lengths[0], 0);
    CU_ASSERT_EQUAL(query->formats[0], 1);
    arena_free(arena);
}

static void test_query__quotes_every_element_of_an_array(void)
{
    static const char *const TEXTS[] = {"a", "", "NULL", "with \"quotes\"", "back\\slash", "{,}"};
    struct query *query = start();
    query_text_array(query, TEXTS, sizeof TEXTS / sizeof TEXTS[0]);
    CU_ASSERT_STRING_EQUAL(
        query->values[0],
        "{\"a\",\"\",\"NULL\",\"with \\\"quotes\\\"\",\"back\\\\slash\",\"{,}\"}");
    CU_ASSERT_EQUAL((size_t)query->lengths[0], strlen(query->values[0]));
    query_text_array(query, NULL, 0);
    CU_ASSERT_STRING_EQUAL(query->values[1], "{}");
    arena_free(arena);
}

static void test_query__fails_when_the_arena_is_full(void)
{
    static const uint8_t BYTES[2 * ARENA_BYTES];
    struct query *query = start();
    query_bytes(query, BYTES, sizeof BYTES);
    CU_ASSERT_TRUE(query->failed);
    arena_free(arena);
}

static void test_query__fails_beyond_the_last_parameter(void)
{
    struct query *query = start();
    for (int i = 0; i < QUERY_PARAMETERS_MAX; i++)
        query_int(query, i);
    CU_ASSERT_FALSE(query->failed);
    query_int(query, 0);
    CU_ASSERT_TRUE(query->failed);
    CU_ASSERT_EQUAL(query->parameter_count, QUERY_PARAMETERS_MAX);
    arena_free(arena);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_query__binds_in_order_with_formats),
    UNIT_TEST(test_query__binds_no_bytes_as_empty_not_null),
    UNIT_TEST(test_query__quotes_every_element_of_an_array),
    UNIT_TEST(test_query__fails_when_the_arena_is_full),
    UNIT_TEST(test_query__fails_beyond_the_last_parameter),
};

UNIT_MAIN("store.query")
