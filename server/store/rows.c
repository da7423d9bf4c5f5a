/* SPDX-License-Identifier: Apache-2.0 */
#include "store/rows.h"

#include <stdlib.h>
#include <string.h>

#include "store/result.h"
#include "wire/arena.h"

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

int64_t rows_int(const struct rows *rows, int row, int column)
{
    return strtoll(rows_text(rows, row, column), NULL, 10);
}

double rows_double(const struct rows *rows, int row, int column)
{
    return strtod(rows_text(rows, row, column), NULL);
}

bool rows_bool(const struct rows *rows, int row, int column)
{
    return rows_text(rows, row, column)[0] == 't';
}

int64_t rows_time_us(const struct rows *rows, int row, int column)
{
    return rows_int(rows, row, column);
}

int64_t rows_byte_count(const struct rows *rows, int row, int column)
{
    int length = rows_is_null(rows, row, column) ? 0 : PQgetlength(rows->result, row, column);
    return length < 2 ? 0 : (length - 2) / 2; /* \x and two digits a byte */
}

/** Value of a hexadecimal digit as bytea writes it; 16 or more for others. */
static unsigned read_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    return digit >= 'a' && digit <= 'f' ? (unsigned)(digit - 'a') + 10 : 16;
}

uint8_t *rows_bytes(const struct rows *rows, int row, int column, struct arena *arena,
                    size_t *ret_byte_count)
{
    const char *text = rows_text(rows, row, column);
    if (text[0] != '\\' || text[1] != 'x')
        return NULL;
    text += 2;
    size_t byte_count = strlen(text) / 2;
    uint8_t *bytes = arena_alloc(arena, byte_count + 1);
    if (bytes == NULL)
        return NULL;
    for (size_t i = 0; i < byte_count; i++) {
        unsigned value = read_digit(text[2 * i]) << 4 | read_digit(text[2 * i + 1]);
        if (value > UINT8_MAX)
            return NULL;
        bytes[i] = (uint8_t)value;
    }
    *ret_byte_count = byte_count;
    return bytes;
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
