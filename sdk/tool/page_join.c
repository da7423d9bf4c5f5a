/* SPDX-License-Identifier: Apache-2.0 */
#include "page_join.h"

#include <cpts/client.h>
#include <stdlib.h>
#include <string.h>

/* The place behind a string that begins at @p text. */
static const char *skip_string(const char *text)
{
    for (text++; *text != '"' && *text != '\0'; text++) {
        if (*text == '\\' && text[1] != '\0')
            text++;
    }
    return *text == '"' ? text + 1 : text;
}

/* The `]` that ends the array that begins at @p text. */
static const char *find_end(const char *text)
{
    int depth = 0;
    while (*text != '\0') {
        if (*text == '"') {
            text = skip_string(text);
            continue;
        }
        depth += (*text == '[' || *text == '{') - (*text == ']' || *text == '}');
        if (depth == 0)
            return text;
        text++;
    }
    return NULL;
}

static bool write_page(struct page_join *join, const char *text)
{
    const char *array = strchr(text, '[');
    const char *end = array == NULL ? NULL : find_end(array);
    if (end == NULL)
        return false;
    char *tail = strdup(end);
    if (tail == NULL)
        return false;
    if (!join->has_page)
        fprintf(join->stream, "%.*s", (int)(array + 1 - text), text);
    if (end > array + 1) {
        fprintf(join->stream, "%s\n", join->has_row ? "," : "");
        fwrite(array + 1, 1, (size_t)(end - array - 1), join->stream);
        join->has_row = true;
    }
    join->has_page = true;
    free(join->tail);
    join->tail = tail;
    return true;
}

bool page_join_add(struct page_join *join, char *text)
{
    bool is_fine = text != NULL && write_page(join, text);
    cpts_string_free(text);
    return is_fine;
}

bool page_join_end(struct page_join *join)
{
    if (join->has_page)
        fprintf(join->stream, "\n%s\n", join->tail);
    free(join->tail);
    join->tail = NULL;
    return join->has_page;
}
