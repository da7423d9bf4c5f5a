/* SPDX-License-Identifier: Apache-2.0 */
#include "import_source.h"
#include "support/unit.h"

#include <stdlib.h>
#include <string.h>

#define OWN                                                                                        \
    "key,name,lead_region,emergence_on,lettre_intention_on,projet_valide_on,aci_signe_on,"         \
    "exit_stage,exit_on,territory,synthetic\n"

static char problem[CSV_PROBLEM_BYTES];
static struct import_hints hints;

static void setup(void)
{
    hints = (struct import_hints){.fields = &IMPORT_CPTS_FIELDS, .format = FORMAT_COUNT};
    problem[0] = '\0';
}

static bool read_bytes(struct import_source *source, const char *bytes, size_t count)
{
    return import_source_read(source, bytes, count, &hints, problem);
}

/* The cell of a field in the second row, of a file that must be fine. */
static void expect_cell(const char *text, enum import_format format, enum import_field field,
                        const char *wanted)
{
    struct import_source source;
    CU_ASSERT_TRUE_FATAL(read_bytes(&source, text, strlen(text)));
    CU_ASSERT_EQUAL(source.format, format);
    CU_ASSERT_STRING_EQUAL(import_source_cell(&source, &source.table.rows[1], field), wanted);
    import_source_done(&source);
}

static void expect_problem(const char *text, const char *sentence)
{
    struct import_source source;
    problem[0] = '\0';
    CU_ASSERT_FALSE(read_bytes(&source, text, strlen(text)));
    CU_ASSERT_STRING_EQUAL(problem, sentence);
}

/* The encoding found, and what the second row says the name is. */
static void expect_encoding(const char *bytes, size_t count, const char *encoding, const char *name)
{
    struct import_source source;
    CU_ASSERT_TRUE_FATAL(read_bytes(&source, bytes, count));
    CU_ASSERT_STRING_EQUAL(source.text.encoding, encoding);
    CU_ASSERT_STRING_EQUAL(import_source_cell(&source, &source.table.rows[1], FIELD_NAME), name);
    import_source_done(&source);
}

static void test_import_source__formats_are_told_by_the_file(void)
{
    struct import_source source;
    setup();
    CU_ASSERT_TRUE_FATAL(read_bytes(&source, OWN "x\n", strlen(OWN "x\n")));
    CU_ASSERT_EQUAL(source.format, FORMAT_OWN);
    import_source_done(&source);
    expect_cell("CPTS;Commune\nA;Dole\n", FORMAT_COMMUNE_CSV, FIELD_COMMUNE_NAME, "Dole");
    expect_cell("CPTS,Statut,Communes\nA,B,\"C;D\"\n", FORMAT_LAYER_CSV, FIELD_COMMUNES, "C;D");
    expect_cell(" {\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\","
                "\"geometry\":null,\"properties\":{\"nom_cpts\":\"A\",\"statut\":\"valide\"}}]}",
                FORMAT_LAYER_GEOJSON, FIELD_STAGE, "valide");
}

static void test_import_source__separators_are_told(void)
{
    setup();
    expect_cell("CPTS\tCommune\nA, b; c\tDole\n", FORMAT_COMMUNE_CSV, FIELD_NAME, "A, b; c");
    expect_cell("CPTS|Commune\nA|Dole\n", FORMAT_COMMUNE_CSV, FIELD_NAME, "A");
    expect_cell("CPTS,Commune\nA,\"Dole\"\n", FORMAT_COMMUNE_CSV, FIELD_COMMUNE_NAME, "Dole");
}

static void test_import_source__titles_before_the_header_are_passed_over(void)
{
    struct import_source source;
    const char *text = "ARS; \"tableau\" de bord\n\n;;\n\"Nom de\nla CPTS\";Commune\nA;Dole\n";
    setup();
    CU_ASSERT_TRUE_FATAL(read_bytes(&source, text, strlen(text)));
    CU_ASSERT_EQUAL(source.table.rows[0].line, 4);
    CU_ASSERT_EQUAL(source.table.rows[1].line, 6);
    CU_ASSERT_STRING_EQUAL(import_source_cell(&source, &source.table.rows[1], FIELD_NAME), "A");
    import_source_done(&source);
}

static void test_import_source__encodings_are_told_by_marks_and_bytes(void)
{
    setup();
    expect_encoding("\xEF\xBB\xBF"
                    "CPTS;Commune\n\xC3\x89;b\n",
                    20, "UTF-8", "É");
    expect_encoding("CPTS;Commune\n\xC3\x89;b\n", 18, "UTF-8", "É");
    expect_encoding("CPTS;Commune\n\xC9t\xE9;b\n", 19, "WINDOWS-1252", "Été");
    expect_encoding("CPTS;Commune\nC\x9Cur;b\n", 20, "WINDOWS-1252", "Cœur");
    expect_encoding("CPTS;Commune\nC\xBDur;b\n", 20, "ISO-8859-15", "Cœur");
    expect_encoding("\xFF\xFE"
                    "C\0P\0T\0S\0;\0V\0i\0l\0l\0e\0\n\0\xC9\0;\0b\0\n\0",
                    32, "UTF-16LE", "É");
    hints.encoding = "iso-8859-1";
    expect_encoding("CPTS;Commune\nC\xBDur;b\n", 20, "ISO-8859-1", "C½ur");
}

