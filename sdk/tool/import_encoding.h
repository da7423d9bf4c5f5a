/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_ENCODING_H
#define TOOL_IMPORT_ENCODING_H

/**
 * @file
 * The bytes of a file as UTF-8, whatever program wrote it.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "import_csv.h"

/** A text in UTF-8. */
struct import_text {
    /** From malloc, NUL-terminated, without byte order mark and without NUL. */
    char *text;
    size_t length;
    /** Name of the encoding it came in, static. */
    const char *encoding;
    /** It was told by the bytes, not by a mark or an option. */
    bool is_guessed;
};

/** Names of the encodings, as iconv knows them. */
extern const char *const IMPORT_ENCODINGS[];
extern const size_t IMPORT_ENCODING_COUNT;

/** Converts. @param asked  Name of the encoding; NULL = by the mark, then UTF-8
 * when it is well-formed, then by the bytes: Windows-1252 or ISO-8859-15.
 * @return false with a sentence: an encoding that is not known, a byte that is
 *         no character of it (with its line), UTF-8 that is broken in places. */
bool import_encoding_read(const char *bytes, size_t byte_count, const char *asked,
                          struct import_text *ret_text, char ret_problem[CSV_PROBLEM_BYTES]);

void import_text_done(struct import_text *text);

#endif
