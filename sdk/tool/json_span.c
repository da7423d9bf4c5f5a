/* SPDX-License-Identifier: Apache-2.0 */
#include "json_span.h"

#include <string.h>

/* Brackets that may be open at once. */
#define DEPTH_MAX 256

static void skip_space(struct json_walk *walk)
{
    for (; walk->at < walk->end && memchr(" \t\r\n", *walk->at, 4) != NULL; walk->at++)
        walk->line += *walk->at == '\n';
}

static bool skip_string(struct json_walk *walk)
{
    for (walk->at++; walk->at < walk->end; walk->at++) {
        if (*walk->at == '"') {
            walk->at++;
            return true;
        }
        walk->line += *walk->at == '\n';
        if (*walk->at == '\\')
            walk->at++;
    }
    walk->at = walk->end;
    return false;
}

/* From an opening bracket to behind its closing one. */
static bool skip_brackets(struct json_walk *walk)
{
    char closings[DEPTH_MAX];
    size_t depth = 0;
    while (walk->at < walk->end) {
        char letter = *walk->at;
        if (letter == '"') {
            if (!skip_string(walk))
                return false;
            continue;
        }
        walk->line += letter == '\n';
        if (letter == '{' || letter == '[') {
            if (depth == DEPTH_MAX)
                return false;
            closings[depth++] = letter == '{' ? '}' : ']';
        } else if ((letter == '}' || letter == ']') && closings[--depth] != letter) {
            return false;
        }
        walk->at++;
        if (depth == 0)
            return true;
    }
    return false;
}

static bool skip_word(struct json_walk *walk)
{
    const char *from = walk->at;
    while (walk->at < walk->end && memchr(",]}: \t\r\n\"[{", *walk->at, 11) == NULL)
        walk->at++;
    return walk->at > from;
}

bool json_walk_value(struct json_walk *walk, struct json_span *ret_span)
{
    skip_space(walk);
    struct json_span span = {.text = walk->at, .line = walk->line};
    bool is_fine = false;
    if (walk->at == walk->end)
        return false;
    if (*walk->at == '"')
        is_fine = skip_string(walk);
    else if (*walk->at == '{' || *walk->at == '[')
        is_fine = skip_brackets(walk);
    else
        is_fine = skip_word(walk);
    span.length = (size_t)(walk->at - span.text);
    if (is_fine)
        *ret_span = span;
    return is_fine;
}

bool json_walk_enter(struct json_walk *walk, char bracket)
{
    skip_space(walk);
    if (walk->at == walk->end || *walk->at != bracket)
        return false;
    walk->at++;
    return true;
}

int json_walk_next(struct json_walk *walk, char closing, bool *is_first)
{
    skip_space(walk);
    if (walk->at == walk->end)
        return -1;
    if (*walk->at == closing) {
        walk->at++;
        return 0;
    }
    if (!*is_first && *walk->at != ',')
        return -1;
    walk->at += !*is_first;
    *is_first = false;
    return 1;
}

bool json_walk_name(struct json_walk *walk, struct json_span *ret_name)
{
    skip_space(walk);
    if (walk->at == walk->end || *walk->at != '"' || !json_walk_value(walk, ret_name))
        return false;
    skip_space(walk);
    if (walk->at == walk->end || *walk->at != ':')
        return false;
    walk->at++;
    return true;
}

bool json_span_is(const struct json_span *span, const char *text)
{
    size_t length = strlen(text);
    return span->length == length + 2 && memcmp(span->text + 1, text, length) == 0;
}
