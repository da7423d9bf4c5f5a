/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/member.h"

#include <string.h>

#include "support/unit.h"

#define RPPS "10001234565"
#define FINESS "2A0000001"
#define SIRET "73282932000074"
#define TODAY "2026-11-22"

static void expect(const struct member_numbers *numbers, const char *reason, const char *field)
{
    struct cpts_error err = {0};
    char identifier[MEMBER_IDENTIFIER_BYTES] = "untouched";
    cpts_status status = member_identify(numbers, "members[3].", identifier, &err);
    CU_ASSERT_EQUAL(status, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, reason);
    CU_ASSERT_STRING_EQUAL(err.field, field);
    CU_ASSERT_STRING_EQUAL(identifier, "untouched");
}

static void test_member__identifier_has_the_national_prefix(void)
{
    static const struct {
        struct member_numbers numbers;
        const char *identifier;
    } ROWS[] = {
        {{RPPS, "", ""}, "8" RPPS}, {{"", FINESS, ""}, "1" FINESS}, {{"", "", SIRET}, "3" SIRET}};
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char identifier[MEMBER_IDENTIFIER_BYTES];
        struct member_numbers back;
        CU_ASSERT_EQUAL(member_identify(&ROWS[i].numbers, "", identifier, NULL), CPTS_OK);
        CU_ASSERT_STRING_EQUAL(identifier, ROWS[i].identifier);
        member_numbers_read(identifier, &back);
        CU_ASSERT_STRING_EQUAL(back.rpps, ROWS[i].numbers.rpps);
        CU_ASSERT_STRING_EQUAL(back.finess, ROWS[i].numbers.finess);
        CU_ASSERT_STRING_EQUAL(back.siret, ROWS[i].numbers.siret);
    }
}

static void test_member__one_number_with_its_key(void)
{
    expect(&(struct member_numbers){"", "", ""}, "FIELD_REQUIRED", "members[3].rpps");
    expect(&(struct member_numbers){RPPS, FINESS, ""}, "FIELD_INVALID", "members[3].finess");
    expect(&(struct member_numbers){"10001234566", "", ""}, "RPPS_INVALID", "members[3].rpps");
    expect(&(struct member_numbers){"", "92000000", ""}, "FINESS_INVALID", "members[3].finess");
    expect(&(struct member_numbers){"", "", "73282932000075"}, "SIRET_INVALID", "members[3].siret");
}

static void test_member__colleges_and_voices_have_names(void)
{
    CU_ASSERT_EQUAL(college_find(college_code(COLLEGE_PARTNER)), COLLEGE_PARTNER);
    CU_ASSERT_EQUAL(voice_find(voice_code(VOICE_CONSULTATIVE)), VOICE_CONSULTATIVE);
    CU_ASSERT_STRING_EQUAL(college_code(COLLEGE_COUNT), "");
    CU_ASSERT_STRING_EQUAL(voice_code(-1), "");
    CU_ASSERT_EQUAL(college_find("BUREAU"), COLLEGE_NONE);
    CU_ASSERT_EQUAL(voice_find(""), VOICE_NONE);
}

static void check_days(const char *from, const char *to, const char *reason, const char *field)
{
    struct cpts_error err = {0};
    const struct member_days days = {from, "joined_on", to, "left_on"};
    cpts_status status = member_days_check(&days, "m.", TODAY, &err);
    CU_ASSERT_EQUAL(status, reason == NULL ? CPTS_OK : CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, reason == NULL ? "" : reason);
    CU_ASSERT_STRING_EQUAL(err.field, reason == NULL ? "" : field);
}

static void test_member__days_of_a_membership(void)
{
    check_days("2021-03-01", "", NULL, NULL);
    check_days(TODAY, "", NULL, NULL);
    check_days("2021-03-01", TODAY, NULL, NULL);
    check_days("", "", "FIELD_REQUIRED", "m.joined_on");
    check_days("2026-11-23", "", "DATE_IN_FUTURE", "m.joined_on");
    check_days("2021-03-01", "2026-11-23", "DATE_IN_FUTURE", "m.left_on");
    check_days("2021-03-01", "2021-03-01", "FIELD_INVALID", "m.left_on");
    check_days("2021-03-01", "2021-02-28", "FIELD_INVALID", "m.left_on");
    check_days("2021-02-29", "", "FIELD_INVALID", "m.joined_on");
}

static void test_member__adhesion_is_some_of_some(void)
{
    struct cpts_error err = {0};
    CU_ASSERT_EQUAL(adhesion_check(0, 1, &err), CPTS_OK);
    CU_ASSERT_EQUAL(adhesion_check(300, 300, &err), CPTS_OK);
    CU_ASSERT_EQUAL(adhesion_check(301, 300, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ADHESION_INVALID");
    CU_ASSERT_EQUAL(adhesion_check(-1, 300, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "adhesion.adherent_count");
    CU_ASSERT_EQUAL(adhesion_check(0, 0, &err), CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.field, "adhesion.professional_count");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_member__identifier_has_the_national_prefix),
    UNIT_TEST(test_member__one_number_with_its_key),
    UNIT_TEST(test_member__colleges_and_voices_have_names),
    UNIT_TEST(test_member__days_of_a_membership),
    UNIT_TEST(test_member__adhesion_is_some_of_some),
};

UNIT_MAIN("domain/member")
