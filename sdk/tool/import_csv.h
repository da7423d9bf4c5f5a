/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_CSV_H
#define TOOL_IMPORT_CSV_H

/**
 * @file
 * A CSV file (UTF-8, RFC 4180 with commas) as rows of cells, or the first thing
 * that makes it none.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Limits of a file. */
#define CSV_FILE_BYTES_MAX (256L * 1024 * 1024)
#define CSV_COLUMNS_MAX 64
/** Bytes of the sentence about a problem. */
#define CSV_PROBLEM_BYTES 256

struct csv_row {
    /** Line of the file on which it begins, from 1. */
    int line;
    size_t first_cell;
    size_t cell_count;
};

struct csv_table {
    /** Rows, the header first; blank lines are none. */
    struct csv_row *rows;
    size_t row_count;
    /** Cells of all rows, NUL-terminated. */
    char **cells;
    size_t cell_count;
    size_t row_capacity;
    size_t cell_capacity;
};

/** Reads a stream to its end.
 * @return false with a sentence in @p ret_problem: empty, too long, not UTF-8,
 *         a quote out of place; nothing is to be released then. */
bool csv_table_read(struct csv_table *table, FILE *stream, char ret_problem[CSV_PROBLEM_BYTES]);

void csv_table_done(struct csv_table *table);

/** A cell of a row. */
const char *csv_table_cell(const struct csv_table *table, const struct csv_row *row, size_t column);

#endif
