/* SPDX-License-Identifier: Apache-2.0 */
/* The two projections of GetTrajectory. */
#include <math.h>
#include <string.h>

#include "base/call.h"
#include "domain/projection.h"
#include "handler/request.h"
#include "handler/trajectory_parts.h"
#include "wire/arena.h"
#include "wire/error.h"

#define DAYS_PER_YEAR 365.25

static const char LINEAR_METHOD[] =
    "Ordinary least squares of the counts on time, every point with the same weight. RMSE is over "
    "all points; 95 % prediction interval by Student's t, exact for independent normal residuals.";
static const char LOGISTIC_METHOD[] =
    "Least squares of plateau / (1 + exp(-growth * (time - midpoint))) by Levenberg-Marquardt "
    "(MINPACK) from twelve starts, every point with the same weight. RMSE is over all points; 95 % "
    "intervals by the delta method with Student's t, first order only.";
static const char BETTER_METHOD[] =
    "The smaller Akaike criterion corrected for few points (AICc), which makes the logistic pay "
    "for "
    "its third parameter; with fewer than 6 points it cannot be told between two fits.";

/* A series as the models see it. */
struct series {
    struct projection_point *points;
    size_t point_count;
    int32_t first_day;
    int32_t last_day;
    double target_count;
};

static bool read_series(struct call *call, const Cpts__V1__GetTrajectoryResponse *response,
                        int32_t target_count, struct series *series)
{
    *series = (struct series){.target_count = target_count};
    series->points = arena_alloc(call->arena, (response->n_points + 1) * sizeof *series->points);
    if (series->points == NULL)
        return false;
    for (size_t i = 0; i < response->n_points; i++) {
        const Cpts__V1__TrajectoryPoint *point = response->points[i];
        int32_t day = calendar_day(point->date);
        if (i == 0)
            series->first_day = day;
        series->last_day = day;
        if (point->is_fitted)
            series->points[series->point_count++] = (struct projection_point){
                .years = (day - series->first_day) / DAYS_PER_YEAR, .count = point->project_count};
    }
    return true;
}

/* The date of a time of the series, in the arena; "" beyond the calendar. */
static char *date_at(struct call *call, const struct series *series, double years)
{
    char text[CALENDAR_DATE_BYTES];
    double day = series->first_day + years * DAYS_PER_YEAR;
    if (!(day > calendar_day("1900-01-01")) || !(day < calendar_day("2200-12-31")))
        return arena_printf(call->arena, "%s", "");
    calendar_text((int32_t)floor(day), text);
    return arena_printf(call->arena, "%s", text);
}

/* Days to project: the first of each step after the last point, then the end. */
static size_t plan_days(const struct call *call, const struct series *series,
                        char (*ret_days)[CALENDAR_DATE_BYTES])
{
    const struct trajectory_question *question = call->state;
    char last[CALENDAR_DATE_BYTES];
    char day[CALENDAR_DATE_BYTES];
    size_t count = 0;
    calendar_text(series->last_day, last);
    memcpy(day, last, sizeof day);
    memcpy(day + 5, "01-01", 5);
    while (strcmp(day, question->until) < 0 && count < TRAJECTORY_POINTS_MAX) {
        if (strcmp(day, last) > 0)
            memcpy(ret_days[count++], day, sizeof day);
        calendar_add_months(day, question->step_months, day);
    }
    if (strcmp(question->until, last) > 0)
        memcpy(ret_days[count++], question->until, CALENDAR_DATE_BYTES);
    return count;
}

/* One day's projected point. */
static Cpts__V1__ProjectedPoint *new_point(struct call *call, const char *day,
                                           const struct projected *projected)
{
    Cpts__V1__ProjectedPoint *point = request_message(call, &cpts__v1__projected_point__descriptor);
    if (point == NULL)
        return NULL;
    point->date = arena_printf(call->arena, "%s", day);
    point->count = trajectory_rounded(projected->count);
    point->low = trajectory_rounded(projected->low);
    point->high = trajectory_rounded(projected->high);
    return point->date == NULL ? NULL : point;
}

/* The points of a fit; exactly one of the two is given.
 * @return NULL when the arena is full. */
static Cpts__V1__ProjectedPoint **new_points(struct call *call, const struct series *series,
                                             const struct line_fit *line,
                                             const struct logistic_fit *logistic, size_t *ret_count)
{
    char(*days)[CALENDAR_DATE_BYTES] =
        arena_alloc(call->arena, (TRAJECTORY_POINTS_MAX + 1) * sizeof *days);
    if (days == NULL)
        return NULL;
    size_t count = plan_days(call, series, days);
    Cpts__V1__ProjectedPoint **points =
        arena_alloc(call->arena, (count + 1) * sizeof(Cpts__V1__ProjectedPoint *));
    for (size_t i = 0; points != NULL && i < count; i++) {
        double years = (calendar_day(days[i]) - series->first_day) / DAYS_PER_YEAR;
        struct projected projected =
            line != NULL ? line_at(line, years) : logistic_at(logistic, years);
        points[i] = new_point(call, days[i], &projected);
        if (points[i] == NULL)
            return NULL;
    }
    *ret_count = count;
    return points;
}

