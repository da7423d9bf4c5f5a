/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FACT_LINE_H
#define TOOL_FACT_LINE_H

/**
 * @file
 * The lines of somebody's table as facts of CPTS, in order; those that
 * contradict each other are refused.
 *
 * Threads: one thread at a time.
 */

#include "fact_import.h"

/** Fills @p import with a line a row of the table.
 * @return false when memory is out; fact_lines_done() releases in any case. */
bool fact_lines_make(struct fact_import *import, const struct import_source *source);

void fact_lines_done(struct fact_import *import);

#endif
