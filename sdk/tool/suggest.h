/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_SUGGEST_H
#define TOOL_SUGGEST_H

/**
 * @file
 * "Did you mean": the word of a list nearest to a mistyped one.
 *
 * Threads: any thread.
 */

#include <stddef.h>

/** Longest word compared, bytes. */
#define SUGGEST_WORD_MAX 48

/** Insertions, deletions and replacements that turn one word into the other
 * (Levenshtein), case ignored; longer words are infinitely far. */
int suggest_distance(const char *one, const char *other);

/** The nearest of @p count words, or NULL when none is near enough to have been
 * meant (a third of the word's letters, at least two). */
const char *suggest_nearest(const char *word, const char *const *words, size_t count);

#endif
