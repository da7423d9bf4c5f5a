/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_CANONICAL_H
#define WIRE_CANONICAL_H

/**
 * @file
 * Bytes that are the same wherever a message is packed, for what is signed.
 *
 * Protobuf's own packing is not canonical. Here the fields come in the order of
 * their numbers; one with its default value is left out, and each other one is
 *
 *     number   4 bytes, big-endian
 *     length   4 bytes, big-endian, of what follows
 *     value    text and bytes: as they are · bool, int32, int64, enum: 8 bytes,
 *              big-endian two's complement · message: its canonical bytes
 *
 * An absent message is left out, a present and empty one has length 0. A field
 * that is added later and not set changes nothing. Refused, because two readers
 * could take it differently: unknown fields, repeated fields, floating point.
 *
 * Threads: pure functions, any thread.
 */

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Bytes being put together; `failed` once something did not fit or is refused. */
struct canonical {
    uint8_t *bytes;
    size_t capacity;
    size_t count;
    bool failed;
};

/** Appends bytes as they are. */
void canonical_put(struct canonical *canonical, const void *bytes, size_t byte_count);

/** Appends a number as four big-endian bytes. */
void canonical_put_number(struct canonical *canonical, uint32_t number);

/** Appends the canonical bytes of @p message, at most 8 levels deep. */
void canonical_put_message(struct canonical *canonical, const ProtobufCMessage *message);

#endif
