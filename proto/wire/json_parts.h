/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_JSON_PARTS_H
#define WIRE_JSON_PARTS_H

/**
 * @file
 * What json_write.c and json_read.c share; private to wire.
 *
 * Threads: any thread.
 */

#include <jansson.h>
#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;

/** Bytes of a field's key with its final NUL. */
#define JSON_NAME_BYTES 128

/** Bytes of a Timestamp's or Duration's text with its final NUL. */
#define JSON_TIME_BYTES 40

/** Messages with a form of their own. */
enum json_form { JSON_FORM_OBJECT, JSON_FORM_TIMESTAMP, JSON_FORM_DURATION, JSON_FORM_FIELD_MASK };

/** The form of a message type. */
enum json_form json_form_of(const ProtobufCMessageDescriptor *type);

/** Whether a field is a map: repeated, of a message <Name>Entry {key, value}. */
bool json_is_map(const ProtobufCFieldDescriptor *field);

/** lowerCamelCase of @p name_bytes bytes of a snake_case name.
 * @param ret_name  name_bytes + 1 bytes. @return its length. */
size_t json_name(const char *name, size_t name_bytes, char *ret_name);

/** Such a name of a field; the longest names are cut (none is). */
void json_field_name(const ProtobufCFieldDescriptor *field, char ret_name[JSON_NAME_BYTES]);

/** The field with that key: its lowerCamelCase name or its own. NULL: none. */
const ProtobufCFieldDescriptor *json_field(const ProtobufCMessageDescriptor *type, const char *key);

/** Bytes of one element of a field's C array. */
size_t json_element_bytes(ProtobufCType type);

/** RFC 3339 in UTC with 0, 3, 6 or 9 decimals.
 * @return false, output untouched, outside the years 1 to 9999. */
bool json_timestamp_format(int64_t seconds, int32_t nanos, char ret_text[JSON_TIME_BYTES]);

/** Reads RFC 3339 with any offset, up to 9 decimals.
 * @return false, outputs untouched, when @p text is not one. */
bool json_timestamp_parse(const char *text, int64_t *ret_seconds, int32_t *ret_nanos);

/** Seconds with 0, 3, 6 or 9 decimals and an `s`.
 * @return false, output untouched, beyond 10,000 years or with mixed signs. */
bool json_duration_format(int64_t seconds, int32_t nanos, char ret_text[JSON_TIME_BYTES]);

/** Reads such a text. @return false, outputs untouched, when it is not one. */
bool json_duration_parse(const char *text, int64_t *ret_seconds, int32_t *ret_nanos);

/** How reading one value ended. */
enum json_outcome { JSON_TAKEN, JSON_REFUSED, JSON_ARENA_FULL };

/** Reads one value of a field that is not a message to @p ret_value, which has
 * json_element_bytes(). Texts and bytes go to @p arena. */
enum json_outcome json_scalar_read(const ProtobufCFieldDescriptor *field, const json_t *value,
                                   struct arena *arena, void *ret_value);

/** Reads a message with a form of its own from its text. */
enum json_outcome json_special_read(const ProtobufCMessageDescriptor *type, const char *text,
                                    struct arena *arena, ProtobufCMessage **ret_message);

#endif
