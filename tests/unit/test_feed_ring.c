/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "base/packet.h"
#include "feed/ring.h"
#include "support/unit.h"

#define PACKET_BYTES 100

static struct ring ring;

static void append(const char *region)
{
    struct ring_entry entry = {.packet = region == NULL ? NULL : packet_new(PACKET_BYTES)};
    snprintf(entry.region, sizeof entry.region, "%s", region == NULL ? "" : region);
    ring_append(&ring, &entry);
}

static void begin(int64_t entry_max, size_t byte_max)
{
    CU_ASSERT_TRUE_FATAL(ring_init(&ring, entry_max, byte_max));
}

static void test_ring__empty_holds_nothing(void)
{
    begin(4, 10000);
    CU_ASSERT_EQUAL(ring_find(&ring, 0, ""), 0);
    CU_ASSERT_EQUAL(ring.first, ring.last + 1);
    ring_done(&ring);
}

static void test_ring__oldest_make_room_by_number(void)
{
    begin(4, 10000);
    for (int i = 0; i < 10; i++)
        append("11");
    CU_ASSERT_EQUAL(ring.last, 10);
    CU_ASSERT_EQUAL(ring.first, 7);
    CU_ASSERT_EQUAL(ring_find(&ring, 6, ""), 7);
    CU_ASSERT_EQUAL(ring_find(&ring, 9, ""), 10);
    CU_ASSERT_EQUAL(ring_find(&ring, 10, ""), 0);
    ring_done(&ring);
}

static void test_ring__oldest_make_room_by_bytes(void)
{
    begin(100, 3 * (sizeof(struct packet) + PACKET_BYTES));
    for (int i = 0; i < 10; i++)
        append("11");
    CU_ASSERT_EQUAL(ring.first, 8);
    ring_done(&ring);
}

static void test_ring__one_larger_than_all_is_kept(void)
{
    begin(100, 1);
    append("11");
    append("11");
    CU_ASSERT_EQUAL(ring.first, 2);
    CU_ASSERT_EQUAL(ring.last, 2);
    ring_done(&ring);
}

static void test_ring__finds_by_region_and_skips_what_nobody_is_told(void)
{
    begin(8, 10000);
    append("11");
    append(NULL);
    append("52");
    append("11");
    CU_ASSERT_EQUAL(ring_find(&ring, 0, "52"), 3);
    CU_ASSERT_EQUAL(ring_find(&ring, 3, "52"), 0);
    CU_ASSERT_EQUAL(ring_find(&ring, 1, ""), 3);
    CU_ASSERT_EQUAL(ring_find(&ring, 1, "11"), 4);
    ring_done(&ring);
}

static void test_ring__a_packet_outlives_its_place(void)
{
    begin(1, 10000);
    append("11");
    struct packet *packet = packet_ref(ring_packet(&ring, 1, ""));
    append("11");
    CU_ASSERT_EQUAL(packet->byte_count, PACKET_BYTES);
    CU_ASSERT_PTR_NOT_EQUAL(ring_packet(&ring, 2, ""), packet);
    packet_unref(packet);
    ring_done(&ring);
}

static void test_ring__begins_again_anywhere(void)
{
    begin(4, 10000);
    append("11");
    ring_restart(&ring, 1000);
    CU_ASSERT_EQUAL(ring.byte_count, 0);
    append("11");
    CU_ASSERT_EQUAL(ring_find(&ring, 1000, ""), 1001);
    ring_done(&ring);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_ring__empty_holds_nothing),
    UNIT_TEST(test_ring__oldest_make_room_by_number),
    UNIT_TEST(test_ring__oldest_make_room_by_bytes),
    UNIT_TEST(test_ring__one_larger_than_all_is_kept),
    UNIT_TEST(test_ring__finds_by_region_and_skips_what_nobody_is_told),
    UNIT_TEST(test_ring__a_packet_outlives_its_place),
    UNIT_TEST(test_ring__begins_again_anywhere),
};

UNIT_MAIN("feed_ring")
