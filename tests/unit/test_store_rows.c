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

/** One binary cell beside one that is NULL. */
static PGresult *make_binary(const char *bytes, int byte_count)
{
    static char names[COLUMNS][2] = {"a", "b"};
    PGresAttDesc columns[COLUMNS] = {{.name = names[0], .format = 1},
                                     {.name = names[1], .format = 1}};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    CU_ASSERT_EQUAL_FATAL(PQsetResultAttrs(result, COLUMNS, columns), 1);
    char value[64];
    memcpy(value, bytes, (size_t)byte_count);
    PQsetvalue(result, 0, 0, value, byte_count);
    PQsetvalue(result, 0, 1, NULL, -1);
    return result;
}

static void assert_number(const char *bytes, int byte_count, int64_t number, int64_t time_us)
{
    PGresult *result = make_binary(bytes, byte_count);
    struct rows rows = {.result = result};
    CU_ASSERT_EQUAL(rows_int(&rows, 0, 0), number);
    CU_ASSERT_EQUAL(rows_time_us(&rows, 0, 0), time_us);
    CU_ASSERT_EQUAL(rows_int(&rows, 0, 1), 0);
    CU_ASSERT_EQUAL(rows_time_us(&rows, 0, 1), 0);
    PQclear(result);
}

static void test_rows__binary_numbers_of_every_width_and_instants_since_2000(void)
{
    const int64_t epoch_us = INT64_C(946684800000000);
    assert_number("\x01\x02", 2, 258, epoch_us + 258);
    assert_number("\xff\xfe", 2, -2, epoch_us - 2);
    assert_number("\x80\0\0\0", 4, INT32_MIN, epoch_us + INT32_MIN);
    assert_number("\0\0\0\x01\0\0\0\xff", 8, INT64_C(0x1000000ff), epoch_us + INT64_C(0x1000000ff));
    assert_number("\x7f\xff\xff\xff\xff\xff\xff\xff", 8, INT64_MAX, INT64_MAX);
}

static void test_rows__binary_bytes_and_uuid(void)
{
    const char uuid[] = "\x01\x92\0\0\0\0\x70\0\x80\0\0\0\0\0\0\xab";
    char text[UUID_TEXT_BYTES];
    size_t byte_count = 99;
    PGresult *result = make_binary(uuid, 16);
    struct rows rows = {.result = result};
    rows_uuid(&rows, 0, 0, text);
    CU_ASSERT_STRING_EQUAL(text, "01920000-0000-7000-8000-0000000000ab");
    rows_uuid(&rows, 0, 1, text);
    CU_ASSERT_STRING_EQUAL(text, "00000000-0000-0000-0000-000000000000");
    CU_ASSERT_PTR_NULL(rows_bytes(&rows, 0, 1, &byte_count));
    CU_ASSERT_EQUAL(byte_count, 99);
    CU_ASSERT_EQUAL(rows_byte_count(&rows, 0, 1), 0);
    CU_ASSERT_EQUAL(rows_byte_count(&rows, 0, 0), 16);
    CU_ASSERT_EQUAL(memcmp(rows_bytes(&rows, 0, 0, &byte_count), uuid, 16), 0);
    CU_ASSERT_EQUAL(byte_count, 16);
    PQclear(result);
}

static void test_rows__bytes_of_a_text_are_none(void)
{
    size_t byte_count = 99;
    PGresult *result = make_row((const char *const[]){"\\x00", NULL});
    struct rows rows = {.result = result};
    CU_ASSERT_PTR_NULL(rows_bytes(&rows, 0, 0, &byte_count));
    CU_ASSERT_EQUAL(byte_count, 99);
    PQclear(result);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_rows__reads_cells_by_type),
    UNIT_TEST(test_rows__null_and_outside_are_empty),
    UNIT_TEST(test_rows__array_of_plain_elements),
    UNIT_TEST(test_rows__array_of_quoted_elements),
    UNIT_TEST(test_rows__array_null_element_is_empty_but_quoted_null_is_text),
    UNIT_TEST(test_rows__array_empty_or_null_has_no_element),
    UNIT_TEST(test_rows__array_needs_room_in_the_arena),
    UNIT_TEST(test_rows__binary_numbers_of_every_width_and_instants_since_2000),
    UNIT_TEST(test_rows__binary_bytes_and_uuid),
    UNIT_TEST(test_rows__bytes_of_a_text_are_none),
};

UNIT_MAIN("store.rows")
