/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_BAR_H
#define TOOL_BAR_H

/**
 * @file
 * Bars and figures as text.
 *
 * Threads: any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Widest bar, cells; and the bytes that hold it. */
#define BAR_CELLS_MAX 60
#define BAR_TEXT_BYTES (BAR_CELLS_MAX * 3 + 1)
/** Bytes of a figure's text. */
#define FIGURE_BYTES 32

/** A bar of @p cells cells (at most BAR_CELLS_MAX) of which @p fraction, cut to
 * [0, 1], is filled: block characters, or `#` and `.`. More than nothing shows
 * at least its smallest mark. */
void bar_write(double fraction, int cells, bool has_unicode, char ret_text[BAR_TEXT_BYTES]);

/** A count with commas: 68,350,798. */
void figure_count(int64_t count, char ret_text[FIGURE_BYTES]);

/** @p part of @p whole: `84.0 %`; `-` when there is no whole. */
void figure_percent(int64_t part, int64_t whole, char ret_text[FIGURE_BYTES]);

/** part / whole, 0 when there is no whole. */
double figure_fraction(int64_t part, int64_t whole);

#endif
