/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/snapshot_memory.h"

#include <stdio.h>

#include "support/unit.h"

#define ID "01900000-0000-7000-8000-000000000001"
#define OTHER_ID "01900000-0000-7000-8000-000000000002"

static const struct snapshot_point POINT = {.position = 77, .epoch = 3};

static struct snapshot_place place(int number)
{
    struct snapshot_place made = {.aggregate_kind = "CPTS"};
    snprintf(made.aggregate_id, sizeof made.aggregate_id, "%d", number);
    return made;
}

static bool note(struct snapshot_memory *memory, const char *node, int32_t chunk)
{
    struct snapshot_place made = place(chunk);
    return snapshot_memory_note(memory, node, chunk, &made);
}

static bool find(struct snapshot_memory *memory, const char *node, const char *id, int32_t chunk,
                 struct snapshot_place *ret_place)
{
    struct snapshot_point point;
    bool found = snapshot_memory_find(memory, node, id, chunk, &point, ret_place);
    CU_ASSERT_TRUE(!found || (point.position == 77 && point.epoch == 3));
    return found;
}

static void test_snapshot_memory__chunks_are_found_again(void)
{
    struct snapshot_memory *memory = snapshot_memory_new();
    struct snapshot_place found = {.aggregate_kind = ""};
    snapshot_memory_begin(memory, "region/11", ID, 0, &POINT);
    for (int32_t chunk = 1; chunk <= 200; chunk++)
        CU_ASSERT_TRUE(note(memory, "region/11", chunk));
    CU_ASSERT_TRUE(find(memory, "region/11", ID, 150, &found));
    CU_ASSERT_STRING_EQUAL(found.aggregate_id, "150");
    CU_ASSERT_FALSE(find(memory, "region/11", ID, 201, &found));
    CU_ASSERT_FALSE(find(memory, "region/11", ID, 0, &found));
    CU_ASSERT_STRING_EQUAL(found.aggregate_id, "150");
    snapshot_memory_free(memory);
}

static void test_snapshot_memory__one_that_begins_anew_counts_on(void)
{
    struct snapshot_memory *memory = snapshot_memory_new();
    struct snapshot_place found;
    snapshot_memory_begin(memory, "region/11", ID, 40, &POINT);
    CU_ASSERT_FALSE(note(memory, "region/11", 40));
    CU_ASSERT_TRUE(note(memory, "region/11", 41));
    CU_ASSERT_FALSE(note(memory, "region/11", 43));
    CU_ASSERT_TRUE(find(memory, "region/11", ID, 41, &found));
    CU_ASSERT_STRING_EQUAL(found.aggregate_id, "41");
    snapshot_memory_free(memory);
}

static void test_snapshot_memory__another_snapshot_or_peer_is_not_it(void)
{
    struct snapshot_memory *memory = snapshot_memory_new();
    struct snapshot_place found;
    snapshot_memory_begin(memory, "region/11", ID, 0, &POINT);
    CU_ASSERT_TRUE(note(memory, "region/11", 1));
    CU_ASSERT_FALSE(note(memory, "region/52", 1));
    CU_ASSERT_FALSE(find(memory, "region/52", ID, 1, &found));
    CU_ASSERT_FALSE(find(memory, "region/11", OTHER_ID, 1, &found));
    snapshot_memory_begin(memory, "region/11", OTHER_ID, 0, &POINT);
    CU_ASSERT_FALSE(find(memory, "region/11", ID, 1, &found));
    snapshot_memory_free(memory);
}

static void test_snapshot_memory__of_too_many_the_oldest_is_forgotten(void)
{
    struct snapshot_memory *memory = snapshot_memory_new();
    struct snapshot_place found;
    char node[32];
    for (int i = 0; i <= SNAPSHOT_PEERS_MAX; i++) {
        snprintf(node, sizeof node, "cpts/%d", i);
        snapshot_memory_begin(memory, node, ID, 0, &POINT);
        CU_ASSERT_TRUE(note(memory, node, 1));
    }
    CU_ASSERT_FALSE(find(memory, "cpts/0", ID, 1, &found));
    CU_ASSERT_TRUE(find(memory, "cpts/1", ID, 1, &found));
    CU_ASSERT_TRUE(find(memory, node, ID, 1, &found));
    snapshot_memory_free(memory);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_snapshot_memory__chunks_are_found_again),
    UNIT_TEST(test_snapshot_memory__one_that_begins_anew_counts_on),
    UNIT_TEST(test_snapshot_memory__another_snapshot_or_peer_is_not_it),
    UNIT_TEST(test_snapshot_memory__of_too_many_the_oldest_is_forgotten),
};

UNIT_MAIN("federation/snapshot_memory")
