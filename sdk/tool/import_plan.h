/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_PLAN_H
#define TOOL_IMPORT_PLAN_H

/**
 * @file
 * What an import would change on a node: which CPTS are new, which are there,
 * what differs, and which communes two CPTS claim. Pure: the node was read
 * before, and nothing is sent.
 *
 * Threads: one thread at a time.
 */

#include "gazetteer.h"
#include "import_history.h"
#include "import_registry.h"
#include "import_run.h"

struct import_plan {
    const struct gazetteer *gazetteer;
    struct registry *registry;
    struct import_dates dates;
    /** Part of every command id. */
    const char *batch;
    /** Differences are to be changed on the node. */
    bool is_update;
    /** The rows have a whole history of their own (the own format). */
    bool has_history;
};

/** Sets state and change of every row, and adds findings.
 * @return false when memory is out. */
bool import_plan_make(const struct import_plan *plan, struct import *import);

/** Refuses the rows that have a refusing finding. */
void import_plan_refuse(struct import *import);

#endif
