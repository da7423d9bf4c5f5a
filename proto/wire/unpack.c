/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/unpack.h"

#include <stdio.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/reason.h"

#define VARINT_BYTES_MAX 10
#define TAG_BYTES_MAX 5
#define LENGTH_BYTES_MAX 5
#define TAG_NUMBER_MAX ((1u << 29) - 1)

/* What is left of the bytes being read. */
struct cursor {
    const uint8_t *at;
    const uint8_t *end;
};

/* One field as it stands on the wire. */
struct wire_field {
    uint32_t number;
    unsigned wire_type;
    const uint8_t *bytes;
    size_t byte_count;
    size_t prefix_byte_count; /* of the length before them */
};

/* Why a scan stopped, and where. */
struct fault {
    enum reason reason;
    const char *sentence;
    char path[CPTS_FIELD_BYTES];
};

static bool stop(struct fault *fault, enum reason reason, const char *sentence)
{
    fault->reason = reason;
    fault->sentence = sentence;
    return false;
}

static bool read_varint(struct cursor *cursor, int bytes_max, uint64_t *ret_value)
{
    uint64_t value = 0;
    for (int i = 0; i < bytes_max && cursor->at < cursor->end; i++) {
        uint8_t byte = *cursor->at++;
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    return false;
}

static bool skip(struct cursor *cursor, uint64_t byte_count)
{
    if (byte_count > (uint64_t)(cursor->end - cursor->at))
        return false;
    cursor->at += byte_count;
    return true;
}

static bool read_value(struct cursor *cursor, unsigned wire_type)
{
    uint64_t ignored;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
        return read_varint(cursor, VARINT_BYTES_MAX, &ignored);
    case PROTOBUF_C_WIRE_TYPE_64BIT:
        return skip(cursor, 8);
    case PROTOBUF_C_WIRE_TYPE_32BIT:
        return skip(cursor, 4);
    default: /* groups: no schema here has one, and the library refuses them */
        return false;
    }
}

static bool read_field(struct cursor *cursor, struct wire_field *ret_field)
{
    uint64_t key;
    uint64_t length;
    if (!read_varint(cursor, TAG_BYTES_MAX, &key) || key >> 3 == 0 || key >> 3 > TAG_NUMBER_MAX)
        return false;
    ret_field->number = (uint32_t)(key >> 3);
    ret_field->wire_type = key & 7;
    const uint8_t *value = cursor->at;
    bool prefixed = ret_field->wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    if (prefixed && !read_varint(cursor, LENGTH_BYTES_MAX, &length))
        return false;
    ret_field->bytes = cursor->at;
    if (!(prefixed ? skip(cursor, length) : read_value(cursor, ret_field->wire_type)))
        return false;
    ret_field->byte_count = (size_t)(cursor->at - ret_field->bytes);
    ret_field->prefix_byte_count = (size_t)(ret_field->bytes - value);
    return true;
}

static unsigned wire_type_of(ProtobufCType type)
{
    switch (type) {
    case PROTOBUF_C_TYPE_STRING:
    case PROTOBUF_C_TYPE_BYTES:
    case PROTOBUF_C_TYPE_MESSAGE:
        return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
    case PROTOBUF_C_TYPE_SFIXED32:
    case PROTOBUF_C_TYPE_FIXED32:
    case PROTOBUF_C_TYPE_FLOAT:
        return PROTOBUF_C_WIRE_TYPE_32BIT;
    case PROTOBUF_C_TYPE_SFIXED64:
    case PROTOBUF_C_TYPE_FIXED64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return PROTOBUF_C_WIRE_TYPE_64BIT;
    default:
        return PROTOBUF_C_WIRE_TYPE_VARINT;
    }
}

static bool check_packed(const struct wire_field *found, unsigned element_wire_type,
                         struct fault *fault)
{
    struct cursor cursor = {found->bytes, found->bytes + found->byte_count};
    while (cursor.at < cursor.end) {
        if (!read_value(&cursor, element_wire_type))
            return stop(fault, REASON_MALFORMED_MESSAGE, "a packed list is cut short");
    }
    return true;
}

static bool check_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                          size_t byte_count, int depth, struct fault *fault);

static bool check_field(const ProtobufCFieldDescriptor *field, const struct wire_field *found,
                        int depth, struct fault *fault)
{
    unsigned expected = wire_type_of(field->type);
    if (found->wire_type != expected) {
        if (field->label != PROTOBUF_C_LABEL_REPEATED ||
            found->wire_type != PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED)
            return stop(fault, REASON_MALFORMED_MESSAGE, "a field has another type");
        return check_packed(found, expected, fault);
    }
    if (field->type == PROTOBUF_C_TYPE_STRING && !wire_is_utf8(found->bytes, found->byte_count))
        return stop(fault, REASON_INVALID_UTF8, "a text is not UTF-8, or holds a NUL");
    if (field->type != PROTOBUF_C_TYPE_MESSAGE)
        return true;
    if (depth == WIRE_DEPTH_MAX)
        return stop(fault, REASON_MESSAGE_TOO_DEEP, "messages are nested too deeply");
    return check_message(field->descriptor, found->bytes, found->byte_count, depth + 1, fault);
}

