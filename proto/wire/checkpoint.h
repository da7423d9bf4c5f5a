/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CHECKPOINT_H
#define WIRE_CHECKPOINT_H

/**
 * @file
 * A signed point of a node's chain (cpts.v1.SyncCheckpoint), byte by byte.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/signature.h"

#define CHECKPOINT_HASH_BYTES 32
#define CHECKPOINT_KEY_ID_BYTES 8

/** What a node stands for. */
struct checkpoint_point {
    /** At most 64 bytes. */
    const char *node;
    int64_t position;
    const uint8_t *hash;
    /** Microseconds since 1970 UTC. */
    int64_t signed_at_us;
};

/** Signs. @return false when the node's name is too long. */
bool checkpoint_sign(const struct checkpoint_point *point,
                     const uint8_t secret[SIGNATURE_SECRET_BYTES],
                     uint8_t ret_signature[SIGNATURE_BYTES]);

/** Whether @p signature is that of @p key over @p point. */
bool checkpoint_verify(const struct checkpoint_point *point,
                       const uint8_t signature[SIGNATURE_BYTES],
                       const uint8_t key[SIGNATURE_KEY_BYTES]);

/** First bytes of SHA-256 of a public key. */
void checkpoint_key_id(const uint8_t key[SIGNATURE_KEY_BYTES],
                       uint8_t ret_key_id[CHECKPOINT_KEY_ID_BYTES]);

#endif
