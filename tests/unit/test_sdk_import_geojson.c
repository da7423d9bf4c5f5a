/* SPDX-License-Identifier: Apache-2.0 */
#include "import_geojson.h"
#include "support/unit.h"

#include <string.h>

#define HEAD "{\"type\":\"FeatureCollection\",\"features\":["
#define FEATURE(properties)                                                                        \
    "{\"type\":\"Feature\",\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]},"               \
    "\"properties\":" properties "}"

static char problem[CSV_PROBLEM_BYTES];

static void expect_problem(const char *text, const char *sentence)
{
    struct csv_table table;
    problem[0] = '\0';
    CU_ASSERT_FALSE(geojson_table_parse(&table, text, strlen(text), problem));
    CU_ASSERT_STRING_EQUAL(problem, sentence);
}

static void test_import_geojson__properties_are_columns(void)
{
    struct csv_table table;
    const char *text = HEAD "\n" FEATURE("{\"nom\":\"A \\u00e9\",\"code\":11}") ",\n\n" FEATURE(
        "{\"nom\":null,\"communes\":[\"39198\",75111],\"part\":0.5,\"ok\":true}") "]}";
    CU_ASSERT_TRUE_FATAL(geojson_table_parse(&table, text, strlen(text), problem));
    CU_ASSERT_EQUAL(table.row_count, 3);
    CU_ASSERT_EQUAL(table.rows[0].cell_count, 5);
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[0], 2), "communes");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[1], 0), "A é");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[1], 1), "11");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[1], 2), "");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[2], 0), "");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[2], 2), "39198; 75111");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[2], 3), "0.5");
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[2], 4), "true");
    CU_ASSERT_EQUAL(table.rows[1].line, 2);
    CU_ASSERT_EQUAL(table.rows[2].line, 4);
    csv_table_done(&table);
}

static void test_import_geojson__what_is_no_layer_is_refused(void)
{
    expect_problem("", "line 1: no JSON object begins here");
    expect_problem("[]", "line 1: no JSON object begins here");
    expect_problem("{}", "a GeoJSON layer is a FeatureCollection with features; this has none");
    expect_problem(HEAD "]}",
                   "a GeoJSON layer is a FeatureCollection with features; this has none");
    expect_problem("{\"features\":{}}", "line 1: \"features\" is no list");
    expect_problem(HEAD "{\"type\":\"Feature\"}]}", "line 1: feature 1 has no properties");
    expect_problem(HEAD FEATURE("[]") "]}", "line 1: the feature's properties are no object");
}

static void test_import_geojson__broken_json_is_refused_with_its_line(void)
{
    expect_problem(HEAD "\n" FEATURE("{\"nom\":\"A\"}") ",\n{\"type\":",
                   "line 3: the JSON breaks off in feature 2, which begins on line 3");
    expect_problem(HEAD "\n" FEATURE("{\"nom\":\"A\"}") "\n", "line 3: the JSON breaks off");
    expect_problem(HEAD "\n" FEATURE("{\"nom\":}") "]}", "line 2: unexpected token near '}'");
    expect_problem(HEAD FEATURE("{\"a\":1,\"a\":2}") "]}",
                   "line 1: duplicate object key near '\"a\"'");
    expect_problem(HEAD "\n{\"geometry\":{]},\"properties\":{}}]}",
                   "line 2: the JSON breaks off in feature 1, which begins on line 2");
}

static void test_import_geojson__brackets_in_strings_do_not_count(void)
{
    struct csv_table table;
    const char *text = HEAD "{\"geometry\":{\"a\":\"}]\\\"}\"},\"properties\":{\"nom\":\"}]\"}}]}";
    CU_ASSERT_TRUE_FATAL(geojson_table_parse(&table, text, strlen(text), problem));
    CU_ASSERT_STRING_EQUAL(csv_table_cell(&table, &table.rows[1], 0), "}]");
    csv_table_done(&table);
}

static void test_import_geojson__deep_brackets_are_refused(void)
{
    char text[1000] = HEAD "{\"geometry\":";
    size_t length = strlen(text);
    memset(text + length, '[', 300);
    text[length + 300] = '\0';
    expect_problem(text, "line 1: the JSON breaks off in feature 1, which begins on line 1");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_geojson__properties_are_columns),
    UNIT_TEST(test_import_geojson__what_is_no_layer_is_refused),
    UNIT_TEST(test_import_geojson__broken_json_is_refused_with_its_line),
    UNIT_TEST(test_import_geojson__brackets_in_strings_do_not_count),
    UNIT_TEST(test_import_geojson__deep_brackets_are_refused),
};

UNIT_MAIN("sdk/import_geojson")
