/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_TRAJECTORY_PARTS_H
#define HANDLER_TRAJECTORY_PARTS_H

/**
 * @file
 * What the files of GetTrajectory share: the question, the series read from
 * rows, and what is computed from it.
 *
 * Threads: the completion-queue thread asks, the lane's thread answers.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stdint.h>

#include "cpts/v1/trajectory.pb-c.h"
#include "domain/calendar.h"
#include "handler/counted_stages.h"

struct call;
struct rows;

/** Most points of a series, and of a projection. */
#define TRAJECTORY_POINTS_MAX 600

/** What was asked, with every default filled in. */
struct trajectory_question {
    bool is_published;
    /** "" = the nation. */
    const char *region;
    /** NULL = the first count. */
    const char *from;
    const char *as_of;
    const char *target_on;
    const char *until;
    /** Months of a step: 1, 3 or 12. */
    int step_months;
    /** 0 = the State's. */
    int32_t target_count;
    struct counted_stages set;
};

/** Reads the rows of trajectory.sql or trajectory_published.sql into the
 * answer's points and regions.
 * @param ret_target  The State's target, 0 = none.
 * @return false when the arena is full. */
bool trajectory_read_registry(struct call *call, const struct rows *rows,
                              Cpts__V1__GetTrajectoryResponse *response, int32_t *ret_target);
bool trajectory_read_published(struct call *call, const struct rows *rows,
                               Cpts__V1__GetTrajectoryResponse *response, int32_t *ret_target);

/** Adds both projections and which fits better.
 * @param target_count  0 = none.
 * @return CPTS_OK · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status trajectory_project(struct call *call,
                                               Cpts__V1__GetTrajectoryResponse *response,
                                               int32_t target_count, struct cpts_error *err);

/** Adds the distance to the target, and how unequal regions are, where they
 * can be told. @return false when the arena is full. */
bool trajectory_measure(struct call *call, Cpts__V1__GetTrajectoryResponse *response,
                        int32_t target_count);

/** A figure as it is sent: four decimals. */
double trajectory_rounded(double figure);

#endif
