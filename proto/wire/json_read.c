/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/error.h"
#include "wire/json.h"
#include "wire/json_parts.h"
#include "wire/reason.h"

/* Brackets that may be open at once. */
#define LEVELS_MAX 32
/* jansson's tree takes about a hundred bytes a value, outside the arena. */
#define VALUES_MAX 200000

struct reader {
    struct arena *arena;
    struct cpts_error *err;
    /* Path of the key being read. */
    char path[CPTS_FIELD_BYTES];
    size_t path_bytes;
};

/* Makes the path longer; leave() takes the step back. A path that does not
 * fit is cut. @return the length before. */
static size_t enter(struct reader *reader, const char *step)
{
    size_t before = reader->path_bytes;
    size_t room = sizeof reader->path - before;
    int wanted = snprintf(reader->path + before, room, "%s", step);
    if (wanted > 0)
        reader->path_bytes += (size_t)wanted < room ? (size_t)wanted : room - 1;
    return before;
}

static void leave(struct reader *reader, size_t before)
{
    reader->path_bytes = before;
    reader->path[before] = '\0';
}

static cpts_status refuse(struct reader *reader, const char *sentence)
{
    return error_set_field(reader->err, REASON_FIELD_INVALID, reader->path, "%s", sentence);
}

static cpts_status arena_is_full(struct reader *reader)
{
    return error_set_field(reader->err, REASON_MESSAGE_TOO_COMPLEX, reader->path,
                           "the message needs more memory than a call may use");
}

static cpts_status conclude(struct reader *reader, enum json_outcome outcome, const char *sentence)
{
    if (outcome == JSON_ARENA_FULL)
        return arena_is_full(reader);
    return outcome == JSON_REFUSED ? refuse(reader, sentence) : CPTS_OK;
}

static cpts_status read_message(struct reader *reader, const ProtobufCMessageDescriptor *type,
                                json_t *value, ProtobufCMessage **ret_message);

static cpts_status read_value(struct reader *reader, const ProtobufCFieldDescriptor *field,
                              json_t *value, void *ret_value)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE)
        return read_message(reader, field->descriptor, value, ret_value);
    enum json_outcome outcome = json_scalar_read(field, value, reader->arena, ret_value);
    return conclude(reader, outcome, "the value does not fit the field's type");
}

static cpts_status read_array(struct reader *reader, ProtobufCMessage *message,
                              const ProtobufCFieldDescriptor *field, json_t *value)
{
    if (!json_is_array(value))
        return refuse(reader, "an array is expected");
    size_t count = json_array_size(value);
    size_t element_bytes = json_element_bytes(field->type);
    uint8_t *elements = arena_alloc(reader->arena, count * element_bytes);
    if (elements == NULL)
        return arena_is_full(reader);
    for (size_t i = 0; i < count; i++) {
        char step[32];
        snprintf(step, sizeof step, "[%zu]", i);
        size_t before = enter(reader, step);
        cpts_status status =
            read_value(reader, field, json_array_get(value, i), elements + i * element_bytes);
        if (status != CPTS_OK)
            return status;
        leave(reader, before);
    }
    uint8_t *base = (uint8_t *)message;
    *(size_t *)(base + field->quantifier_offset) = count;
    *(void **)(base + field->offset) = elements;
    return CPTS_OK;
}

static cpts_status read_single(struct reader *reader, ProtobufCMessage *message,
                               const ProtobufCFieldDescriptor *field, json_t *value)
{
    uint8_t *base = (uint8_t *)message;
    bool in_oneof = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF;
    uint32_t *quantifier = (uint32_t *)(base + field->quantifier_offset);
    if (in_oneof && *quantifier != 0)
        return refuse(reader, "another member of the same oneof is set");
    cpts_status status = read_value(reader, field, value, base + field->offset);
    if (status != CPTS_OK)
        return status;
    bool has_flag = field->label == PROTOBUF_C_LABEL_OPTIONAL &&
                    field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE;
    if (in_oneof)
        *quantifier = field->id;
    else if (has_flag)
        *quantifier = 1;
    return CPTS_OK;
}

