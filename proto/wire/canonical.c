/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/canonical.h"

#include <string.h>

#define LEVELS_MAX 8

void canonical_put(struct canonical *canonical, const void *bytes, size_t byte_count)
{
    if (canonical->failed || byte_count > canonical->capacity - canonical->count) {
        canonical->failed = true;
        return;
    }
    if (byte_count > 0)
        memcpy(canonical->bytes + canonical->count, bytes, byte_count);
    canonical->count += byte_count;
}

void canonical_put_number(struct canonical *canonical, uint32_t number)
{
    const uint8_t bytes[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                              (uint8_t)(number >> 8), (uint8_t)number};
    canonical_put(canonical, bytes, sizeof bytes);
}

static void put_head(struct canonical *canonical, const ProtobufCFieldDescriptor *field,
                     size_t byte_count)
{
    canonical_put_number(canonical, field->id);
    canonical_put_number(canonical, (uint32_t)byte_count);
}

static void put_bytes(struct canonical *canonical, const ProtobufCFieldDescriptor *field,
                      const void *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return;
    if (byte_count > UINT32_MAX) {
        canonical->failed = true;
        return;
    }
    put_head(canonical, field, byte_count);
    canonical_put(canonical, bytes, byte_count);
}

static void put_integer(struct canonical *canonical, const ProtobufCFieldDescriptor *field,
                        int64_t number)
{
    if (number == 0)
        return;
    put_head(canonical, field, sizeof number);
    canonical_put_number(canonical, (uint32_t)((uint64_t)number >> 32));
    canonical_put_number(canonical, (uint32_t)(uint64_t)number);
}

static void put_fields(struct canonical *canonical, const ProtobufCMessage *message, int level);

/* The length is known once the message is written: it is put in afterwards. */
static void put_nested(struct canonical *canonical, const ProtobufCFieldDescriptor *field,
                       const ProtobufCMessage *message, int level)
{
    if (message == NULL)
        return;
    put_head(canonical, field, 0);
    size_t begin = canonical->count;
    put_fields(canonical, message, level + 1);
    if (canonical->failed)
        return;
    struct canonical length = {canonical->bytes + begin - 4, 4, 0, false};
    canonical_put_number(&length, (uint32_t)(canonical->count - begin));
}

static void put_field(struct canonical *canonical, const ProtobufCFieldDescriptor *field,
                      const void *member, int level)
{
    const ProtobufCBinaryData *data = member;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        put_bytes(canonical, field, *(char *const *)member, strlen(*(char *const *)member));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        put_bytes(canonical, field, data->data, data->len);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        put_integer(canonical, field, *(const protobuf_c_boolean *)member != 0);
        break;
    case PROTOBUF_C_TYPE_ENUM:
    case PROTOBUF_C_TYPE_INT32:
        put_integer(canonical, field, *(const int32_t *)member);
        break;
    case PROTOBUF_C_TYPE_INT64:
        put_integer(canonical, field, *(const int64_t *)member);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        put_nested(canonical, field, *(ProtobufCMessage *const *)member, level);
        break;
    default:
        canonical->failed = true;
    }
}

/* Whether a member of a oneof is the one that is set; true for any other field. */
static bool is_chosen(const ProtobufCFieldDescriptor *field, const ProtobufCMessage *message)
{
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0)
        return true;
    uint32_t chosen = 0;
    memcpy(&chosen, (const char *)message + field->quantifier_offset, sizeof chosen);
    return chosen == field->id;
}

/* Descriptors have their fields in the order of their numbers. */
static void put_fields(struct canonical *canonical, const ProtobufCMessage *message, int level)
{
    if (level >= LEVELS_MAX || message->n_unknown_fields != 0)
        canonical->failed = true;
    for (unsigned i = 0; !canonical->failed && i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            canonical->failed = true;
        else if (is_chosen(field, message))
            put_field(canonical, field, (const char *)message + field->offset, level);
    }
}

void canonical_put_message(struct canonical *canonical, const ProtobufCMessage *message)
{
    put_fields(canonical, message, 0);
}
