/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_REFERENCE_LOAD_H
#define APP_REFERENCE_LOAD_H

/**
 * @file
 * Fills the server's copies of the geographic reference and of the legal clocks'
 * rules from the database.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>

struct clock_rules;
struct lane;
struct units;

/** @param ret_units  Owned by the caller; set on CPTS_OK only.
 * @return CPTS_OK · FAILED_PRECONDITION / CONFIGURATION_INVALID when the
 *         reference is empty or inconsistent · what the lane says. */
CPTS_MUST_CHECK cpts_status reference_load(struct lane *lane, struct units **ret_units,
                                           struct cpts_error *err);

/** @param ret_rules  Owned by the caller; set on CPTS_OK only.
 * @return as reference_load(); a rule that is too long or too short is
 *         CONFIGURATION_INVALID. */
CPTS_MUST_CHECK cpts_status reference_load_clocks(struct lane *lane, struct clock_rules **ret_rules,
                                                  struct cpts_error *err);

#endif
