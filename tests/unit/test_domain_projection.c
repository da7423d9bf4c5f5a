/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/projection.h"

#include <math.h>

#include "support/unit.h"
#include "wire/arena.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The published totals, years since 2018-01-01 (days / 365.25). The answers
 * below were computed by another program, with normal equations solved by hand
 * and the logistic's covariance from finite differences. */
static const struct projection_point PUBLISHED[] = {
    {180 / 365.25, 200},  {243 / 365.25, 200},  {455 / 365.25, 200},  {608 / 365.25, 400},
    {669 / 365.25, 449},  {1216 / 365.25, 641}, {1505 / 365.25, 712}, {1668 / 365.25, 733},
    {1871 / 365.25, 781}, {2222 / 365.25, 738}, {2556 / 365.25, 821}, {2865 / 365.25, 800},
};

static struct logistic_fit fit_logistic(const struct projection_point *points, size_t count)
{
    struct arena *arena = arena_new(1024 * 1024);
    struct logistic_fit fit = {.plateau = -1};
    struct cpts_error err;
    CU_ASSERT_EQUAL_FATAL(logistic_fit(points, count, arena, &fit, &err), CPTS_OK);
    arena_free(arena);
    return fit;
}

static void test_projection__line_of_the_published_totals(void)
{
    struct line_fit fit = line_fit(PUBLISHED, COUNT(PUBLISHED));
    double years = 0;
    CU_ASSERT_EQUAL_FATAL(fit.quality.verdict, PROJECTION_FITTED);
    CU_ASSERT_DOUBLE_EQUAL(fit.intercept, 218.985562, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.slope, 92.055675, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.quality.rmse, 91.091057, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.quality.residual_error, 99.785253, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.quality.aicc, 117.284631, 1e-5);
    struct projected at = line_at(&fit, 10);
    CU_ASSERT_DOUBLE_EQUAL(at.count, 1139.542313, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(at.high - at.count, 286.2167, 0.01);
    CU_ASSERT_DOUBLE_EQUAL(at.count - at.low, 286.2167, 0.01);
    CU_ASSERT_TRUE(line_reaches(&fit, 1000, &years));
    CU_ASSERT_DOUBLE_EQUAL(years, 8.484153, 1e-5);
}

static void test_projection__logistic_of_the_published_totals(void)
{
    struct logistic_fit fit = fit_logistic(PUBLISHED, COUNT(PUBLISHED));
    double years = -1;
    CU_ASSERT_EQUAL_FATAL(fit.quality.verdict, PROJECTION_FITTED);
    CU_ASSERT_DOUBLE_EQUAL(fit.plateau, 793.349123, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(fit.growth, 0.979864, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.midpoint, 1.796185, 1e-5);
    CU_ASSERT_DOUBLE_EQUAL(fit.quality.rmse, 36.179452, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(fit.quality.aicc, 99.838078, 1e-4);
    CU_ASSERT_DOUBLE_EQUAL(fit.plateau_margin, 54.4882, 0.01);
    struct projected at = logistic_at(&fit, 10);
    CU_ASSERT_DOUBLE_EQUAL(at.count, 793.093150, 1e-3);
    CU_ASSERT_DOUBLE_EQUAL(at.high - at.count, 108.8430, 0.01);
    CU_ASSERT_FALSE(logistic_reaches(&fit, 1000, &years));
    CU_ASSERT_EQUAL(years, -1);
    CU_ASSERT_TRUE(logistic_reaches(&fit, 700, &years));
    CU_ASSERT_DOUBLE_EQUAL(years, 3.852321, 1e-4);
}

/* A curve without noise is found exactly, whatever its origin and scale. */
static void test_projection__logistic_finds_its_own_curve(void)
{
    static const struct {
        double plateau, growth, midpoint;
    } CURVES[] = {{1000, 0.9, 4}, {12, 3, 2}, {100000, 0.4, 7}, {800, 12, 0.9}};
    for (size_t curve = 0; curve < COUNT(CURVES); curve++) {
        struct projection_point points[40];
        for (int i = 0; i < 40; i++) {
            double years = i * 0.25;
            double fall = exp(-CURVES[curve].growth * (years - CURVES[curve].midpoint));
            points[i] = (struct projection_point){years, CURVES[curve].plateau / (1 + fall)};
        }
        struct logistic_fit fit = fit_logistic(points, COUNT(points));
        CU_ASSERT_EQUAL(fit.quality.verdict, PROJECTION_FITTED);
        CU_ASSERT_DOUBLE_EQUAL(fit.plateau / CURVES[curve].plateau, 1, 1e-6);
        CU_ASSERT_DOUBLE_EQUAL(fit.growth, CURVES[curve].growth, 1e-5);
        CU_ASSERT_DOUBLE_EQUAL(fit.midpoint, CURVES[curve].midpoint, 1e-5);
    }
}

static void check_verdicts(const struct projection_point *points, size_t count,
                           enum projection_verdict line, enum projection_verdict logistic)
{
    double years = -1;
    struct line_fit straight = line_fit(points, count);
    struct logistic_fit curve = fit_logistic(points, count);
    CU_ASSERT_EQUAL(straight.quality.verdict, line);
    CU_ASSERT_EQUAL(curve.quality.verdict, logistic);
    CU_ASSERT_EQUAL(curve.quality.point_count, count);
    if (line != PROJECTION_FITTED) {
        CU_ASSERT_EQUAL(straight.quality.rmse, 0);
        CU_ASSERT_FALSE(line_reaches(&straight, 1000, &years));
    }
    if (logistic != PROJECTION_FITTED) {
        CU_ASSERT_EQUAL(curve.plateau, 0);
        CU_ASSERT_FALSE(logistic_reaches(&curve, 1, &years));
    }
    CU_ASSERT_EQUAL(years, -1);
}

static void test_projection__few_points_give_no_number(void)
{
    for (size_t count = 0; count <= 3; count++)
        check_verdicts(PUBLISHED, count, PROJECTION_NOT_ENOUGH_POINTS,
                       PROJECTION_NOT_ENOUGH_POINTS);
    check_verdicts(PUBLISHED, 4, PROJECTION_FITTED, PROJECTION_NOT_ENOUGH_POINTS);
}

static void test_projection__a_flat_series_has_no_trend(void)
{
    static const struct projection_point FLAT[] = {{0, 7}, {1, 7}, {2, 7}, {3, 7}, {4, 7}, {5, 7}};
    static const struct projection_point ONE_DAY[] = {{1, 1}, {1, 2}, {1, 3}, {1, 4}, {1, 5}};
    static const struct projection_point NOTHING[] = {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}};
    check_verdicts(FLAT, COUNT(FLAT), PROJECTION_NO_VARIATION, PROJECTION_NO_VARIATION);
    check_verdicts(ONE_DAY, COUNT(ONE_DAY), PROJECTION_NO_VARIATION, PROJECTION_NO_VARIATION);
    check_verdicts(NOTHING, COUNT(NOTHING), PROJECTION_NO_VARIATION, PROJECTION_NO_VARIATION);
}

static void test_projection__what_does_not_bend_has_no_plateau(void)
{
    struct projection_point rising[12];
    struct projection_point falling[12];
    for (int i = 0; i < 12; i++) {
        rising[i] = (struct projection_point){i, exp(0.5 * i)};
        falling[i] = (struct projection_point){i, 900 - 30.0 * i};
    }
    check_verdicts(rising, COUNT(rising), PROJECTION_FITTED, PROJECTION_NO_PLATEAU);
    check_verdicts(falling, COUNT(falling), PROJECTION_FITTED, PROJECTION_NO_PLATEAU);
    double years = -1;
    struct line_fit fit = line_fit(falling, COUNT(falling));
    CU_ASSERT_FALSE(line_reaches(&fit, 1000, &years));
    CU_ASSERT_EQUAL(years, -1);
}

static void test_projection__nothing_is_below_zero(void)
{
    struct line_fit fit = line_fit(PUBLISHED, COUNT(PUBLISHED));
    struct projected at = line_at(&fit, -50);
    CU_ASSERT_EQUAL(at.count, 0);
    CU_ASSERT_EQUAL(at.low, 0);
}

static void test_projection__too_many_points_are_refused(void)
{
    struct logistic_fit fit = {.plateau = -1};
    struct cpts_error err = {0};
    struct arena *arena = arena_new(64 * 1024);
    cpts_status status =
        logistic_fit(PUBLISHED, PROJECTION_POINTS_MAX + (size_t)1, arena, &fit, &err);
    CU_ASSERT_EQUAL(status, CPTS_INVALID_ARGUMENT);
    CU_ASSERT_STRING_EQUAL(err.reason, "ARGUMENT_INVALID");
    CU_ASSERT_EQUAL(fit.plateau, -1);
    arena_free(arena);
}

static void test_projection__without_memory_there_is_no_fit(void)
{
    struct logistic_fit fit = {.plateau = -1};
    struct cpts_error err = {0};
    struct arena *arena = arena_new(16);
    cpts_status status = logistic_fit(PUBLISHED, COUNT(PUBLISHED), arena, &fit, &err);
    CU_ASSERT_EQUAL(status, CPTS_RESOURCE_EXHAUSTED);
    CU_ASSERT_STRING_EQUAL(err.reason, "OUT_OF_MEMORY");
    CU_ASSERT_EQUAL(fit.plateau, -1);
    arena_free(arena);
}

static void test_projection__verdicts_have_words(void)
{
    CU_ASSERT_STRING_EQUAL(projection_verdict_name(PROJECTION_FITTED), "");
    CU_ASSERT_STRING_EQUAL(projection_verdict_name(PROJECTION_NOT_ENOUGH_POINTS),
                           "NOT_ENOUGH_POINTS");
    CU_ASSERT_STRING_EQUAL(projection_verdict_name(PROJECTION_NO_VARIATION), "NO_VARIATION");
    CU_ASSERT_STRING_EQUAL(projection_verdict_name(PROJECTION_NO_PLATEAU), "NO_PLATEAU");
    CU_ASSERT_STRING_EQUAL(projection_verdict_name(PROJECTION_NOT_CONVERGED), "NOT_CONVERGED");
}

/* From published tables. */
static void test_projection__student_quantiles(void)
{
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(1), 12.706, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(9), 2.262, 0.001);
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(31), 2.0395, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(60), 2.0003, 0.0005);
    CU_ASSERT_DOUBLE_EQUAL(student_quantile(120), 1.9799, 0.0005);
    CU_ASSERT_TRUE(isinf(student_quantile(0)));
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_projection__line_of_the_published_totals),
    UNIT_TEST(test_projection__logistic_of_the_published_totals),
    UNIT_TEST(test_projection__logistic_finds_its_own_curve),
    UNIT_TEST(test_projection__few_points_give_no_number),
    UNIT_TEST(test_projection__a_flat_series_has_no_trend),
    UNIT_TEST(test_projection__what_does_not_bend_has_no_plateau),
    UNIT_TEST(test_projection__nothing_is_below_zero),
    UNIT_TEST(test_projection__too_many_points_are_refused),
    UNIT_TEST(test_projection__without_memory_there_is_no_fit),
    UNIT_TEST(test_projection__verdicts_have_words),
    UNIT_TEST(test_projection__student_quantiles),
};

UNIT_MAIN("domain/projection")
