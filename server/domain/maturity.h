/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_MATURITY_H
#define DOMAIN_MATURITY_H

/**
 * @file
 * Maturity of a CPTS: stages, ways out, and which step is legal.
 *
 * Sources: ACI of 20 June 2019 (stages 1 to 3), stages published by DGOS and
 * FCPTS. Stages are entered in order and never skipped; ABANDONNE, FUSIONNE and
 * DISSOUS may follow any live stage, NON_RENOUVELE only ACI_SIGNE.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>

/** Numbers of cpts.v1.Stage, ranks of cpts.stage. */
enum stage {
    STAGE_NONE = 0,
    STAGE_EMERGENCE = 1,
    STAGE_LETTRE_INTENTION = 2,
    STAGE_PROJET_VALIDE = 3,
    STAGE_ACI_SIGNE = 4,
    STAGE_ABANDONNE = 5,
    STAGE_FUSIONNE = 6,
    STAGE_DISSOUS = 7,
    STAGE_NON_RENOUVELE = 8,
};

/** The live stages are 1..STAGE_LIVE_COUNT, in order. */
#define STAGE_LIVE_COUNT 4
#define STAGE_COUNT 8

/** Code of a stage as in the database, "ACI_SIGNE"; "" when there is none. */
const char *stage_code(int stage);

/** Stage of a code, STAGE_NONE when there is none. */
enum stage stage_find(const char *code);

bool stage_is_known(int stage);
bool stage_is_live(int stage);

/** Codes of the stages from which @p stage may be entered.
 * @param ret_sources  Static texts, 0..4 of them. @return how many. */
size_t stage_sources(int stage, const char *const **ret_sources);

/** Whether @p next may follow @p current (STAGE_NONE: be the first). */
bool stage_step_is_legal(int current, int next);

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