/* How often a field occurs in well-formed bytes before `end`. */
static size_t occurrences(const uint8_t *bytes, const uint8_t *end, uint32_t number)
{
    struct cursor cursor = {bytes, end};
    struct wire_field found;
    size_t count = 0;
    while (cursor.at < end && read_field(&cursor, &found))
        count += found.number == number;
    return count;
}

/* Puts one step in front of the path of the fault; what no longer fits is cut
 * at the far end. */
static void prepend(struct fault *fault, const ProtobufCFieldDescriptor *field, size_t index)
{
    char step[CPTS_FIELD_BYTES];
    const char *dot = fault->path[0] == '\0' ? "" : ".";
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        snprintf(step, sizeof step, "%s[%zu]%s", field->name, index, dot);
    else
        snprintf(step, sizeof step, "%s%s", field->name, dot);
    size_t step_bytes = strlen(step);
    size_t kept_bytes = strlen(fault->path);
    if (kept_bytes > sizeof fault->path - 1 - step_bytes)
        kept_bytes = sizeof fault->path - 1 - step_bytes;
    memmove(fault->path + step_bytes, fault->path, kept_bytes);
    memcpy(fault->path, step, step_bytes);
    fault->path[step_bytes + kept_bytes] = '\0';
}

static bool check_message(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                          size_t byte_count, int depth, struct fault *fault)
{
    struct cursor cursor = {bytes, bytes + byte_count};
    while (cursor.at < cursor.end) {
        const uint8_t *start = cursor.at;
        struct wire_field found;
        if (!read_field(&cursor, &found))
            return stop(fault, REASON_MALFORMED_MESSAGE, "the bytes are not a protobuf message");
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, found.number);
        if (field == NULL || check_field(field, &found, depth, fault))
            continue;
        prepend(fault, field, occurrences(bytes, start, found.number));
        return false;
    }
    return true;
}

static cpts_status check(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                         size_t byte_count, struct cpts_error *err)
{
    struct fault fault = {.path = ""};
    if (check_message(type, bytes, byte_count, 0, &fault))
        return CPTS_OK;
    return error_set_field(err, fault.reason, fault.path, "%s: %s", type->short_name,
                           fault.sentence);
}

cpts_status wire_find_oneof(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                            size_t byte_count, struct wire_part *ret_part, struct cpts_error *err)
{
    struct cursor cursor = {bytes, bytes + byte_count};
    struct wire_part part = {0};
    struct wire_field found;
    cpts_status status = check(type, bytes, byte_count, err);
    if (status != CPTS_OK)
        return status;
    while (cursor.at < cursor.end && read_field(&cursor, &found)) {
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field(type, found.number);
        if (field != NULL && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            part =
                (struct wire_part){field, found.bytes, found.byte_count, found.prefix_byte_count};
    }
    *ret_part = part;
    return CPTS_OK;
}

/* The arena as protobuf-c sees it, with a note of whether it was ever full:
 * the library answers NULL for that and for anything else. */
struct watched_arena {
    ProtobufCAllocator allocator;
    ProtobufCAllocator *arena;
    bool full;
};

static void *watched_alloc(void *allocator_data, size_t size_bytes)
{
    struct watched_arena *watched = allocator_data;
    void *memory = watched->arena->alloc(watched->arena->allocator_data, size_bytes);
    watched->full = watched->full || memory == NULL;
    return memory;
}

static void watched_free(void *allocator_data, void *memory)
{
    (void)allocator_data;
    (void)memory;
}

cpts_status wire_unpack(const ProtobufCMessageDescriptor *type, const uint8_t *bytes,
                        size_t byte_count, struct arena *arena, ProtobufCMessage **ret_message,
                        struct cpts_error *err)
{
    cpts_status status = check(type, bytes, byte_count, err);
    if (status != CPTS_OK)
        return status;
    struct watched_arena watched = {.arena = arena_allocator(arena)};
    watched.allocator = (ProtobufCAllocator){watched_alloc, watched_free, &watched};
    ProtobufCMessage *message =
        protobuf_c_message_unpack(type, &watched.allocator, byte_count, bytes);
    if (message == NULL && watched.full)
        return error_set(err, REASON_MESSAGE_TOO_COMPLEX,
                         "%s: the message needs more memory than a call may use", type->short_name);
    if (message == NULL)
        return error_set(err, REASON_MALFORMED_MESSAGE, "%s: the library refused the message",
                         type->short_name);
    *ret_message = message;
    return CPTS_OK;
}
