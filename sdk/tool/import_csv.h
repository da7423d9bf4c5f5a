/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_CSV_H
#define TOOL_IMPORT_CSV_H

/**
 * @file
 * A CSV text (UTF-8, RFC 4180, with commas or another separator) as rows of
 * cells, or the first thing that makes it none.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/** Limits of a file. */
#define CSV_FILE_BYTES_MAX (64L * 1024 * 1024)
#define CSV_LINES_MAX 500000
#define CSV_CELL_BYTES_MAX ((size_t)64 * 1024)
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
    /** Cells of the rows that have ended. */
    size_t cells_in_rows;
};

/** The bytes of a stream to its end, from malloc and NUL-terminated.
 * @return NULL with a sentence when it is too long or cannot be read. */
char *csv_bytes_read(FILE *stream, size_t *ret_length, char ret_problem[CSV_PROBLEM_BYTES]);

/** Reads a text. @param first_line  Number of its first line in the file.
 * @return as csv_table_read(). */
bool csv_table_parse(struct csv_table *table, const char *text, size_t length, char separator,
                     int first_line, char ret_problem[CSV_PROBLEM_BYTES]);

/** The first rows of a text, for finding out what it is: up to @p rows_max, or
 * until a quote is out of place. @return false when memory is out. */
bool csv_table_sample(struct csv_table *table, const char *text, size_t length, char separator,
                      size_t rows_max);

/** Adds a cell (copied) to the row that is being made, and ends that row.
 * @return false when memory is out. */
bool csv_table_add_cell(struct csv_table *table, const char *text);
bool csv_table_end_row(struct csv_table *table, int line);

/** Reads a stream to its end, separated by commas.
 * @return false with a sentence in @p ret_problem: empty, too long, too many
 *         lines, a cell too long, not UTF-8, a quote out of place; nothing is to
 *         be released then. */
bool csv_table_read(struct csv_table *table, FILE *stream, char ret_problem[CSV_PROBLEM_BYTES]);

void csv_table_done(struct csv_table *table);

/** A cell of a row, which must have it. */
const char *csv_table_cell(const struct csv_table *table, const struct csv_row *row, size_t column);

#endif
