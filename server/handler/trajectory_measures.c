/* SPDX-License-Identifier: Apache-2.0 */
/* Distance to the target, and inequality between regions. */
#include <math.h>
#include <stdlib.h>

#include "base/call.h"
#include "domain/inequality.h"
#include "handler/request.h"
#include "handler/trajectory_parts.h"
#include "wire/arena.h"

#define DAYS_PER_MONTH (365.25 / 12)
/* A recent pace is taken over about a year. */
#define RECENT_DAYS 365
#define RECENT_DAYS_MIN 183
#define RECENT_DAYS_MAX 730

static double months_between(const char *from, const char *to)
{
    return (calendar_day(to) - calendar_day(from)) / DAYS_PER_MONTH;
}

/* The point nearest to a year before the last one; NULL without one. */
static const Cpts__V1__TrajectoryPoint *
find_year_before(const Cpts__V1__GetTrajectoryResponse *response)
{
    const Cpts__V1__TrajectoryPoint *best = NULL;
    int32_t last = calendar_day(response->points[response->n_points - 1]->date);
    int32_t best_distance = 0;
    for (size_t i = 0; i + 1 < response->n_points; i++) {
        int32_t days = last - calendar_day(response->points[i]->date);
        int32_t distance = abs(days - RECENT_DAYS);
        if (days < RECENT_DAYS_MIN || days > RECENT_DAYS_MAX)
            continue;
        if (best == NULL || distance < best_distance) {
            best = response->points[i];
            best_distance = distance;
        }
    }
    return best;
}

static bool measure_target(struct call *call, Cpts__V1__GetTrajectoryResponse *response,
                           int32_t target_count)
{
    const struct trajectory_question *question = call->state;
    if (target_count <= 0 || response->n_points == 0)
        return true;
    const Cpts__V1__TrajectoryPoint *last = response->points[response->n_points - 1];
    const Cpts__V1__TrajectoryPoint *before = find_year_before(response);
    Cpts__V1__TargetDistance *target =
        request_message(call, &cpts__v1__target_distance__descriptor);
    if (target == NULL)
        return false;
    target->target_count = target_count;
    target->project_count = last->project_count;
    target->counted_on = last->date;
    target->missing_count = target_count - last->project_count;
    target->target_on = (char *)question->target_on;
    target->needed_per_month = trajectory_rounded(
        fmax(0, target->missing_count) / months_between(question->as_of, question->target_on));
    if (before != NULL) {
        target->_recent_per_month_case =
            CPTS__V1__TARGET_DISTANCE___RECENT_PER_MONTH_RECENT_PER_MONTH;
        target->recent_per_month =
            trajectory_rounded((last->project_count - before->project_count) /
                               months_between(before->date, last->date));
    }
    response->target = target;
    return true;
}

static Cpts__V1__RegionRate *new_rate(struct call *call, const Cpts__V1__RegionTrajectory *region)
{
    Cpts__V1__RegionRate *rate = request_message(call, &cpts__v1__region_rate__descriptor);
    if (rate == NULL)
        return NULL;
    rate->region = region->region;
    rate->name = region->name;
    rate->project_count = region->project_counts[region->n_project_counts - 1];
    rate->per_million = region->per_million;
    return rate;
}

static bool measure_regions(struct call *call, Cpts__V1__GetTrajectoryResponse *response)
{
    size_t lowest = 0;
    size_t highest = 0;
    double population = 0;
    if (response->n_regions == 0 || response->points[response->n_points - 1]->project_count == 0)
        return true;
    struct inequality_group *groups =
        arena_alloc(call->arena, response->n_regions * sizeof *groups);
    Cpts__V1__Heterogeneity *found = request_message(call, &cpts__v1__heterogeneity__descriptor);
    if (groups == NULL || found == NULL)
        return false;
    for (size_t i = 0; i < response->n_regions; i++) {
        const Cpts__V1__RegionTrajectory *region = response->regions[i];
        population += region->population_total;
        groups[i] = (struct inequality_group){.population = region->population_total,
                                              .per_person = region->per_million};
        if (region->per_million < response->regions[lowest]->per_million)
            lowest = i;
        if (region->per_million > response->regions[highest]->per_million)
            highest = i;
    }
    inequality_gini(groups, response->n_regions, &found->gini, &found->gini_population);
    found->gini = trajectory_rounded(found->gini);
    found->gini_population = trajectory_rounded(found->gini_population);
    found->lowest = new_rate(call, response->regions[lowest]);
    found->highest = new_rate(call, response->regions[highest]);
    if (population > 0)
        found->per_million = trajectory_rounded(
            response->points[response->n_points - 1]->project_count * 1e6 / population);
    response->heterogeneity = found;
    return found->lowest != NULL && found->highest != NULL;
}

bool trajectory_measure(struct call *call, Cpts__V1__GetTrajectoryResponse *response,
                        int32_t target_count)
{
    return measure_target(call, response, target_count) && measure_regions(call, response);
}
