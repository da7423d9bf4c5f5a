/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_STAGE_BASIS_H
#define HANDLER_STAGE_BASIS_H

/**
 * @file
 * On what a stage is recorded: the codes of cpts.stage_basis.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>

#include "cpts/v1/change.pb-c.h"
#include "wire/transition.h"

/** "HISTORY" (also when unspecified), "DECISION" or "TACIT". */
const char *stage_basis_code(Cpts__V1__StageBasis basis);

/** Basis of a code; HISTORY for an unknown one. */
Cpts__V1__StageBasis stage_basis_find(const char *code);

/** A known basis that the step allows: TACIT only where silence decides.
 * INVALID_ARGUMENT / FIELD_INVALID, field basis. */
CPTS_MUST_CHECK cpts_status stage_basis_check(Cpts__V1__StageBasis basis,
                                              const struct transition *transition,
                                              struct cpts_error *err);

#endif
