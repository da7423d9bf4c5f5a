/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_frame.h"

#include <sodium.h>
#include <stdlib.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

/* What a frame of the largest size may take once it is unpacked. */
#define ARENA_BYTES_MAX ((size_t)96 * 1024 * 1024)

cpts_status cpts_sync_frame__pack(const Cpts__V1__SyncFrame *frame, uint8_t **ret_bytes,
                                  size_t *ret_byte_count, struct cpts_error *err)
{
    size_t byte_count = cpts__v1__sync_frame__get_packed_size(frame);
    if (byte_count > CPTS_SYNC_FRAME_BYTES_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "a frame of %zu bytes, at most %d",
                         byte_count, CPTS_SYNC_FRAME_BYTES_MAX);
    uint8_t *bytes = malloc(byte_count + 1);
    if (bytes == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    *ret_byte_count = cpts__v1__sync_frame__pack(frame, bytes);
    *ret_bytes = bytes;
    return CPTS_OK;
}

cpts_status cpts_sync_frame__read(const uint8_t *bytes, size_t byte_count, struct arena **ret_arena,
                                  const Cpts__V1__SyncFrame **ret_frame, struct cpts_error *err)
{
    if (byte_count > CPTS_SYNC_FRAME_BYTES_MAX)
        return error_set(err, REASON_FRAME_TOO_LARGE, "a frame of %zu bytes, at most %d",
                         byte_count, CPTS_SYNC_FRAME_BYTES_MAX);
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    ProtobufCMessage *message = NULL;
    if (arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    cpts_status status =
        wire_unpack(&cpts__v1__sync_frame__descriptor, bytes, byte_count, arena, &message, err);
    if (status != CPTS_OK) {
        arena_free(arena);
        return status;
    }
    *ret_arena = arena;
    *ret_frame = (const Cpts__V1__SyncFrame *)message;
    return CPTS_OK;
}

bool cpts_sync_frame__hash_images(Cpts__V1__SyncImage *const *images, size_t image_count,
                                  uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < image_count; i++) {
        size_t byte_count = cpts__v1__sync_image__get_packed_size(images[i]);
        uint8_t *bytes = malloc(byte_count + 1);
        if (bytes == NULL)
            return false;
        cpts__v1__sync_image__pack(images[i], bytes);
        crypto_hash_sha256_update(&state, bytes, byte_count);
        free(bytes);
    }
    crypto_hash_sha256_final(&state, ret_hash);
    return true;
}
