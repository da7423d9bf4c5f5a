/* SPDX-License-Identifier: Apache-2.0 */
#include "export_note.h"
#include "export_package.h"
#include "export_target.h"
#include "export_writer.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a sheet's name may not hold, and how long it may be. */
#define SHEET_FORBIDDEN "[]:*?/\\"
#define SHEET_CHARACTERS_MAX 31

static size_t character_count(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((unsigned char)*text & 0xC0) != 0x80;
    return count;
}

static bool has_column(const struct export_table *table, const char *name, size_t length)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (strlen(table->columns[i].name) == length &&
            strncmp(table->columns[i].name, name, length) == 0)
            return true;
    }
    return false;
}

static void check_column(const struct export_column *column)
{
    bool is_number = column->type == EXPORT_INTEGER || column->type == EXPORT_NUMBER;
    CU_ASSERT_EQUAL(strspn(column->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(column->name));
    CU_ASSERT_PTR_NOT_NULL(column->label);
    CU_ASSERT(column->description != NULL && strlen(column->description) > 5);
    CU_ASSERT(is_number || (column->minimum == NULL && column->maximum == NULL));
    CU_ASSERT(column->type == EXPORT_TEXT || (column->values == NULL && column->pattern == NULL));
}

static void test_export__every_table_can_be_written(void)
{
    CU_ASSERT_FATAL(EXPORT_TABLE_COUNT <= EXPORT_TABLES_MAX);
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++) {
        const struct export_table *table = EXPORT_TABLES[i];
        CU_ASSERT(table->column_count <= EXPORT_COLUMNS_MAX);
        CU_ASSERT(character_count(table->title) <= SHEET_CHARACTERS_MAX);
        CU_ASSERT_PTR_NULL(strpbrk(table->title, SHEET_FORBIDDEN));
        CU_ASSERT(table->sources != 0 && table->sources >> EXPORT_SOURCE_COUNT == 0);
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(EXPORT_TABLES[j]->title, table->title);
        for (size_t j = 0; j < table->column_count; j++)
            check_column(&table->columns[j]);
        for (const char *key = table->primary_key; *key != '\0'; key += strspn(key, " ")) {
            CU_ASSERT_TRUE(has_column(table, key, strcspn(key, " ")));
            key += strcspn(key, " ");
        }
    }
}

static const struct export_table *table_of(const char *name)
{
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++) {
        if (strcmp(EXPORT_TABLES[i]->name, name) == 0)
            return EXPORT_TABLES[i];
    }
    return NULL;
}

static void test_export__references_lead_to_keys(void)
{
    for (size_t i = 0; i < EXPORT_TABLE_COUNT; i++) {
        const struct export_reference *one = EXPORT_TABLES[i]->references;
        for (; one != NULL && one->column != NULL; one++) {
            const struct export_table *target = table_of(one->table);
            CU_ASSERT_TRUE(has_column(EXPORT_TABLES[i], one->column, strlen(one->column)));
            CU_ASSERT_PTR_NOT_NULL_FATAL(target);
            CU_ASSERT_STRING_EQUAL(target->primary_key, one->target);
        }
    }
}

/* Columns of a table of the test's own, and a writer that keeps a row. */
static const struct export_column COLUMNS[] = {{.name = "text", .type = EXPORT_TEXT},
                                               {.name = "number", .type = EXPORT_NUMBER}};
static const struct export_table TABLE = {.name = "test", .columns = COLUMNS, .column_count = 2};
static char written[2][64];

static void keep(struct export_writer *writer, const char *const *cells)
{
    (void)writer;
    snprintf(written[0], sizeof written[0], "%s", cells[0]);
    snprintf(written[1], sizeof written[1], "%s", cells[1]);
}

static void expect_written(const char *text, const char *number, const char *expected_text,
                           const char *expected_number)
{
    struct export_writer writer = {.row = keep, .table = &TABLE};
    export_row(&writer, (const char *[]){text, number});
    CU_ASSERT_STRING_EQUAL(written[0], expected_text);
    CU_ASSERT_STRING_EQUAL(written[1], expected_number);
    CU_ASSERT_EQUAL(writer.row_count, 1);
    CU_ASSERT_FALSE(writer.is_failed);
}

static void test_export__formulas_are_disarmed_and_numbers_are_not(void)
{
    expect_written("=1+1", "-1.5", "'=1+1", "-1.5");
    expect_written("+33", "1", "'+33", "1");
    expect_written("@x", "1", "'@x", "1");
    expect_written("\t=1", "1", "'\t=1", "1");
    expect_written("＝1", "1", "'＝1", "1");
    expect_written("CPTS -1", "1", "CPTS -1", "1");
    expect_written(NULL, NULL, "", "");
}

static void test_export__after_a_failure_nothing_is_written(void)
{
    struct export_writer writer = {.row = keep, .table = &TABLE};
    strcpy(written[0], "before");
    export_fail(&writer, "first %d", 1);
    export_fail(&writer, "second");
    export_row(&writer, (const char *[]){"a", "b"});
    CU_ASSERT_STRING_EQUAL(writer.problem, "first 1");
    CU_ASSERT_STRING_EQUAL(written[0], "before");
}

static void test_export__instants_have_one_form(void)
{
    char text[EXPORT_INSTANT_BYTES];
    export_instant(INT64_C(1706788800000000), text);
    CU_ASSERT_STRING_EQUAL(text, "2024-02-01T12:00:00.000000Z");
    export_instant(INT64_C(1706788800000001), text);
    CU_ASSERT_STRING_EQUAL(text, "2024-02-01T12:00:00.000001Z");
    export_instant(0, text);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static void test_export__only_an_export_is_known_as_one(void)
{
    CU_ASSERT_TRUE(export_package_is_own("{\"name\": \"" EXPORT_PACKAGE_NAME "\"}"));
    CU_ASSERT_FALSE(export_package_is_own("{\"name\": \"other\"}"));
    CU_ASSERT_FALSE(export_package_is_own("{\"name\": 1}"));
    CU_ASSERT_FALSE(export_package_is_own("[]"));
    CU_ASSERT_FALSE(export_package_is_own(""));
}

static void test_export__a_part_that_is_discarded_leaves_no_trace(void)
{
    char folder[] = "/tmp/cpts-unit-XXXXXX", path[64], problem[TARGET_PROBLEM_BYTES];
    struct export_target target;
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, i == 0 ? "out//" : "out.XLSX");
        CU_ASSERT_TRUE_FATAL(export_target_begin(&target, path, problem));
        CU_ASSERT_EQUAL(target.is_workbook, i == 1);
        CU_ASSERT_EQUAL(access(target.part, W_OK), 0);
        export_target_discard(&target);
    }
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_export__every_table_can_be_written),
    UNIT_TEST(test_export__references_lead_to_keys),
    UNIT_TEST(test_export__formulas_are_disarmed_and_numbers_are_not),
    UNIT_TEST(test_export__after_a_failure_nothing_is_written),
    UNIT_TEST(test_export__instants_have_one_form),
    UNIT_TEST(test_export__only_an_export_is_known_as_one),
    UNIT_TEST(test_export__a_part_that_is_discarded_leaves_no_trace),
};

UNIT_MAIN("sdk/export")
