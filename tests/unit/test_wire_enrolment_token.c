/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/enrolment_token.h"

#include <string.h>

#include "support/unit.h"

/* Python: base64.urlsafe_b64encode(bytes(range(32))) and of bytes(range(224, 256)). */
static const char KNOWN[] = "cpts-enrol.1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8."
                            "4OHi4-Tl5ufo6err7O3u7_Dx8vP09fb3-Pn6-_z9_v8";
/* Python: hashlib.sha256(bytes(range(32))). */
static const uint8_t KNOWN_HASH[DIGEST_BYTES] = {
    0x63, 0x0d, 0xcd, 0x29, 0x66, 0xc4, 0x33, 0x66, 0x91, 0x12, 0x54, 0x48, 0xbb, 0xb2, 0x5b, 0x4f,
    0xf4, 0x12, 0xa4, 0x9c, 0x73, 0x2d, 0xb2, 0xc8, 0xab, 0xc1, 0xb8, 0x58, 0x1b, 0xd7, 0x10, 0xdd};

static void test_enrolment_token__known_answer(void)
{
    struct enrolment_token token;
    char text[ENROLMENT_TOKEN_BYTES];
    uint8_t hash[DIGEST_BYTES];
    CU_ASSERT_TRUE_FATAL(enrolment_token_parse(KNOWN, &token));
    for (int i = 0; i < DIGEST_BYTES; i++) {
        CU_ASSERT_EQUAL(token.secret[i], i);
        CU_ASSERT_EQUAL(token.authority[i], 224 + i);
    }
    enrolment_token_hash(&token, hash);
    CU_ASSERT_EQUAL(memcmp(hash, KNOWN_HASH, sizeof hash), 0);
    enrolment_token_format(&token, text);
    CU_ASSERT_STRING_EQUAL(text, KNOWN);
}

static void test_enrolment_token__two_are_never_the_same(void)
{
    struct enrolment_token one = {.authority = {1}};
    struct enrolment_token other = {.authority = {1}};
    enrolment_token_mint(&one);
    enrolment_token_mint(&other);
    CU_ASSERT_NOT_EQUAL(memcmp(one.secret, other.secret, sizeof one.secret), 0);
    CU_ASSERT_EQUAL(one.authority[0], 1);
    enrolment_token_erase(&one);
    CU_ASSERT_EQUAL(one.authority[0], 0);
}

static void test_enrolment_token__every_changed_character_is_no_token_or_another(void)
{
    char text[ENROLMENT_TOKEN_BYTES];
    int tokens = 0;
    for (size_t i = 0; i < sizeof KNOWN - 1; i++) {
        struct enrolment_token token = {.secret = {7}};
        memcpy(text, KNOWN, sizeof KNOWN);
        text[i] = '!';
        tokens += enrolment_token_parse(text, &token);
        CU_ASSERT_EQUAL(token.secret[0], 7);
    }
    CU_ASSERT_EQUAL(tokens, 0);
}

static void test_enrolment_token__what_is_not_one(void)
{
    static const char *const BAD[] = {
        "", "cpts-enrol.1.", "cpts-enrol.2.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8.4OHi"};
    char text[ENROLMENT_TOKEN_BYTES + 1];
    struct enrolment_token token;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CU_ASSERT_FALSE(enrolment_token_parse(BAD[i], &token));
    memcpy(text, KNOWN, sizeof KNOWN);
    text[sizeof KNOWN - 2] = '\0';
    CU_ASSERT_FALSE(enrolment_token_parse(text, &token));
    memcpy(text, KNOWN, sizeof KNOWN);
    text[sizeof KNOWN - 1] = 'A';
    text[sizeof KNOWN] = '\0';
    CU_ASSERT_FALSE(enrolment_token_parse(text, &token));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_enrolment_token__known_answer),
    UNIT_TEST(test_enrolment_token__two_are_never_the_same),
    UNIT_TEST(test_enrolment_token__every_changed_character_is_no_token_or_another),
    UNIT_TEST(test_enrolment_token__what_is_not_one),
};

UNIT_MAIN("wire/enrolment_token")
