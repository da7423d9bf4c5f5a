/* SPDX-License-Identifier: Apache-2.0 */
/* rows_array() of any array literal, and of any texts written as PostgreSQL
 * writes an array of them. The cell is made without a database. */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "store/result.h"
#include "store/rows.h"
#include "wire/arena.h"

#define BUDGET_BYTES ((size_t)1024 * 1024)
/* Between the texts of an input. */
#define SEPARATOR '\x1f'

static PGresult *make_cell(char *text)
{
    static char name[] = "a";
    PGresAttDesc column = {.name = name};
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    REQUIRE(result != NULL && PQsetResultAttrs(result, 1, &column) == 1);
    REQUIRE(PQsetvalue(result, 0, 0, text, (int)strlen(text)) == 1);
    return result;
}

static int read_cell(char *literal, struct arena *arena, char ***ret_elements)
{
    PGresult *result = make_cell(literal);
    struct rows rows = {.result = result};
    int count = rows_array(&rows, 0, 0, arena, ret_elements);
    PQclear(result);
    return count;
}

/* Appends an element as array_out() does when it has to quote. */
static char *quote(char *to, const char *text)
{
    *to++ = '"';
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            *to++ = '\\';
        *to++ = *text;
    }
    *to++ = '"';
    return to;
}

/* The texts one after another, each with its NUL; returns how many. */
static int split(char *texts)
{
    int count = 1;
    for (; *texts != '\0'; texts++) {
        if (*texts == SEPARATOR) {
            *texts = '\0';
            count++;
        }
    }
    return count;
}

static void require_same(char *texts, struct arena *arena)
{
    char *literal = malloc(4 * strlen(texts) + 8);
    REQUIRE(literal != NULL);
    int count = split(texts);
    const char *text = texts;
    char *to = literal;
    for (int i = 0; i < count; i++, text += strlen(text) + 1) {
        *to++ = i == 0 ? '{' : ',';
        to = quote(to, text);
    }
    memcpy(to, "}", 2);
    char **elements = NULL;
    REQUIRE(read_cell(literal, arena, &elements) == count);
    text = texts;
    for (int i = 0; i < count; i++, text += strlen(text) + 1)
        REQUIRE(strcmp(elements[i], text) == 0);
    free(literal);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count == 0)
        return 0;
    struct arena *arena = arena_new(BUDGET_BYTES);
    char *text = malloc(byte_count);
    REQUIRE(text != NULL);
    memcpy(text, bytes + 1, byte_count - 1);
    text[byte_count - 1] = '\0';
    if (bytes[0] % 2 == 0) {
        char **elements = NULL;
        int count = read_cell(text, arena, &elements);
        REQUIRE(count >= 0 && (count == 0) == (elements == NULL));
        for (int i = 0; i < count; i++)
            REQUIRE(strlen(elements[i]) < byte_count);
    } else {
        require_same(text, arena);
    }
    free(text);
    arena_free(arena);
    return 0;
}
