/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"
#include "word_choice.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8

/* What is offered for the last of the words, which end with NULL. */
static char *offered(char **words)
{
    char *text = NULL;
    size_t length = 0;
    int count = 0;
    while (words[count] != NULL)
        count++;
    FILE *stream = open_memstream(&text, &length);
    CU_ASSERT_PTR_NOT_NULL_FATAL(stream);
    word_choice_print(stream, count, words);
    fclose(stream);
    return text;
}

#define OFFERED(...) offered((char *[WORDS_MAX]){__VA_ARGS__})

static void expect_words(char *text, const char *expected)
{
    CU_ASSERT_STRING_EQUAL(text, expected);
    free(text);
}

static void test_word_choice__a_word_has_its_meaning_behind_a_tab(void)
{
    expect_words(OFFERED("cpts", "ge"), "get\tOne CPTS with its stage history and its territory\n");
}

static void test_word_choice__what_is_known_of_nothing_is_nothing(void)
{
    expect_words(OFFERED("elephant", ""), "");
    expect_words(OFFERED("cpts", "elephant", ""), "");
    expect_words(OFFERED("cpts", "list", "--elephant", "--elephant="), "");
    expect_words(OFFERED("cpts", "list", "--csv="), "");
    expect_words(OFFERED("cpts", "get", "ID", "x"), "");
}

static void test_word_choice__an_option_before_the_verb_awaits_its_value(void)
{
    expect_words(OFFERED("--profile", ""), ":file\n");
    expect_words(OFFERED("--timeout", "3", "heal"),
                 "health\tWhether the node answers and serves\n");
}

static void test_word_choice__behind_two_dashes_is_no_option(void)
{
    expect_words(OFFERED("cpts", "stage", "--", "ID", "ACI"), "ACI_SIGNE\tlive stage\n");
    expect_words(OFFERED("cpts", "stage", "--", "ID", "--o"), "");
}

static void test_word_choice__a_value_behind_its_option_keeps_it(void)
{
    expect_words(OFFERED("coverage", "--region=94"), "--region=94\tCorse\n");
    expect_words(OFFERED("import", "--map=name"), "--map=name=\tand the heading of its column\n");
}

static void test_word_choice__only_regions_with_an_ars(void)
{
    expect_words(OFFERED("coverage", "--region", "97"), "");
    expect_words(OFFERED("coverage", "--region", "06"), "06\tMayotte\n");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_word_choice__a_word_has_its_meaning_behind_a_tab),
    UNIT_TEST(test_word_choice__what_is_known_of_nothing_is_nothing),
    UNIT_TEST(test_word_choice__an_option_before_the_verb_awaits_its_value),
    UNIT_TEST(test_word_choice__behind_two_dashes_is_no_option),
    UNIT_TEST(test_word_choice__a_value_behind_its_option_keeps_it),
    UNIT_TEST(test_word_choice__only_regions_with_an_ars),
};

UNIT_MAIN("sdk/word_choice")
