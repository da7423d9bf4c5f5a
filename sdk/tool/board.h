/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_BOARD_H
#define TOOL_BOARD_H

/**
 * @file
 * The coverage board: 80 columns that say how far the country is, for which
 * date and by which definition.
 *
 * Threads: one thread at a time.
 */

#include <cpts/coverage.h>
#include <stdio.h>

#include "session.h"

/** Draws the board. @p scope names what was asked for ("France").
 * @return false when memory was out or the stream failed. */
bool board_print(const struct session *session, const struct cpts_coverage *coverage,
                 const char *scope, FILE *stream);

/** English name of a stage for people; of a definition. Static texts. */
const char *board_stage_label(enum cpts_stage stage);
const char *board_definition_label(enum cpts_coverage_definition definition);

#endif
