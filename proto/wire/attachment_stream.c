/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/attachment_stream.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "wire/error.h"

#define LABEL_ATTACHMENT "cpts.fr/attachment/1"
#define HEADER_BYTES crypto_secretstream_xchacha20poly1305_HEADERBYTES
#define MESSAGE_OVERHEAD_BYTES crypto_secretstream_xchacha20poly1305_ABYTES
#define TAG_FINAL crypto_secretstream_xchacha20poly1305_TAG_FINAL
#define TAG_MESSAGE crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
#define PADDING_BYTE 0x80
#define ADDITIONAL_BYTES (sizeof LABEL_ATTACHMENT + 32)

_Static_assert(ATTACHMENT_KEY_BYTES == crypto_secretstream_xchacha20poly1305_KEYBYTES,
               "as libsodium");

/* The padded bytes that chunk @p index holds, of @p left that are not yet in one. */
static size_t held_bytes(int index, size_t left)
{
    size_t most = ATTACHMENT_CHUNK_BYTES - MESSAGE_OVERHEAD_BYTES - (index == 0 ? HEADER_BYTES : 0);
    return left < most ? left : most;
}

static size_t padded_bytes(size_t byte_count)
{
    return (byte_count / ATTACHMENT_STEP_BYTES + 1) * ATTACHMENT_STEP_BYTES;
}

size_t attachment_sealed_bytes(size_t byte_count)
{
    size_t left = padded_bytes(byte_count);
    size_t sealed = HEADER_BYTES;
    if (byte_count > ATTACHMENT_BYTES_MAX)
        return 0;
    for (int index = 0; left > 0; index++) {
        size_t held = held_bytes(index, left);
        sealed += held + MESSAGE_OVERHEAD_BYTES;
        left -= held;
    }
    return sealed;
}

int32_t attachment_chunk_count(size_t sealed_bytes)
{
    return (int32_t)((sealed_bytes + ATTACHMENT_CHUNK_BYTES - 1) / ATTACHMENT_CHUNK_BYTES);
}

static void additional_data(const struct attachment_place *place,
                            uint8_t ret_data[ADDITIONAL_BYTES])
{
    memcpy(ret_data, LABEL_ATTACHMENT, sizeof LABEL_ATTACHMENT);
    memcpy(ret_data + sizeof LABEL_ATTACHMENT, place->referral_id, 16);
    memcpy(ret_data + sizeof LABEL_ATTACHMENT + 16, place->attachment_id, 16);
}

static void push_all(const struct attachment_place *place, const uint8_t *padded, size_t left,
                     uint8_t *sealed)
{
    uint8_t data[ADDITIONAL_BYTES];
    crypto_secretstream_xchacha20poly1305_state state;
    additional_data(place, data);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&state, sealed, place->key);
    sealed += HEADER_BYTES;
    for (int index = 0; left > 0; index++) {
        size_t held = held_bytes(index, left);
        (void)crypto_secretstream_xchacha20poly1305_push(&state, sealed, NULL, padded, held, data,
                                                         sizeof data,
                                                         held == left ? TAG_FINAL : TAG_MESSAGE);
        sealed += held + MESSAGE_OVERHEAD_BYTES;
        padded += held;
        left -= held;
    }
    sodium_memzero(&state, sizeof state);
}

cpts_status attachment_seal(const struct attachment_place *place, const uint8_t *bytes,
                            size_t byte_count, uint8_t *ret_sealed, struct cpts_error *err)
{
    size_t padded_count = padded_bytes(byte_count);
    if (byte_count > ATTACHMENT_BYTES_MAX)
        return error_set(err, REASON_CONTENT_TOO_LARGE, "%zu bytes, at most %d", byte_count,
                         ATTACHMENT_BYTES_MAX);
    uint8_t *padded = calloc(1, padded_count);
    if (padded == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an attachment");
    if (byte_count > 0)
        memcpy(padded, bytes, byte_count);
    padded[byte_count] = PADDING_BYTE;
    push_all(place, padded, padded_count, ret_sealed);
    sodium_memzero(padded, padded_count);
    free(padded);
    return CPTS_OK;
}

/* Opens message after message; @return the padded bytes, 0 when one does not open. */
static size_t pull_all(const struct attachment_place *place, const uint8_t *sealed, size_t left,
                       uint8_t *ret_bytes)
{
    uint8_t data[ADDITIONAL_BYTES];
    crypto_secretstream_xchacha20poly1305_state state;
    unsigned char tag = TAG_MESSAGE;
    size_t opened = 0;
    additional_data(place, data);
    bool is_whole =
        crypto_secretstream_xchacha20poly1305_init_pull(&state, sealed, place->key) == 0;
    sealed += HEADER_BYTES;
    left -= HEADER_BYTES;
    for (int index = 0; is_whole && left > 0; index++) {
        size_t most = held_bytes(index, SIZE_MAX) + MESSAGE_OVERHEAD_BYTES;
        size_t message = left < most ? left : most;
        is_whole =
            tag == TAG_MESSAGE && message > MESSAGE_OVERHEAD_BYTES &&
            crypto_secretstream_xchacha20poly1305_pull(&state, ret_bytes + opened, NULL, &tag,
                                                       sealed, message, data, sizeof data) == 0;
        opened += message - MESSAGE_OVERHEAD_BYTES;
        sealed += message;
        left -= message;
    }
    sodium_memzero(&state, sizeof state);
    return is_whole && tag == TAG_FINAL ? opened : 0;
}

cpts_status attachment_open(const struct attachment_place *place, const uint8_t *sealed,
                            size_t sealed_bytes, uint8_t *ret_bytes, size_t *ret_byte_count,
                            struct cpts_error *err)
{
    size_t padded = 0;
    size_t byte_count = 0;
    if (sealed_bytes > HEADER_BYTES + MESSAGE_OVERHEAD_BYTES &&
        sealed_bytes <= attachment_sealed_bytes(ATTACHMENT_BYTES_MAX))
        padded = pull_all(place, sealed, sealed_bytes, ret_bytes);
    if (padded == 0 || padded % ATTACHMENT_STEP_BYTES != 0 ||
        sodium_unpad(&byte_count, ret_bytes, padded, ATTACHMENT_STEP_BYTES) != 0)
        return error_set(err, REASON_CONTENT_INVALID,
                         "the attachment does not open: changed, cut, or of another referral");
    *ret_byte_count = byte_count;
    return CPTS_OK;
}
