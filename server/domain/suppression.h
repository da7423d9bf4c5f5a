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
 * (counts are never negative). Limit: one table. Who publishes the same counts
 * in two versions, or cut in two ways, gives differences away.
 *
 * Source: complementary cell suppression, as official statistics practise it;
 * 11 people is the threshold that French health statistics for the public use.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Counts below this are small, unless the operator says otherwise
 * ([disclosure] threshold_count). */
#define SUPPRESSION_THRESHOLD 11

/** The parent of a grand total. */
#define SUPPRESSION_ROOT (-1)

/** One cell. */
struct suppression_cell {
    int32_t parent;  /**< index of the total it is a part of, below its own; or SUPPRESSION_ROOT */
    int64_t count;   /**< people, >= 0; a total is the sum of its parts */
    bool hidden;     /**< in: withheld by the caller; out: not to be shown */
    bool keep_parts; /**< in: hide this total rather than its parts for its sake */
    bool is_total;   /**< out: it has parts */
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

#endif
