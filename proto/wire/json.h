/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JSON_H
#define WIRE_JSON_H

/**
 * @file
 * The proto3 JSON mapping, driven by descriptors
 * (https://protobuf.dev/programming-guides/json/): lowerCamelCase names,
 * 64-bit integers as strings, enums by name, bytes as base64, Timestamp as
 * RFC 3339, FieldMask as one string. Fields with default values are written
 * too (so that a reader finds every key), absent sub-messages and unset oneofs
 * are not; a time outside the range of its text form is null.
 * google.protobuf.Any and maps in requests are not supported.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <protobuf-c/protobuf-c.h>

struct arena;

/** JSON text of @p message, NUL-terminated, from malloc: the caller frees it.
 * @param indent_spaces  0 = one line. @return NULL when memory is out. */
char *json_write(const ProtobufCMessage *message, int indent_spaces);

/** Reads @p text (UTF-8, @p text_bytes long, at most 32 levels and
 * 200,000 values) as @p type into @p arena; unknown keys are refused.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID with the path of the key,
 *         MALFORMED_MESSAGE, MESSAGE_TOO_DEEP ·
 *         RESOURCE_EXHAUSTED / MESSAGE_TOO_COMPLEX. */
CPTS_MUST_CHECK cpts_status json_read(const ProtobufCMessageDescriptor *type, const char *text,
                                      size_t text_bytes, struct arena *arena,
                                      ProtobufCMessage **ret_message, struct cpts_error *err);

#endif
