/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "domain/entitlement_parts.h"

#define CONTRACT_YEARS 5
#define MONTHS_PER_YEAR 12

void entitlement_date_copy(char to[CALENDAR_DATE_BYTES], const char *from)
{
    snprintf(to, CALENDAR_DATE_BYTES, "%s", from);
}

void entitlement_gap_add(struct entitlement *result, const char *reason, const char *mission,
                         const char *due_on, bool is_blocking, const char *message)
{
    if (result->gap_count == ENTITLEMENT_GAPS_MAX)
        return;
    struct entitlement_gap *gap = &result->gaps[result->gap_count++];
    *gap = (struct entitlement_gap){
        .reason = reason, .mission = mission, .is_blocking = is_blocking, .message = message};
    entitlement_date_copy(gap->due_on, due_on);
}

/* Whether a mission is carried on the last day that counts: the day seen, or the
 * last one of a contract that ended before it. */
static bool is_carried_last(const struct reckoning *reckoning, const char *mission)
{
    const struct entitlement_facts *facts = reckoning->facts;
    bool is_over = facts->ended_on[0] != '\0' && strcmp(facts->ended_on, reckoning->seen_on) <= 0;
    return mission_is_carried(mission_status_at(facts->steps, facts->step_count, mission,
                                                is_over ? facts->ended_on : reckoning->seen_on,
                                                is_over));
}

/* A socle mission that is not carried: missing once its date has passed. */
static void check_mission(struct reckoning *reckoning, const struct aci_mission *mission)
{
    const struct entitlement_facts *facts = reckoning->facts;
    char due_on[CALENDAR_DATE_BYTES];
    const char *since =
        strcmp(mission->valid_from, facts->signed_on) > 0 ? mission->valid_from : facts->signed_on;
    const char *last = facts->ended_on[0] != '\0' && strcmp(facts->ended_on, reckoning->seen_on) < 0
                           ? facts->ended_on
                           : reckoning->seen_on;
    if (strcmp(mission->obligation, "SOCLE") != 0 ||
        strcmp(mission->valid_from, reckoning->result->grid_on) > 0 ||
        is_carried_last(reckoning, mission->code))
        return;
    calendar_add_months(since, mission->start_months, due_on);
    if (strcmp(due_on, last) < 0)
        entitlement_gap_add(reckoning->result, "SOCLE_MISSION_NOT_CARRIED", mission->code, due_on,
                            true, "the mission is compulsory and its date to start has passed");
    else
        entitlement_gap_add(reckoning->result, "MISSION_NOT_STARTED", mission->code, due_on, false,
                            "the mission is compulsory and must start by that date");
}

static void check_crisis(struct reckoning *reckoning)
{
    const struct entitlement *result = reckoning->result;
    bool is_known = entitlement_knows(reckoning->grids, result->version, ACI_PLAN_WRITTEN);
    int first = entitlement_plan_year(reckoning);
    if (is_known && first == 0)
        entitlement_gap_add(reckoning->result, "CRISIS_PLAN_NOT_WRITTEN", "crise_sanitaire", "",
                            false, "no crisis plan is recorded: its part is not paid");
    else if (is_known && first < reckoning->facts->year &&
             !entitlement_has_crisis(reckoning, CRISIS_PLAN_UPDATED))
        entitlement_gap_add(reckoning->result, "CRISIS_PLAN_NOT_UPDATED", "crise_sanitaire", "",
                            false,
                            "the crisis plan was not updated in the year: its part is not paid");
}

static void check_renewal(struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    char end_on[CALENDAR_DATE_BYTES];
    const char *since = facts->renewed_on[0] != '\0' ? facts->renewed_on : facts->signed_on;
    calendar_add_months(since, CONTRACT_YEARS * MONTHS_PER_YEAR, end_on);
    if (strcmp(end_on, reckoning->seen_on) <= 0)
        entitlement_gap_add(reckoning->result, "RENEWAL_NOT_RECORDED", "", end_on, false,
                            "five years are over and no renewal is recorded: taken as continued");
}

static void check_contract(struct reckoning *reckoning)
{
    struct entitlement *result = reckoning->result;
    if (result->contract_days == 0) {
        entitlement_gap_add(result, "CONTRACT_ENDED", "", reckoning->facts->ended_on, true,
                            "the CPTS took a way out before the year");
        return;
    }
    if (result->version == NULL) {
        entitlement_gap_add(result, "GRID_NOT_FOUND", "", result->grid_on, true,
                            "no grid of the ACI was in force on that date");
        return;
    }
    if (reckoning->facts->size == 0)
        entitlement_gap_add(result, "SIZE_UNKNOWN", "", result->grid_on, true,
                            "no territory on that date: the size class is not known");
    for (size_t i = 0; i < aci_mission_count(reckoning->grids); i++)
        check_mission(reckoning, aci_mission_at(reckoning->grids, i));
    check_crisis(reckoning);
    check_renewal(reckoning);
}

void entitlement_check(struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    struct entitlement *result = reckoning->result;
    if (facts->project_on[0] == '\0')
        entitlement_gap_add(result, "PROJECT_NOT_VALIDATED", "", "", true,
                            "the ARS has not validated the projet de santé");
    if (facts->signed_on[0] == '\0')
        entitlement_gap_add(result, "ACI_NOT_SIGNED", "", "", true, "no ACI is signed");
    else
        check_contract(reckoning);
    result->is_eligible = true;
    for (size_t i = 0; i < result->gap_count; i++)
        result->is_eligible = result->is_eligible && !result->gaps[i].is_blocking;
}
