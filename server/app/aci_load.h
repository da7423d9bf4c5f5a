/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_ACI_LOAD_H
#define APP_ACI_LOAD_H

/**
 * @file
 * Fills the server's copy of the ACI's grids from the database.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>

struct aci_grids;
struct lane;

/** @param ret_grids  Owned by the caller; set on CPTS_OK only. Empty when the
 *                    database has none.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID when the grids
 *         are inconsistent · what the lane says. */
CPTS_MUST_CHECK cpts_status aci_load(struct lane *lane, struct aci_grids **ret_grids,
                                     struct cpts_error *err);

#endif
