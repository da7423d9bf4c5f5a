/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_TRAJECTORY_H
#define CPTS_TRAJECTORY_H

/**
 * @file
 * How the deployment went and where it leads: series of counts, distance to
 * the target, inequality between regions, two projections with their error.
 *
 * Results belong to the caller, who releases them; every text inside lives as
 * long as its result and is never NULL. Dates are `YYYY-MM-DD`.
 *
 * Threads: any thread; a result, one thread at a time.
 */

#include <cpts/coverage.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Where the counts come from: say it beside them. */
enum cpts_trajectory_source {
    /** In a question: PUBLISHED. */
    CPTS_TRAJECTORY_UNSPECIFIED = 0,
    /** Counted by the node in its registry. */
    CPTS_TRAJECTORY_REGISTRY = 1,
    /** Published by others, quoted with their source. */
    CPTS_TRAJECTORY_PUBLISHED = 2
};

/** Distance between two points of a registry's series. */
enum cpts_trajectory_step { CPTS_STEP_MONTH = 1, CPTS_STEP_QUARTER = 2, CPTS_STEP_YEAR = 3 };

/** A way to go on from a series. */
enum cpts_projection_model {
    CPTS_PROJECTION_NONE = 0,
    CPTS_PROJECTION_LINEAR = 1,
    CPTS_PROJECTION_LOGISTIC = 2
};

/** The question; NULL or 0 = the default of the node. */
struct cpts_trajectory_query {
    size_t size;
    enum cpts_trajectory_source source;
    /** INSEE code; NULL = the nation. */
    const char *region;
    /** First and last date of the series; NULL = the first count, today. */
    const char *from;
    const char *as_of;
    enum cpts_trajectory_step step;
    /** Live stages to count; none = all four. */
    const enum cpts_stage *stages;
    size_t stage_count;
    /** Instant of belief, microseconds since 1970 UTC, for the registry only; 0 = now. */
    int64_t known_at_us;
    /** CPTS wanted; 0 = the State's target. */
    int32_t target_count;
    /** Date by which; NULL = the end of the next year. */
    const char *target_on;
    /** Last date projected; NULL = five years after `as_of`. */
    const char *until;
};

/** Counts on one date. */
struct cpts_trajectory_point {
    const char *date;
    int32_t project_count;
    /** By stage, in order; none where a publisher gave the total alone. */
    const struct cpts_stage_total *stages;
    size_t stage_count;
    /** The projections are fitted to it. */
    bool is_fitted;
    /** With published counts, else empty: how exact the date is, who published
     * it, how far to trust it, and where it was read. */
    const char *date_precision;
    const char *publisher;
    const char *confidence;
    const char *source;
};

/** One region over time; counts are one for each point of the answer. */
struct cpts_region_trajectory {
    const char *region;
    const char *name;
    int32_t population_total;
    const int32_t *project_counts;
    /** At the last point, per million inhabitants. */
    double per_million;
};

/** How far the target is. */
struct cpts_target_distance {
    int32_t target_count;
    int32_t project_count;
    const char *counted_on;
    /** Wanted minus counted. */
    int32_t missing_count;
    const char *target_on;
    /** CPTS a month from `as_of` on; and lately, when has_recent. */
    double needed_per_month;
    bool has_recent;
    double recent_per_month;
};

/** How unequal regions are, in projects per million inhabitants. */
struct cpts_heterogeneity {
    /** Gini coefficients, each region or each inhabitant counting once. */
    double gini;
    double gini_population;
    const char *lowest_region;
    double lowest_per_million;
    const char *highest_region;
    double highest_per_million;
    double per_million;
};

/** A projected count with its 95 % prediction interval. */
struct cpts_projected_point {
    const char *date;
    double count;
    double low;
    double high;
};

/** One projection. Without a fit `reason` says why (NOT_ENOUGH_POINTS,
 * NO_VARIATION, NO_PLATEAU, NOT_CONVERGED), and the figures are 0. */
struct cpts_projection {
    bool is_fitted;
    const char *method;
    int32_t point_count;
    const char *reason;
    const char *message;
    /** Root mean square error, CPTS. */
    double rmse;
    /** Of the line: CPTS a month. */
    double per_month;
    /** Of the logistic curve: CPTS towards which it flattens, its 95 %
     * confidence interval, and the date of half of it. */
    double plateau;
    double plateau_low;
    double plateau_high;
    const char *midpoint_on;
    /** Empty when never. */
    const char *target_reached_on;
    const struct cpts_projected_point *points;
    size_t point_total;
};

/** The answer, with everything needed to defend it. */
struct cpts_trajectory {
    enum cpts_trajectory_source source;
    /** INSEE code; empty = the nation. */
    const char *region;
    const struct cpts_trajectory_point *points;
    size_t point_count;
    /** For the nation in the registry only. */
    const struct cpts_region_trajectory *regions;
    size_t region_count;
    const enum cpts_stage *stage_set;
    size_t stage_set_count;
    enum cpts_coverage_definition definition;
    const char *as_of;
    /** 0 for published counts. */
    int64_t known_at_us;
    /** At least one synthetic record is counted: say so. */
    bool synthetic;
    /** NULL where they cannot be told. */
    const struct cpts_target_distance *target;
    const struct cpts_heterogeneity *heterogeneity;
    struct cpts_projection linear;
    struct cpts_projection logistic;
    enum cpts_projection_model better_fit;
    const char *better_fit_method;
    /** What must be said with the figures. */
    const char *const *notes;
    size_t note_count;
    /** The library's own. */
    const void *message;
};

/** A trajectory of the nation or a region.
 * @param query  NULL = the published totals, to today.
 * @return CPTS_OK · INVALID_ARGUMENT / UNKNOWN_REGION, FIELD_INVALID,
 *         KNOWN_AT_IN_FUTURE · what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_trajectory_get(cpts_client *client,
                                                         const struct cpts_trajectory_query *query,
                                                         int32_t timeout_ms,
                                                         struct cpts_trajectory **ret_trajectory,
                                                         struct cpts_error *err);

/** The answer as proto3 JSON (`cpts.v1.GetTrajectoryResponse`); NULL when memory
 * is out. @param indent_spaces  0 = one line. Free with cpts_string_free(). */
CPTS_API char *cpts_trajectory_json(const struct cpts_trajectory *trajectory, int indent_spaces);

/** Releases an answer; NULL is fine. */
CPTS_API void cpts_trajectory_free(struct cpts_trajectory *trajectory);

#ifdef __cplusplus
}
#endif
#endif
