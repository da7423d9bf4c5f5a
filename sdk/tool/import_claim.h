/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_CLAIM_H
#define TOOL_IMPORT_CLAIM_H

/**
 * @file
 * Communes that two CPTS claim whole, of the file or of the node.
 *
 * Threads: one thread at a time.
 */

#include "gazetteer.h"
#include "import_registry.h"
#include "import_run.h"

/** Adds a conflict for each pair of CPTS of which one is to be sent.
 * @return false when memory is out. */
bool import_claims_compare(const struct registry *registry, const struct gazetteer *gazetteer,
                           struct import *import);

#endif
