/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_TERRITORY_MESSAGE_H
#define HANDLER_TERRITORY_MESSAGE_H

/**
 * @file
 * Territories between messages, the rules of domain/territory_resolve.h, the change
 * log and a statement's parameters. CreateCpts and SetTerritory share it.
 *
 * Threads: the completion-queue thread; territory_warnings() the lane's.
 */

#include <cpts/status.h>
#include <stddef.h>

#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/territory_resolve.h"

struct call;

/** Days that a territory is recorded for. */
struct territory_period {
    const char *from_on; /**< YYYY-MM-DD */
    const char *to_on;   /**< first day no more; "infinity" = none is */
};

/** Resolves the units of a request by the reference of the first day.
 * @param ret_territory In the arena. */
CPTS_MUST_CHECK cpts_status territory_read(struct call *call, Cpts__V1__TerritoryUnit *const *units,
                                           size_t unit_count, const struct territory_period *period,
                                           struct territory **ret_territory,
                                           struct cpts_error *err);

/** The territory as facts of the change log; NULL when the arena is full. */
Cpts__V1__UnitFact **territory_facts(struct call *call, const struct territory *territory);

/** Binds the next two parameters: codes (text[]) and shares (float8[]). */
void territory_bind(struct call *call, const struct territory *territory);

/** The warnings as messages; NULL when the arena is full. */
Cpts__V1__Warning **territory_warnings(struct call *call, const struct territory *territory);

#endif
