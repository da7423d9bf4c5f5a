/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_STAGE_SET_H
#define HANDLER_STAGE_SET_H

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

struct stage_set {
    /** By stage number. */
    bool has[STAGE_LIVE_COUNT + 1];
    size_t count;
};

/** Reads the `stages` of a request; none = all four.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_INVALID for one that is not live. */
CPTS_MUST_CHECK cpts_status stage_set_read(const Cpts__V1__Stage *stages, size_t stage_count,
                                           struct stage_set *ret_set, struct cpts_error *err);

/** Binds the next parameter: the codes (text[]). */
void stage_set_bind(struct call *call, const struct stage_set *set);

/** The stages as numbers, `count` of them; NULL when the arena is full. */
Cpts__V1__Stage *stage_set_stages(struct call *call, const struct stage_set *set);

/** What the set amounts to. */
Cpts__V1__CoverageDefinition stage_set_definition(const struct stage_set *set);

#endif
