/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/signature.h"

#include <sodium.h>
#include <string.h>

#define LABEL_BYTES_MAX 64

_Static_assert(SIGNATURE_BYTES == crypto_sign_BYTES, "as libsodium");
_Static_assert(SIGNATURE_KEY_BYTES == crypto_sign_PUBLICKEYBYTES, "as libsodium");
_Static_assert(SIGNATURE_SECRET_BYTES == crypto_sign_SECRETKEYBYTES, "as libsodium");

/* @return bytes written; 0 when there are too many. */
static size_t join(const char *label, const uint8_t *bytes, size_t byte_count, uint8_t *input)
{
    size_t label_bytes = strlen(label) + 1;
    if (label_bytes > LABEL_BYTES_MAX || byte_count > SIGNATURE_INPUT_BYTES_MAX)
        return 0;
    memcpy(input, label, label_bytes);
    if (byte_count > 0)
        memcpy(input + label_bytes, bytes, byte_count);
    return label_bytes + byte_count;
}

bool signature_make(const char *label, const uint8_t *bytes, size_t byte_count,
                    const uint8_t secret[SIGNATURE_SECRET_BYTES],
                    uint8_t ret_signature[SIGNATURE_BYTES])
{
    uint8_t input[LABEL_BYTES_MAX + SIGNATURE_INPUT_BYTES_MAX];
    size_t input_bytes = join(label, bytes, byte_count, input);
    return input_bytes > 0 &&
           crypto_sign_detached(ret_signature, NULL, input, input_bytes, secret) == 0;
}

bool signature_verify(const char *label, const uint8_t *bytes, size_t byte_count,
                      const ProtobufCBinaryData *signature, const uint8_t key[SIGNATURE_KEY_BYTES])
{
    uint8_t input[LABEL_BYTES_MAX + SIGNATURE_INPUT_BYTES_MAX];
    size_t input_bytes = join(label, bytes, byte_count, input);
    return input_bytes > 0 && signature->len == SIGNATURE_BYTES &&
           crypto_sign_verify_detached(signature->data, input, input_bytes, key) == 0;
}
