/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_ASSEMBLY_H
#define SDK_SYNC_ASSEMBLY_H

/**
 * @file
 * The parts of a batch, or of a chunk, put together again within limits.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync_value.h>
#include <cpts/v1/federation.pb-c.h>

#include "sync_list.h"

struct arena;

/** Most parts of one batch. */
#define SYNC_ASSEMBLY_PARTS_MAX 1024
/** Most rows of its images; and bytes that its parts take once they are unpacked, which
 * may be many times what came. */
#define SYNC_ASSEMBLY_ROWS_MAX ((size_t)1024 * 1024)
#define SYNC_ASSEMBLY_UNPACKED_BYTES_MAX ((size_t)512 * 1024 * 1024)

/** All zero is an empty one. */
struct sync_assembly {
    /** Of the parts: what the lists below borrow from. */
    struct sync_list arenas;
    struct sync_list entries;
    struct sync_list withheld;
    struct sync_list images;
    struct sync_list rows;
    /** The first row of each image. */
    struct sync_list first_rows;
    size_t byte_count;
    size_t unpacked_bytes;
    bool is_open;
    bool image_is_open;
    /** The sender numbers its parts (SYNC_FEATURE_PARTS); stays with a reset. */
    bool is_numbered;
    /** Number of the part that is to come next. */
    int32_t next_part;
    /** Once it is whole. */
    struct cpts_sync_batch batch;
    struct cpts_sync_chunk chunk;
};

/** A part: the arena it is in, which is taken over in any case, and its size. */
struct sync_part {
    struct arena *arena;
    size_t byte_count;
};

/**
 * Adds a part. Once the last one came, `batch` is what it all is, until reset().
 *
 * @return CPTS_OK · INVALID_ARGUMENT / FRAME_UNEXPECTED: it does not belong to what
 *         came before, or came already, FRAME_TOO_LARGE: beyond the limits of a batch,
 *         MALFORMED_MESSAGE · ABORTED / GAP: the part before it did not come ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY.
 */
CPTS_MUST_CHECK cpts_status cpts_sync_assembly__add_batch(struct sync_assembly *assembly,
                                                          const struct sync_part *part,
                                                          const Cpts__V1__SyncBatch *message,
                                                          bool *ret_is_whole,
                                                          struct cpts_error *err);
/** The same for `chunk`. A part whose hash is not that of its images is malformed. */
CPTS_MUST_CHECK cpts_status cpts_sync_assembly__add_chunk(struct sync_assembly *assembly,
                                                          const struct sync_part *part,
                                                          const Cpts__V1__SyncSnapshot *message,
                                                          bool *ret_is_whole,
                                                          struct cpts_error *err);

/** Forgets what was put together. */
void cpts_sync_assembly__reset(struct sync_assembly *assembly);
void cpts_sync_assembly__done(struct sync_assembly *assembly);

#endif
