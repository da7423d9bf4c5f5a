/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_FILTER_H
#define HANDLER_FILTER_H

/**
 * @file
 * What requests about territory restrict their answer to: areas, units, stages.
 *
 * Threads: the completion-queue thread; filter_zone() any.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stddef.h>

#include "cpts/v1/stage.pb-c.h"
#include "cpts/v1/territory.pb-c.h"
#include "domain/maturity.h"

struct call;

/** Refuses a region or département that there is not; empty ones are fine.
 * INVALID_ARGUMENT / UNKNOWN_REGION, UNKNOWN_DEPARTMENT. */
CPTS_MUST_CHECK cpts_status filter_area_check(const struct call *call, const char *region,
                                              const char *department, struct cpts_error *err);

/** Today's code of a unit, "" for an empty one. @param ret_code In the arena.
 * INVALID_ARGUMENT / UNKNOWN_UNIT with the field `commune`. */
CPTS_MUST_CHECK cpts_status filter_unit_read(struct call *call, const char *commune,
                                             const char **ret_code, struct cpts_error *err);

/** Live stages of a set, all four for an empty one. */
struct stage_set {
    bool has[STAGE_LIVE_COUNT + 1];
};

/** INVALID_ARGUMENT / FIELD_INVALID with the field `stages`. */
CPTS_MUST_CHECK cpts_status filter_stages_read(const Cpts__V1__Stage *stages, size_t count,
                                               struct stage_set *ret_set, struct cpts_error *err);

/** Binds the next parameter: the set's codes (text[]). */
void filter_stages_bind(struct call *call, const struct stage_set *set);

/** The set as a message's array, in the call's arena; NULL when it is full. */
Cpts__V1__Stage *filter_stages_list(struct call *call, const struct stage_set *set,
                                    size_t *ret_count);

/** The codes of zones and units in the database. */
Cpts__V1__Zone filter_zone(const char *code);
/** NULL for no zone. */
const char *filter_zone_code(Cpts__V1__Zone zone);
Cpts__V1__UnitKind filter_unit_kind(const char *code);
Cpts__V1__PositionQuality filter_position_quality(const char *code);

#endif
