/* SPDX-License-Identifier: Apache-2.0 */
#include "rpc/reflection_index.h"

#include <string.h>

#include "wire/arena.h"
#include "wire/descriptors.h"

/* FileDescriptorSet.file, length-delimited. */
#define FILE_TAG 0x0a
#define VARINT_BITS 7
/* Types within types: what .proto files of people have. */
#define NESTING_MAX 8

/* Reads a length; the embedded bytes are the build's own. */
static const uint8_t *read_length(const uint8_t *at, size_t *ret_length)
{
    size_t length = 0;
    unsigned shift = 0;
    do {
        length |= (size_t)(*at & 0x7f) << shift;
        shift += VARINT_BITS;
    } while ((*at++ & 0x80) != 0);
    *ret_length = length;
    return at;
}

bool reflection_index_init(struct reflection_index *index, struct arena *arena)
{
    const uint8_t *at = cpts_descriptors;
    index->set = google__protobuf__file_descriptor_set__unpack(
        arena_allocator(arena), (size_t)(cpts_descriptors_end - cpts_descriptors), at);
    if (index->set == NULL)
        return false;
    index->files = arena_alloc(arena, index->set->n_file * sizeof *index->files);
    if (index->files == NULL)
        return false;
    while (at < cpts_descriptors_end && *at == FILE_TAG && index->file_count < index->set->n_file) {
        ProtobufCBinaryData *file = &index->files[index->file_count++];
        at = read_length(at + 1, &file->len);
        file->data = (uint8_t *)(uintptr_t)at;
        at += file->len;
    }
    return index->file_count == index->set->n_file;
}

int reflection_index_file(const struct reflection_index *index, const char *name)
{
    for (size_t i = 0; i < index->file_count; i++) {
        if (strcmp(index->set->file[i]->name, name) == 0)
            return (int)i;
    }
    return -1;
}

/* What follows `scope.` in a symbol; "" for the scope itself, NULL when the
 * symbol is of another scope. */
static const char *within(const char *symbol, const char *scope)
{
    size_t length = scope == NULL ? 0 : strlen(scope);
    if (length == 0)
        return symbol;
    if (strncmp(symbol, scope, length) != 0)
        return NULL;
    if (symbol[length] == '\0')
        return "";
    return symbol[length] == '.' ? symbol + length + 1 : NULL;
}

static bool declares_in_enum(const Google__Protobuf__EnumDescriptorProto *type, const char *symbol)
{
    const char *rest = within(symbol, type->name);
    bool is_found = rest != NULL && rest[0] == '\0';
    for (size_t i = 0; i < type->n_value && !is_found; i++)
        is_found = strcmp(type->value[i]->name, symbol) == 0 || /* values are the enum's siblings */
                   (rest != NULL && strcmp(type->value[i]->name, rest) == 0);
    return is_found;
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as types of our own are nested */
static bool declares_in_message(const Google__Protobuf__DescriptorProto *type, const char *symbol,
                                int nesting)
{
    const char *rest = within(symbol, type->name);
    if (rest == NULL || nesting > NESTING_MAX)
        return false;
    bool is_found = rest[0] == '\0';
    for (size_t i = 0; i < type->n_field && !is_found; i++)
        is_found = strcmp(type->field[i]->name, rest) == 0;
    for (size_t i = 0; i < type->n_enum_type && !is_found; i++)
        is_found = declares_in_enum(type->enum_type[i], rest);
    for (size_t i = 0; i < type->n_nested_type && !is_found; i++)
        is_found = declares_in_message(type->nested_type[i], rest, nesting + 1);
    return is_found;
}

static bool declares_in_service(const Google__Protobuf__ServiceDescriptorProto *service,
                                const char *symbol)
{
    const char *rest = within(symbol, service->name);
    bool is_found = rest != NULL && rest[0] == '\0';
    for (size_t i = 0; rest != NULL && i < service->n_method && !is_found; i++)
        is_found = strcmp(service->method[i]->name, rest) == 0;
    return is_found;
}

static bool declares(const Google__Protobuf__FileDescriptorProto *file, const char *symbol)
{
    const char *rest = within(symbol, file->package);
    if (rest == NULL || rest[0] == '\0')
        return false;
    bool is_found = false;
    for (size_t i = 0; i < file->n_service && !is_found; i++)
        is_found = declares_in_service(file->service[i], rest);
    for (size_t i = 0; i < file->n_message_type && !is_found; i++)
        is_found = declares_in_message(file->message_type[i], rest, 0);
    for (size_t i = 0; i < file->n_enum_type && !is_found; i++)
        is_found = declares_in_enum(file->enum_type[i], rest);
    return is_found;
}

int reflection_index_symbol(const struct reflection_index *index, const char *symbol)
{
    if (symbol[0] == '.')
        symbol++;
    for (size_t i = 0; i < index->file_count; i++) {
        if (declares(index->set->file[i], symbol))
            return (int)i;
    }
    return -1;
}

void reflection_index_closure(const struct reflection_index *index, int file, bool *marks)
{
    bool has_grown = true;
    marks[file] = true;
    while (has_grown) {
        has_grown = false;
        for (size_t i = 0; i < index->file_count; i++) {
            const Google__Protobuf__FileDescriptorProto *importer = index->set->file[i];
            for (size_t j = 0; marks[i] && j < importer->n_dependency; j++) {
                int imported = reflection_index_file(index, importer->dependency[j]);
                has_grown = has_grown || (imported >= 0 && !marks[imported]);
                if (imported >= 0)
                    marks[imported] = true;
            }
        }
    }
}
