/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_SNAPSHOT_MEMORY_H
#define FEDERATION_SNAPSHOT_MEMORY_H

/**
 * @file
 * Snapshots that are being read for peers: where each chunk begins, and the point of
 * the log they are of. Outlives the session, so that one that broke off goes on; a
 * node that was started anew begins a new one.
 *
 * Threads: any.
 */

#include <cpts/sync_value.h>
#include <stdbool.h>

/** Chunks of one snapshot, at most. */
#define SNAPSHOT_CHUNKS_MAX 1000000
/** Peers remembered; of one more the longest unused is forgotten. */
#define SNAPSHOT_PEERS_MAX 128

struct snapshot_memory;

/** What all chunks of a snapshot share: the point of the log that follows it. */
struct snapshot_point {
    int64_t position;
    int32_t epoch;
    int64_t origin_position;
    uint8_t origin_hash[CPTS_SYNC_HASH_BYTES];
    int32_t chunk_count;
};

/** Last aggregate before a chunk; empty before the first. */
struct snapshot_place {
    char aggregate_kind[32];
    char aggregate_id[CPTS_UUID_TEXT_BYTES];
};

/** NULL when memory is out. */
struct snapshot_memory *snapshot_memory_new(void);
/** NULL is fine. */
void snapshot_memory_free(struct snapshot_memory *memory);

/** Begins a snapshot for @p node, in place of an earlier one: chunk @p first begins at
 * the first aggregate. */
void snapshot_memory_begin(struct snapshot_memory *memory, const char *node, const char *id,
                           int32_t first, const struct snapshot_point *point);
/** Notes where chunk @p chunk begins, which is the next one after those noted, or one of
 * those. @return false when memory is out, or it is another one. */
bool snapshot_memory_note(struct snapshot_memory *memory, const char *node, int32_t chunk,
                          const struct snapshot_place *place);
/** Where chunk @p chunk of the snapshot @p id begins.
 * @return false when that is not known. */
bool snapshot_memory_find(struct snapshot_memory *memory, const char *node, const char *id,
                          int32_t chunk, struct snapshot_point *ret_point,
                          struct snapshot_place *ret_place);

#endif
