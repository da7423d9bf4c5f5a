/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_SHEET_H
#define TOOL_SHEET_H

/**
 * @file
 * A CSV file of two or three known columns: any of the encodings of an import,
 * commas, semicolons or tabs, headings of several names.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>

#include "import_csv.h"

struct sheet {
    /** The header is its first row. */
    struct csv_table table;
};

/** Reads a file.
 * @return false with a sentence; nothing is to be released then. */
bool sheet_read(struct sheet *sheet, const char *path, char ret_problem[CSV_PROBLEM_BYTES]);

/** Column whose heading is one of @p names (folded: lower case, without accents
 * and punctuation), ended by NULL. @return -1 when there is none. */
int sheet_column(const struct sheet *sheet, const char *const *names);

/** Rows behind the header. */
size_t sheet_row_count(const struct sheet *sheet);

/** Cell of a row (from 0, behind the header), without blanks around it; "" when
 * the row has no such column, or @p column is -1. Blanks are cut in place. */
const char *sheet_cell(const struct sheet *sheet, size_t row, int column);

/** Line of the file on which a row begins. */
int sheet_line(const struct sheet *sheet, size_t row);

void sheet_done(struct sheet *sheet);

#endif
