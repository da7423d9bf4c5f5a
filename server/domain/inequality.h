/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_INEQUALITY_H
#define DOMAIN_INEQUALITY_H

/**
 * @file
 * How unequally something is spread over groups of people.
 *
 * Threads: pure functions, any thread.
 */

#include <stddef.h>

/** A group: its people, and what it has for each of them. */
struct inequality_group {
    double population;
    double per_person;
};

/**
 * Gini coefficients over groups: 0 = all have the same, towards 1 = one has
 * everything. Half of the mean absolute difference of `per_person` between two
 * groups over its mean (Gini, 1912; no correction for few groups).
 *
 * @param ret_groups  Every group counts once, whatever its size.
 * @param ret_people  Every person counts once (area between the Lorenz curve
 *                    and equality, twice). Both 0 when nobody has anything.
 */
void inequality_gini(const struct inequality_group *groups, size_t group_count, double *ret_groups,
                     double *ret_people);

#endif
