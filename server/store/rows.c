/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/result.h"
#include "wire/arena.h"

#define BINARY_FORMAT 1
#define UUID_BYTES 16
#define SIGN_BIT 0x80
/** 2000-01-01 UTC, from which PostgreSQL counts, in microseconds since 1970. */
#define POSTGRES_EPOCH_US INT64_C(946684800000000)

int rows_count(const struct rows *rows)
{
    return PQntuples(rows->result);
}

bool rows_is_null(const struct rows *rows, int row, int column)
{
    bool inside = row >= 0 && row < PQntuples(rows->result) && column >= 0 &&
                  column < PQnfields(rows->result);
    return !inside || PQgetisnull(rows->result, row, column) == 1;
}

const char *rows_text(const struct rows *rows, int row, int column)
{
    return rows_is_null(rows, row, column) ? "" : PQgetvalue(rows->result, row, column);
}

static bool is_binary(const struct rows *rows, int column)
{
    return PQfformat(rows->result, column) == BINARY_FORMAT;
}

/** An integer as PostgreSQL sends it: 2, 4 or 8 bytes, the highest first. */
static int64_t read_integer(const uint8_t *bytes, size_t byte_count)
{
    uint64_t value = byte_count > 0 && bytes[0] >= SIGN_BIT ? UINT64_MAX : 0;
    for (size_t i = 0; i < byte_count; i++)
        value = value << 8 | bytes[i];
    return (int64_t)value;
}

int64_t rows_int(const struct rows *rows, int row, int column)
{
    size_t byte_count = 0;
    const uint8_t *bytes = rows_bytes(rows, row, column, &byte_count);
    if (bytes != NULL)
        return read_integer(bytes, byte_count);
    return strtoll(rows_text(rows, row, column), NULL, 10);
}

double rows_double(const struct rows *rows, int row, int column)
{
    return strtod(rows_text(rows, row, column), NULL);
}

bool rows_bool(const struct rows *rows, int row, int column)
{
    char first = rows_text(rows, row, column)[0];
    return first == 't' || (is_binary(rows, column) && first == 1);
}

int64_t rows_time_us(const struct rows *rows, int row, int column)
{
    int64_t value = rows_int(rows, row, column);
    if (!is_binary(rows, column) || rows_is_null(rows, row, column))
        return value;
    return value > INT64_MAX - POSTGRES_EPOCH_US ? INT64_MAX : value + POSTGRES_EPOCH_US;
}

void rows_uuid(const struct rows *rows, int row, int column, char ret_text[UUID_TEXT_BYTES])
{
    uint8_t uuid[UUID_BYTES] = {0};
    size_t byte_count = 0;
    const uint8_t *bytes = rows_bytes(rows, row, column, &byte_count);
    if (bytes != NULL && byte_count == sizeof uuid)
        memcpy(uuid, bytes, sizeof uuid);
    uuid_format(uuid, ret_text);
}

int64_t rows_byte_count(const struct rows *rows, int row, int column)
{
    return rows_is_null(rows, row, column) ? 0 : PQgetlength(rows->result, row, column);
}

const uint8_t *rows_bytes(const struct rows *rows, int row, int column, size_t *ret_byte_count)
{
    if (!is_binary(rows, column) || rows_is_null(rows, row, column))
        return NULL;
    *ret_byte_count = (size_t)PQgetlength(rows->result, row, column);
    return (const uint8_t *)PQgetvalue(rows->result, row, column);
}

/** How many elements the array literal @p text has, an upper bound: commas
 * within quotes are counted too. */
static size_t bound_elements(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++)
        count += *text == ',';
    return count;
}

/** Reads the quoted element after its opening quote, in place; @p *ret_end is
 * set after its closing quote. */
static void read_quoted(char *from, char **ret_end)
{
    char *to = from;
    for (; *from != '\0' && *from != '"'; from++) {
        if (*from == '\\' && from[1] != '\0')
            from++;
        *to++ = *from;
    }
    *ret_end = *from == '"' ? from + 1 : from;
    *to = '\0';
}

/** Reads one element at @p from, in place; @p *ret_end is set on the comma or
 * the brace that ends it, which is then overwritten by the caller. */
static char *read_element(char *from, char **ret_end)
{
    if (*from == '"') {
        read_quoted(from + 1, ret_end);
        return from + 1;
    }
    *ret_end = from + strcspn(from, ",}");
    return from;
}

/** Splits a copy of the literal, whose first byte is `{`. */
static int split_literal(char *literal, char **elements)
{
    int count = 0;
    char *from = literal + 1;
    while (*from != '\0' && *from != '}') {
        char *end;
        char *element = read_element(from, &end);
        bool more = *end == ',';
        bool quoted = element != from;
        *end = '\0';
        if (!quoted && strcmp(element, "NULL") == 0)
            element = end;
        elements[count++] = element;
        if (!more)
            break;
        from = end + 1;
    }
    return count;
}

int rows_array(const struct rows *rows, int row, int column, struct arena *arena,
               char ***ret_elements)
{
    const char *text = rows_text(rows, row, column);
    if (text[0] != '{')
        return 0;
    char *literal = arena_copy(arena, text, strlen(text));
    char **elements = arena_alloc(arena, bound_elements(text) * sizeof *elements);
    if (literal == NULL || elements == NULL)
        return -1;
    int count = split_literal(literal, elements);
    if (count > 0)
        *ret_elements = elements;
    return count;
}
