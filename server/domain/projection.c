/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/projection.h"

#include <math.h>

#include "domain/projection_quality.h"

static const struct {
    const char *name;
    const char *sentence;
} VERDICTS[] = {
    [PROJECTION_FITTED] = {"", ""},
    [PROJECTION_NOT_ENOUGH_POINTS] = {"NOT_ENOUGH_POINTS",
                                      "not enough points: a line needs 4, a logistic curve 5"},
    [PROJECTION_NO_VARIATION] = {"NO_VARIATION", "every count is the same: there is no trend"},
    [PROJECTION_NO_PLATEAU] = {"NO_PLATEAU",
                               "the counts do not bend towards a plateau that they would show"},
    [PROJECTION_NOT_CONVERGED] = {"NOT_CONVERGED", "the fit did not settle on a curve"},
};

const char *projection_verdict_name(enum projection_verdict verdict)
{
    return VERDICTS[verdict].name;
}

const char *projection_verdict_sentence(enum projection_verdict verdict)
{
    return VERDICTS[verdict].sentence;
}

double student_quantile(size_t freedom)
{
    /* From published tables of the t distribution, two-sided 5 %. */
    static const double TABLE[] = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060,
                                   2.2622,  2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199,
                                   2.1098,  2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
                                   2.0595,  2.0555, 2.0518, 2.0484, 2.0452, 2.0423};
    const size_t count = sizeof TABLE / sizeof TABLE[0];
    if (freedom == 0)
        return INFINITY;
    if (freedom <= count)
        return TABLE[freedom - 1];
    /* The normal quantile and the first terms of its expansion in 1/freedom. */
    const double z = 1.959964;
    double n = (double)freedom;
    return z + (z * z * z + z) / (4 * n) + (5 * pow(z, 5) + 16 * z * z * z + 3 * z) / (96 * n * n);
}

bool projection_has_variation(const struct projection_point *points, size_t point_count)
{
    bool in_time = false;
    bool in_count = false;
    for (size_t i = 1; i < point_count; i++) {
        in_time |= points[i].years != points[0].years;
        in_count |= points[i].count != points[0].count;
    }
    return in_time && in_count;
}

void projection_judge(struct projection_quality *quality, double squares, size_t parameter_count)
{
    double n = (double)quality->point_count;
    double freedom = n - (double)parameter_count;
    /* The residual variance is a parameter of the likelihood, too. */
    double k = (double)parameter_count + 1;
    quality->verdict = PROJECTION_FITTED;
    quality->rmse = sqrt(squares / n);
    quality->residual_error = sqrt(squares / freedom);
    quality->quantile = student_quantile(quality->point_count - parameter_count);
    quality->aicc =
        n - k - 1 > 0 ? n * log(squares / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1) : INFINITY;
}

static double squares_of(const struct line_fit *fit, const struct projection_point *points)
{
    double squares = 0;
    for (size_t i = 0; i < fit->quality.point_count; i++) {
        double residual = points[i].count - fit->intercept - fit->slope * points[i].years;
        squares += residual * residual;
    }
    return squares;
}

struct line_fit line_fit(const struct projection_point *points, size_t point_count)
{
    struct line_fit fit = {.quality = {.point_count = point_count}};
    double mean_count = 0;
    double product = 0;
    if (point_count < PROJECTION_LINE_POINTS_MIN) {
        fit.quality.verdict = PROJECTION_NOT_ENOUGH_POINTS;
        return fit;
    }
    if (!projection_has_variation(points, point_count)) {
        fit.quality.verdict = PROJECTION_NO_VARIATION;
        return fit;
    }
    for (size_t i = 0; i < point_count; i++) {
        fit.mean_years += points[i].years / (double)point_count;
        mean_count += points[i].count / (double)point_count;
    }
    for (size_t i = 0; i < point_count; i++) {
        double from_mean = points[i].years - fit.mean_years;
        fit.spread += from_mean * from_mean;
        product += from_mean * (points[i].count - mean_count);
    }
    fit.slope = product / fit.spread;
    fit.intercept = mean_count - fit.slope * fit.mean_years;
    projection_judge(&fit.quality, squares_of(&fit, points), 2);
    return fit;
}

struct projected projection_around(double count, double margin)
{
    /* No count is below 0. */
    return (struct projected){
        .count = fmax(0, count), .low = fmax(0, count - margin), .high = fmax(0, count + margin)};
}

struct projected line_at(const struct line_fit *fit, double years)
{
    double from_mean = years - fit->mean_years;
    double share = 1 + 1 / (double)fit->quality.point_count + from_mean * from_mean / fit->spread;
    return projection_around(fit->intercept + fit->slope * years,
                             fit->quality.quantile * fit->quality.residual_error * sqrt(share));
}

bool line_reaches(const struct line_fit *fit, double count, double *ret_years)
{
    if (fit->quality.verdict != PROJECTION_FITTED || !(fit->slope > 0))
        return false;
    *ret_years = (count - fit->intercept) / fit->slope;
    return true;
}
