/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_WORD_LIST_H
#define HANDLER_WORD_LIST_H

/**
 * @file
 * Lists that a statement gives as text, because arrays cost a board too much.
 *
 * Threads: pure function, any thread.
 */

#include <stddef.h>

/** Splits @p text in place at @p separator.
 * @param text       NUL-terminated, written to; NULL and "" have no part.
 * @param ret_parts  @p max places; they point into @p text.
 * @return how many parts, at most @p max: what follows is left out. */
size_t word_list_split(char *text, char separator, const char **ret_parts, size_t max);

#endif
