/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_SUPPRESSION_H
#define DOMAIN_SUPPRESSION_H

/**
 * @file
 * Which cells of a table of counts are hidden, so that nobody learns a small
 * one: neither from its cell nor from the totals beside it.
 *
 * The table is a tree: a total is the sum of its parts (nation, region, CPTS).
 * Method: complementary suppression, deterministic, smallest cells first.
 *  - primary: a count below the threshold is hidden, zero included; so is what
 *    the caller withholds (not published);
 *  - secondary: under each total that is shown, the hidden cells that it binds
 *    are none, or at least two that add up to the threshold or more; a hidden
 *    total has a hidden part. Where that cannot be had, the total is hidden:
 *    last, or first where the caller says so.
 * Guarantee: from all that is shown of one table, no hidden cell follows by
 * addition and subtraction, and no sum of hidden cells below the threshold does
 * (counts are never negative).
 *
 * Several tables of the same cells, which people lay next to each other (the
 * periods of a year: two half-years and their sum, or a stock of December and of
 * the year), are suppressed together: a cell is hidden in all of them or in none.
 * Then the guarantee holds over all of them, whichever of them are shown: what
 * could be added to hidden cells of one and taken from those of another leaves
 * every total, in every table and over time, as it is.
 *
 * Limits: what lies outside those tables. An earlier version of a table, kept
 * from before another one was known or a count corrected; two tables of a year
 * whose difference nobody counted; tables that do not have the same cells; the
 * same people cut in another way.
 *
 * Source: complementary cell suppression, as official statistics practise it;
 * 11 people is the threshold that French health statistics for the public use.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A count that a table does not tell: nobody stated it, or not all its parts. */
#define SUPPRESSION_UNKNOWN INT64_C(-1)

/** Counts below this are small, unless the operator says otherwise
 * ([disclosure] threshold_count). */
#define SUPPRESSION_THRESHOLD 11

/** The parent of a grand total. */
#define SUPPRESSION_ROOT (-1)

/** One cell. Where cells are held, the hidden ones that a shown total binds add up
 * to the threshold or more without any one of the held: who holds it and takes it
 * away learns nothing small of the others. */
struct suppression_cell {
    int32_t parent;  /**< index of the total it is a part of, below its own; or SUPPRESSION_ROOT */
    int64_t count;   /**< people, >= 0; a total is the sum of its parts */
    bool hidden;     /**< in: withheld by the caller; out: not to be shown */
    bool keep_parts; /**< in: hide this total rather than its parts for its sake */
    bool is_total;   /**< out: it has parts */
    bool is_held;    /**< in: somebody knows this part from elsewhere: it is theirs */
};

/**
 * Hides what has to be hidden in @p cells.
 *
 * Totals stand before their parts. Takes time in the number of cells times the
 * number of totals.
 *
 * @param threshold  Counts below it are small, 1 or more.
 */
void suppression_apply(struct suppression_cell *cells, size_t cell_count, int64_t threshold);

/**
 * Hides in @p cells what has to be hidden in any of several tables of them.
 *
 * The same for each of the tables, whichever is then shown; the cells' own
 * counts are not looked at. Takes as long as suppression_apply(), times the tables.
 *
 * @param counts  The first table's count of each cell, then the next table's; a
 *                total that is not the sum of known parts is SUPPRESSION_UNKNOWN.
 */
void suppression_apply_together(struct suppression_cell *cells, size_t cell_count,
                                const int64_t *counts, size_t table_count, int64_t threshold);

#endif
