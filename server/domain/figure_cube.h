/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_FIGURE_CUBE_H
#define DOMAIN_FIGURE_CUBE_H

/**
 * @file
 * What of a period's figures of referrals may be told to those who take no part
 * in them, decided once for all of them together.
 *
 * A cube parts the nation into regions and these into CPTS, or into use cases;
 * several cubes part the same nation in different ways. Each cell has the same
 * figures. A figure splits what another one counts in two (fulfilled and not,
 * accepted and not), and what splits is shown in a cell or held back with its
 * complement: a small one is told by neither. Splits form a tree, and a cell
 * that is held back in a split is held back in those below it.
 *
 * Why that is enough: the cells that a split hides are such that no addition or
 * subtraction within its cube tells one (domain/suppression.h, both halves of the
 * split as layers of one table). Between splits: two cells hidden under the same
 * total can give and take one referral between the halves, and whatever is shown
 * stays as it is, because the splits below hide these cells too. Between cubes:
 * they share the nation only, which is hidden in all of them or in none.
 * Who holds a cell (a CPTS its own, an ARS its region's by origin) learns nothing
 * small of others by taking it away.
 *
 * Limits: figures are of the instant of their release, and of one period each; an
 * attempt is counted, not the patients behind several attempts; what the parties
 * of one pair of CPTS know of each other from their own referrals.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Figures of a cell, in the order of cpts.referral_figure.counts. */
enum figure {
    FIGURE_SUBMITTED, /**< of a commune: its unmet needs */
    FIGURE_OPEN,
    FIGURE_TO_REASSIGN,
    FIGURE_FULFILLED,
    FIGURE_ABANDONED,
    FIGURE_PURGED,
    FIGURE_UNROUTABLE, /**< never told: communes are the place for it */
    FIGURE_ATTEMPT,
    FIGURE_ACCEPTED,
    FIGURE_DECLINED,
    FIGURE_DECLINED_CAPACITY,
    FIGURE_GIVEN_BACK,
    FIGURE_ACCEPT_P50, /**< seconds; told with what it is of, as the next four */
    FIGURE_ACCEPT_P90,
    FIGURE_REPORTED,
    FIGURE_REPORT_P50,
    FIGURE_REPORT_P90,
    FIGURE_OVERDUE,
    FIGURE_DEBT_DAYS, /**< days; told with FIGURE_OVERDUE */
    FIGURE_COUNT,
};

/** One cell: the nation is the first of its cube, totals stand before their parts. */
struct figure_cell {
    int32_t parent; /**< index in its cube; SUPPRESSION_ROOT for the nation */
    bool is_held;   /**< in: it is somebody's own */
    bool is_small;  /**< in: hide it whole, whatever its figures */
    int64_t counts[FIGURE_COUNT];
    uint32_t hidden_splits; /**< out */
};

struct figure_cube {
    struct figure_cell *cells;
    size_t count;
    bool has_referrals; /**< the figures of referrals, from FIGURE_SUBMITTED */
    bool has_attempts;  /**< those of attempts, from FIGURE_ATTEMPT */
};

/** Adds up the counts of parts into their totals; delays and days are left. */
void figure_cube_add_up(struct figure_cube *cube);

/**
 * Decides what is held back in cubes of one nation.
 *
 * @param threshold  Counts below it are small, 1 or more.
 * @return false when memory is out; nothing is decided then.
 */
bool figure_cubes_suppress(struct figure_cube *cubes, size_t cube_count, int64_t threshold);

/** A figure of a cell may be told; false for those that its cube does not have. */
bool figure_cube_tells(const struct figure_cube *cube, size_t cell, enum figure figure);

#endif
