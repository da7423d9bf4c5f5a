/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <google/protobuf/duration.pb-c.h>
#include <google/protobuf/field_mask.pb-c.h>
#include <google/protobuf/timestamp.pb-c.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire/json.h"
#include "wire/json_parts.h"

/* Fewest significant digits that bring every double of the message back;
 * jansson takes one precision for a whole document. */
struct writer {
    int digits;
};

static json_t *write_message(struct writer *writer, const ProtobufCMessage *message);

/* A special number is a string in this mapping. */
static json_t *write_real(struct writer *writer, double number, bool is_float)
{
    if (isnan(number))
        return json_string("NaN");
    if (isinf(number))
        return json_string(number > 0 ? "Infinity" : "-Infinity");
    int digits = is_float ? FLT_DIG : DBL_DIG;
    for (; digits < (is_float ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG); digits++) {
        char text[512]; /* so much only because the compiler takes %g for %f */
        snprintf(text, sizeof text, "%.*g", digits, number);
        double again = strtod(text, NULL);
        if (is_float ? (float)again == (float)number : again == number)
            break;
    }
    if (digits > writer->digits)
        writer->digits = digits;
    return json_real(number);
}

static json_t *write_bytes(const ProtobufCBinaryData *bytes)
{
    size_t text_bytes = sodium_base64_encoded_len(bytes->len, sodium_base64_VARIANT_ORIGINAL);
    char *text = malloc(text_bytes);
    if (text == NULL)
        return NULL;
    sodium_bin2base64(text, text_bytes, bytes->data, bytes->len, sodium_base64_VARIANT_ORIGINAL);
    json_t *value = json_string(text);
    free(text);
    return value;
}

/* A value of an enum that this build does not know stays a number. */
static json_t *write_enum(const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    return value == NULL ? json_integer(number) : json_string(value->name);
}

static json_t *write_field_mask(const Google__Protobuf__FieldMask *mask)
{
    size_t text_bytes = 1;
    for (size_t i = 0; i < mask->n_paths; i++)
        text_bytes += strlen(mask->paths[i]) + 1;
    char *text = malloc(text_bytes);
    if (text == NULL)
        return NULL;
    size_t length = 0;
    for (size_t i = 0; i < mask->n_paths; i++) {
        if (i > 0)
            text[length++] = ',';
        length += json_name(mask->paths[i], strlen(mask->paths[i]), text + length);
    }
    text[length] = '\0';
    json_t *value = json_string(text);
    free(text);
    return value;
}

/* A time outside the range of its text form has none: null. */
static json_t *write_time(const ProtobufCMessage *message, enum json_form form)
{
    char text[JSON_TIME_BYTES];
    bool written;
    if (form == JSON_FORM_TIMESTAMP) {
        const Google__Protobuf__Timestamp *time = (const Google__Protobuf__Timestamp *)message;
        written = json_timestamp_format(time->seconds, time->nanos, text);
    } else {
        const Google__Protobuf__Duration *time = (const Google__Protobuf__Duration *)message;
        written = json_duration_format(time->seconds, time->nanos, text);
    }
    return written ? json_string(text) : json_null();
}

static json_t *write_long(const void *at, bool is_signed)
{
    char text[24];
    if (is_signed)
        snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)at);
    else
        snprintf(text, sizeof text, "%" PRIu64, *(const uint64_t *)at);
    return json_string(text);
}

/* One value of a field; NULL when memory is out. */
static json_t *write_value(struct writer *writer, const ProtobufCFieldDescriptor *field,
                           const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_SINT32:
    case PROTOBUF_C_TYPE_SFIXED32:
        return json_integer(*(const int32_t *)at);
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_FIXED32:
        return json_integer(*(const uint32_t *)at);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
        return write_long(at, true);
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
        return write_long(at, false);
    case PROTOBUF_C_TYPE_FLOAT:
        return write_real(writer, (double)*(const float *)at, true);
    case PROTOBUF_C_TYPE_DOUBLE:
        return write_real(writer, *(const double *)at, false);
    case PROTOBUF_C_TYPE_BOOL:
        return json_boolean(*(const protobuf_c_boolean *)at);
    case PROTOBUF_C_TYPE_ENUM:
        return write_enum(field->descriptor, *(const int *)at);
    case PROTOBUF_C_TYPE_STRING: {
        const char *text = *(const char *const *)at;
        return json_string(text == NULL ? "" : text);
    }
    case PROTOBUF_C_TYPE_BYTES:
        return write_bytes(at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return write_message(writer, *(const ProtobufCMessage *const *)at);
    }
    return NULL;
}

