/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/value.h>
#include <stdio.h>
#include <string.h>

#include "import_file.h"
#include "support/unit.h"

#define HEADER                                                                                     \
    "key,name,lead_region,emergence_on,lettre_intention_on,projet_valide_on,aci_signe_on,"         \
    "exit_stage,exit_on,territory,synthetic\n"
/* 41 and 101 bytes: a cut at an even number of bytes is within a character. */
#define ACCENTS_41 "xéééééééééééééééééééé"
#define ACCENTS_101 ACCENTS_41 "éééééééééééééééééééééééééééééé"

static bool read_file(struct import_file *file, const char *text, char problem[CSV_PROBLEM_BYTES])
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    bool is_fine = import_file_read(file, stream, "batch", "2026-01-31", problem);
    fclose(stream);
    return is_fine;
}

/* Reads one row and expects its refusal in this column, in a sentence that is
 * a text and quotes the cell's whole characters. */
static void assert_quoted(const char *row, const char *field)
{
    char text[2048];
    char problem[CSV_PROBLEM_BYTES] = "";
    struct import_file file;
    snprintf(text, sizeof text, "%s%s\n", HEADER, row);
    CU_ASSERT_TRUE_FATAL(read_file(&file, text, problem));
    CU_ASSERT_EQUAL_FATAL(file.import.row_count, 1);
    const struct import_row *refused = &file.import.rows[0];
    CU_ASSERT_EQUAL(refused->state, IMPORT_REFUSED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(refused->problem);
    CU_ASSERT_STRING_EQUAL(refused->problem->field, field);
    CU_ASSERT_TRUE(
        cpts_text_is_valid(refused->problem->message, strlen(refused->problem->message)));
    CU_ASSERT_PTR_NOT_NULL(strstr(refused->problem->message, "\"xééééééééé"));
    import_file_done(&file);
}

static void test_import_row__quotes_whole_characters(void)
{
    assert_quoted("k,n," ACCENTS_41 "é,2020-01-01,,,,,,,true", "lead_region");
    assert_quoted("k,n,11," ACCENTS_41 "é,,,,,,,true", "emergence_on");
    assert_quoted("k,n,11,2020-01-01,,,," ACCENTS_41 "é,,,true", "exit_stage");
    assert_quoted("k,n,11,2020-01-01,,,,,," ACCENTS_41 "é,true", "territory");
    assert_quoted("k,n,11,2020-01-01,,,,,,," ACCENTS_41 "é", "synthetic");
}

static void test_import_row__quotes_whole_characters_of_a_heading(void)
{
    struct import_file file;
    char problem[CSV_PROBLEM_BYTES] = "";
    CU_ASSERT_FALSE(read_file(&file, ACCENTS_101 "é\n1\n", problem));
    CU_ASSERT_TRUE(cpts_text_is_valid(problem, strlen(problem)));
    CU_ASSERT_PTR_NOT_NULL(strstr(problem, "no column is called \"xéé"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_row__quotes_whole_characters),
    UNIT_TEST(test_import_row__quotes_whole_characters_of_a_heading),
};

UNIT_MAIN("sdk/import_row")
