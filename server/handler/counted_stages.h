/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_COUNTED_STAGES_H
#define HANDLER_COUNTED_STAGES_H

/**
 * @file
 * The set of live stages that a board counts: from a request, to a statement,
 * and said in the answer.
 *
 * Threads: the completion-queue thread to read, the lane's to answer.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>

#include "cpts/v1/coverage.pb-c.h"
#include "domain/maturity.h"

struct call;

struct counted_stages {
    /** By stage number. */
    bool has[STAGE_LIVE_COUNT + 1];
    size_t count;
};

/** Reads the `stages` of a request; none = all four.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID for one that is not live. */
CPTS_MUST_CHECK cpts_status counted_stages_read(const Cpts__V1__Stage *stages, size_t stage_count,
                                                struct counted_stages *ret_set,
                                                struct cpts_error *err);

/** Binds the next parameter: the codes (text[]). */
void counted_stages_bind(struct call *call, const struct counted_stages *set);

/** The stages as numbers, `count` of them; NULL when the arena is full. */
Cpts__V1__Stage *counted_stages_list(struct call *call, const struct counted_stages *set);

/** What the set amounts to. */
Cpts__V1__CoverageDefinition counted_stages_definition(const struct counted_stages *set);

#endif
