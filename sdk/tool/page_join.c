/* SPDX-License-Identifier: Apache-2.0 */
#include "page_join.h"

#include <cpts/client.h>
#include <stdlib.h>
#include <string.h>

#include "json_span.h"

static bool write_page(struct page_join *join, const char *text)
{
    const char *array = strchr(text, '[');
    struct json_walk walk = {.at = array, .end = text + strlen(text), .line = 1};
    struct json_span span;
    if (array == NULL || !json_walk_value(&walk, &span))
        return false;
    const char *end = span.text + span.length - 1;
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
