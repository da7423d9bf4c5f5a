/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_ENTITLEMENT_RULES_H
#define DOMAIN_ENTITLEMENT_RULES_H

/**
 * @file
 * What the ACI pays one CPTS for one calendar year, line by line, and what is
 * missing for it. The only place where these amounts are computed: one CPTS and
 * the boards of all of them go through entitlement_compute().
 *
 * The rules, and where they come from:
 * - Grid: the one in force on 1 January, or on the signature when it is later
 *   that year. Amorçage: on the date of the lettre d'intention.
 * - Paid only if the ARS validated the projet and the socle missions are carried
 *   (ACI of 20 June 2019). A socle mission is missing once its legal date to
 *   start has passed.
 * - Fonctionnement in full in the year of the signature, at signature.
 * - Pro rata by days (a reading): days of the contract on which the mission was
 *   carried, of the days of the year. Fonctionnement of later years: days of the
 *   contract. Plans, crisis and amorçage: no pro rata.
 * - Rounding once a line, to the cent, a half upwards. The advance is rounded
 *   the same way; the balance is the rest, so that both add up to the line.
 * - Advances: the grid's percentage of the fixed parts; variable parts are settled
 *   afterwards (that the advance leaves them out is a reading).
 * - A variable part is paid for what indicators achieved, never beyond its
 *   maximum. Unknown until then: the maximum is shown, and is not certain.
 * - Achieved is the sum over the mission's indicators that have a locked value in
 *   the year. Of each, the period that ends last counts, the longest of these: the
 *   whole year before its last semester, quarter or month (a reading). Its step
 *   table is the one of the last day of the period.
 * - The sum of a year is cut at the grid's ceiling; amorçage is outside of it.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domain/aci_grid.h"
#include "domain/calendar.h"
#include "domain/mission_status.h"

#define ENTITLEMENT_LINES_MAX 48
#define ENTITLEMENT_GAPS_MAX 48
#define ENTITLEMENT_YEAR_MIN 2016
#define ENTITLEMENT_YEAR_MAX 2100

/** What is known of the health-crisis mission. */
enum crisis_kind {
    CRISIS_NONE = 0,
    CRISIS_PLAN_WRITTEN = 1,
    CRISIS_PLAN_UPDATED = 2,
    CRISIS_RECOGNISED = 3, /**< by the ARS */
};

struct crisis_fact {
    enum crisis_kind kind;
    const char *on; /**< ISO 8601 date */
};

/** What the indicators of a mission brought for the year. */
struct achieved_fact {
    const char *mission;
    int64_t cents;
};

/** Facts of one CPTS, all true by least(as_of, 31 December). Dates are ISO 8601,
 * "" when it did not happen. */
struct entitlement_facts {
    int year;
    const char *as_of;
    const char *letter_on;  /**< lettre d'intention validated */
    const char *project_on; /**< projet de santé validated */
    const char *signed_on;  /**< ACI signed */
    const char *renewed_on; /**< ACI renewed for five years, last time */
    const char *ended_on;   /**< first day on which the CPTS has taken a way out */
    /** Size class, 0 unknown: on the date of the letter; on 1 January, or on the
     * signature when it is later. */
    int letter_size;
    int size;
    const struct mission_step *steps; /**< by date, then as recorded */
    size_t step_count;
    const struct crisis_fact *crises; /**< by date */
    size_t crisis_count;
    const struct achieved_fact *achieved;
    size_t achieved_count;
};

/** One line. Texts live in the grids, or are static. */
struct entitlement_line {
    const char *line;
    enum aci_part part;
    const char *mission;
    const char *obligation;
    const char *rule;   /**< one sentence */
    int64_t full_cents; /**< of a full year, from the grid */
    int days;           /**< pro rata: days of year_days; the same: none */
    int year_days;
    int64_t maximum_cents; /**< the most that the line brings in the year */
    bool is_certain;       /**< fixed, or the indicators are known */
    int64_t certain_cents; /**< what is certain; 0 while it is not known */
    int64_t advance_cents;
    int64_t balance_cents; /**< maximum, or what is certain of a variable part, less the advance */
    const char *confidence;
    const char *source;
    bool is_counted; /**< in the totals */
};

/** What is missing, or wants to be said. */
struct entitlement_gap {
    const char *reason; /**< stable word */
    const char *mission;
    char due_on[CALENDAR_DATE_BYTES]; /**< date that matters, or "" */
    bool is_blocking;                 /**< nothing but amorçage is paid */
    const char *message;
};

/** Sums over counted lines. */
struct entitlement_totals {
    int64_t maximum_cents; /**< ceiling applied */
    int64_t certain_cents;
    int64_t advance_cents;
    int64_t balance_cents;
    int64_t cut_cents; /**< taken off by the ceiling */
};

struct entitlement {
    const struct aci_version *version; /**< NULL when no grid is in force */
    char grid_on[CALENDAR_DATE_BYTES]; /**< date that chose it, or "" */
    int contract_year;                 /**< 1 in the twelve months from the signature; 0 without */
    int contract_days;                 /**< in the year */
    int year_days;
    bool is_eligible; /**< ACI signed, nothing blocking is missing */
    bool has_ceiling;
    struct aci_ceiling ceiling;
    const char *confidence; /**< of the weakest counted line; "" without one */
    struct entitlement_totals totals;
    struct entitlement_line lines[ENTITLEMENT_LINES_MAX];
    size_t line_count;
    struct entitlement_gap gaps[ENTITLEMENT_GAPS_MAX];
    size_t gap_count;
};

/** Computes what is paid for the year, as seen on as_of and projected to the end
 * of the year. */
void entitlement_compute(const struct aci_grids *grids, const struct entitlement_facts *facts,
                         struct entitlement *ret_entitlement);

/** @p cents x @p part / @p whole, rounded to the cent, a half upwards.
 * @param cents  0..10^11. @param part  0..whole. @param whole  1..1000. */
int64_t entitlement_share(int64_t cents, int part, int whole);

/** Code of a crisis fact as in the database; "" when there is none. */
const char *crisis_kind_code(int kind);

/** CRISIS_NONE when there is none of that code. */
enum crisis_kind crisis_kind_find(const char *code);

#endif
