/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_UNPACK_H
#define WIRE_UNPACK_H

/**
 * @file
 * Reading a peer's message without trusting it: protobuf-c has no depth limit,
 * no UTF-8 check and multiplies memory about a hundredfold.
 *
 * Threads: any thread; the arena is the caller's.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/** Deepest nesting of sub-messages accepted. Groups are refused. */
#define WIRE_DEPTH_MAX 32

/**
 * Unpacks @p bytes as @p type into @p arena.
 *
 * A scan over the wire comes first (depth, lengths, UTF-8 of every string
 * field, no NUL inside one), so that the library never sees a hostile message.
 *
 * @param ret_message  In the arena; set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT / MALFORMED_MESSAGE, MESSAGE_TOO_DEEP,
 *         INVALID_UTF8 (with the field's name) · RESOURCE_EXHAUSTED /
 *         MESSAGE_TOO_COMPLEX when the arena's budget is not enough.
 */
CPTS_MUST_CHECK cpts_status wire_unpack(const ProtobufCMessageDescriptor *type,
                                        const uint8_t *bytes, size_t byte_count,
                                        struct arena *arena, ProtobufCMessage **ret_message,
                                        struct cpts_error *err);

/** A sub-message as it stands among the bytes of its parent. */
struct wire_part {
    /** Its field in the parent; NULL: there is none. */
    const ProtobufCFieldDescriptor *field;
    const uint8_t *bytes;
    size_t byte_count;
    /** Bytes of its length, which stand right before it. */
    size_t prefix_byte_count;
};

/**
 * Finds what the only oneof of @p type, whose members are messages, holds, for
 * who passes it on as it is: nothing is unpacked, everything in @p bytes is
 * checked as wire_unpack() checks it. Of several members the last one counts.
 *
 * @param ret_part  Borrowed from @p bytes; set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT, as wire_unpack().
 */
CPTS_MUST_CHECK cpts_status wire_find_oneof(const ProtobufCMessageDescriptor *type,
                                            const uint8_t *bytes, size_t byte_count,
                                            struct wire_part *ret_part, struct cpts_error *err);

/** Whether @p byte_count bytes are well-formed UTF-8 (RFC 3629) without NUL. */
bool wire_is_utf8(const uint8_t *bytes, size_t byte_count);

/** Makes a text that may have been cut, or come from outside, UTF-8 again: a
 * sequence cut at the end is dropped; with any other bad byte, every byte that
 * is not ASCII becomes `?`. */
void wire_make_utf8(char *text);

#endif
