/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_TRAJECTORY_VIEW_H
#define TOOL_TRAJECTORY_VIEW_H

/**
 * @file
 * A trajectory for people, in the terminal.
 *
 * Threads: one thread at a time.
 */

#include <cpts/trajectory.h>
#include <stdio.h>

#include "session.h"

/** Prints title, sparkline, series, funnel, target, projections and regions.
 * @param scope  "France" or "region 11". @return false when memory was out or
 *               the stream failed. */
bool trajectory_view_print(const struct session *session, const struct cpts_trajectory *trajectory,
                           const char *scope, FILE *stream);

#endif
