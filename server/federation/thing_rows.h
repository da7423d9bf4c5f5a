/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_THING_ROWS_H
#define FEDERATION_THING_ROWS_H

/**
 * @file
 * Rows of sql/query/federation_read.sql and its four sisters, a thing each, as the
 * structs of cpts/sync_value.h.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync_value.h>

struct arena;
struct rows;

/** The first row, H, which is there always: what its columns mean the statement says. */
struct thing_head {
    int64_t first;
    int64_t last;
    int32_t count;
    int32_t epoch;
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
    const char *word; /**< "" where the statement has none */
};

/** Everything that a reading gave; in the arena and borrowed from the rows. */
struct things {
    struct thing_head head;
    struct cpts_sync_entry *entries;
    size_t entry_count;
    struct cpts_sync_withheld *withheld;
    size_t withheld_count;
    struct cpts_sync_image *images;
    size_t image_count;
};

/** @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY · INTERNAL / INTERNAL_ERROR: rows
 *          of another shape. */
CPTS_MUST_CHECK cpts_status things_read(const struct rows *rows, struct arena *arena,
                                        struct things *ret_things, struct cpts_error *err);

#endif
