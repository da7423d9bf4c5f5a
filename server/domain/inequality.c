/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/inequality.h"

#include <math.h>
#include <stdbool.h>

/* Mean absolute difference over twice the mean, each group with its weight. */
static double gini(const struct inequality_group *groups, size_t group_count, bool by_person)
{
    double weights = 0;
    double total = 0;
    double differences = 0;
    for (size_t i = 0; i < group_count; i++) {
        double weight = by_person ? groups[i].population : 1;
        weights += weight;
        total += weight * groups[i].per_person;
        for (size_t j = 0; j < group_count; j++)
            differences += weight * (by_person ? groups[j].population : 1) *
                           fabs(groups[i].per_person - groups[j].per_person);
    }
    return total > 0 ? differences / (2 * weights * total) : 0;
}

void inequality_gini(const struct inequality_group *groups, size_t group_count, double *ret_groups,
                     double *ret_people)
{
    *ret_groups = gini(groups, group_count, false);
    *ret_people = gini(groups, group_count, true);
}
