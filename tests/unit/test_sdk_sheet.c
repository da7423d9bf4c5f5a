/* SPDX-License-Identifier: Apache-2.0 */
#include "sheet.h"

#include <cpts/zoning.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "page_join.h"
#include "support/unit.h"
#include "unit_text.h"

static const char *const CODES[] = {"code", "insee", NULL};
static const char *const ZONES[] = {"zonage", NULL};

/* A file with that text; its name is in `path`. */
static void write_file(char path[32], const char *text)
{
    strcpy(path, "/tmp/cpts-sheet.XXXXXX");
    int descriptor = mkstemp(path);
    CU_ASSERT_TRUE_FATAL(descriptor >= 0);
    CU_ASSERT_EQUAL(write(descriptor, text, strlen(text)), (ssize_t)strlen(text));
    close(descriptor);
}

static bool read_text(struct sheet *sheet, const char *text, char problem[CSV_PROBLEM_BYTES])
{
    char path[32];
    write_file(path, text);
    bool is_fine = sheet_read(sheet, path, problem);
    unlink(path);
    return is_fine;
}

static void test_sheet__finds_columns_by_any_of_their_headings(void)
{
    char problem[CSV_PROBLEM_BYTES];
    struct sheet sheet;
    CU_ASSERT_TRUE_FATAL(read_text(
        &sheet, "Nom;INSEE ;Zonage\r\nBrest; 29019;ZIP+ \r\n\r\nQuimper;29232\r\n", problem));
    int code = sheet_column(&sheet, CODES), zone = sheet_column(&sheet, ZONES);
    CU_ASSERT_EQUAL(code, 1);
    CU_ASSERT_EQUAL(zone, 2);
    CU_ASSERT_EQUAL(sheet_column(&sheet, (const char *const[]){"zone", NULL}), -1);
    CU_ASSERT_EQUAL_FATAL(sheet_row_count(&sheet), 2);
    CU_ASSERT_STRING_EQUAL(sheet_cell(&sheet, 0, code), "29019");
    CU_ASSERT_STRING_EQUAL(sheet_cell(&sheet, 0, zone), "ZIP+");
    CU_ASSERT_STRING_EQUAL(sheet_cell(&sheet, 1, zone), "");
    CU_ASSERT_STRING_EQUAL(sheet_cell(&sheet, 1, -1), "");
    CU_ASSERT_EQUAL(sheet_line(&sheet, 1), 4);
    sheet_done(&sheet);
}

static void test_sheet__refuses_with_a_sentence(void)
{
    char problem[CSV_PROBLEM_BYTES] = "";
    struct sheet sheet;
    CU_ASSERT_FALSE(sheet_read(&sheet, "/nonexistent/file.csv", problem));
    CU_ASSERT_STRING_NOT_EQUAL(problem, "");
    problem[0] = '\0';
    CU_ASSERT_FALSE(read_text(&sheet, "", problem));
    CU_ASSERT_STRING_NOT_EQUAL(problem, "");
}

static void test_zone__is_read_as_people_write_it(void)
{
    static const struct {
        const char *text;
        enum cpts_zone zone;
    } WORDS[] = {{"ZIP+", CPTS_ZONE_ZIP_PLUS},
                 {"zip", CPTS_ZONE_ZIP},
                 {"Zac", CPTS_ZONE_ZAC},
                 {"Hors zonage", CPTS_ZONE_HORS_ZONAGE},
                 {"HORS_ZONAGE", CPTS_ZONE_HORS_ZONAGE}};
    enum cpts_zone zone = CPTS_ZONE_ZAC;
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        CU_ASSERT_TRUE(cpts_zone_parse(WORDS[i].text, &zone));
        CU_ASSERT_EQUAL(zone, WORDS[i].zone);
        enum cpts_zone again = CPTS_ZONE_UNSPECIFIED;
        CU_ASSERT_TRUE(cpts_zone_parse(cpts_zone_name(zone), &again));
        CU_ASSERT_EQUAL(again, zone);
    }
    zone = CPTS_ZONE_ZAC;
    CU_ASSERT_FALSE(cpts_zone_parse("", &zone));
    CU_ASSERT_FALSE(cpts_zone_parse("ZIP++", &zone));
    CU_ASSERT_EQUAL(zone, CPTS_ZONE_ZAC);
    CU_ASSERT_STRING_EQUAL(cpts_zone_name(CPTS_ZONE_UNSPECIFIED), "");
}

static void test_unit_text__knows_iris(void)
{
    char code[UNIT_CODE_BYTES] = "";
    double share = 0;
    CU_ASSERT_EQUAL(unit_text_read("751110101:0.5", 13, code, &share), UNIT_FINE);
    CU_ASSERT_STRING_EQUAL(code, "751110101");
    CU_ASSERT_DOUBLE_EQUAL(share, 0.5, 1e-12);
    CU_ASSERT_EQUAL(unit_text_read("2A0040101", 9, code, &share), UNIT_FINE);
    CU_ASSERT_STRING_EQUAL(code, "2A0040101");
    CU_ASSERT_EQUAL(unit_text_read("7511101", 7, code, &share), UNIT_CODE_MALFORMED);
    CU_ASSERT_EQUAL(unit_text_read("75111010", 8, code, &share), UNIT_CODE_MALFORMED);
    CU_ASSERT_EQUAL(unit_text_read("75111010A", 9, code, &share), UNIT_CODE_MALFORMED);
    CU_ASSERT_STRING_EQUAL(code, "2A0040101");
}

static char *copy(const char *text)
{
    return strdup(text);
}

static void test_page_join__makes_one_answer_of_pages(void)
{
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    struct page_join join = {.stream = stream};
    CU_ASSERT_TRUE(page_join_add(&join, copy("{\"gaps\":[{\"name\":\"a]b\"}],\"next\":\"x\"}")));
    CU_ASSERT_TRUE(page_join_add(&join, copy("{\"gaps\":[{\"c\":[1]}],\"next\":\"\"}")));
    CU_ASSERT_TRUE(page_join_end(&join));
    fclose(stream);
    CU_ASSERT_STRING_EQUAL(text,
                           "{\"gaps\":[\n{\"name\":\"a]b\"},\n{\"c\":[1]}\n],\"next\":\"\"}\n");
    free(text);
}

static void test_page_join__refuses_what_is_no_page(void)
{
    struct page_join join = {.stream = stderr};
    CU_ASSERT_FALSE(page_join_add(&join, NULL));
    CU_ASSERT_FALSE(page_join_add(&join, copy("{\"gaps\":[1")));
    CU_ASSERT_FALSE(page_join_end(&join));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_sheet__finds_columns_by_any_of_their_headings),
    UNIT_TEST(test_sheet__refuses_with_a_sentence),
    UNIT_TEST(test_zone__is_read_as_people_write_it),
    UNIT_TEST(test_unit_text__knows_iris),
    UNIT_TEST(test_page_join__makes_one_answer_of_pages),
    UNIT_TEST(test_page_join__refuses_what_is_no_page),
};

UNIT_MAIN("tool/sheet")
