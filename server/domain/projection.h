/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_PROJECTION_H
#define DOMAIN_PROJECTION_H

/**
 * @file
 * Where a series of counts leads if it goes on as it did: a straight line and
 * a logistic curve, both by ordinary least squares, every point with the same
 * weight, with 95 % prediction intervals.
 *
 * line:      count = intercept + slope × years
 * logistic:  count = plateau / (1 + exp(-growth × (years - midpoint)))
 *
 * RMSE is the root of the mean of the squared residuals over all points; the
 * intervals use the residual variance with its degrees of freedom and Student's
 * t. The line's interval is exact for independent normal residuals; the
 * logistic's is the delta method (covariance from the Jacobian at the
 * solution), first order only. Which fits better is told by the small-sample
 * Akaike criterion (AICc), which makes the third parameter pay for itself
 * (Hurvich and Tsai, 1989).
 *
 * The logistic is solved by cminpack's Levenberg-Marquardt (MINPACK lmstr)
 * from several starts.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

/** Fewest points that a line and a logistic are fitted to: one more than their
 * parameters would leave one degree of freedom; two are asked for. */
#define PROJECTION_LINE_POINTS_MIN 4
#define PROJECTION_LOGISTIC_POINTS_MIN 5
/** Most points. */
#define PROJECTION_POINTS_MAX 2000
/** A plateau beyond so many times the largest count is an extrapolation that
 * the points do not carry. */
#define PROJECTION_PLATEAU_FACTOR_MAX 10

/** A count at a time; years from any origin, the same for all points. */
struct projection_point {
    double years;
    double count;
};

/** Why there is no fit. */
enum projection_verdict {
    PROJECTION_FITTED,
    PROJECTION_NOT_ENOUGH_POINTS,
    /** All counts, or all times, are the same. */
    PROJECTION_NO_VARIATION,
    /** The counts do not bend towards a plateau that they would show. */
    PROJECTION_NO_PLATEAU,
    PROJECTION_NOT_CONVERGED,
};

/** The stable word, "NOT_ENOUGH_POINTS" and so on; "" for a fit. */
const char *projection_verdict_name(enum projection_verdict verdict);
/** The sentence for people; "" for a fit. */
const char *projection_verdict_sentence(enum projection_verdict verdict);

/** What both models say about their fit. */
struct projection_quality {
    enum projection_verdict verdict;
    size_t point_count;
    /** Root mean square error, in counts. */
    double rmse;
    /** Root of the residual variance, squares over degrees of freedom. */
    double residual_error;
    /** Student's t of the interval. */
    double quantile;
    /** Smaller is better; infinite where there are too few points to say. */
    double aicc;
};

struct line_fit {
    struct projection_quality quality;
    double intercept;
    /** Counts a year. */
    double slope;
    double mean_years;
    /** Sum of the squared distances from mean_years. */
    double spread;
};

struct logistic_fit {
    struct projection_quality quality;
    double plateau;
    /** Half of its 95 % interval: plateau ± plateau_margin. */
    double plateau_margin;
    /** Per year, > 0. */
    double growth;
    /** Years at which half of the plateau is reached, the steepest moment. */
    double midpoint;
    /** Of plateau, growth and midpoint. */
    double covariance[3][3];
};

/** A projected count with its 95 % prediction interval. */
struct projected {
    double count;
    double low;
    double high;
};

/** Fits a line; without a fit only the quality's verdict and point_count are
 * set. */
struct line_fit line_fit(const struct projection_point *points, size_t point_count);

/** Fits a logistic curve, as line_fit().
 * @param arena  Takes 16 bytes a point.
 * @return CPTS_OK, also without a fit · INVALID_ARGUMENT / ARGUMENT_INVALID for
 *         more than PROJECTION_POINTS_MAX points · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status logistic_fit(const struct projection_point *points, size_t point_count,
                                         struct arena *arena, struct logistic_fit *ret_fit,
                                         struct cpts_error *err);

/** What a fit says at a time. */
struct projected line_at(const struct line_fit *fit, double years);
struct projected logistic_at(const struct logistic_fit *fit, double years);

/** When a fit reaches a count.
 * @param ret_years  Set on true only.
 * @return false when it never does. */
bool line_reaches(const struct line_fit *fit, double count, double *ret_years);
bool logistic_reaches(const struct logistic_fit *fit, double count, double *ret_years);

/** 0.975 quantile of Student's distribution, to 0.0005.
 * @param freedom  Degrees of freedom, from 1. */
double student_quantile(size_t freedom);

#endif
