/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ARENA_H
#define WIRE_ARENA_H

/**
 * @file
 * Memory of one call: bump allocation with a ceiling, released at once.
 *
 * Threads: one thread at a time.
 */

#include <protobuf-c/protobuf-c.h>
#include <stddef.h>

struct arena;

/** New arena that will never hold more than @p budget_bytes (> 0). The first
 * block is allocated at once. @return NULL when memory is out. */
struct arena *arena_new(size_t budget_bytes);

/** Releases everything; NULL is fine. */
void arena_free(struct arena *arena);

/** As arena_free(), of an arena that held secrets: they are wiped first. */
void arena_wipe(struct arena *arena);

/** Forgets every allocation and keeps the first block, for reuse. */
void arena_reset(struct arena *arena);

/** @p size_bytes of zeroed memory, aligned for any type; lives until reset or
 * free. @return NULL when the budget or the memory is out. */
void *arena_alloc(struct arena *arena, size_t size_bytes);

/** Copy of @p size_bytes with a NUL after them; NULL as for arena_alloc(). */
char *arena_copy(struct arena *arena, const void *bytes, size_t size_bytes);

/** printf into the arena; NULL as for arena_alloc(). */
char *arena_printf(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Bytes handed out since the last reset. */
size_t arena_used_bytes(const struct arena *arena);

/** Allocator for protobuf-c on this arena (free is a no-op). Borrowed: lives
 * as long as the arena. */
ProtobufCAllocator *arena_allocator(struct arena *arena);

#endif
