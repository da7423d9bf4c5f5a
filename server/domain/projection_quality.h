/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_PROJECTION_QUALITY_H
#define DOMAIN_PROJECTION_QUALITY_H

/**
 * @file
 * What the line (projection.c) and the logistic curve (logistic.c) share.
 *
 * Threads: pure functions, any thread.
 */

#include "domain/projection.h"

/** Whether neither all counts nor all times are the same. */
bool projection_has_variation(const struct projection_point *points, size_t point_count);

/** Fills the quality of a fit from the sum of its squared residuals; its
 * point_count is set, and greater than @p parameter_count. */
void projection_judge(struct projection_quality *quality, double squares, size_t parameter_count);

/** @p count ± @p margin, nothing below 0. */
struct projected projection_around(double count, double margin);

#endif
