/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_INDICATOR_YEAR_H
#define HANDLER_INDICATOR_YEAR_H

/**
 * @file
 * Small counts of an indicator over the periods of a year. Boards of two
 * half-years and of the year show the same people: laid next to each other they
 * must not give a hidden count away (domain/suppression.h, several tables).
 *
 * Threads: the lane's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/suppression.h"

struct arena;
struct rows;

/** A board of one period: a tree of cells, totals before their parts. */
struct indicator_year {
    const struct rows *rows;
    int column;                     /**< of `period value`, commas between: other periods */
    struct suppression_cell *cells; /**< counts are those of the board's own period */
    const int *leaf_rows;           /**< by cell: the row of a CPTS, -1 for a total */
    const bool *are_told;           /**< by cell: every CPTS of it has a value in that period */
    size_t cell_count;
};

/** Hides in the cells what has to be hidden in any period of the year; nothing
 * when there is no other period.
 * @param threshold  Counts below it are small.
 * @return false when the arena is full, or a list makes no sense. */
bool indicator_year_suppress(const struct indicator_year *year, struct arena *arena,
                             int64_t threshold);

/** Whole people of a value: below zero or broken ones count as none. */
int64_t indicator_people(int64_t millionths);

#endif
