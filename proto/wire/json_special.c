/* SPDX-License-Identifier: Apache-2.0 */
#include <google/protobuf/duration.pb-c.h>
#include <google/protobuf/field_mask.pb-c.h>
#include <google/protobuf/timestamp.pb-c.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/json_parts.h"

/* snake_case of one lowerCamelCase path; false for what no path can be. */
static bool read_path(const char *text, size_t text_bytes, char *ret_path)
{
    size_t length = 0;
    for (size_t i = 0; i < text_bytes; i++) {
        bool upper = text[i] >= 'A' && text[i] <= 'Z';
        if (text[i] == '_')
            return false;
        if (upper)
            ret_path[length++] = '_';
        ret_path[length++] = upper ? (char)(text[i] - 'A' + 'a') : text[i];
    }
    ret_path[length] = '\0';
    return length > 0;
}

static size_t count_paths(const char *text)
{
    size_t count = *text != '\0';
    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

static enum json_outcome read_mask(const char *text, struct arena *arena,
                                   Google__Protobuf__FieldMask *ret_mask)
{
    size_t count = count_paths(text);
    char **paths = arena_alloc(arena, count * sizeof *paths);
    if (paths == NULL)
        return JSON_ARENA_FULL;
    for (size_t i = 0; i < count; i++) {
        size_t text_bytes = strcspn(text, ",");
        paths[i] = arena_alloc(arena, 2 * text_bytes + 1);
        if (paths[i] == NULL)
            return JSON_ARENA_FULL;
        if (!read_path(text, text_bytes, paths[i]))
            return JSON_REFUSED;
        text += text_bytes + 1;
    }
    ret_mask->n_paths = count;
    ret_mask->paths = paths;
    return JSON_TAKEN;
}

enum json_outcome json_special_read(const ProtobufCMessageDescriptor *type, const char *text,
                                    struct arena *arena, ProtobufCMessage **ret_message)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    if (message == NULL)
        return JSON_ARENA_FULL;
    protobuf_c_message_init(type, message);
    enum json_outcome outcome = JSON_REFUSED;
    enum json_form form = json_form_of(type);
    if (form == JSON_FORM_FIELD_MASK) {
        outcome = read_mask(text, arena, (Google__Protobuf__FieldMask *)message);
    } else if (form == JSON_FORM_TIMESTAMP) {
        Google__Protobuf__Timestamp *time = (Google__Protobuf__Timestamp *)message;
        if (json_timestamp_parse(text, &time->seconds, &time->nanos))
            outcome = JSON_TAKEN;
    } else if (form == JSON_FORM_DURATION) {
        Google__Protobuf__Duration *time = (Google__Protobuf__Duration *)message;
        if (json_duration_parse(text, &time->seconds, &time->nanos))
            outcome = JSON_TAKEN;
    }
    if (outcome == JSON_TAKEN)
        *ret_message = message;
    return outcome;
}
