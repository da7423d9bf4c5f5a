/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_PARTS_H
#define SDK_SYNC_PARTS_H

/**
 * @file
 * A batch or a chunk of a snapshot, cut into frames of a size.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync_value.h>
#include <cpts/v1/federation.pb-c.h>

/** What a frame aims at, bytes; one row may make it larger. */
#define SYNC_PART_BYTES ((size_t)512 * 1024)

/** Takes one part. @param change_count  What the batch is charged, with its first part;
 * then 0. */
typedef cpts_status sync_parts_emit(void *data, const Cpts__V1__SyncFrame *frame,
                                    int32_t change_count, struct cpts_error *err);

struct sync_parts {
    /** 0 = SYNC_PART_BYTES. */
    size_t aim_bytes;
    sync_parts_emit *emit;
    void *data;
};

/** @return what emit() returns · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_sync_parts__batch(const struct sync_parts *parts,
                                                   const struct cpts_sync_batch *batch,
                                                   struct cpts_error *err);
CPTS_MUST_CHECK cpts_status cpts_sync_parts__chunk(const struct sync_parts *parts,
                                                   const struct cpts_sync_chunk *chunk,
                                                   struct cpts_error *err);

/** Changes that a batch is charged. */
int32_t cpts_sync_parts__change_count(const struct cpts_sync_batch *batch);

#endif
