/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_PAGE_JOIN_H
#define TOOL_PAGE_JOIN_H

/**
 * @file
 * The JSON of several pages of one answer as one: the rows of all of them, what
 * else the last one says.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdio.h>

struct page_join {
    FILE *stream;
    bool has_page;
    bool has_row;
    /** What follows the rows of the last page, from malloc. */
    char *tail;
};

/** Adds a page: the JSON of a message on one line, whose first member is the
 * array of its rows. Takes it, to be released with cpts_string_free().
 * @return false for NULL, and when memory is out. */
bool page_join_add(struct page_join *join, char *text);

/** Ends the object. @return false when there was no page. */
bool page_join_end(struct page_join *join);

#endif
