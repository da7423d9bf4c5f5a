/* SPDX-License-Identifier: Apache-2.0 */
#include "import_file.h"
#include "import_report.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#define HEADER                                                                                     \
    "key,name,lead_region,emergence_on,lettre_intention_on,projet_valide_on,aci_signe_on,"         \
    "exit_stage,exit_on,territory,synthetic\n"
#define TODAY "2026-01-01"

/* The sentence about the last file that was none. */
static char problem[CSV_PROBLEM_BYTES];

static bool read_text(struct import_file *file, const char *text)
{
    FILE *stream = fmemopen((char *)text, strlen(text), "r");
    problem[0] = '\0';
    if (stream == NULL)
        return false;
    bool is_fine = import_file_read(file, stream, "batch", TODAY, problem);
    fclose(stream);
    return is_fine;
}

static void expect_no_file(const char *text, const char *sentence)
{
    struct import_file file;
    CU_ASSERT_FALSE(read_text(&file, text));
    CU_ASSERT_STRING_EQUAL(problem, sentence);
}

/* The only row of a file is refused for that. */
static void expect_refused(const char *row, const char *field, const char *reason)
{
    char text[1024];
    struct import_file file;
    snprintf(text, sizeof text, HEADER "%s\n", row);
    CU_ASSERT_TRUE_FATAL(read_text(&file, text));
    const struct import_row *only = &file.import.rows[0];
    CU_ASSERT_EQUAL(only->state, IMPORT_REFUSED);
    CU_ASSERT_PTR_NOT_NULL_FATAL(only->problem);
    CU_ASSERT_STRING_EQUAL(only->problem->field, field);
    CU_ASSERT_STRING_EQUAL(only->problem->reason, reason);
    CU_ASSERT_EQUAL(only->line, 2);
    import_file_done(&file);
}

static void test_import__a_row_becomes_a_command(void)
{
    struct import_file file;
    CU_ASSERT_TRUE_FATAL(
        read_text(&file, HEADER
                  "a,\"CPTS \"\"Nord\"\", Sud\",11,2017-01-03,2019-03-05,,,ABANDONNE,2020-01-01,"
                  "75112:0.25 75111,true\n"));
    const struct cpts_creation *creation = &file.import.rows[0].creation;
    CU_ASSERT_EQUAL(file.import.rows[0].state, IMPORT_WAITING);
    CU_ASSERT_STRING_EQUAL(creation->name, "CPTS \"Nord\", Sud");
    CU_ASSERT_EQUAL(creation->stage_count, 3);
    CU_ASSERT_EQUAL(creation->stages[2].stage, CPTS_STAGE_ABANDONNE);
    CU_ASSERT_STRING_EQUAL(creation->stages[2].effective_on, "2020-01-01");
    CU_ASSERT_EQUAL(creation->unit_count, 2);
    CU_ASSERT_STRING_EQUAL(creation->territory[1].unit_code, "75112");
    CU_ASSERT_EQUAL(creation->territory[1].share, 0.25);
    CU_ASSERT_TRUE(creation->synthetic);
    import_file_done(&file);
}

static void test_import__columns_may_stand_in_any_order(void)
{
    struct import_file file;
    CU_ASSERT_TRUE_FATAL(read_text(
        &file, "\xEF\xBB\xBFwebsite,synthetic,territory,exit_on,exit_stage,aci_signe_on,"
               "projet_valide_on,lettre_intention_on,emergence_on,lead_region,name,key\r\n"
               "https://x.fr,false,,,,,,,2019-01-01,01,N,k\r\n"));
    CU_ASSERT_STRING_EQUAL(file.import.rows[0].key, "k");
    CU_ASSERT_STRING_EQUAL(file.import.rows[0].creation.website, "https://x.fr");
    CU_ASSERT_EQUAL(file.import.rows[0].state, IMPORT_WAITING);
    import_file_done(&file);
}

static void test_import__what_is_no_csv_stops_before_anything(void)
{
    expect_no_file("", "the file is empty");
    expect_no_file("\n\n", "the file is empty");
    expect_no_file(HEADER, "the file has a header and no row");
    expect_no_file(HEADER "a,\xE9t\xE9\n", "line 2 is not UTF-8");
    expect_no_file(HEADER "a,b\"c\n", "line 2: a quote out of place");
    expect_no_file(HEADER "a,\"b\nc\nd",
                   "the quotes opened in the row that begins on line 2 are never closed");
}

static void test_import__the_header_is_exact(void)
{
    expect_no_file("key,nam\n", "no column is called \"nam\"; did you mean name?");
    expect_no_file("key,key\n", "the column key stands twice");
    expect_no_file("key,name\n", "the column lead_region is missing");
}

