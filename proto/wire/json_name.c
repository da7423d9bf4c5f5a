/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wire/json_parts.h"

enum json_form json_form_of(const ProtobufCMessageDescriptor *type)
{
    if (strcmp(type->name, "google.protobuf.Timestamp") == 0)
        return JSON_FORM_TIMESTAMP;
    if (strcmp(type->name, "google.protobuf.Duration") == 0)
        return JSON_FORM_DURATION;
    if (strcmp(type->name, "google.protobuf.FieldMask") == 0)
        return JSON_FORM_FIELD_MASK;
    return JSON_FORM_OBJECT;
}

bool json_is_map(const ProtobufCFieldDescriptor *field)
{
    if (field->label != PROTOBUF_C_LABEL_REPEATED || field->type != PROTOBUF_C_TYPE_MESSAGE)
        return false;
    const ProtobufCMessageDescriptor *entry = field->descriptor;
    size_t length = strlen(entry->short_name);
    size_t suffix = strlen("Entry");
    return length > suffix && strcmp(entry->short_name + length - suffix, "Entry") == 0 &&
           entry->n_fields == 2 && strcmp(entry->fields[0].name, "key") == 0 &&
           strcmp(entry->fields[1].name, "value") == 0;
}

static char to_upper(char letter)
{
    return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

size_t json_name(const char *name, size_t name_bytes, char *ret_name)
{
    size_t length = 0;
    bool raise = false;
    for (size_t i = 0; i < name_bytes; i++) {
        if (name[i] != '_')
            ret_name[length++] = raise ? to_upper(name[i]) : name[i];
        raise = name[i] == '_';
    }
    ret_name[length] = '\0';
    return length;
}

void json_field_name(const ProtobufCFieldDescriptor *field, char ret_name[JSON_NAME_BYTES])
{
    json_name(field->name, strnlen(field->name, JSON_NAME_BYTES - 1), ret_name);
}

const ProtobufCFieldDescriptor *json_field(const ProtobufCMessageDescriptor *type, const char *key)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        char name[JSON_NAME_BYTES];
        json_field_name(&type->fields[i], name);
        if (strcmp(name, key) == 0 || strcmp(type->fields[i].name, key) == 0)
            return &type->fields[i];
    }
    return NULL;
}

size_t json_element_bytes(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_SINT64:
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return 8;
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_MESSAGE:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    default: /* 32-bit numbers, float, and int-sized bool and enum */
        return 4;
    }
}
