/* SPDX-License-Identifier: Apache-2.0 */
#include "member_wording.h"

#include <string.h>

#include "support/unit.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define RPPS "10001234565"
#define SIRET "73282932000074"

static const struct cpts_member_category PROFESSIONS[] = {
    {.code = "MEDECIN_GENERALISTE", .label = "Médecin généraliste", .national_code = "10"},
    {.code = "MEDECIN_SPECIALISTE", .label = "Médecin spécialiste", .national_code = "10"},
    {.code = "INFIRMIER", .label = "Infirmier", .national_code = "60"},
    {.code = "SAGE_FEMME", .label = "Sage-femme", .national_code = "50"},
};
static const struct cpts_member_category KINDS[] = {
    {.code = "MSP", .label = "Maison de santé pluriprofessionnelle", .national_code = "603"},
    {.code = "EHPAD", .label = "Établissement d'hébergement", .national_code = "500"},
};
static const struct cpts_member_categories CATEGORIES = {.professions = PROFESSIONS,
                                                         .profession_count = COUNT(PROFESSIONS),
                                                         .structure_kinds = KINDS,
                                                         .structure_kind_count = COUNT(KINDS)};

static void check_category(const char *text, bool is_person, const char *code, bool is_ambiguous)
{
    struct member_lexicon lexicon;
    const char *other = NULL;
    CU_ASSERT_FATAL(member_lexicon_make(&lexicon, &CATEGORIES));
    const char *found = member_lexicon_find(&lexicon, text, is_person, &other);
    CU_ASSERT_STRING_EQUAL(found == NULL ? "" : found, code);
    CU_ASSERT_EQUAL(other != NULL, is_ambiguous);
    member_lexicon_done(&lexicon);
}

static void test_member_wording__categories_by_code_label_and_usual_words(void)
{
    check_category("INFIRMIER", true, "INFIRMIER", false);
    check_category("60", true, "INFIRMIER", false);
    check_category("  infirmière ", true, "INFIRMIER", false);
    check_category("I.D.E.L", true, "", false);
    check_category("IDEL", true, "INFIRMIER", false);
    check_category("Sages-Femmes", true, "SAGE_FEMME", false);
    check_category("médecin GÉNÉRALISTE", true, "MEDECIN_GENERALISTE", false);
    check_category("Maison de santé", false, "MSP", false);
    check_category("500", false, "EHPAD", false);
}

static void test_member_wording__a_person_is_no_structure(void)
{
    check_category("MSP", true, "", false);
    check_category("Infirmier", false, "", false);
    /* The node has no such category: its usual words mean nothing there. */
    check_category("pharmacienne", true, "", false);
}

static void test_member_wording__what_could_be_two_is_ambiguous(void)
{
    check_category("Médecin", true, "MEDECIN_GENERALISTE", true);
    check_category("10", true, "MEDECIN_GENERALISTE", true);
}

static void test_member_wording__the_nearest_word_is_offered(void)
{
    struct member_lexicon lexicon;
    CU_ASSERT_FATAL(member_lexicon_make(&lexicon, &CATEGORIES));
    const char *near = member_lexicon_near(&lexicon, "infirmeir", true);
    CU_ASSERT_PTR_NOT_NULL_FATAL(near);
    CU_ASSERT_STRING_EQUAL(near, "infirmier");
    CU_ASSERT_PTR_NULL(member_lexicon_near(&lexicon, "astrologue", true));
    member_lexicon_done(&lexicon);
}

static void check_number(const char *text, int kind, enum number_problem problem,
                         const char *identifier)
{
    char found[MEMBER_IDENTIFIER_BYTES] = "";
    CU_ASSERT_EQUAL(member_wording_number(text, kind, found), problem);
    CU_ASSERT_STRING_EQUAL(found, identifier);
}

static void test_member_wording__numbers_as_people_write_them(void)
{
    check_number(RPPS, NUMBER_RPPS, NUMBER_FINE, "8" RPPS);
    check_number("8" RPPS, NUMBER_RPPS, NUMBER_FINE, "8" RPPS);
    check_number("10 001 234 565", NUMBER_RPPS, NUMBER_FINE, "8" RPPS);
    check_number("10\xC2\xA0"
                 "001\xE2\x80\xAF"
                 "234565",
                 NUMBER_RPPS, NUMBER_FINE, "8" RPPS);
    check_number("732.829.320-00074", NUMBER_SIRET, NUMBER_FINE, "3" SIRET);
    check_number("3" SIRET, 0, NUMBER_FINE, "3" SIRET);
    check_number("1920000001", 0, NUMBER_FINE, "1920000001");
    check_number("2A0000001", 0, NUMBER_FINE, "12A0000001");
}

static void test_member_wording__a_zero_that_a_spreadsheet_took(void)
{
    check_number("10000001", NUMBER_FINESS, NUMBER_PADDED, "1010000001");
    check_number("10000001", NUMBER_RPPS, NUMBER_INVALID, "");
}

static void test_member_wording__numbers_that_are_none(void)
{
    check_number("10001234566", NUMBER_RPPS, NUMBER_INVALID, "");
    check_number("1,00012E+10", NUMBER_RPPS, NUMBER_INVALID, "");
    check_number(RPPS, NUMBER_SIRET, NUMBER_INVALID, "");
    check_number("", 0, NUMBER_INVALID, "");
    check_number("1234567890123456789012345678901234567890", 0, NUMBER_INVALID, "");
    check_number("10001234565x", NUMBER_RPPS, NUMBER_INVALID, "");
}

static void test_member_wording__colleges_and_voices(void)
{
    enum cpts_college college = CPTS_COLLEGE_UNSPECIFIED;
    enum cpts_voice voice = CPTS_VOICE_UNSPECIFIED;
    CU_ASSERT(member_wording_college("Collège des partenaires", &college));
    CU_ASSERT_EQUAL(college, CPTS_COLLEGE_PARTNER);
    CU_ASSERT(member_wording_voice("Délibérative", &voice));
    CU_ASSERT_EQUAL(voice, CPTS_VOICE_DELIBERATIVE);
    CU_ASSERT_FALSE(member_wording_college("Bureau", &college));
    CU_ASSERT_FALSE(member_wording_voice("peut-être", &voice));
    CU_ASSERT_EQUAL(college, CPTS_COLLEGE_PARTNER);
    CU_ASSERT_EQUAL(voice, CPTS_VOICE_DELIBERATIVE);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_member_wording__categories_by_code_label_and_usual_words),
    UNIT_TEST(test_member_wording__a_person_is_no_structure),
    UNIT_TEST(test_member_wording__what_could_be_two_is_ambiguous),
    UNIT_TEST(test_member_wording__the_nearest_word_is_offered),
    UNIT_TEST(test_member_wording__numbers_as_people_write_them),
    UNIT_TEST(test_member_wording__a_zero_that_a_spreadsheet_took),
    UNIT_TEST(test_member_wording__numbers_that_are_none),
    UNIT_TEST(test_member_wording__colleges_and_voices),
};

UNIT_MAIN("sdk/member_wording")
