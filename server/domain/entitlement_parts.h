/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_ENTITLEMENT_PARTS_H
#define DOMAIN_ENTITLEMENT_PARTS_H

/**
 * @file
 * What the two halves of an entitlement share: amounts (entitlement_rules.c) and what
 * is missing (entitlement_gap.c).
 *
 * Threads: pure functions, any thread.
 */

#include "domain/entitlement_rules.h"

/** One computation on its way. */
struct reckoning {
    const struct aci_grids *grids;
    const struct entitlement_facts *facts;
    struct entitlement *result;
    char first_day[CALENDAR_DATE_BYTES];      /**< 1 January */
    char next_day[CALENDAR_DATE_BYTES];       /**< 1 January of the year after */
    char contract_from[CALENDAR_DATE_BYTES];  /**< within the year */
    char contract_until[CALENDAR_DATE_BYTES]; /**< first day without it */
    char seen_on[CALENDAR_DATE_BYTES];        /**< least(as_of, last day) */
    bool is_signature_year;
};

/** Sets the gaps, and whether the CPTS is eligible. */
void entitlement_check(struct reckoning *reckoning);

/** Adds a gap; one too many is dropped. */
void entitlement_gap_add(struct entitlement *result, const char *reason, const char *mission,
                         const char *due_on, bool is_blocking, const char *message);

/** The first year for which a crisis plan is paid: it is written, the contract is
 * signed, and the grid knows it. 0 without a plan. */
int entitlement_plan_year(const struct reckoning *reckoning);

/** Whether a version has a line of that part. */
bool entitlement_knows(const struct aci_grids *grids, const struct aci_version *version,
                       enum aci_part part);

/** Whether something of that kind happened in the year. */
bool entitlement_has_crisis(const struct reckoning *reckoning, enum crisis_kind kind);

void entitlement_date_copy(char to[CALENDAR_DATE_BYTES], const char *from);

#endif
