/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_JSON_SPAN_H
#define TOOL_JSON_SPAN_H

/**
 * @file
 * Walks through JSON without building it: where a value begins and ends. What
 * is inside is checked by whoever parses the span.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** A place in a text, and its line. */
struct json_walk {
    const char *at;
    const char *end;
    int line;
};

/** A value, from its first to behind its last byte. */
struct json_span {
    const char *text;
    size_t length;
    int line;
};

/** Passes over one value. @return false when the text ends in it or no value
 * begins here; walk->line is then where. */
bool json_walk_value(struct json_walk *walk, struct json_span *ret_span);

/** Enters an object or an array: passes '{' or '['. */
bool json_walk_enter(struct json_walk *walk, char bracket);

/** To the next member of an object, or element of an array, and past ','.
 * @param is_first  Behind json_walk_enter(); set to false.
 * @return 1 there is one, 0 the bracket closed and was passed, -1 broken. */
int json_walk_next(struct json_walk *walk, char closing, bool *is_first);

/** Passes a member's name and ':'. @param ret_name  With its quotes. */
bool json_walk_name(struct json_walk *walk, struct json_span *ret_name);

/** Whether a span is that text, in quotes and without escapes. */
bool json_span_is(const struct json_span *span, const char *text);

#endif
