/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/arena.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double from the first to the last size, so that a small call costs
 * one malloc and a big one a few. */
#define BLOCK_FIRST_BYTES ((size_t)16 * 1024)
#define BLOCK_LAST_BYTES ((size_t)1024 * 1024)
#define ALIGNMENT_BYTES _Alignof(max_align_t)

struct block {
    struct block *next; /* the block before this one */
    size_t size_bytes;
    size_t used_bytes;
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *newest;
    size_t budget_bytes;
    size_t held_bytes; /* sum of the blocks' sizes, <= budget_bytes */
    size_t used_bytes;
    ProtobufCAllocator allocator;
};

static struct block *block_new(size_t size_bytes, struct block *next)
{
    struct block *block = malloc(sizeof *block + size_bytes);
    if (block == NULL)
        return NULL;
    block->next = next;
    block->size_bytes = size_bytes;
    block->used_bytes = 0;
    return block;
}

/* A new newest block with room for size_bytes, or NULL. */
static struct block *grow(struct arena *arena, size_t size_bytes)
{
    size_t left = arena->budget_bytes - arena->held_bytes;
    if (size_bytes > left)
        return NULL;
    size_t wanted = arena->newest->size_bytes * 2;
    if (wanted > BLOCK_LAST_BYTES)
        wanted = BLOCK_LAST_BYTES;
    if (wanted < size_bytes)
        wanted = size_bytes;
    if (wanted > left)
        wanted = left;
    struct block *block = block_new(wanted, arena->newest);
    if (block == NULL)
        return NULL;
    arena->newest = block;
    arena->held_bytes += wanted;
    return block;
}

/* Memory that is not zeroed. */
static void *take(struct arena *arena, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX - ALIGNMENT_BYTES)
        return NULL;
    size_t rounded = (size_bytes + ALIGNMENT_BYTES - 1) / ALIGNMENT_BYTES * ALIGNMENT_BYTES;
    struct block *block = arena->newest;
    if (rounded > block->size_bytes - block->used_bytes)
        block = grow(arena, rounded);
    if (block == NULL)
        return NULL;
    void *memory = block->bytes + block->used_bytes;
    block->used_bytes += rounded;
    arena->used_bytes += rounded;
    return memory;
}

static void *protobuf_alloc(void *allocator_data, size_t size_bytes)
{
    return take(allocator_data, size_bytes);
}

static void protobuf_free(void *allocator_data, void *memory)
{
    (void)allocator_data;
    (void)memory;
}

struct arena *arena_new(size_t budget_bytes)
{
    struct arena *arena = malloc(sizeof *arena);
    if (arena == NULL)
        return NULL;
    size_t first = budget_bytes < BLOCK_FIRST_BYTES ? budget_bytes : BLOCK_FIRST_BYTES;
    *arena = (struct arena){
        .newest = block_new(first, NULL),
        .budget_bytes = budget_bytes,
        .held_bytes = first,
        .allocator = {protobuf_alloc, protobuf_free, arena},
    };
    if (arena->newest == NULL) {
        free(arena);
        return NULL;
    }
    return arena;
}

/* Frees every block but the first and returns that one. */
static struct block *drop_blocks(struct arena *arena)
{
    struct block *block = arena->newest;
    while (block->next != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    return block;
}

void arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    free(drop_blocks(arena));
    free(arena);
}

void arena_wipe(struct arena *arena)
{
    for (struct block *block = arena == NULL ? NULL : arena->newest; block != NULL;
         block = block->next)
        sodium_memzero(block->bytes, block->used_bytes);
    arena_free(arena);
}

void arena_reset(struct arena *arena)
{
    struct block *first = drop_blocks(arena);
    first->used_bytes = 0;
    arena->newest = first;
    arena->held_bytes = first->size_bytes;
    arena->used_bytes = 0;
}

void *arena_alloc(struct arena *arena, size_t size_bytes)
{
    void *memory = take(arena, size_bytes);
    return memory == NULL ? NULL : memset(memory, 0, size_bytes);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t size_bytes)
{
    char *copy = size_bytes == SIZE_MAX ? NULL : take(arena, size_bytes + 1);
    if (copy == NULL)
        return NULL;
    if (size_bytes > 0)
        memcpy(copy, bytes, size_bytes);
    copy[size_bytes] = '\0';
    return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = length < 0 ? NULL : take(arena, (size_t)length + 1);
    if (text == NULL)
        return NULL;
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

size_t arena_used_bytes(const struct arena *arena)
{
    return arena->used_bytes;
}

ProtobufCAllocator *arena_allocator(struct arena *arena)
{
    return &arena->allocator;
}
