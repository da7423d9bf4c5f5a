/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/identity_card.h"

#include <string.h>

#include "support/unit.h"

static void check(cpts_status (*rule)(const char *, struct cpts_error *), const char *value,
                  const char *reason)
{
    struct cpts_error err = {0};
    cpts_status status = rule(value, &err);
    CU_ASSERT_EQUAL(status, reason == NULL ? CPTS_OK : CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, reason == NULL ? "" : reason);
}

static void test_identity_card__name(void)
{
    char accents[2 * CPTS_NAME_CHARACTERS_MAX + 3] = "";
    for (int i = 0; i < CPTS_NAME_CHARACTERS_MAX; i++)
        strcat(accents, "é");
    check(cpts_name_check, "CPTS Châtillon-Malakoff-Vanves", NULL);
    check(cpts_name_check, accents, NULL);
    check(cpts_name_check, strcat(accents, "x"), "FIELD_INVALID");
    check(cpts_name_check, "", "FIELD_REQUIRED");
    check(cpts_name_check, "   ", "FIELD_REQUIRED");
    check(cpts_name_check, "CPTS\n", "FIELD_INVALID");
    check(cpts_name_check, "CPTS\x7f", "FIELD_INVALID");
}

static void test_identity_card__finess(void)
{
    static const char *const BAD[] = {"92000000", "9200000001", "92000000A", "2C0000001",
                                      "2A00000A1"};
    check(cpts_finess_check, "", NULL);
    check(cpts_finess_check, "920000001", NULL);
    check(cpts_finess_check, "2A0000001", NULL);
    check(cpts_finess_check, "2B0000001", NULL);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        check(cpts_finess_check, BAD[i], "FIELD_INVALID");
}

static void test_identity_card__website(void)
{
    char longest[300] = "https://";
    memset(longest + 8, 'a', 200);
    check(cpts_website_check, "", NULL);
    check(cpts_website_check, "https://cpts.example/", NULL);
    check(cpts_website_check, "javascript:alert(1)", "FIELD_INVALID");
    check(cpts_website_check, "https://a b", "FIELD_INVALID");
    check(cpts_website_check, "https://a\tb", "FIELD_INVALID");
    check(cpts_website_check, longest, "FIELD_INVALID");
}

static void check_field(cpts_status (*rule)(const char *, const char *, struct cpts_error *),
                        const char *value, bool is_good)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(rule(value, "f", &err), is_good ? CPTS_OK : CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, is_good ? "" : "FIELD_INVALID");
    CU_ASSERT_STRING_EQUAL(err.field, is_good ? "" : "f");
}

static void test_identity_card__rna(void)
{
    static const char *const BAD[] = {"W75123456",  "W7512345678", "w751234567", "751234567",
                                      "WW51234567", "W75123456A",  "W751234567 "};
    check_field(cpts_rna_check, "", true);
    check_field(cpts_rna_check, "W751234567", true);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        check_field(cpts_rna_check, BAD[i], false);
}

static void test_identity_card__siret_has_its_key(void)
{
    char siret[] = "73282932000074";
    check_field(cpts_siret_check, "", true);
    for (int key = 0; key <= 9; key++) {
        siret[13] = (char)('0' + key);
        check_field(cpts_siret_check, siret, key == 4);
    }
    check_field(cpts_siret_check, "7328293200007", false);
    check_field(cpts_siret_check, "732829320000744", false);
    check_field(cpts_siret_check, "732 829 320 00074", false);
    check_field(cpts_siret_check, "7328293200007A", false);
    check_field(cpts_siret_check, "-3282932000074", false);
}

/* The seat has Luhn's key, the offices digits that add up to a multiple of 5. */
static void test_identity_card__siret_of_la_poste(void)
{
    check_field(cpts_siret_check, "35600000000048", true);
    check_field(cpts_siret_check, "35600000000001", true);
    check_field(cpts_siret_check, "35600000000002", false);
    check_field(cpts_siret_check, "35600000010000", true);
    check_field(cpts_siret_check, "35600000100000", false);
    check_field(cpts_siret_check, "35600100000000", false);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_identity_card__name),
    UNIT_TEST(test_identity_card__finess),
    UNIT_TEST(test_identity_card__website),
    UNIT_TEST(test_identity_card__rna),
    UNIT_TEST(test_identity_card__siret_has_its_key),
    UNIT_TEST(test_identity_card__siret_of_la_poste),
};

UNIT_MAIN("domain/identity_card")
