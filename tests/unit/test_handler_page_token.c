/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/page_token.h"

#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"

static const struct page_token TOKEN = {
    .known_at_us = 1795332179128015,
    .last_id = {0x01, 0x90, 0xa0, 0xa0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 1},
    .filter = {0xde, 0xad, 0xbe, 0xef, 0, 1, 2, 3},
};

static void test_page_token__round_trip(void)
{
    struct arena *arena = arena_new(4096);
    struct page_token read;
    char *text = page_token_format(&TOKEN, arena);
    CU_ASSERT_STRING_EQUAL(
        text, "1795332179128015.0190a0a0-0000-7000-8000-000000000001.deadbeef00010203");
    CU_ASSERT_TRUE(page_token_parse(text, &read));
    CU_ASSERT_EQUAL(read.known_at_us, TOKEN.known_at_us);
    CU_ASSERT_EQUAL(memcmp(read.last_id, TOKEN.last_id, sizeof read.last_id), 0);
    CU_ASSERT_EQUAL(memcmp(read.filter, TOKEN.filter, sizeof read.filter), 0);
    arena_free(arena);
}

static void test_page_token__refuses_anything_else(void)
{
    static const char *const BAD[] = {
        "",
        "x",
        "1795332179128015.0190a0a0-0000-7000-8000-000000000001.deadbeef0001020",
        "1795332179128015.0190a0a0-0000-7000-8000-000000000001.deadbeef000102033",
        "-795332179128015.0190a0a0-0000-7000-8000-000000000001.deadbeef00010203",
        "1795332179128015.0190a0a0-0000-7000-8000-00000000000g.deadbeef00010203",
        "1795332179128015.0190a0a0-0000-7000-8000-000000000001.deadbeef0001020g",
        "1795332179128015:0190a0a0-0000-7000-8000-000000000001.deadbeef00010203",
    };
    struct page_token read = {.known_at_us = 42};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        CU_ASSERT_FALSE(page_token_parse(BAD[i], &read));
    CU_ASSERT_EQUAL(read.known_at_us, 42);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_page_token__round_trip),
    UNIT_TEST(test_page_token__refuses_anything_else),
};

UNIT_MAIN("handler/page_token")
