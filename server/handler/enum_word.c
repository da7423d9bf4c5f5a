/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/enum_word.h"

#include <string.h>

#define ZERO "UNSPECIFIED"

/* Bytes that every name of the enum begins with. */
static size_t prefix_length(const ProtobufCEnumDescriptor *type)
{
    const ProtobufCEnumValue *zero = protobuf_c_enum_descriptor_get_value(type, 0);
    return zero == NULL ? 0 : strlen(zero->name) - strlen(ZERO);
}

const char *enum_word(const ProtobufCEnumDescriptor *type, int number)
{
    const ProtobufCEnumValue *value = protobuf_c_enum_descriptor_get_value(type, number);
    return number == 0 || value == NULL ? "" : value->name + prefix_length(type);
}

int enum_word_find(const ProtobufCEnumDescriptor *type, const char *word)
{
    size_t prefix = prefix_length(type);
    for (unsigned i = 0; i < type->n_values; i++) {
        if (type->values[i].value != 0 && strcmp(type->values[i].name + prefix, word) == 0)
            return type->values[i].value;
    }
    return 0;
}
