/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/digest.h"

#include <sodium.h>
#include <string.h>

_Static_assert(DIGEST_BYTES == crypto_hash_sha256_BYTES, "a digest is a SHA-256");

void digest_command(const char *method, const uint8_t *request, size_t request_bytes,
                    uint8_t ret_digest[DIGEST_BYTES])
{
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, (const uint8_t *)method, strlen(method) + 1);
    crypto_hash_sha256_update(&state, request, request_bytes);
    crypto_hash_sha256_final(&state, ret_digest);
}

void digest_change(const uint8_t prev_hash[DIGEST_BYTES], int64_t origin_position,
                   const uint8_t *bytes, size_t byte_count, uint8_t ret_digest[DIGEST_BYTES])
{
    uint8_t position[8];
    for (int i = 0; i < 8; i++)
        position[i] = (uint8_t)((uint64_t)origin_position >> (56 - 8 * i));
    crypto_hash_sha256_state state;
    crypto_hash_sha256_init(&state);
    crypto_hash_sha256_update(&state, prev_hash, DIGEST_BYTES);
    crypto_hash_sha256_update(&state, position, sizeof position);
    crypto_hash_sha256_update(&state, bytes, byte_count);
    crypto_hash_sha256_final(&state, ret_digest);
}
