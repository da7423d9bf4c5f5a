/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_MATURITY_H
#define DOMAIN_MATURITY_H

/**
 * @file
 * Maturity of a CPTS: a history checked as a whole. The stages and the steps
 * between them are the table of wire/transition.h.
 *
 * Sources: ACI of 20 June 2019 (stages 1 to 3), stages published by DGOS and
 * FCPTS. Stages are entered in order and never skipped; ABANDONNE, FUSIONNE and
 * DISSOUS may follow any live stage, NON_RENOUVELE only ACI_SIGNE.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stddef.h>

#include "wire/transition.h"

/** One line of a history. */
struct stage_entry {
    int stage;
    const char *effective_on; /**< ISO 8601 date */
    const char *successor_id; /**< UUID text, or "" */
};

/** Checks a history: 1..STAGE_COUNT entries, legal steps from EMERGENCE on,
 * dates valid, strictly increasing and not after @p today, a successor exactly
 * with FUSIONNE.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID,
 *         STAGE_ORDER_INVALID, DATE_IN_FUTURE, SUCCESSOR_INVALID, with the
 *         field `stages[i]…`. */
CPTS_MUST_CHECK cpts_status stage_history_check(const struct stage_entry *entries, size_t count,
                                                const char *today, struct cpts_error *err);

/** Checks that a successor is given exactly with FUSIONNE and is a UUID other
 * than @p own_id ("" when not minted yet). */
CPTS_MUST_CHECK cpts_status stage_successor_check(int stage, const char *successor_id,
                                                  const char *own_id, const char *field,
                                                  struct cpts_error *err);

#endif
