/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_DIGEST_H
#define WIRE_DIGEST_H

/**
 * @file
 * The hashes both ends must agree on (SHA-256, libsodium).
 *
 * Threads: any thread.
 */

#include <stddef.h>
#include <stdint.h>

#define DIGEST_BYTES 32

/** Hash of a command's content: the method's name, one zero byte, the packed
 * request. Two commands are the same when this is. */
void digest_command(const char *method, const uint8_t *request, size_t request_bytes,
                    uint8_t ret_digest[DIGEST_BYTES]);

/** Hash of a change-log entry: sha256(prev_hash, origin_position as eight
 * big-endian bytes, bytes). @p prev_hash of the first entry is 32 zero bytes. */
void digest_change(const uint8_t prev_hash[DIGEST_BYTES], int64_t origin_position,
                   const uint8_t *bytes, size_t byte_count, uint8_t ret_digest[DIGEST_BYTES]);

#endif
