/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/identifier.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "support/unit.h"

/* How many of the ten last digits make @p digits a number that is accepted. */
static int keys_accepted(bool (*is_number)(const char *), const char *digits)
{
    char text[32];
    int accepted = 0;
    snprintf(text, sizeof text, "%s", digits);
    for (int digit = 0; digit <= 9; digit++) {
        text[strlen(digits) - 1] = (char)('0' + digit);
        accepted += is_number(text);
    }
    return accepted;
}

static void all_refused(bool (*is_number)(const char *), const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_FALSE(is_number(texts[i]));
}

static void test_identifier__rpps(void)
{
    static const char *const BAD[] = {"",
                                      "10001234567",
                                      "1000123456",
                                      "100012345680",
                                      "1000123456A",
                                      " 10001234565",
                                      "10001234565 ",
                                      "10 00123456",
                                      "-1000123456"};
    CU_ASSERT_TRUE(identifier_is_rpps("10001234565"));
    CU_ASSERT_TRUE(identifier_is_rpps("10100000008"));
    all_refused(identifier_is_rpps, BAD, sizeof BAD / sizeof BAD[0]);
    CU_ASSERT_EQUAL(keys_accepted(identifier_is_rpps, "10987654320"), 1);
}

static void test_identifier__rpps_with_two_digits_exchanged(void)
{
    CU_ASSERT_FALSE(identifier_is_rpps("10002134565"));
    CU_ASSERT_FALSE(identifier_is_rpps("10001234655"));
}

static void test_identifier__finess(void)
{
    static const char *const BAD[] = {"",          "92000000",  "9200000001", "92000000A",
                                      "2C0000001", "2A00000A1", "92 000001",  "9200000-1"};
    CU_ASSERT_TRUE(identifier_is_finess("920000001"));
    CU_ASSERT_TRUE(identifier_is_finess("2A0000001"));
    CU_ASSERT_TRUE(identifier_is_finess("2B0000001"));
    all_refused(identifier_is_finess, BAD, sizeof BAD / sizeof BAD[0]);
}

static void test_identifier__siret(void)
{
    static const char *const BAD[] = {"",
                                      "73282932000079",
                                      "7328293200007",
                                      "732829320000740",
                                      "7328293200007A",
                                      "732 829 320 00074",
                                      "73282932100074"};
    CU_ASSERT_TRUE(identifier_is_siret("73282932000074"));
    all_refused(identifier_is_siret, BAD, sizeof BAD / sizeof BAD[0]);
    CU_ASSERT_EQUAL(keys_accepted(identifier_is_siret, "73282932000070"), 1);
}

static void test_identifier__siret_whose_siren_has_no_key(void)
{
    /* The whole number has its key, its first nine digits have none. */
    CU_ASSERT_FALSE(identifier_is_siret("73282932100072"));
}

static void test_identifier__siret_of_la_poste(void)
{
    CU_ASSERT_TRUE(identifier_is_siret("35600000000048"));
    CU_ASSERT_TRUE(identifier_is_siret("35600000049837"));
    CU_ASSERT_FALSE(identifier_is_siret("35600000049838"));
    /* Its key is nobody else's. */
    CU_ASSERT_FALSE(identifier_is_siret("73282932000040"));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_identifier__rpps),
    UNIT_TEST(test_identifier__rpps_with_two_digits_exchanged),
    UNIT_TEST(test_identifier__finess),
    UNIT_TEST(test_identifier__siret),
    UNIT_TEST(test_identifier__siret_whose_siren_has_no_key),
    UNIT_TEST(test_identifier__siret_of_la_poste),
};

UNIT_MAIN("wire/identifier")
