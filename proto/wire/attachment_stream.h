/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_ATTACHMENT_STREAM_H
#define WIRE_ATTACHMENT_STREAM_H

/**
 * @file
 * A sealed attachment, byte by byte: a libsodium secretstream
 * (XChaCha20-Poly1305) under a key of its own, cut into chunks.
 *
 *     padded      the file, one byte 0x80, zero bytes up to a multiple of
 *                 ATTACHMENT_STEP_BYTES
 *     chunk 0     the stream's header, 24 bytes, then a message
 *     chunk n     a message
 *
 * A message is 17 bytes longer than what it holds; every chunk but the last has
 * ATTACHMENT_CHUNK_BYTES. The last message has the tag FINAL, the others
 * MESSAGE: what is cut off, left out or turned round does not open. Additional
 * data of each: `cpts.fr/attachment/1`, a zero byte, referral id, attachment id.
 * The ciphertext is all chunks, one behind the other: byte n * ATTACHMENT_CHUNK_BYTES
 * is the first of chunk n; its SHA-256 is over the whole.
 *
 * The key is in the sealed content or note that mentions the attachment, so that
 * whoever opens that opens this.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <stddef.h>
#include <stdint.h>

/** Longest file: 10 MB. */
#define ATTACHMENT_BYTES_MAX 10000000
#define ATTACHMENT_CHUNK_BYTES 524288
#define ATTACHMENT_STEP_BYTES 65536
#define ATTACHMENT_KEY_BYTES 32

/** What an attachment belongs to, and its key. */
struct attachment_place {
    uint8_t referral_id[16];
    uint8_t attachment_id[16];
    uint8_t key[ATTACHMENT_KEY_BYTES];
};

/** Bytes of the ciphertext of a file of @p byte_count; 0 when that is too long. */
size_t attachment_sealed_bytes(size_t byte_count);

/** Chunks of a ciphertext of that many bytes. */
int32_t attachment_chunk_count(size_t sealed_bytes);

/** Seals a file. @param ret_sealed  Of attachment_sealed_bytes(). The place's key is used once.
 * @return CPTS_OK · INVALID_ARGUMENT / CONTENT_TOO_LARGE · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status attachment_seal(const struct attachment_place *place,
                                            const uint8_t *bytes, size_t byte_count,
                                            uint8_t *ret_sealed, struct cpts_error *err);

/** Opens a ciphertext. @param ret_bytes  Of @p sealed_bytes; secret. Undefined on failure.
 * @return CPTS_OK · FAILED_PRECONDITION / CONTENT_INVALID. */
CPTS_MUST_CHECK cpts_status attachment_open(const struct attachment_place *place,
                                            const uint8_t *sealed, size_t sealed_bytes,
                                            uint8_t *ret_bytes, size_t *ret_byte_count,
                                            struct cpts_error *err);

#endif