static bool describe_line(struct call *call, const struct series *series,
                          const struct line_fit *fit, Cpts__V1__LinearProjection *linear)
{
    double years = 0;
    linear->method = (char *)LINEAR_METHOD;
    linear->point_count = (int32_t)fit->quality.point_count;
    linear->reason = (char *)projection_verdict_name(fit->quality.verdict);
    linear->message = (char *)projection_verdict_sentence(fit->quality.verdict);
    if (fit->quality.verdict != PROJECTION_FITTED)
        return true;
    linear->_rmse_case = CPTS__V1__LINEAR_PROJECTION___RMSE_RMSE;
    linear->rmse = trajectory_rounded(fit->quality.rmse);
    linear->_per_month_case = CPTS__V1__LINEAR_PROJECTION___PER_MONTH_PER_MONTH;
    linear->per_month = trajectory_rounded(fit->slope / 12);
    if (series->target_count > 0 && line_reaches(fit, series->target_count, &years))
        linear->target_reached_on = date_at(call, series, years);
    linear->points = new_points(call, series, fit, NULL, &linear->n_points);
    return linear->target_reached_on != NULL && linear->points != NULL;
}

static void say_plateau(const struct logistic_fit *fit, Cpts__V1__LogisticProjection *logistic)
{
    logistic->_rmse_case = CPTS__V1__LOGISTIC_PROJECTION___RMSE_RMSE;
    logistic->rmse = trajectory_rounded(fit->quality.rmse);
    logistic->_plateau_case = CPTS__V1__LOGISTIC_PROJECTION___PLATEAU_PLATEAU;
    logistic->plateau = trajectory_rounded(fit->plateau);
    logistic->_plateau_low_case = CPTS__V1__LOGISTIC_PROJECTION___PLATEAU_LOW_PLATEAU_LOW;
    logistic->plateau_low = trajectory_rounded(fmax(0, fit->plateau - fit->plateau_margin));
    logistic->_plateau_high_case = CPTS__V1__LOGISTIC_PROJECTION___PLATEAU_HIGH_PLATEAU_HIGH;
    logistic->plateau_high = trajectory_rounded(fit->plateau + fit->plateau_margin);
    logistic->_growth_case = CPTS__V1__LOGISTIC_PROJECTION___GROWTH_GROWTH;
    logistic->growth = trajectory_rounded(fit->growth);
}

static bool describe_logistic(struct call *call, const struct series *series,
                              const struct logistic_fit *fit,
                              Cpts__V1__LogisticProjection *logistic)
{
    double years = 0;
    logistic->method = (char *)LOGISTIC_METHOD;
    logistic->point_count = (int32_t)fit->quality.point_count;
    logistic->reason = (char *)projection_verdict_name(fit->quality.verdict);
    logistic->message = (char *)projection_verdict_sentence(fit->quality.verdict);
    if (fit->quality.verdict != PROJECTION_FITTED)
        return true;
    say_plateau(fit, logistic);
    logistic->midpoint_on = date_at(call, series, fit->midpoint);
    if (series->target_count > 0 && logistic_reaches(fit, series->target_count, &years))
        logistic->target_reached_on = date_at(call, series, years);
    logistic->points = new_points(call, series, NULL, fit, &logistic->n_points);
    return logistic->midpoint_on != NULL && logistic->target_reached_on != NULL &&
           logistic->points != NULL;
}

static Cpts__V1__ProjectionModel better_fit(const struct projection_quality *linear,
                                            const struct projection_quality *logistic)
{
    bool has_linear = linear->verdict == PROJECTION_FITTED;
    bool has_logistic = logistic->verdict == PROJECTION_FITTED;
    if (has_linear && has_logistic && isinf(logistic->aicc) && logistic->aicc > 0)
        return CPTS__V1__PROJECTION_MODEL__PROJECTION_MODEL_UNSPECIFIED;
    if (has_logistic && (!has_linear || logistic->aicc < linear->aicc))
        return CPTS__V1__PROJECTION_MODEL__PROJECTION_MODEL_LOGISTIC;
    return has_linear ? CPTS__V1__PROJECTION_MODEL__PROJECTION_MODEL_LINEAR
                      : CPTS__V1__PROJECTION_MODEL__PROJECTION_MODEL_UNSPECIFIED;
}

cpts_status trajectory_project(struct call *call, Cpts__V1__GetTrajectoryResponse *response,
                               int32_t target_count, struct cpts_error *err)
{
    struct series series;
    struct logistic_fit curve;
    response->linear = request_message(call, &cpts__v1__linear_projection__descriptor);
    response->logistic = request_message(call, &cpts__v1__logistic_projection__descriptor);
    if (response->linear == NULL || response->logistic == NULL ||
        !read_series(call, response, target_count, &series))
        return request_no_memory(err);
    struct line_fit line = line_fit(series.points, series.point_count);
    cpts_status status = logistic_fit(series.points, series.point_count, call->arena, &curve, err);
    if (status != CPTS_OK)
        return status;
    if (!describe_line(call, &series, &line, response->linear) ||
        !describe_logistic(call, &series, &curve, response->logistic))
        return request_no_memory(err);
    response->better_fit = better_fit(&line.quality, &curve.quality);
    response->better_fit_method = (char *)BETTER_METHOD;
    return CPTS_OK;
}
