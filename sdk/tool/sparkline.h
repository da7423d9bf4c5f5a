/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_SPARKLINE_H
#define TOOL_SPARKLINE_H

/**
 * @file
 * A series as one line of characters.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>

/** Widest sparkline, cells; and the bytes that hold it. */
#define SPARKLINE_CELLS_MAX 60
#define SPARKLINE_TEXT_BYTES (SPARKLINE_CELLS_MAX * 3 + 1)

/** A value at a time; times in any unit, none before the one before it. */
struct sparkline_point {
    double time;
    double value;
};

/** The series over its time in @p cells cells (1..SPARKLINE_CELLS_MAX), between
 * two points along the straight line; from 0, so that heights compare. Empty
 * without points. */
void sparkline_write(const struct sparkline_point *points, size_t point_count, int cells,
                     bool has_unicode, char ret_text[SPARKLINE_TEXT_BYTES]);

#endif
