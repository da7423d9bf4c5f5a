/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include <limits.h>
#include <string.h>

#include "wire/arena.h"

struct query *query_new(struct arena *arena, enum statement_id statement)
{
    struct query *query = arena_alloc(arena, sizeof *query);
    if (query == NULL)
        return NULL;
    query->statement = statement;
    query->arena = arena;
    return query;
}

/** Takes the next parameter; @p value NULL is SQL NULL. */
static void bind(struct query *query, const char *value, size_t value_bytes, int format)
{
    if (query->parameter_count >= QUERY_PARAMETERS_MAX || value_bytes > INT_MAX) {
        query->failed = true;
        return;
    }
    int index = query->parameter_count++;
    query->values[index] = value;
    query->lengths[index] = (int)value_bytes;
    query->formats[index] = format;
}

/** As bind(), for a value that had to be made in the arena: NULL is a failure. */
static void bind_made(struct query *query, const char *value, size_t value_bytes, int format)
{
    if (value == NULL)
        query->failed = true;
    else
        bind(query, value, value_bytes, format);
}

void query_text(struct query *query, const char *text)
{
    if (text == NULL) {
        bind(query, NULL, 0, 0);
        return;
    }
    size_t text_bytes = strlen(text);
    bind_made(query, arena_copy(query->arena, text, text_bytes), text_bytes, 0);
}

void query_bytes(struct query *query, const uint8_t *bytes, size_t byte_count)
{
    bind_made(query,
              arena_copy(query->arena, bytes == NULL ? (const uint8_t *)"" : bytes, byte_count),
              byte_count, 1);
}

void query_made(struct query *query, const uint8_t *binary, size_t byte_count)
{
    bind_made(query, (const char *)binary, byte_count, 1);
}

void query_uuid(struct query *query, const uint8_t uuid[16])
{
    bind_made(query, arena_copy(query->arena, uuid, 16), 16, 1);
}

void query_int(struct query *query, int64_t number)
{
    char *text = arena_printf(query->arena, "%lld", (long long)number);
    bind_made(query, text, text == NULL ? 0 : strlen(text), 0);
}

void query_bool(struct query *query, bool truth)
{
    bind(query, truth ? "t" : "f", 1, 0);
}

/** Bytes of one element between its quotes. */
static size_t escaped_bytes(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += *text == '"' || *text == '\\' ? 2 : 1;
    return count;
}

static char *write_escaped(char *to, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    return to;
}

void query_text_array(struct query *query, const char *const *texts, size_t count)
{
    size_t literal_bytes = 2;
    for (size_t i = 0; i < count; i++)
        literal_bytes += escaped_bytes(texts[i]) + 2 + (i > 0 ? 1 : 0);
    char *literal = arena_alloc(query->arena, literal_bytes + 1);
    if (literal == NULL) {
        query->failed = true;
        return;
    }
    char *to = literal;
    *to++ = '{';
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *to++ = ',';
        *to++ = '"';
        to = write_escaped(to, texts[i]);
        *to++ = '"';
    }
    *to++ = '}';
    *to = '\0';
    bind(query, literal, literal_bytes, 0);
}
