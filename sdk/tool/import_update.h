/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_UPDATE_H
#define TOOL_IMPORT_UPDATE_H

/**
 * @file
 * Changing a CPTS that the node has: the stages it has entered since, and its
 * territory.
 *
 * Threads: any thread; a row, one thread at a time.
 */

#include "import_row.h"

/** Sends the commands of row->change one after the other. Each has an id made
 * of the row's, of the version it meets and of what it does: the same import
 * repeats the same commands.
 * @return CPTS_OK · what cpts_registry_record_stage() and set_territory() end
 *         with; those before took effect. */
CPTS_MUST_CHECK cpts_status import_update_send(cpts_client *client, const struct import_row *row,
                                               struct cpts_error *err);

#endif
