/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_FRAME_H
#define SDK_SYNC_FRAME_H

/**
 * @file
 * Frames of a session as bytes, within their limits.
 *
 * Threads: any thread.
 */

#include <cpts/sync_value.h>
#include <cpts/v1/federation.pb-c.h>

struct arena;

/** Packs a frame into memory from malloc.
 * @return CPTS_OK · INVALID_ARGUMENT / FRAME_TOO_LARGE · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status cpts_sync_frame__pack(const Cpts__V1__SyncFrame *frame,
                                                  uint8_t **ret_bytes, size_t *ret_byte_count,
                                                  struct cpts_error *err);

/** Reads a frame of the other side into a new arena, which is the caller's.
 * @return CPTS_OK · INVALID_ARGUMENT / FRAME_TOO_LARGE, MALFORMED_MESSAGE and others of
 *         wire_unpack(). */
CPTS_MUST_CHECK cpts_status cpts_sync_frame__read(const uint8_t *bytes, size_t byte_count,
                                                  struct arena **ret_arena,
                                                  const Cpts__V1__SyncFrame **ret_frame,
                                                  struct cpts_error *err);

/** SHA-256 over images as they are packed, one after the other.
 * @return false when memory is out. */
bool cpts_sync_frame__hash_images(Cpts__V1__SyncImage *const *images, size_t image_count,
                                  uint8_t ret_hash[CPTS_SYNC_HASH_BYTES]);

#endif
