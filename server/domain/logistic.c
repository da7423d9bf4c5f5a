/* SPDX-License-Identifier: Apache-2.0 */
#include <cminpack.h>
#include <math.h>
#include <string.h>

#include "domain/projection.h"
#include "domain/projection_quality.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Plateau, growth, midpoint: in this order everywhere. */
enum { PLATEAU, GROWTH, MIDPOINT, PARAMETERS };

/* Relative; the counts are known to three digits. */
#define TOLERANCE 1e-10
/* exp() beyond that changes no double any more. */
#define EXPONENT_MAX 500.0
#define FIRST_GUESSES 12

/* One problem, its workspace and the best solution so far. Counts are divided
 * by the largest, so that all parameters are of one size. */
struct problem {
    const struct projection_point *points;
    int point_count;
    double largest;
    double *residuals;
    double *work;
    int work_count;
    bool is_solved;
    double best[PARAMETERS];
    double best_squares;
    double covariance[PARAMETERS * PARAMETERS];
};

static double decay(const double parameters[PARAMETERS], double years)
{
    double exponent = -parameters[GROWTH] * (years - parameters[MIDPOINT]);
    return exp(fmin(EXPONENT_MAX, fmax(-EXPONENT_MAX, exponent)));
}

/* Derivatives of the curve by its parameters. */
static void gradient_at(const double parameters[PARAMETERS], double years,
                        double ret_gradient[PARAMETERS])
{
    double fall = decay(parameters, years);
    double steepness = parameters[PLATEAU] * fall / ((1 + fall) * (1 + fall));
    ret_gradient[PLATEAU] = 1 / (1 + fall);
    ret_gradient[GROWTH] = steepness * (years - parameters[MIDPOINT]);
    ret_gradient[MIDPOINT] = -steepness * parameters[GROWTH];
}

/* cminpack's callback: the residuals for flag 1, row i of their Jacobian for
 * flag i + 2. */
static int evaluate(void *data, int m, int n, const double *parameters, double *residuals,
                    double *jacobian_row, int flag)
{
    const struct problem *problem = data;
    (void)n;
    if (flag > 1) {
        gradient_at(parameters, problem->points[flag - 2].years, jacobian_row);
        return 0;
    }
    for (int i = 0; i < m; i++)
        residuals[i] = parameters[PLATEAU] / (1 + decay(parameters, problem->points[i].years)) -
                       problem->points[i].count / problem->largest;
    return 0;
}

/* A curve that grows and whose plateau is one: the one before or after it. */
static bool is_meaningful(const double parameters[PARAMETERS])
{
    return isfinite(parameters[PLATEAU]) && isfinite(parameters[GROWTH]) &&
           isfinite(parameters[MIDPOINT]) && parameters[GROWTH] > 0 && parameters[PLATEAU] > 0 &&
           parameters[PLATEAU] <= PROJECTION_PLATEAU_FACTOR_MAX;
}

/* Solves from one start and keeps the solution if it is the best so far.
 * @return whether the solver settled, be it on a curve nobody wants. */
static bool solve_from(struct problem *problem, const double start[PARAMETERS])
{
    double found[PARAMETERS];
    memcpy(found, start, sizeof found);
    int m = problem->point_count;
    double triangle[PARAMETERS * PARAMETERS] = {0};
    int pivots[PARAMETERS];
    int info = lmstr1(evaluate, problem, m, PARAMETERS, found, problem->residuals, triangle,
                      PARAMETERS, TOLERANCE, pivots, problem->work, problem->work_count);
    /* 5 is too many steps: on the way to a plateau beyond bounds, or lost. */
    if (info < 1 || info == 5)
        return info == 5 && !is_meaningful(found);
    double norm = enorm(m, problem->residuals);
    if (!is_meaningful(found) || (problem->is_solved && norm * norm >= problem->best_squares))
        return true;
    double work[PARAMETERS];
    /* Not 0 when a parameter changes nothing: there is no interval then. */
    if (covar1(m, PARAMETERS, norm * norm, triangle, PARAMETERS, pivots, TOLERANCE, work) != 0)
        return true;
    problem->is_solved = true;
    problem->best_squares = norm * norm;
    memcpy(problem->best, found, sizeof found);
    memcpy(problem->covariance, triangle, sizeof triangle);
    return true;
}

/* Several starts: plateaus from the largest count up, midpoints along the
 * series, a growth that takes its length to unfold. */
