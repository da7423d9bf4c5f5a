/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_POOL_H
#define TOOL_IMPORT_POOL_H

/**
 * @file
 * The texts of an import that are no cells of its file, released together.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

struct import_pool {
    char **texts;
    size_t text_count;
    size_t capacity;
    /** A text was lost; what was made of them is not to be trusted. */
    bool is_out_of_memory;
};

/** Makes room for one more item. @return false when memory is out. */
bool import_pool_grow(void **array, size_t *capacity, size_t count, size_t item_bytes);

/** Keeps a copy. @return the copy; "" and is_out_of_memory without memory. */
const char *import_pool_copy(struct import_pool *pool, const char *text, size_t length);

/** Keeps a printf text, as import_pool_copy(). */
__attribute__((format(printf, 2, 3))) const char *import_pool_print(struct import_pool *pool,
                                                                    const char *format, ...);

/** Takes out, in place, what is no character of UTF-8: a sentence that quotes
 * the first bytes of a cell may end one in its middle. */
void import_text_mend(char *text);

/** The text without spaces around it, no-break ones too: itself, or a copy. */
const char *import_text_trim(const char *text, struct import_pool *pool);

void import_pool_done(struct import_pool *pool);

#endif
