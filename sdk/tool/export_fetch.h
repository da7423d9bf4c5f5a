/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_FETCH_H
#define TOOL_EXPORT_FETCH_H

/**
 * @file
 * What an export is made of, read from the node at one date and one instant.
 *
 * Threads: one thread at a time.
 */

#include "export_table.h"

/** Reads it all. With as_of NULL and known_at_us 0 the node says both, and they
 * are set to what it said: every later question carries them.
 * @param export  session, region, as_of and known_at_us are set, the rest is 0.
 * @return CPTS_OK · what the calls end with; export_done() releases in any case. */
CPTS_MUST_CHECK cpts_status export_fetch(struct export *export, struct cpts_error *err);

void export_done(struct export *export);

#endif
