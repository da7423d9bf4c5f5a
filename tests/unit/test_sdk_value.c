/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/value.h>
#include <string.h>

#include "support/unit.h"

static void test_value__every_stage_is_read_as_it_is_named(void)
{
    for (int i = CPTS_STAGE_EMERGENCE; i <= CPTS_STAGE_NON_RENOUVELE; i++) {
        enum cpts_stage stage = CPTS_STAGE_UNSPECIFIED;
        CU_ASSERT_TRUE(cpts_stage_parse(cpts_stage_name((enum cpts_stage)i), &stage));
        CU_ASSERT_EQUAL((int)stage, i);
        CU_ASSERT_EQUAL(cpts_stage_is_live(stage), i <= CPTS_STAGE_ACI_SIGNE);
    }
}

static void test_value__stages_are_read_in_any_dress(void)
{
    static const char *const TEXTS[] = {"ACI_SIGNE", "aci_signe", "STAGE_ACI_SIGNE",
                                        "stage_aci-signe", "Aci Signe"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        enum cpts_stage stage = CPTS_STAGE_UNSPECIFIED;
        CU_ASSERT_TRUE(cpts_stage_parse(TEXTS[i], &stage));
        CU_ASSERT_EQUAL(stage, CPTS_STAGE_ACI_SIGNE);
    }
}

static void test_value__other_words_are_no_stage(void)
{
    static const char *const TEXTS[] = {"", "STAGE_", "UNSPECIFIED", "ACI", "ACI_SIGNEE", "4"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        enum cpts_stage stage = CPTS_STAGE_DISSOUS;
        CU_ASSERT_FALSE(cpts_stage_parse(TEXTS[i], &stage));
        CU_ASSERT_EQUAL(stage, CPTS_STAGE_DISSOUS);
    }
    CU_ASSERT_STRING_EQUAL(cpts_stage_name((enum cpts_stage)99), "UNRECOGNISED");
}

static void test_value__dates_are_those_of_the_calendar(void)
{
    static const char *const GOOD[] = {"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"};
    static const char *const BAD[] = {"2023-02-29",
                                      "1900-02-29",
                                      "2024-13-01",
                                      "2024-00-10",
                                      "2024-04-31",
                                      "2024-1-01",
                                      "24-01-01",
                                      "2024-01-01 ",
                                      "0000-01-01",
                                      "2024/01/01",
                                      ""};
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++)
        CU_ASSERT_TRUE(cpts_date_is_valid(GOOD[i]));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CU_ASSERT_FALSE(cpts_date_is_valid(BAD[i]));
    CU_ASSERT_FALSE(cpts_date_is_valid(NULL));
}

/* Expected values from `date -u -d TEXT +%s`. */
static void test_value__instants_are_read(void)
{
    static const struct {
        const char *text;
        int64_t instant_us;
    } CASES[] = {{"1970-01-01T00:00:00Z", 0},
                 {"2024-02-01T12:00:00Z", INT64_C(1706788800000000)},
                 {"2024-02-01T13:00:00+01:00", INT64_C(1706788800000000)},
                 {"2024-02-01T12:00:00.25Z", INT64_C(1706788800250000)},
                 {"2024-02-01T12:00:00.1234567Z", INT64_C(1706788800123456)},
                 {"1969-12-31T23:59:59.5Z", INT64_C(-500000)},
                 {"0001-01-01T00:00:00Z", INT64_C(-62135596800000000)},
                 {"9999-12-31T23:59:59Z", INT64_C(253402300799000000)}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        int64_t instant_us = 1;
        CU_ASSERT_TRUE(cpts_instant_parse(CASES[i].text, &instant_us));
        CU_ASSERT_EQUAL(instant_us, CASES[i].instant_us);
    }
}

static void test_value__other_texts_are_no_instant(void)
{
    static const char *const TEXTS[] = {
        "2024-02-01",           "2024-02-01T12:00:00",   "2024-02-01 12:00:00Z",
        "2024-02-01T24:00:00Z", "2024-02-01T12:00:00.Z", "2024-02-01T12:00:00+1:00",
        "2024-02-30T12:00:00Z", "2024-02-01T12:00:00Zx", ""};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        int64_t instant_us = 7;
        CU_ASSERT_FALSE(cpts_instant_parse(TEXTS[i], &instant_us));
        CU_ASSERT_EQUAL(instant_us, 7);
    }
}

static void test_value__instants_come_back_as_they_were_written(void)
{
    static const char *const TEXTS[] = {"2024-02-29T23:59:59Z", "1969-12-31T23:59:59.500000Z",
                                        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z",
                                        "2000-03-01T00:00:00Z"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        char text[CPTS_INSTANT_TEXT_BYTES];
        int64_t instant_us = 0;
        CU_ASSERT_TRUE(cpts_instant_parse(TEXTS[i], &instant_us));
        cpts_instant_format(instant_us, text);
        CU_ASSERT_STRING_EQUAL(text, TEXTS[i]);
    }
}

static void test_value__instants_beyond_the_years_are_empty(void)
{
    char text[CPTS_INSTANT_TEXT_BYTES] = "x";
    cpts_instant_format(INT64_MAX, text);
    CU_ASSERT_STRING_EQUAL(text, "");
    cpts_instant_format(INT64_MIN, text);
    CU_ASSERT_STRING_EQUAL(text, "");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_value__every_stage_is_read_as_it_is_named),
    UNIT_TEST(test_value__stages_are_read_in_any_dress),
    UNIT_TEST(test_value__other_words_are_no_stage),
    UNIT_TEST(test_value__dates_are_those_of_the_calendar),
    UNIT_TEST(test_value__instants_are_read),
    UNIT_TEST(test_value__other_texts_are_no_instant),
    UNIT_TEST(test_value__instants_come_back_as_they_were_written),
    UNIT_TEST(test_value__instants_beyond_the_years_are_empty),
};

UNIT_MAIN("sdk/value")