static void test_import__each_mistake_has_its_field_and_reason(void)
{
    expect_refused(",N,11,2019-01-01,,,,,,,true", "key", "FIELD_REQUIRED");
    expect_refused("a,,11,2019-01-01,,,,,,,true", "name", "FIELD_REQUIRED");
    expect_refused("a,N,Paris,2019-01-01,,,,,,,true", "lead_region", "UNKNOWN_REGION");
    expect_refused("a,N,11,,,,,,,,true", "emergence_on", "FIELD_REQUIRED");
    expect_refused("a,N,11,2019-02-29,,,,,,,true", "emergence_on", "FIELD_INVALID");
    expect_refused("a,N,11,2027-01-01,,,,,,,true", "emergence_on", "DATE_IN_FUTURE");
    expect_refused("a,N,11,2019-01-01,2018-01-01,,,,,,true", "lettre_intention_on",
                   "STAGE_ORDER_INVALID");
    expect_refused("a,N,11,2019-01-01,,2020-01-01,,,,,true", "lettre_intention_on",
                   "STAGE_ORDER_INVALID");
    expect_refused("a,N,11,2019-01-01,,,,,,,perhaps", "synthetic", "FIELD_INVALID");
    expect_refused("a,N,11,2019-01-01", "", "COLUMN_COUNT");
}

static void test_import__ways_out_are_checked(void)
{
    expect_refused("a,N,11,2019-01-01,,,,FUSIONNE,2020-01-01,,true", "exit_stage",
                   "SUCCESSOR_INVALID");
    expect_refused("a,N,11,2019-01-01,,,,ACI_SIGNE,2020-01-01,,true", "exit_stage",
                   "FIELD_INVALID");
    expect_refused("a,N,11,2019-01-01,,,,NON_RENOUVELE,2020-01-01,,true", "exit_stage",
                   "STAGE_ORDER_INVALID");
    expect_refused("a,N,11,2019-01-01,,,,,2020-01-01,,true", "exit_stage", "FIELD_REQUIRED");
    expect_refused("a,N,11,2019-01-01,,,,DISSOUS,,,true", "exit_on", "FIELD_INVALID");
}

static void test_import__territories_are_checked(void)
{
    expect_refused("a,N,11,2019-01-01,,,,,,7511,true", "territory", "UNKNOWN_UNIT");
    expect_refused("a,N,11,2019-01-01,,,,,,75111:0,true", "territory", "SHARE_OUT_OF_RANGE");
    expect_refused("a,N,11,2019-01-01,,,,,,75111:1.01,true", "territory", "SHARE_OUT_OF_RANGE");
    expect_refused("a,N,11,2019-01-01,,,,,,75111:0x1,true", "territory", "SHARE_OUT_OF_RANGE");
    expect_refused("a,N,11,2019-01-01,,,,,,75111 2A004 75111:0.5,true", "territory",
                   "UNIT_REPEATED");
}

static void test_import__a_key_counts_once_and_lines_are_the_files(void)
{
    struct import_file file;
    CU_ASSERT_TRUE_FATAL(read_text(&file, HEADER "a,\"N\nN\",11,2019-01-01,,,,,,,true\n\n"
                                                 "a,M,11,2019-01-01,,,,,,,true\n"));
    CU_ASSERT_EQUAL(file.import.rows[0].state, IMPORT_WAITING);
    CU_ASSERT_EQUAL(file.import.rows[1].state, IMPORT_REFUSED);
    CU_ASSERT_EQUAL(file.import.rows[1].line, 5);
    CU_ASSERT_STRING_EQUAL(file.import.rows[1].problem->reason, "KEY_REPEATED");
    import_file_done(&file);
}

static void test_import__an_id_depends_on_batch_and_key_only(void)
{
    struct import_row one = {.key = "a", .creation.name = "N"}, same = {.key = "a"},
                      key = {.key = "b"}, batch = {.key = "a"};
    import_row_identify(&one, "x");
    import_row_identify(&same, "x");
    import_row_identify(&key, "x");
    import_row_identify(&batch, "y");
    CU_ASSERT_EQUAL(memcmp(one.command_id, same.command_id, CPTS_UUID_BYTES), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(one.command_id, key.command_id, CPTS_UUID_BYTES), 0);
    CU_ASSERT_NOT_EQUAL(memcmp(one.command_id, batch.command_id, CPTS_UUID_BYTES), 0);
}

static void test_import__the_report_says_each_row(void)
{
    struct import_file file;
    char *text = NULL;
    size_t length = 0;
    CU_ASSERT_TRUE_FATAL(read_text(
        &file, HEADER "\"a,1\",N,11,2019-01-01,,,,,,,true\nb,,11,2019-01-01,,,,,,,true\n"));
    FILE *stream = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    CU_ASSERT_TRUE(import_report_write(&file.import, stream));
    fclose(stream);
    CU_ASSERT_STRING_EQUAL(text, "line,key,state,id,field,reason,message\n"
                                 "2,\"a,1\",not_sent,,,,\n"
                                 "3,b,refused,,name,FIELD_REQUIRED,a CPTS needs a name\n");
    free(text);
    import_file_done(&file);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import__a_row_becomes_a_command),
    UNIT_TEST(test_import__columns_may_stand_in_any_order),
    UNIT_TEST(test_import__what_is_no_csv_stops_before_anything),
    UNIT_TEST(test_import__the_header_is_exact),
    UNIT_TEST(test_import__each_mistake_has_its_field_and_reason),
    UNIT_TEST(test_import__ways_out_are_checked),
    UNIT_TEST(test_import__territories_are_checked),
    UNIT_TEST(test_import__a_key_counts_once_and_lines_are_the_files),
    UNIT_TEST(test_import__an_id_depends_on_batch_and_key_only),
    UNIT_TEST(test_import__the_report_says_each_row),
};

UNIT_MAIN("sdk/import")
