/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rows.h"

#include <string.h>

#include "store/result.h"
#include "support/unit.h"
#include "wire/arena.h"

#define ARENA_BYTES ((size_t)64 * 1024)
#define COLUMNS 2

/** One row of texts, NULL for SQL NULL, without a database. */
static PGresult *make_row(const char *const values[COLUMNS])
{
    static char names[COLUMNS][2] = {"a", "b"};
    PGresAttDesc columns[COLUMNS] = {{.name = names[0]}, {.name = names[1]}};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    CU_ASSERT_EQUAL_FATAL(PQsetResultAttrs(result, COLUMNS, columns), 1);
    for (int i = 0; i < COLUMNS; i++) {
        char value[256];
        snprintf(value, sizeof value, "%s", values[i] == NULL ? "" : values[i]);
        PQsetvalue(result, 0, i, value, values[i] == NULL ? -1 : (int)strlen(value));
    }
    return result;
}

static void assert_array(const char *literal, const char *const *expected, int count)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    PGresult *result = make_row((const char *const[]){literal, NULL});
    struct rows rows = {.result = result};
    char **elements = NULL;
    int found = rows_array(&rows, 0, 0, arena, &elements);
    CU_ASSERT_EQUAL(found, count);
    for (int i = 0; i < found && i < count; i++)
        CU_ASSERT_STRING_EQUAL(elements[i], expected[i]);
    if (count == 0)
        CU_ASSERT_PTR_NULL(elements);
    PQclear(result);
    arena_free(arena);
}

static void test_rows__reads_cells_by_type(void)
{
    PGresult *result = make_row((const char *const[]){"-9223372036854775808", "0.25"});
    struct rows rows = {.result = result};
    CU_ASSERT_EQUAL(rows_count(&rows), 1);
    CU_ASSERT_EQUAL(rows_int(&rows, 0, 0), INT64_MIN);
    CU_ASSERT_EQUAL(rows_time_us(&rows, 0, 0), INT64_MIN);
    CU_ASSERT_DOUBLE_EQUAL(rows_double(&rows, 0, 1), 0.25, 0);
    CU_ASSERT_STRING_EQUAL(rows_text(&rows, 0, 1), "0.25");
    PQclear(result);
    result = make_row((const char *const[]){"t", "f"});
    rows.result = result;
    CU_ASSERT_TRUE(rows_bool(&rows, 0, 0));
    CU_ASSERT_FALSE(rows_bool(&rows, 0, 1));
    PQclear(result);
}

static void test_rows__null_and_outside_are_empty(void)
{
    PGresult *result = make_row((const char *const[]){NULL, "1"});
    struct rows rows = {.result = result};
    CU_ASSERT_TRUE(rows_is_null(&rows, 0, 0));
    CU_ASSERT_FALSE(rows_is_null(&rows, 0, 1));
    CU_ASSERT_STRING_EQUAL(rows_text(&rows, 0, 0), "");
    CU_ASSERT_EQUAL(rows_int(&rows, 0, 0), 0);
    CU_ASSERT_TRUE(rows_is_null(&rows, 1, 0));
    CU_ASSERT_TRUE(rows_is_null(&rows, 0, COLUMNS));
    CU_ASSERT_TRUE(rows_is_null(&rows, -1, -1));
    PQclear(result);
}

static void test_rows__array_of_plain_elements(void)
{
    assert_array("{75056,2A004,0.5,2024-01-01}",
                 (const char *const[]){"75056", "2A004", "0.5", "2024-01-01"}, 4);
    assert_array("{x}", (const char *const[]){"x"}, 1);
}

static void test_rows__array_of_quoted_elements(void)
{
    assert_array("{\"a,b\",plain,\"\",\"say \\\"hi\\\"\",\"back\\\\slash\",\"{}\"}",
                 (const char *const[]){"a,b", "plain", "", "say \"hi\"", "back\\slash", "{}"}, 6);
}

static void test_rows__array_null_element_is_empty_but_quoted_null_is_text(void)
{
    assert_array("{NULL,\"NULL\",a}", (const char *const[]){"", "NULL", "a"}, 3);
}

static void test_rows__array_empty_or_null_has_no_element(void)
{
    assert_array("{}", NULL, 0);
    assert_array(NULL, NULL, 0);
    assert_array("not an array", NULL, 0);
}

static void test_rows__array_needs_room_in_the_arena(void)
{
    struct arena *arena = arena_new(ARENA_BYTES);
    PGresult *result = make_row((const char *const[]){"{a,b}", NULL});
    struct rows rows = {.result = result};
    char **elements = NULL;
    while (arena_alloc(arena, 1) != NULL)
        continue;
    CU_ASSERT_EQUAL(rows_array(&rows, 0, 0, arena, &elements), -1);
    CU_ASSERT_PTR_NULL(elements);
    PQclear(result);
    arena_free(arena);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rows__reads_cells_by_type),
    UNIT_TEST(test_rows__null_and_outside_are_empty),
    UNIT_TEST(test_rows__array_of_plain_elements),
    UNIT_TEST(test_rows__array_of_quoted_elements),
    UNIT_TEST(test_rows__array_null_element_is_empty_but_quoted_null_is_text),
    UNIT_TEST(test_rows__array_empty_or_null_has_no_element),
    UNIT_TEST(test_rows__array_needs_room_in_the_arena),
};

UNIT_MAIN("store.rows")