static cpts_status read_key(struct reader *reader, ProtobufCMessage *message, const char *key,
                            json_t *value)
{
    const ProtobufCFieldDescriptor *field = json_field(message->descriptor, key);
    if (field == NULL)
        return refuse(reader, "there is no such key");
    if (json_is_map(field))
        return refuse(reader, "maps are not supported");
    if (json_is_null(value))
        return CPTS_OK;
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return read_array(reader, message, field, value);
    return read_single(reader, message, field, value);
}

static cpts_status read_object(struct reader *reader, ProtobufCMessage *message, json_t *value)
{
    const char *key;
    json_t *member;
    json_object_foreach(value, key, member)
    {
        size_t before = reader->path_bytes;
        if (before > 0)
            enter(reader, ".");
        enter(reader, key);
        cpts_status status = read_key(reader, message, key, member);
        if (status != CPTS_OK)
            return status;
        leave(reader, before);
    }
    return CPTS_OK;
}

static cpts_status read_message(struct reader *reader, const ProtobufCMessageDescriptor *type,
                                json_t *value, ProtobufCMessage **ret_message)
{
    if (strcmp(type->name, "google.protobuf.Any") == 0)
        return refuse(reader, "google.protobuf.Any is not supported");
    if (json_form_of(type) != JSON_FORM_OBJECT) {
        const char *text = json_string_value(value);
        enum json_outcome outcome =
            text == NULL ? JSON_REFUSED : json_special_read(type, text, reader->arena, ret_message);
        return conclude(reader, outcome, "the value is not in the text form of its type");
    }
    if (!json_is_object(value))
        return refuse(reader, "an object is expected");
    ProtobufCMessage *message = arena_alloc(reader->arena, type->sizeof_message);
    if (message == NULL)
        return arena_is_full(reader);
    protobuf_c_message_init(type, message);
    cpts_status status = read_object(reader, message, value);
    if (status == CPTS_OK)
        *ret_message = message;
    return status;
}

/* Where a text's string that begins at `at` ends: at its closing quote. */
static size_t end_of_string(const char *text, size_t text_bytes, size_t at)
{
    for (at++; at < text_bytes && text[at] != '"'; at++)
        at += text[at] == '\\';
    return at;
}

/* Bounds depth and size before jansson builds a tree of the text. */
static cpts_status check_limits(const char *text, size_t text_bytes, struct cpts_error *err)
{
    int level = 0;
    int values = 0;
    for (size_t at = 0; at < text_bytes; at++) {
        char c = text[at];
        if (c == '"')
            at = end_of_string(text, text_bytes, at);
        level += c == '{' || c == '[';
        level -= c == '}' || c == ']';
        values += c == '{' || c == '[' || c == ',';
        if (level > LEVELS_MAX)
            return error_set(err, REASON_MESSAGE_TOO_DEEP, "more than %d levels", LEVELS_MAX);
        if (values > VALUES_MAX)
            return error_set(err, REASON_MESSAGE_TOO_COMPLEX, "more than %d values", VALUES_MAX);
    }
    return CPTS_OK;
}

cpts_status json_read(const ProtobufCMessageDescriptor *type, const char *text, size_t text_bytes,
                      struct arena *arena, ProtobufCMessage **ret_message, struct cpts_error *err)
{
    cpts_status status = check_limits(text, text_bytes, err);
    if (status != CPTS_OK)
        return status;
    json_error_t fault;
    json_t *value = json_loadb(text, text_bytes, JSON_REJECT_DUPLICATES, &fault);
    if (value == NULL)
        return error_set(err, REASON_MALFORMED_MESSAGE, "not JSON at line %d, column %d",
                         fault.line, fault.column);
    struct reader reader = {.arena = arena, .err = err};
    status = read_message(&reader, type, value, ret_message);
    json_decref(value);
    return status;
}
