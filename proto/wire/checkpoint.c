/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/checkpoint.h"

#include <sodium.h>
#include <string.h>

#define LABEL "cpts-checkpoint-1"
#define NODE_BYTES_MAX 64
#define NUMBER_BYTES 8
#define INPUT_BYTES_MAX (NODE_BYTES_MAX + 1 + 2 * NUMBER_BYTES + CHECKPOINT_HASH_BYTES)

static uint8_t *put_number(uint8_t *at, int64_t number)
{
    for (int i = 0; i < NUMBER_BYTES; i++)
        *at++ = (uint8_t)((uint64_t)number >> (56 - 8 * i));
    return at;
}

/* @return bytes written; 0 when the node's name is too long. */
static size_t join(const struct checkpoint_point *point, uint8_t input[INPUT_BYTES_MAX])
{
    size_t node_bytes = strlen(point->node) + 1;
    if (node_bytes > NODE_BYTES_MAX + 1)
        return 0;
    memcpy(input, point->node, node_bytes);
    uint8_t *at = put_number(input + node_bytes, point->position);
    at = put_number(at, point->signed_at_us);
    memcpy(at, point->hash, CHECKPOINT_HASH_BYTES);
    return (size_t)(at - input) + CHECKPOINT_HASH_BYTES;
}

bool checkpoint_sign(const struct checkpoint_point *point,
                     const uint8_t secret[SIGNATURE_SECRET_BYTES],
                     uint8_t ret_signature[SIGNATURE_BYTES])
{
    uint8_t input[INPUT_BYTES_MAX];
    size_t byte_count = join(point, input);
    return byte_count > 0 && signature_make(LABEL, input, byte_count, secret, ret_signature);
}

bool checkpoint_verify(const struct checkpoint_point *point,
                       const uint8_t signature[SIGNATURE_BYTES],
                       const uint8_t key[SIGNATURE_KEY_BYTES])
{
    uint8_t input[INPUT_BYTES_MAX];
    size_t byte_count = join(point, input);
    const ProtobufCBinaryData data = {.len = SIGNATURE_BYTES, .data = (uint8_t *)signature};
    return byte_count > 0 && signature_verify(LABEL, input, byte_count, &data, key);
}

void checkpoint_key_id(const uint8_t key[SIGNATURE_KEY_BYTES],
                       uint8_t ret_key_id[CHECKPOINT_KEY_ID_BYTES])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, key, SIGNATURE_KEY_BYTES);
    memcpy(ret_key_id, digest, CHECKPOINT_KEY_ID_BYTES);
}