static bool solve(struct problem *problem)
{
    static const double PLATEAUS[] = {1.0, 1.2, 2.0};
    static const double MIDPOINTS[FIRST_GUESSES / 3] = {0.1, 0.35, 0.6, 1.0};
    double first = problem->points[0].years;
    double last = first;
    bool is_settled = false;
    for (int i = 1; i < problem->point_count; i++) {
        first = fmin(first, problem->points[i].years);
        last = fmax(last, problem->points[i].years);
    }
    for (int i = 0; i < FIRST_GUESSES; i++) {
        const double start[PARAMETERS] = {
            [PLATEAU] = PLATEAUS[i % 3],
            [GROWTH] = 6 / (last - first),
            [MIDPOINT] = first + MIDPOINTS[i / 3] * (last - first),
        };
        is_settled |= solve_from(problem, start);
    }
    return is_settled;
}

static bool open_problem(struct problem *problem, const struct projection_point *points,
                         size_t point_count, struct arena *arena)
{
    *problem = (struct problem){.points = points, .point_count = (int)point_count};
    problem->work_count = 5 * PARAMETERS + (int)point_count;
    problem->residuals = arena_alloc(arena, point_count * sizeof(double));
    problem->work = arena_alloc(arena, (size_t)problem->work_count * sizeof(double));
    for (size_t i = 0; i < point_count; i++)
        problem->largest = fmax(problem->largest, points[i].count);
    return problem->residuals != NULL && problem->work != NULL;
}

static void take_solution(const struct problem *problem, struct logistic_fit *fit)
{
    const double scale[PARAMETERS] = {[PLATEAU] = problem->largest, [GROWTH] = 1, [MIDPOINT] = 1};
    fit->plateau = problem->best[PLATEAU] * problem->largest;
    fit->growth = problem->best[GROWTH];
    fit->midpoint = problem->best[MIDPOINT];
    for (int i = 0; i < PARAMETERS; i++)
        for (int j = 0; j < PARAMETERS; j++)
            fit->covariance[i][j] = problem->covariance[i + j * PARAMETERS] * scale[i] * scale[j];
    projection_judge(&fit->quality, problem->best_squares * problem->largest * problem->largest,
                     PARAMETERS);
    fit->plateau_margin = fit->quality.quantile * sqrt(fit->covariance[PLATEAU][PLATEAU]);
}

cpts_status logistic_fit(const struct projection_point *points, size_t point_count,
                         struct arena *arena, struct logistic_fit *ret_fit, struct cpts_error *err)
{
    struct problem problem;
    struct logistic_fit fit = {.quality = {.point_count = point_count}};
    if (point_count > PROJECTION_POINTS_MAX)
        return error_set(err, REASON_ARGUMENT_INVALID, "at most %d points are fitted",
                         PROJECTION_POINTS_MAX);
    if (point_count < PROJECTION_LOGISTIC_POINTS_MIN)
        fit.quality.verdict = PROJECTION_NOT_ENOUGH_POINTS;
    else if (!projection_has_variation(points, point_count))
        fit.quality.verdict = PROJECTION_NO_VARIATION;
    else if (!open_problem(&problem, points, point_count, arena))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the fit");
    else if (!solve(&problem))
        fit.quality.verdict = PROJECTION_NOT_CONVERGED;
    else if (!problem.is_solved)
        fit.quality.verdict = PROJECTION_NO_PLATEAU;
    else
        take_solution(&problem, &fit);
    *ret_fit = fit;
    return CPTS_OK;
}

struct projected logistic_at(const struct logistic_fit *fit, double years)
{
    const double parameters[PARAMETERS] = {fit->plateau, fit->growth, fit->midpoint};
    double gradient[PARAMETERS];
    double variance = fit->quality.residual_error * fit->quality.residual_error;
    gradient_at(parameters, years, gradient);
    for (int i = 0; i < PARAMETERS; i++)
        for (int j = 0; j < PARAMETERS; j++)
            variance += gradient[i] * fit->covariance[i][j] * gradient[j];
    return projection_around(fit->plateau / (1 + decay(parameters, years)),
                             fit->quality.quantile * sqrt(fmax(0, variance)));
}

bool logistic_reaches(const struct logistic_fit *fit, double count, double *ret_years)
{
    if (fit->quality.verdict != PROJECTION_FITTED || count <= 0 || count >= fit->plateau)
        return false;
    *ret_years = fit->midpoint - log(fit->plateau / count - 1) / fit->growth;
    return true;
}
