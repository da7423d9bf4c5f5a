/* SPDX-License-Identifier: Apache-2.0 */
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "support/unit.h"
#include "wire/arena.h"

static void test_arena__gives_zeroed_aligned_memory(void)
{
    struct arena *arena = arena_new(4096);
    for (size_t size = 0; size < 40; size++) {
        unsigned char *memory = arena_alloc(arena, size);
        CU_ASSERT_PTR_NOT_NULL_FATAL(memory);
        CU_ASSERT_EQUAL((uintptr_t)memory % alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            CU_ASSERT_EQUAL_FATAL(memory[i], 0);
        memset(memory, 0xff, size);
    }
    arena_free(arena);
}

static void test_arena__memory_is_zeroed_again_after_a_reset(void)
{
    struct arena *arena = arena_new(4096);
    memset(arena_alloc(arena, 1024), 0xff, 1024);
    arena_reset(arena);
    const char *memory = arena_alloc(arena, 1024);
    for (int i = 0; i < 1024; i++)
        CU_ASSERT_EQUAL_FATAL(memory[i], 0);
    arena_free(arena);
}

static void test_arena__never_holds_more_than_its_budget(void)
{
    struct arena *arena = arena_new(1024 * 1024);
    size_t given = 0;
    while (arena_alloc(arena, 1000) != NULL)
        given += 1000;
    CU_ASSERT_TRUE(given <= 1024 * 1024);
    CU_ASSERT_TRUE(given >= 1024 * 1024 * 9 / 10);
    CU_ASSERT_PTR_NULL(arena_alloc(arena, 1000));
    arena_free(arena);
}

static void test_arena__refuses_one_allocation_beyond_the_budget(void)
{
    struct arena *arena = arena_new(100000);
    CU_ASSERT_PTR_NULL(arena_alloc(arena, 100001));
    CU_ASSERT_PTR_NULL(arena_alloc(arena, SIZE_MAX));
    CU_ASSERT_PTR_NULL(arena_copy(arena, "x", SIZE_MAX));
    CU_ASSERT_PTR_NOT_NULL(arena_alloc(arena, 50000));
    arena_free(arena);
}

static void test_arena__has_its_whole_budget_again_after_a_reset(void)
{
    struct arena *arena = arena_new(256 * 1024);
    for (int round = 0; round < 3; round++) {
        CU_ASSERT_PTR_NOT_NULL(arena_alloc(arena, 200 * 1024));
        CU_ASSERT_PTR_NULL(arena_alloc(arena, 200 * 1024));
        arena_reset(arena);
        CU_ASSERT_EQUAL(arena_used_bytes(arena), 0);
    }
    arena_free(arena);
}

static void test_arena__copies_end_with_nul(void)
{
    struct arena *arena = arena_new(4096);
    const char *copy = arena_copy(arena, "abcdef", 3);
    CU_ASSERT_STRING_EQUAL(copy, "abc");
    CU_ASSERT_STRING_EQUAL(arena_copy(arena, NULL, 0), "");
    arena_free(arena);
}

static void test_arena__prints_texts_of_any_length(void)
{
    struct arena *arena = arena_new(64 * 1024);
    CU_ASSERT_STRING_EQUAL(arena_printf(arena, "%s/%d", "region", 11), "region/11");
    const char *text = arena_printf(arena, "%20000d", 7);
    CU_ASSERT_EQUAL(strlen(text), 20000);
    CU_ASSERT_PTR_NULL(arena_printf(arena, "%70000d", 7));
    arena_free(arena);
}

static void test_arena__is_an_allocator_of_protobuf_c(void)
{
    struct arena *arena = arena_new(1024);
    ProtobufCAllocator *allocator = arena_allocator(arena);
    void *memory = allocator->alloc(allocator->allocator_data, 100);
    CU_ASSERT_PTR_NOT_NULL(memory);
    allocator->free(allocator->allocator_data, memory);
    CU_ASSERT_TRUE(arena_used_bytes(arena) >= 100);
    CU_ASSERT_PTR_NULL(allocator->alloc(allocator->allocator_data, 2000));
    arena_free(arena);
    arena_free(NULL);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_arena__gives_zeroed_aligned_memory),
    UNIT_TEST(test_arena__memory_is_zeroed_again_after_a_reset),
    UNIT_TEST(test_arena__never_holds_more_than_its_budget),
    UNIT_TEST(test_arena__refuses_one_allocation_beyond_the_budget),
    UNIT_TEST(test_arena__has_its_whole_budget_again_after_a_reset),
    UNIT_TEST(test_arena__copies_end_with_nul),
    UNIT_TEST(test_arena__prints_texts_of_any_length),
    UNIT_TEST(test_arena__is_an_allocator_of_protobuf_c),
};

UNIT_MAIN("wire/arena")
