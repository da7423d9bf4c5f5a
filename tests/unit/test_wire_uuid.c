/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "support/unit.h"
#include "wire/uuid.h"

#define MINTS 100000

static void test_uuid__mints_are_strictly_increasing(void)
{
    uint8_t last[16] = {0};
    for (int i = 0; i < MINTS; i++) {
        uint8_t next[16];
        uuid_mint(next);
        CU_ASSERT_TRUE_FATAL(memcmp(next, last, 16) > 0);
        memcpy(last, next, 16);
    }
}

static void *mint_many(void *ret_uuids)
{
    uint8_t(*uuids)[16] = ret_uuids;
    for (int i = 0; i < MINTS / 10; i++)
        uuid_mint(uuids[i]);
    return NULL;
}

static void test_uuid__two_threads_never_share_a_tick(void)
{
    static uint8_t uuids[2][MINTS / 10][16];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, mint_many, uuids[i]), 0);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    int one = 0;
    int two = 0;
    while (one < MINTS / 10 && two < MINTS / 10) {
        int order = memcmp(uuids[0][one], uuids[1][two], 8);
        CU_ASSERT_NOT_EQUAL_FATAL(order, 0);
        *(order < 0 ? &one : &two) += 1;
    }
}

static void test_uuid__a_mint_carries_version_variant_and_time(void)
{
    uint8_t uuid[16];
    uint64_t ms = 0;
    uuid_mint(uuid);
    for (int i = 0; i < 6; i++)
        ms = ms << 8 | uuid[i];
    CU_ASSERT_EQUAL(uuid[6] >> 4, 7);
    CU_ASSERT_EQUAL(uuid[8] >> 6, 2);
    int64_t distance_s = (int64_t)(ms / 1000) - (int64_t)time(NULL);
    CU_ASSERT_TRUE(distance_s >= -2 && distance_s <= 2);
}

static void test_uuid__the_tick_grows_when_the_clock_goes_back(void)
{
    uint64_t tick = uuid_tick_next(0, 1000);
    CU_ASSERT_EQUAL(tick, 1000u << 12);
    CU_ASSERT_EQUAL(uuid_tick_next(tick, 1000), tick + 1);
    CU_ASSERT_EQUAL(uuid_tick_next(tick, 1), tick + 1);
    CU_ASSERT_EQUAL(uuid_tick_next(tick, 1001), 1001u << 12);
}

static void test_uuid__a_full_counter_borrows_the_next_millisecond(void)
{
    uint64_t tick = uuid_tick_next(0, 1000) + 4095;
    CU_ASSERT_EQUAL(uuid_tick_next(tick, 1000), 1001u << 12);
    CU_ASSERT_EQUAL(uuid_tick_next(1001u << 12, 1000), (1001u << 12) + 1);
}

static void test_uuid__text_form_goes_there_and_back(void)
{
    const char *text = "0190a3c4-7e21-7def-8123-456789abcdef";
    uint8_t uuid[16];
    char again[UUID_TEXT_BYTES];
    CU_ASSERT_TRUE(uuid_parse(text, uuid));
    CU_ASSERT_EQUAL(uuid[0], 0x01);
    CU_ASSERT_EQUAL(uuid[15], 0xef);
    uuid_format(uuid, again);
    CU_ASSERT_STRING_EQUAL(again, text);
    CU_ASSERT_TRUE(uuid_parse("0190A3C4-7E21-7DEF-8123-456789ABCDEF", uuid));
    uuid_format(uuid, again);
    CU_ASSERT_STRING_EQUAL(again, text);
}

static void test_uuid__refuses_other_texts_and_leaves_the_output(void)
{
    static const char *const TEXTS[] = {
        "",
        "0190a3c4-7e21-7def-8123-456789abcde",
        "0190a3c4-7e21-7def-8123-456789abcdef0",
        "0190a3c4-7e21-7def-8123-456789abcdeg",
        "0190a3c47e21-7def-8123-456789abcdef-",
        "{190a3c4-7e21-7def-8123-456789abcde}",
        "0190a3c4 7e21 7def 8123 456789abcdef",
    };
    uint8_t uuid[16];
    uint8_t untouched[16];
    memset(uuid, 0xaa, sizeof uuid);
    memset(untouched, 0xaa, sizeof untouched);
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
        CU_ASSERT_FALSE(uuid_parse(TEXTS[i], uuid));
    CU_ASSERT_EQUAL(memcmp(uuid, untouched, 16), 0);
}

/* printf 'demo\0cpts 1' | sha256sum, cut, version 8 and variant set. */
static void test_uuid__derived_ids_are_known(void)
{
    uint8_t uuid[16];
    char text[UUID_TEXT_BYTES];
    uuid_derive("demo", "cpts 1", uuid);
    uuid_format(uuid, text);
    CU_ASSERT_STRING_EQUAL(text, "62b68830-2ba3-820a-8d9f-2810b0d88935");
    uint8_t other[16];
    uuid_derive("democ", "pts 1", other);
    CU_ASSERT_NOT_EQUAL(memcmp(uuid, other, 16), 0);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_uuid__mints_are_strictly_increasing),
    UNIT_TEST(test_uuid__two_threads_never_share_a_tick),
    UNIT_TEST(test_uuid__a_mint_carries_version_variant_and_time),
    UNIT_TEST(test_uuid__the_tick_grows_when_the_clock_goes_back),
    UNIT_TEST(test_uuid__a_full_counter_borrows_the_next_millisecond),
    UNIT_TEST(test_uuid__text_form_goes_there_and_back),
    UNIT_TEST(test_uuid__refuses_other_texts_and_leaves_the_output),
    UNIT_TEST(test_uuid__derived_ids_are_known),
};

UNIT_MAIN("wire/uuid")
