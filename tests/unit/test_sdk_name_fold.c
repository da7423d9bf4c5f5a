/* SPDX-License-Identifier: Apache-2.0 */
#include "name_fold.h"
#include "support/unit.h"

#include <string.h>

static void expect_commune(const char *name, const char *wanted)
{
    char folded[FOLD_BYTES];
    name_fold_commune(name, folded);
    CU_ASSERT_STRING_EQUAL(folded, wanted);
}

static void expect_cpts(const char *name, const char *wanted)
{
    char folded[FOLD_BYTES];
    name_fold_cpts(name, folded);
    CU_ASSERT_STRING_EQUAL(folded, wanted);
}

static void test_name_fold__case_accents_and_marks_do_not_count(void)
{
    expect_commune("L'Haÿ-les-Roses", "l hay les roses");
    expect_commune("  L’HAY  LES   ROSES ", "l hay les roses");
    expect_commune("Œuilly", "oeuilly");
    expect_commune("E\xCC\x81pinal", "epinal");
    expect_commune("\xC3\x89pinal\xC2\xA0", "epinal");
}

static void test_name_fold__saints_are_written_out(void)
{
    expect_commune("St-Denis", "saint denis");
    expect_commune("STE ADRESSE", "sainte adresse");
    expect_commune("Sts-Geosmes", "saints geosmes");
    expect_commune("Estrées-St-Denis", "estrees saint denis");
    expect_commune("Stains", "stains");
}

static void test_name_fold__an_article_behind_comes_first(void)
{
    expect_commune("HAVRE (LE)", "le havre");
    expect_commune("Rochelle, La", "la rochelle");
    expect_commune("Haÿ-les-Roses (L')", "l hay les roses");
    expect_commune("La", "la");
}

static void test_name_fold__sur_is_abbreviated(void)
{
    expect_commune("Vitry s/ Seine", "vitry sur seine");
    expect_commune("Vitry S/Seine", "vitry sur seine");
}

static void test_name_fold__arrondissements_are_numbers(void)
{
    expect_commune("Paris 11e Arrondissement", "paris 11");
    expect_commune("PARIS 11EME", "paris 11");
    expect_commune("Paris 1er", "paris 1");
    expect_commune("Lyon 02", "lyon 2");
    expect_commune("Marseille - 16 ème arrdt", "marseille 16");
    expect_commune("Paris l'Hôpital", "paris l hopital");
    expect_commune("Nancy 2", "nancy 2");
}

static void test_name_fold__cpts_names_lose_their_first_words(void)
{
    expect_cpts("CPTS du Pays de Dreux", "pays de dreux");
    expect_cpts("Cpts Pays de Dreux", "pays de dreux");
    expect_cpts("Communauté professionnelle territoriale de santé de l'Isle", "isle");
    expect_cpts("Pays de Dreux", "pays de dreux");
    expect_cpts("CPTS", "cpts");
    expect_cpts("De la Loire", "de la loire");
}

static void test_name_fold__long_and_broken_texts_are_cut(void)
{
    char text[3 * FOLD_BYTES], folded[FOLD_BYTES];
    memset(text, 'a', sizeof text);
    text[sizeof text - 1] = '\0';
    name_fold_commune(text, folded);
    CU_ASSERT_EQUAL(strlen(folded), FOLD_BYTES - 1);
    expect_commune("a\xC3", "a");
    expect_commune("\xE2\x80", "");
    expect_commune("", "");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_name_fold__case_accents_and_marks_do_not_count),
    UNIT_TEST(test_name_fold__saints_are_written_out),
    UNIT_TEST(test_name_fold__an_article_behind_comes_first),
    UNIT_TEST(test_name_fold__sur_is_abbreviated),
    UNIT_TEST(test_name_fold__arrondissements_are_numbers),
    UNIT_TEST(test_name_fold__cpts_names_lose_their_first_words),
    UNIT_TEST(test_name_fold__long_and_broken_texts_are_cut),
};

UNIT_MAIN("sdk/name_fold")
