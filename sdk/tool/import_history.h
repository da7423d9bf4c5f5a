/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_HISTORY_H
#define TOOL_IMPORT_HISTORY_H

/**
 * @file
 * The stages that a CPTS went through, from where a file says it stands.
 *
 * Threads: one thread at a time.
 */

#include "import_finding.h"
#include "import_row.h"

/** What is done about dates that the file does not give. */
struct import_dates {
    /** Dates after it are refused. */
    const char *today;
    /** Of the stage itself; NULL = refuse. */
    const char *effective_on;
    /** Earlier ones: the days just before the next one, said in a note. */
    bool may_fill;
};

/** Fills row->stages with the steps from @p after (UNSPECIFIED = a new CPTS) to
 * row->stage. @param after_on  When @p after was entered, "" = never mind.
 * @return false when a step is illegal or has no date; a finding of @p kind
 *         says so. */
bool import_history_make(struct import_row *row, size_t index, enum cpts_stage after,
                         const char *after_on, const struct import_dates *dates,
                         struct findings *findings, struct import_pool *pool);

#endif
