/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

/**
 * @file
 * The rows a statement gave, without libpq showing. Columns are numbered from
 * 0 in the order of the statement's file. Everything is borrowed until the
 * call's `done` returns.
 *
 * A lane's rows are texts. Those of the log (store/log_reader.h) and of a dialogue come in
 * PostgreSQL's binary format: rows_text() is for its texts, rows_int(), rows_bool(),
 * rows_time_us(), rows_uuid() and the two of bytea for the rest.
 *
 * Threads: the lane's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/uuid.h"

struct arena;
struct rows;

int rows_count(const struct rows *rows);
bool rows_is_null(const struct rows *rows, int row, int column);
/** Text of a cell, "" for NULL. */
const char *rows_text(const struct rows *rows, int row, int column);
/** Integer of a cell, 0 for NULL. */
int64_t rows_int(const struct rows *rows, int row, int column);
double rows_double(const struct rows *rows, int row, int column);
bool rows_bool(const struct rows *rows, int row, int column);
/** Microseconds since 1970 UTC of a timestamptz cell, in text selected as
 * cpts.unix_us(column); 0 for NULL. */
int64_t rows_time_us(const struct rows *rows, int row, int column);

/** Text form of a binary uuid cell; all zeros for NULL or anything else. */
void rows_uuid(const struct rows *rows, int row, int column, char ret_text[UUID_TEXT_BYTES]);

/** Length of a binary bytea cell; 0 for NULL. */
int64_t rows_byte_count(const struct rows *rows, int row, int column);
/** Bytes of a binary bytea cell, @p ret_byte_count long; NULL, which is set on
 * nothing, for NULL or a text. */
const uint8_t *rows_bytes(const struct rows *rows, int row, int column, size_t *ret_byte_count);

/** Elements of a text-format array cell whose elements are numbers, dates,
 * codes or quoted texts; NULL elements are "". NUL-terminated, in @p arena.
 * @return how many, 0 for NULL or an empty array; -1 when the arena is full. */
int rows_array(const struct rows *rows, int row, int column, struct arena *arena,
               char ***ret_elements);

#endif
