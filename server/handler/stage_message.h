/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_STAGE_MESSAGE_H
#define HANDLER_STAGE_MESSAGE_H

/**
 * @file
 * What the table of transitions says, as messages: what a stage still lacks, and
 * which steps are legal next. Everything is in the call's arena; false when it
 * is full.
 *
 * Threads: the lane's thread.
 */

#include <stdbool.h>
#include <stddef.h>

#include "cpts/v1/lifecycle.pb-c.h"

struct call;

/** Kinds that a stage requires and that are not among those shown. */
bool stage_missing_kinds(struct call *call, int stage, char *const *shown, size_t shown_count,
                         char ***ret_kinds, size_t *ret_count);

/** The steps that are legal from a stage. */
bool stage_next_steps(struct call *call, int stage, Cpts__V1__NextStep ***ret_steps,
                      size_t *ret_count);

#endif