static const uint8_t *element(const ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, size_t index)
{
    const uint8_t *elements = *(const uint8_t *const *)((const uint8_t *)message + field->offset);
    return elements + index * json_element_bytes(field->type);
}

static json_t *write_array(struct writer *writer, const ProtobufCMessage *message,
                           const ProtobufCFieldDescriptor *field, size_t count)
{
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < count; i++) {
        if (json_array_append_new(array, write_value(writer, field, element(message, field, i))) <
            0) {
            json_decref(array);
            array = NULL;
        }
    }
    return array;
}

/* A key that is not a text is written as its JSON text, as the mapping says. */
static bool write_map_entry(struct writer *writer, json_t *object, const ProtobufCMessage *entry)
{
    const ProtobufCFieldDescriptor *fields = entry->descriptor->fields;
    const uint8_t *base = (const uint8_t *)entry;
    json_t *key = write_value(writer, &fields[0], base + fields[0].offset);
    json_t *value = write_value(writer, &fields[1], base + fields[1].offset);
    char *text = json_is_string(key) || key == NULL ? NULL : json_dumps(key, JSON_ENCODE_ANY);
    const char *name = json_is_string(key) ? json_string_value(key) : text;
    bool written = name != NULL && json_object_set_new(object, name, value) == 0;
    if (name == NULL)
        json_decref(value);
    free(text);
    json_decref(key);
    return written;
}

static json_t *write_map(struct writer *writer, const ProtobufCMessage *message,
                         const ProtobufCFieldDescriptor *field, size_t count)
{
    json_t *object = json_object();
    for (size_t i = 0; object != NULL && i < count; i++) {
        const ProtobufCMessage *entry =
            *(const ProtobufCMessage *const *)element(message, field, i);
        if (!write_map_entry(writer, object, entry)) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

/* Whether a field that is not repeated has something to be written. */
static bool is_present(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const uint8_t *base = (const uint8_t *)message;
    if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
        return *(const uint32_t *)(base + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return *(const void *const *)(base + field->offset) != NULL;
    if (field->label != PROTOBUF_C_LABEL_OPTIONAL)
        return true;
    if (field->type == PROTOBUF_C_TYPE_STRING)
        return *(const void *const *)(base + field->offset) != NULL;
    return *(const protobuf_c_boolean *)(base + field->quantifier_offset) != 0;
}

/* Adds a field to an object; false when memory is out. */
static bool write_field(struct writer *writer, json_t *object, const ProtobufCMessage *message,
                        const ProtobufCFieldDescriptor *field)
{
    const uint8_t *base = (const uint8_t *)message;
    json_t *value;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        size_t count = *(const size_t *)(base + field->quantifier_offset);
        value = json_is_map(field) ? write_map(writer, message, field, count)
                                   : write_array(writer, message, field, count);
    } else if (is_present(message, field)) {
        value = write_value(writer, field, base + field->offset);
    } else {
        return true;
    }
    char name[JSON_NAME_BYTES];
    json_field_name(field, name);
    return json_object_set_new(object, name, value) == 0;
}

static json_t *write_message(struct writer *writer, const ProtobufCMessage *message)
{
    if (message == NULL) /* a map's entry without its value */
        return json_null();
    const ProtobufCMessageDescriptor *type = message->descriptor;
    enum json_form form = json_form_of(type);
    if (form == JSON_FORM_FIELD_MASK)
        return write_field_mask((const Google__Protobuf__FieldMask *)message);
    if (form != JSON_FORM_OBJECT)
        return write_time(message, form);
    json_t *object = json_object();
    for (unsigned i = 0; object != NULL && i < type->n_fields; i++) {
        if (!write_field(writer, object, message, &type->fields[i])) {
            json_decref(object);
            object = NULL;
        }
    }
    return object;
}

char *json_write(const ProtobufCMessage *message, int indent_spaces)
{
    struct writer writer = {.digits = FLT_DIG};
    json_t *value = write_message(&writer, message);
    if (value == NULL)
        return NULL;
    size_t flags = JSON_ENCODE_ANY | JSON_REAL_PRECISION((size_t)writer.digits);
    flags |= indent_spaces > 0 ? JSON_INDENT((size_t)indent_spaces) : JSON_COMPACT;
    char *text = json_dumps(value, flags);
    json_decref(value);
    return text;
}
