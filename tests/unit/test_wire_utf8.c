/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "support/unit.h"
#include "wire/unpack.h"

static bool is_utf8(const char *text)
{
    return wire_is_utf8((const uint8_t *)text, strlen(text));
}

static void test_utf8__takes_every_length(void)
{
    CU_ASSERT_TRUE(is_utf8(""));
    CU_ASSERT_TRUE(is_utf8("plain \x01\x7f"));
    CU_ASSERT_TRUE(is_utf8("\xc2\x80 \xdf\xbf"));
    CU_ASSERT_TRUE(is_utf8("\xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xef\xbf\xbf"));
    CU_ASSERT_TRUE(is_utf8("\xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

static void test_utf8__refuses_what_rfc_3629_refuses(void)
{
    static const char *const TEXTS[] = {
        "\x80",             /* a continuation alone */
        "\xc0\x80",         /* overlong NUL */
        "\xc1\xbf",         /* overlong */
        "\xe0\x9f\xbf",     /* overlong */
        "\xf0\x8f\xbf\xbf", /* overlong */
        "\xed\xa0\x80",     /* surrogate */
        "\xf4\x90\x80\x80", /* beyond U+10FFFF */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3",         /* cut */
        "\xe2\x82",     /* cut */
        "\xf0\x9f\x98", /* cut */
        "\xc3(",
        "\xe2(\xa1",
        "\xe2\x82(",
        "\xf0\x90\x80(",
    };
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        CU_ASSERT_FALSE(is_utf8(TEXTS[i]));
}

static void test_utf8__refuses_nul_and_reads_no_further_than_told(void)
{
    CU_ASSERT_FALSE(wire_is_utf8((const uint8_t *)"a\0b", 3));
    CU_ASSERT_TRUE(wire_is_utf8((const uint8_t *)"a\0b", 1));
    CU_ASSERT_FALSE(wire_is_utf8((const uint8_t *)"\xe2\x82\xac", 2));
    CU_ASSERT_TRUE(wire_is_utf8((const uint8_t *)"\xe2\x82\xac", 3));
    CU_ASSERT_TRUE(wire_is_utf8(NULL, 0));
}

static void test_utf8__finds_a_bad_byte_at_every_place(void)
{
    static const uint8_t BAD[] = {0x00, 0x80, 0xff, 0xc3};
    for (size_t length = 1; length <= 24; length++) {
        uint8_t text[24];
        memset(text, 0x7f, sizeof text);
        CU_ASSERT_TRUE(wire_is_utf8(text, length));
        memset(text, 0x01, sizeof text);
        CU_ASSERT_TRUE(wire_is_utf8(text, length));
        for (size_t at = 0; at < length * sizeof BAD; at++) {
            text[at / sizeof BAD] = BAD[at % sizeof BAD];
            CU_ASSERT_FALSE(wire_is_utf8(text, length));
            text[at / sizeof BAD] = 0x01;
        }
    }
}

static void test_utf8__make_drops_a_cut_character(void)
{
    char text[] = "caf\xc3\xa9 \xe2\x82";
    wire_make_utf8(text);
    CU_ASSERT_STRING_EQUAL(text, "caf\xc3\xa9 ");
    char whole[] = "caf\xc3\xa9";
    wire_make_utf8(whole);
    CU_ASSERT_STRING_EQUAL(whole, "caf\xc3\xa9");
}

static void test_utf8__make_replaces_other_bad_bytes(void)
{
    char text[] = "\x80 caf\xe9 au lait";
    wire_make_utf8(text);
    CU_ASSERT_STRING_EQUAL(text, "? caf? au lait");
    char continuations[] = "\x80\x80";
    wire_make_utf8(continuations);
    CU_ASSERT_STRING_EQUAL(continuations, "??");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_utf8__takes_every_length),
    UNIT_TEST(test_utf8__refuses_what_rfc_3629_refuses),
    UNIT_TEST(test_utf8__refuses_nul_and_reads_no_further_than_told),
    UNIT_TEST(test_utf8__finds_a_bad_byte_at_every_place),
    UNIT_TEST(test_utf8__make_drops_a_cut_character),
    UNIT_TEST(test_utf8__make_replaces_other_bad_bytes),
};

UNIT_MAIN("wire/utf8")
