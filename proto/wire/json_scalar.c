/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <float.h>
#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/json_parts.h"

/* 2^63, the first double beyond the signed 64-bit integers. */
#define INT64_BEYOND 9223372036854775808.0

static enum json_outcome taken(bool is_taken)
{
    return is_taken ? JSON_TAKEN : JSON_REFUSED;
}

/* A decimal integer and nothing else: strtoll alone takes blanks and signs. */
static bool is_decimal(const char *text)
{
    const char *digits = *text == '-' ? text + 1 : text;
    return *digits != '\0' && strspn(digits, "0123456789") == strlen(digits);
}

static bool read_signed(const json_t *value, int64_t min, int64_t max, int64_t *ret_number)
{
    int64_t number;
    if (json_is_integer(value)) {
        number = json_integer_value(value);
    } else if (json_is_real(value)) {
        double real = json_real_value(value);
        if (!(real >= -INT64_BEYOND && real < INT64_BEYOND) || real != trunc(real))
            return false;
        number = (int64_t)real;
    } else {
        const char *text = json_string_value(value);
        if (text == NULL || !is_decimal(text))
            return false;
        errno = 0;
        number = strtoll(text, NULL, 10);
        if (errno != 0)
            return false;
    }
    *ret_number = number;
    return number >= min && number <= max;
}

static bool read_int32(const json_t *value, int32_t *ret_number)
{
    int64_t number;
    bool read = read_signed(value, INT32_MIN, INT32_MAX, &number);
    if (read)
        *ret_number = (int32_t)number;
    return read;
}

static bool read_uint32(const json_t *value, uint32_t *ret_number)
{
    int64_t number;
    bool read = read_signed(value, 0, UINT32_MAX, &number);
    if (read)
        *ret_number = (uint32_t)number;
    return read;
}

static bool read_uint64(const json_t *value, uint64_t *ret_number)
{
    int64_t number = 0;
    const char *text = json_string_value(value);
    bool read;
    if (text == NULL) {
        read = read_signed(value, 0, INT64_MAX, &number);
        if (read)
            *ret_number = (uint64_t)number;
        return read;
    }
    errno = 0;
    read = is_decimal(text) && *text != '-';
    uint64_t wide = read ? strtoull(text, NULL, 10) : 0;
    read = read && errno == 0;
    if (read)
        *ret_number = wide;
    return read;
}

static bool read_double(const json_t *value, double *ret_number)
{
    const char *text = json_string_value(value);
    if (text == NULL) {
        if (json_is_number(value))
            *ret_number = json_number_value(value);
        return json_is_number(value);
    }
    if (strcmp(text, "NaN") == 0)
        *ret_number = (double)NAN;
    else if (strcmp(text, "Infinity") == 0)
        *ret_number = (double)INFINITY;
    else if (strcmp(text, "-Infinity") == 0)
        *ret_number = -(double)INFINITY;
    else if (*text == '\0' || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    else {
        char *end;
        *ret_number = strtod(text, &end);
        return *end == '\0' && isfinite(*ret_number);
    }
    return true;
}

static bool read_float(const json_t *value, float *ret_number)
{
    double number;
    if (!read_double(value, &number) || (isfinite(number) && fabs(number) > (double)FLT_MAX))
        return false;
    *ret_number = (float)number;
    return true;
}

static bool read_bool(const json_t *value, protobuf_c_boolean *ret_truth)
{
    if (json_is_boolean(value))
        *ret_truth = json_is_true(value);
    return json_is_boolean(value);
}

/* A name, or the number of a value that this build may not know. */
static bool read_enum(const ProtobufCEnumDescriptor *type, const json_t *value, int32_t *ret_number)
{
    const char *name = json_string_value(value);
    if (name == NULL)
        return json_is_integer(value) && read_int32(value, ret_number);
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value_by_name(type, name);
    if (known != NULL)
        *ret_number = known->value;
    return known != NULL;
}

static enum json_outcome read_string(const json_t *value, struct arena *arena, char **ret_text)
{
    if (!json_is_string(value))
        return JSON_REFUSED;
    char *text = arena_copy(arena, json_string_value(value), json_string_length(value));
    if (text == NULL)
        return JSON_ARENA_FULL;
    *ret_text = text;
    return JSON_TAKEN;
}

/* Base64, either alphabet, with or without padding. */
static enum json_outcome read_bytes(const json_t *value, struct arena *arena,
                                    ProtobufCBinaryData *ret_bytes)
{
    static const int VARIANTS[] = {
        sodium_base64_VARIANT_ORIGINAL, sodium_base64_VARIANT_ORIGINAL_NO_PADDING,
        sodium_base64_VARIANT_URLSAFE, sodium_base64_VARIANT_URLSAFE_NO_PADDING};
    if (!json_is_string(value))
        return JSON_REFUSED;
    size_t text_bytes = json_string_length(value);
    size_t room = text_bytes / 4 * 3 + 3;
    uint8_t *data = arena_alloc(arena, room);
    if (data == NULL)
        return JSON_ARENA_FULL;
    for (size_t i = 0; i < sizeof VARIANTS / sizeof VARIANTS[0]; i++) {
        size_t length;
        if (sodium_base642bin(data, room, json_string_value(value), text_bytes, NULL, &length, NULL,
                              VARIANTS[i]) == 0) {
            *ret_bytes = (ProtobufCBinaryData){length, data};
            return JSON_TAKEN;
        }
    }
    return JSON_REFUSED;
}

enum json_outcome json_scalar_read(const ProtobufCFieldDescriptor *field, const json_t *value,
                                   struct arena *arena, void *ret_value)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return taken(read_int32(value, ret_value));
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return taken(read_uint32(value, ret_value));
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return taken(read_signed(value, INT64_MIN, INT64_MAX, ret_value));
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return taken(read_uint64(value, ret_value));
    case PROTOBUF_C_TYPE_FLOAT:
        return taken(read_float(value, ret_value));
    case PROTOBUF_C_TYPE_DOUBLE:
        return taken(read_double(value, ret_value));
    case PROTOBUF_C_TYPE_BOOL:
        return taken(read_bool(value, ret_value));
    case PROTOBUF_C_TYPE_ENUM:
        return taken(read_enum(field->descriptor, value, ret_value));
    case PROTOBUF_C_TYPE_STRING:
        return read_string(value, arena, ret_value);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(value, arena, ret_value);
    case PROTOBUF_C_TYPE_MESSAGE: /* json_read.c's */
        break;
    }
    return JSON_REFUSED;
}
