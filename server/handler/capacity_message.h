/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_CAPACITY_MESSAGE_H
#define HANDLER_CAPACITY_MESSAGE_H

/**
 * @file
 * What the handlers of CapacityService share.
 *
 * Threads: the lane's thread.
 */

#include <stdbool.h>

#include "cpts/v1/capacity.pb-c.h"

struct call;
struct rows;

/** The objective that the first row holds in three columns from @p column on:
 * percent, source, confidence; NULL when it is none.
 * @return false when the arena is full. */
bool capacity_objective_read(struct call *call, const struct rows *rows, int column,
                             Cpts__V1__CapacityObjective **ret_objective);

#endif
