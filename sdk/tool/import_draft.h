/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_DRAFT_H
#define TOOL_IMPORT_DRAFT_H

/**
 * @file
 * The lines of somebody's table as CPTS: lines that belong together gathered,
 * communes found, stages and dates read. What it takes to create one is decided
 * later (import_plan.h): the node may have it.
 *
 * Threads: one thread at a time.
 */

#include "gazetteer.h"
#include "import_run.h"
#include "import_source.h"

/** What the command line says about all CPTS of a file. */
struct import_wishes {
    /** Part of every command id. */
    const char *batch;
    /** Lead region where neither a column nor the communes tell; NULL = refuse. */
    const char *region;
    /** They are demonstration data. */
    bool is_synthetic;
};

/** Fills @p import with a row a CPTS and the findings. Texts are borrowed from
 * the source and the gazetteer.
 * @return false when memory is out; import_draft_done() releases in any case. */
bool import_draft_make(struct import *import, const struct import_source *source,
                       const struct gazetteer *gazetteer, const struct import_wishes *wishes);

void import_draft_done(struct import *import);

#endif
