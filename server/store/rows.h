/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_ROWS_H
#define STORE_ROWS_H

/**
 * @file
 * The rows a statement gave, without libpq showing. Columns are numbered from
 * 0 in the order of the statement's file. Everything is borrowed until the
 * call's `done` returns.
 *
 * Threads: the lane's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
/** Microseconds since 1970 UTC of a timestamptz cell selected as
 * cpts.unix_us(column); 0 for NULL. (Same as rows_int; named for readers.) */
int64_t rows_time_us(const struct rows *rows, int row, int column);

/** Length of a bytea cell. */
int64_t rows_byte_count(const struct rows *rows, int row, int column);
/** Bytes of a bytea cell, in @p arena, @p ret_byte_count long; NULL when the
 * arena is full or the cell is no bytea. */
uint8_t *rows_bytes(const struct rows *rows, int row, int column, struct arena *arena,
                    size_t *ret_byte_count);

/** Elements of a text-format array cell whose elements are numbers, dates,
 * codes or quoted texts; NULL elements are "". NUL-terminated, in @p arena.
 * @return how many, 0 for NULL or an empty array; -1 when the arena is full. */
int rows_array(const struct rows *rows, int row, int column, struct arena *arena,
               char ***ret_elements);

#endif