static void test_import_source__broken_encodings_are_refused_with_their_line(void)
{
    setup();
    expect_problem("CPTS;Commune\n\xC3\x89;b\n\xE9;c\n",
                   "line 3 is not UTF-8, and other lines are: two encodings in one file; correct "
                   "it, or name one with --encoding");
    expect_problem("CPTS;Commune\na;\x81\n", "line 2: byte 0x81 is no character of WINDOWS-1252");
    hints.encoding = "utf-8";
    expect_problem("CPTS;Commune\na;\xE9\n", "line 2: byte 0xE9 is no character of UTF-8");
    hints.encoding = "ebcdic";
    expect_problem("CPTS;Commune\n", "no encoding \"ebcdic\"; there are utf-8, windows-1252, "
                                     "iso-8859-15, iso-8859-1, utf-16le, utf-16be, macintosh, "
                                     "cp850");
}

static void test_import_source__a_nul_is_no_text(void)
{
    struct import_source source;
    setup();
    CU_ASSERT_FALSE(read_bytes(&source, "CPTS;Commune\na\0b;c\n", 19));
    CU_ASSERT_STRING_EQUAL(problem, "line 2 holds a NUL: this is no text");
}

static void test_import_source__columns_are_mapped_by_option(void)
{
    struct import_map maps[2];
    setup();
    CU_ASSERT_TRUE(import_map_read(&IMPORT_CPTS_FIELDS, "name=Projet", &maps[0], problem));
    CU_ASSERT_TRUE(import_map_read(&IMPORT_CPTS_FIELDS, "commune_name=Lieu", &maps[1], problem));
    hints.maps = maps;
    hints.map_count = 2;
    expect_cell("PROJET;Lieu\nA;Dole\n", FORMAT_COMMUNE_CSV, FIELD_NAME, "A");
    expect_problem("CPTS;Lieu\nA;Dole\n",
                   "--map name=Projet: there is no such column; columns: CPTS | Lieu");
    expect_problem("Projet;projet;Lieu\nA;B;Dole\n",
                   "two columns are called \"Projet\"; columns: Projet | projet | Lieu");
}

static void test_import_source__a_wrong_map_says_what_there_is(void)
{
    struct import_map map;
    setup();
    CU_ASSERT_FALSE(import_map_read(&IMPORT_CPTS_FIELDS, "nam=x", &map, problem));
    CU_ASSERT_STRING_EQUAL(problem, "no field \"nam\"; did you mean name");
    CU_ASSERT_FALSE(import_map_read(&IMPORT_CPTS_FIELDS, "name", &map, problem));
    CU_ASSERT_STRING_EQUAL(problem, "\"name\" is not FIELD=COLUMN; did you mean name");
}

static void test_import_source__surer_headings_win_and_equal_ones_are_refused(void)
{
    setup();
    expect_cell("nom;nom_cpts;commune\na;b;Dole\n", FORMAT_COMMUNE_CSV, FIELD_NAME, "b");
    expect_cell("nom_region;code_region;cpts;ville\nx;27;a;b\n", FORMAT_COMMUNE_CSV, FIELD_REGION,
                "27");
    expect_problem("cpts;statut;avancement;commune\na;b;c;d\n",
                   "two columns could be stage, \"statut\" and \"avancement\": choose with --map; "
                   "columns: cpts | statut | avancement | commune");
}

static void test_import_source__unknown_columns_are_listed(void)
{
    setup();
    expect_problem("a;b;c\n1;2;3\n", "no line is a header that is known: name the columns with "
                                     "--map FIELD=COLUMN; columns: a | b | c");
    expect_problem("commune;insee\nDole;39198\n",
                   "no column is the name of the CPTS: say which, --map name=COLUMN; columns: "
                   "commune | insee");
    expect_problem("cpts;population\na;1\n",
                   "no column is a commune, a list of them or a stage: say which, --map "
                   "commune_name=COLUMN; columns: cpts | population");
    expect_problem("", "the file is empty");
    expect_problem("CPTS;Commune\n", "the file has a header and no row");
    expect_problem("CPTS;Commune\nA;\"Dole\n", "the quotes opened in the row that begins on line "
                                               "2 are never closed");
}

static void test_import_source__cells_and_lines_have_limits(void)
{
    struct import_source source;
    size_t room = 2 * (size_t)CSV_LINES_MAX + CSV_CELL_BYTES_MAX + 100;
    char *text = malloc(room);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    setup();
    strcpy(text, "CPTS;Commune\n");
    memset(text + 13, 'a', CSV_CELL_BYTES_MAX + 1);
    strcpy(text + 13 + CSV_CELL_BYTES_MAX + 1, ";b\n");
    CU_ASSERT_FALSE(read_bytes(&source, text, strlen(text)));
    CU_ASSERT_STRING_EQUAL(problem, "line 2: a cell is longer than 65536 bytes");
    for (size_t i = 0; i < CSV_LINES_MAX; i++)
        memcpy(text + 13 + 2 * i, ";\n", 2);
    CU_ASSERT_FALSE(read_bytes(&source, text, 13 + 2 * (size_t)CSV_LINES_MAX));
    CU_ASSERT_STRING_EQUAL(problem, "the file has more than 500000 lines");
    free(text);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_source__formats_are_told_by_the_file),
    UNIT_TEST(test_import_source__separators_are_told),
    UNIT_TEST(test_import_source__titles_before_the_header_are_passed_over),
    UNIT_TEST(test_import_source__encodings_are_told_by_marks_and_bytes),
    UNIT_TEST(test_import_source__broken_encodings_are_refused_with_their_line),
    UNIT_TEST(test_import_source__a_nul_is_no_text),
    UNIT_TEST(test_import_source__columns_are_mapped_by_option),
    UNIT_TEST(test_import_source__a_wrong_map_says_what_there_is),
    UNIT_TEST(test_import_source__surer_headings_win_and_equal_ones_are_refused),
    UNIT_TEST(test_import_source__unknown_columns_are_listed),
    UNIT_TEST(test_import_source__cells_and_lines_have_limits),
};

UNIT_MAIN("sdk/import_source")
