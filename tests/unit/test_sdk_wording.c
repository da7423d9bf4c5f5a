/* SPDX-License-Identifier: Apache-2.0 */
#include "support/unit.h"
#include "wording.h"

static void expect_stage(const char *text, enum cpts_stage wanted)
{
    enum cpts_stage stage = CPTS_STAGE_UNSPECIFIED;
    CU_ASSERT_TRUE(wording_stage(text, &stage));
    CU_ASSERT_EQUAL(stage, wanted);
}

static void expect_date(const char *text, const char *wanted)
{
    char date[WORDING_DATE_BYTES] = "";
    CU_ASSERT_EQUAL(wording_date(text, date), DATE_FINE);
    CU_ASSERT_STRING_EQUAL(date, wanted);
}

static void expect_no_date(const char *text, enum date_problem problem)
{
    char date[WORDING_DATE_BYTES] = "untouched";
    CU_ASSERT_EQUAL(wording_date(text, date), problem);
    CU_ASSERT_STRING_EQUAL(date, "untouched");
}

static void expect_number(const char *text, double wanted)
{
    double number = -1;
    CU_ASSERT_TRUE(wording_number(text, &number));
    CU_ASSERT_DOUBLE_EQUAL(number, wanted, 1e-12);
}

static void test_wording__published_stages_are_known(void)
{
    expect_stage("en cours de création (lettre d'intention seule validée)",
                 CPTS_STAGE_LETTRE_INTENTION);
    expect_stage("Prochainement en fonctionnement (LI et projet validés)",
                 CPTS_STAGE_PROJET_VALIDE);
    expect_stage("EN FONCTIONNEMENT (ACI validé)", CPTS_STAGE_ACI_SIGNE);
    expect_stage("Lettre d’intention validée - projet de santé en rédaction",
                 CPTS_STAGE_LETTRE_INTENTION);
    expect_stage("redaction", CPTS_STAGE_LETTRE_INTENTION);
    expect_stage("valide", CPTS_STAGE_PROJET_VALIDE);
    expect_stage("signataire", CPTS_STAGE_ACI_SIGNE);
    expect_stage("ACI signé", CPTS_STAGE_ACI_SIGNE);
    expect_stage("en projet", CPTS_STAGE_EMERGENCE);
    expect_stage("STAGE_PROJET_VALIDE", CPTS_STAGE_PROJET_VALIDE);
}

static void test_wording__another_stage_is_none(void)
{
    enum cpts_stage stage = CPTS_STAGE_DISSOUS;
    CU_ASSERT_FALSE(wording_stage("peut-être", &stage));
    CU_ASSERT_FALSE(wording_stage("", &stage));
    CU_ASSERT_FALSE(wording_stage("projet de santé valide ou pas", &stage));
    CU_ASSERT_EQUAL(stage, CPTS_STAGE_DISSOUS);
    CU_ASSERT_STRING_EQUAL(wording_stage_near("ACI signés"), "aci signe");
    CU_ASSERT_PTR_NULL(wording_stage_near("quelque chose d'autre"));
}

static void test_wording__dates_are_french_or_iso(void)
{
    expect_date("31/12/2023", "2023-12-31");
    expect_date("1/2/2023", "2023-02-01");
    expect_date("31-12-2023", "2023-12-31");
    expect_date(" 31.12.2023 ", "2023-12-31");
    expect_date("2023-12-31", "2023-12-31");
    expect_date("2023-12-31T00:00:00Z", "2023-12-31");
    expect_date("31/12/2023 00:00", "2023-12-31");
    expect_date("29/02/2024", "2024-02-29");
}

static void test_wording__other_dates_are_refused(void)
{
    expect_no_date("", DATE_MALFORMED);
    expect_no_date("29/02/2023", DATE_MALFORMED);
    expect_no_date("12/31/2023", DATE_MALFORMED);
    expect_no_date("31/12/23", DATE_SHORT_YEAR);
    expect_no_date("12/2023", DATE_WITHOUT_DAY);
    expect_no_date("2023-12", DATE_WITHOUT_DAY);
    expect_no_date("2023", DATE_WITHOUT_DAY);
    expect_no_date("44926", DATE_MALFORMED);
    expect_no_date("31 décembre 2023", DATE_MALFORMED);
    expect_no_date("31/12/2023 ou avant", DATE_MALFORMED);
    expect_no_date("12/20231", DATE_MALFORMED);
}

static void test_wording__numbers_have_commas_spaces_and_percents(void)
{
    expect_number("0,5", 0.5);
    expect_number("0.25", 0.25);
    expect_number("50 %", 0.5);
    expect_number("12 345", 12345);
    expect_number("12\xC2\xA0"
                  "345,5",
                  12345.5);
    expect_number("190\xE2\x80\xAF"
                  "000",
                  190000);
}

static void test_wording__other_numbers_are_refused(void)
{
    static const char *const WRONG[] = {"",      "a", "1e3",     "-1", "0x10",
                                        "1,2,3", "%", "50 % de", ",5"};
    double number = -1;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++)
        CU_ASSERT_FALSE(wording_number(WRONG[i], &number));
    CU_ASSERT_EQUAL(number, -1);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_wording__published_stages_are_known),
    UNIT_TEST(test_wording__another_stage_is_none),
    UNIT_TEST(test_wording__dates_are_french_or_iso),
    UNIT_TEST(test_wording__other_dates_are_refused),
    UNIT_TEST(test_wording__numbers_have_commas_spaces_and_percents),
    UNIT_TEST(test_wording__other_numbers_are_refused),
};

UNIT_MAIN("sdk/wording")
