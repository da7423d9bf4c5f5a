/* SPDX-License-Identifier: Apache-2.0 */
#include "import_pool.h"

#include <cpts/value.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

bool import_pool_grow(void **array, size_t *capacity, size_t count, size_t item_bytes)
{
    if (count < *capacity)
        return true;
    size_t larger = *capacity == 0 ? FIRST_CAPACITY : *capacity * 2;
    void *moved = reallocarray(*array, larger, item_bytes);
    if (moved == NULL)
        return false;
    *array = moved;
    *capacity = larger;
    return true;
}

/* Takes the text over. */
static const char *keep(struct import_pool *pool, char *text)
{
    if (text == NULL ||
        !import_pool_grow((void **)&pool->texts, &pool->capacity, pool->text_count, sizeof text)) {
        free(text);
        pool->is_out_of_memory = true;
        return "";
    }
    pool->texts[pool->text_count++] = text;
    return text;
}

const char *import_pool_copy(struct import_pool *pool, const char *text, size_t length)
{
    return length == 0 ? "" : keep(pool, strndup(text, length));
}

const char *import_pool_print(struct import_pool *pool, const char *format, ...)
{
    va_list values;
    char *text = NULL;
    va_start(values, format);
    if (vasprintf(&text, format, values) < 0)
        text = NULL;
    va_end(values);
    return keep(pool, text);
}

void import_text_mend(char *text)
{
    char *to = text;
    size_t left = strlen(text);
    while (left > 0) {
        unsigned char first = (unsigned char)*text;
        size_t count = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
        bool is_fine = count <= left && cpts_text_is_valid(text, count);
        count = is_fine ? count : 1;
        if (is_fine) {
            memmove(to, text, count);
            to += count;
        }
        text += count;
        left -= count;
    }
    *to = '\0';
}

/* Spaces of UTF-8: ASCII's, no-break, narrow no-break, byte order mark. */
static const char *const SPACES[] = {" ",  "\t",       "\r",           "\n",
                                     "\v", "\xC2\xA0", "\xE2\x80\xAF", "\xEF\xBB\xBF"};
#define SPACE_COUNT (sizeof(SPACES) / sizeof(SPACES)[0])

static size_t space_at_start(const char *text)
{
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        if (strncmp(text, SPACES[i], strlen(SPACES[i])) == 0)
            return strlen(SPACES[i]);
    }
    return 0;
}

static size_t space_at_end(const char *text, size_t length)
{
    for (size_t i = 0; i < SPACE_COUNT; i++) {
        size_t bytes = strlen(SPACES[i]);
        if (bytes <= length && memcmp(text + length - bytes, SPACES[i], bytes) == 0)
            return bytes;
    }
    return 0;
}

const char *import_text_trim(const char *text, struct import_pool *pool)
{
    size_t step = 0;
    while (*text != '\0' && (step = space_at_start(text)) > 0)
        text += step;
    size_t length = strlen(text), whole = length;
    while (length > 0 && (step = space_at_end(text, length)) > 0)
        length -= step;
    return length == whole ? text : import_pool_copy(pool, text, length);
}

void import_pool_done(struct import_pool *pool)
{
    for (size_t i = 0; i < pool->text_count; i++)
        free(pool->texts[i]);
    free(pool->texts);
    memset(pool, 0, sizeof *pool);
}
