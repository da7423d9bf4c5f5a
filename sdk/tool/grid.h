/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_GRID_H
#define TOOL_GRID_H

/**
 * @file
 * Rows and columns, printed as a table, as CSV or as tab-separated lines.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdio.h>

#include "bar.h"
#include "session.h"

#define GRID_COLUMNS_MAX 24

struct grid_column {
    /** Name in CSV: snake_case, English, stable. */
    const char *name;
    /** Heading of the table; NULL = not in the table. */
    const char *heading;
    bool is_number;
};

struct grid;

/** A grid of the session's form on @p stream; CSV begins with its header.
 * Columns are borrowed, at most GRID_COLUMNS_MAX. @return NULL when they are more, or
 * memory is out. */
struct grid *grid_new(const struct session *session, const struct grid_column *columns,
                      int column_count, FILE *stream);

/** Adds a row of column_count texts, copied. Without memory the row is lost
 * and grid_end() says so. */
void grid_row(struct grid *grid, const char *const *cells);

/** Prints what is left, each line behind @p indent spaces, and releases.
 * @return false when memory was out or the stream failed. */
bool grid_end(struct grid *grid, int indent);

/** A number as the form wants it: with commas in a table, digits elsewhere. */
void grid_figure(const struct session *session, int64_t number, char ret_text[FIGURE_BYTES]);

/** One field of a CSV line (RFC 4180), quoted when it must be. */
void csv_field(FILE *stream, const char *text, bool is_first);

#endif
