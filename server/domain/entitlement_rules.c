/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/entitlement_rules.h"

#include <stdio.h>
#include <string.h>

#include "domain/entitlement_parts.h"

#define MONTHS_PER_YEAR 12
#define WHOLE_PERCENT 100

/* How much of a line is paid, and when. */
struct payment {
    int days;
    bool is_due;
    int advance_percent;
    const char *rule;
};

static const char *const CRISIS_CODES[] = {
    [CRISIS_NONE] = "",
    [CRISIS_PLAN_WRITTEN] = "PLAN_WRITTEN",
    [CRISIS_PLAN_UPDATED] = "PLAN_UPDATED",
    [CRISIS_RECOGNISED] = "RECOGNISED",
};

const char *crisis_kind_code(int kind)
{
    return kind > CRISIS_NONE && kind <= CRISIS_RECOGNISED ? CRISIS_CODES[kind] : "";
}

enum crisis_kind crisis_kind_find(const char *code)
{
    for (int kind = CRISIS_PLAN_WRITTEN; kind <= CRISIS_RECOGNISED; kind++) {
        if (strcmp(CRISIS_CODES[kind], code) == 0)
            return (enum crisis_kind)kind;
    }
    return CRISIS_NONE;
}

int64_t entitlement_share(int64_t cents, int part, int whole)
{
    return (cents * part * 2 + whole) / ((int64_t)whole * 2);
}

static int year_of(const char *date)
{
    int year = 0;
    for (int i = 0; i < 4; i++)
        year = year * 10 + (date[i] - '0');
    return year;
}

static bool is_in_year(const char *date, int year)
{
    return date[0] != '\0' && year_of(date) == year;
}

static void write_first_day(int year, char ret_date[CALENDAR_DATE_BYTES])
{
    snprintf(ret_date, CALENDAR_DATE_BYTES, "%04u-01-01", (unsigned)year % 10000);
}

/* The grid of a year: in force on 1 January, or on the signature. */
static const struct aci_version *version_of_year(const struct reckoning *reckoning, int year,
                                                 char ret_date[CALENDAR_DATE_BYTES])
{
    write_first_day(year, ret_date);
    if (strcmp(reckoning->facts->signed_on, ret_date) > 0)
        entitlement_date_copy(ret_date, reckoning->facts->signed_on);
    return aci_version_on(reckoning->grids, ret_date);
}

/* Days of the contract in the year. */
static void set_contract(struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    struct entitlement *result = reckoning->result;
    entitlement_date_copy(reckoning->contract_from, reckoning->first_day);
    entitlement_date_copy(reckoning->contract_until, reckoning->next_day);
    if (facts->signed_on[0] == '\0')
        return;
    if (strcmp(facts->signed_on, reckoning->first_day) > 0)
        entitlement_date_copy(reckoning->contract_from, facts->signed_on);
    if (facts->ended_on[0] != '\0' && strcmp(facts->ended_on, reckoning->next_day) < 0)
        entitlement_date_copy(reckoning->contract_until, facts->ended_on);
    if (strcmp(reckoning->contract_from, reckoning->contract_until) < 0)
        result->contract_days =
            calendar_day(reckoning->contract_until) - calendar_day(reckoning->contract_from);
    reckoning->is_signature_year = year_of(facts->signed_on) == facts->year;
}

/* Twelve months from the signature are year 1. */
static void set_contract_year(struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    int year = 0;
    char anniversary[CALENDAR_DATE_BYTES];
    if (facts->signed_on[0] == '\0')
        return;
    do {
        year++;
        calendar_add_months(facts->signed_on, year * MONTHS_PER_YEAR, anniversary);
    } while (strcmp(anniversary, reckoning->seen_on) <= 0);
    reckoning->result->contract_year = year;
}

bool entitlement_knows(const struct aci_grids *grids, const struct aci_version *version,
                       enum aci_part part)
{
    for (size_t i = 0; i < aci_line_count(grids, version); i++) {
        if (aci_line_at(grids, version, i)->part == part)
            return true;
    }
    return false;
}

int entitlement_plan_year(const struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    char date[CALENDAR_DATE_BYTES];
    int year = 0;
    for (size_t i = 0; year == 0 && i < facts->crisis_count; i++) {
        if (facts->crises[i].kind == CRISIS_PLAN_WRITTEN)
            year = year_of(facts->crises[i].on);
    }
    if (year == 0)
        return 0;
    if (year < year_of(facts->signed_on))
        year = year_of(facts->signed_on);
    for (; year < facts->year; year++) {
        const struct aci_version *version = version_of_year(reckoning, year, date);
        if (version != NULL && entitlement_knows(reckoning->grids, version, ACI_PLAN_WRITTEN))
            return year;
    }
    return year;
}

bool entitlement_has_crisis(const struct reckoning *reckoning, enum crisis_kind kind)
{
    const struct entitlement_facts *facts = reckoning->facts;
    for (size_t i = 0; i < facts->crisis_count; i++) {
        if (facts->crises[i].kind == kind && is_in_year(facts->crises[i].on, facts->year))
            return true;
    }
    return false;
}

/* Days on which a line's mission was carried under the contract. */
static int days_of(const struct reckoning *reckoning, const struct aci_line *line)
{
    const struct entitlement_facts *facts = reckoning->facts;
    if (line->mission[0] == '\0')
        return reckoning->result->contract_days;
    return mission_days(facts->steps, facts->step_count, line->mission, reckoning->contract_from,
                        reckoning->contract_until);
}

static struct payment pay_fixed(const struct reckoning *reckoning, const struct aci_line *line)
{
    bool is_base = line->mission[0] == '\0';
    struct payment payment = {
        .days = days_of(reckoning, line),
        .advance_percent = reckoning->result->version->advance_percent,
        .rule = "pro rata of the days on which the mission was carried; advance, then balance"};
    payment.is_due = is_base || payment.days > 0;
    if (is_base)
        payment.rule = "pro rata of the days of the contract; advance, then balance";
    if (is_base && reckoning->is_signature_year) {
        payment.days = reckoning->result->year_days;
        payment.advance_percent = WHOLE_PERCENT;
        payment.rule = "year of the signature: in full, paid at signature";
    }
    return payment;
}

static struct payment pay_variable(const struct reckoning *reckoning, const struct aci_line *line)
{
    int days = days_of(reckoning, line);
    return (struct payment){days, days > 0, 0,
                            "what the indicators achieved, at most this; settled after the year"};
}

static struct payment pay_plan_written(const struct reckoning *reckoning,
                                       const struct aci_line *line)
{
    (void)line;
    return (struct payment){reckoning->result->year_days,
                            entitlement_plan_year(reckoning) == reckoning->facts->year,
                            reckoning->result->version->advance_percent,
                            "first year of the crisis plan: written, no pro rata"};
}

static struct payment pay_plan_updated(const struct reckoning *reckoning,
                                       const struct aci_line *line)
{
    (void)line;
    int first = entitlement_plan_year(reckoning);
    bool is_due = first != 0 && first < reckoning->facts->year &&
                  entitlement_has_crisis(reckoning, CRISIS_PLAN_UPDATED);
    return (struct payment){reckoning->result->year_days, is_due,
                            reckoning->result->version->advance_percent,
                            "following years: crisis plan updated in the year, no pro rata"};
}

static struct payment pay_crisis(const struct reckoning *reckoning, const struct aci_line *line)
{
    (void)line;
    return (struct payment){
        reckoning->result->year_days, entitlement_has_crisis(reckoning, CRISIS_RECOGNISED), 0,
        "crisis recognised by the ARS in the year: what was done, at most this"};
}

static struct payment pay_early(const struct reckoning *reckoning, const struct aci_line *line)
{
    (void)line;
    bool is_due = reckoning->is_signature_year &&
                  is_in_year(reckoning->result->version->valid_from, reckoning->facts->year);
    return (struct payment){reckoning->result->year_days, is_due, 0,
                            "early signers, fonctionnement included: shown, not counted, because "
                            "the last date to sign is not verified"};
}

/* Part → rule. Parts without one are not paid by the year. */
static struct payment (*const RULES[ACI_PART_COUNT])(const struct reckoning *reckoning,
                                                     const struct aci_line *line) = {
    [ACI_FIXED] = pay_fixed,
    [ACI_VARIABLE] = pay_variable,
    [ACI_PLAN_WRITTEN] = pay_plan_written,
    [ACI_PLAN_UPDATED] = pay_plan_updated,
    [ACI_CRISIS_VARIABLE] = pay_crisis,
    [ACI_EARLY_SIGNER] = pay_early,
};

/* What the indicators of a mission brought; false while they are not known. */
static bool find_achieved(const struct entitlement_facts *facts, const char *mission,
                          int64_t *ret_cents)
{
    for (size_t i = 0; i < facts->achieved_count; i++) {
        if (strcmp(facts->achieved[i].mission, mission) != 0)
            continue;
        *ret_cents = facts->achieved[i].cents;
        return true;
    }
    return false;
}

/* Sets what is certain of a line, its advance and its balance. */
static void settle(struct entitlement_line *line, const struct entitlement_facts *facts,
                   int advance_percent)
{
    bool is_variable = line->part == ACI_VARIABLE || line->part == ACI_CRISIS_VARIABLE;
    int64_t due_cents = line->maximum_cents;
    int64_t achieved_cents = 0;
    line->is_certain = !is_variable || find_achieved(facts, line->mission, &achieved_cents);
    if (is_variable && line->is_certain && achieved_cents < due_cents)
        due_cents = achieved_cents;
    line->certain_cents = line->is_certain ? due_cents : 0;
    line->advance_cents = entitlement_share(line->maximum_cents, advance_percent, WHOLE_PERCENT);
    line->balance_cents = due_cents - line->advance_cents;
}

static void add_line(struct reckoning *reckoning, const struct aci_line *from, int size,
                     const struct payment *payment)
{
    struct entitlement *result = reckoning->result;
    const struct aci_amount *amount = aci_line_amount(from, size);
    if (amount == NULL || !payment->is_due || result->line_count == ENTITLEMENT_LINES_MAX)
        return;
    struct entitlement_line *line = &result->lines[result->line_count++];
    *line = (struct entitlement_line){
        .line = from->line,
        .part = from->part,
        .mission = from->mission,
        .obligation = from->obligation,
        .rule = payment->rule,
        .full_cents = amount->cents,
        .days = payment->days,
        .year_days = result->year_days,
        .maximum_cents = entitlement_share(amount->cents, payment->days, result->year_days),
        .confidence = amount->confidence,
        .source = amount->source,
        .is_counted = from->part != ACI_EARLY_SIGNER,
    };
    settle(line, reckoning->facts, payment->advance_percent);
}

/* Start-up credits, in the year of the lettre d'intention, before any ACI. */
static void add_start_up(struct reckoning *reckoning)
{
    const struct entitlement_facts *facts = reckoning->facts;
    const struct payment payment = {reckoning->result->year_days, true, WHOLE_PERCENT,
                                    "once, when the lettre d'intention is validated"};
    bool is_before_aci =
        facts->signed_on[0] == '\0' || strcmp(facts->letter_on, facts->signed_on) < 0;
    if (!is_in_year(facts->letter_on, facts->year) || !is_before_aci)
        return;
    const struct aci_version *version = aci_version_on(reckoning->grids, facts->letter_on);
    for (size_t i = 0; version != NULL && i < aci_line_count(reckoning->grids, version); i++) {
        const struct aci_line *line = aci_line_at(reckoning->grids, version, i);
        if (line->part != ACI_ONE_OFF)
            continue;
        add_line(reckoning, line, facts->letter_size, &payment);
        if (facts->letter_size == 0)
            entitlement_gap_add(
                reckoning->result, "START_UP_SIZE_UNKNOWN", "", facts->letter_on, false,
                "no territory on the date of the lettre d'intention: amorçage not computed");
    }
}

static void add_contract_lines(struct reckoning *reckoning)
{
    const struct entitlement *result = reckoning->result;
    if (result->version == NULL || result->contract_days == 0)
        return;
    for (size_t i = 0; i < aci_line_count(reckoning->grids, result->version); i++) {
        const struct aci_line *line = aci_line_at(reckoning->grids, result->version, i);
        if (RULES[line->part] == NULL)
            continue;
        struct payment payment = RULES[line->part](reckoning, line);
        add_line(reckoning, line, reckoning->facts->size, &payment);
    }
}

/* Variable parts whose indicators are not known, each said once. */
static void note_indicators(struct entitlement *result)
{
    for (size_t i = 0; i < result->line_count; i++) {
        if (!result->lines[i].is_certain)
            entitlement_gap_add(
                result, "INDICATORS_NOT_KNOWN", result->lines[i].mission, "", false,
                "the part paid by indicators is shown at its maximum until they are known");
    }
}

static void find_ceiling(struct reckoning *reckoning)
{
    struct entitlement *result = reckoning->result;
    bool with_snp = false;
    bool crisis_year = false;
    for (size_t i = 0; i < result->line_count; i++) {
        const struct entitlement_line *line = &result->lines[i];
        with_snp = with_snp || strcmp(line->obligation, "CONDITIONAL") == 0;
        crisis_year = crisis_year || line->part == ACI_PLAN_WRITTEN ||
                      line->part == ACI_PLAN_UPDATED || line->part == ACI_CRISIS_VARIABLE;
    }
    result->has_ceiling =
        result->version != NULL && result->contract_days > 0 &&
        aci_ceiling_find(reckoning->grids, result->version, reckoning->facts->size, with_snp,
                         crisis_year, &result->ceiling);
}

static int64_t least(int64_t one, int64_t other)
{
    return one < other ? one : other;
}

/* Adds a counted line; what the ceiling does not hold back is `room`. */
static void count_line(struct entitlement *result, const struct entitlement_line *line,
                       struct entitlement_totals *limited)
{
    struct entitlement_totals *totals = line->part == ACI_ONE_OFF ? &result->totals : limited;
    totals->maximum_cents += line->maximum_cents;
    totals->certain_cents += line->certain_cents;
    totals->advance_cents += line->advance_cents;
    totals->balance_cents += line->balance_cents;
    result->confidence = result->confidence[0] == '\0'
                             ? line->confidence
                             : aci_weaker(result->confidence, line->confidence);
}

static void add_up(struct entitlement *result)
{
    struct entitlement_totals limited = {0};
    struct entitlement_totals *totals = &result->totals;
    result->confidence = "";
    for (size_t i = 0; i < result->line_count; i++) {
        struct entitlement_line *line = &result->lines[i];
        line->is_counted = line->is_counted && (result->is_eligible || line->part == ACI_ONE_OFF);
        if (line->is_counted)
            count_line(result, line, &limited);
    }
    int64_t limit = result->has_ceiling ? result->ceiling.cents : limited.maximum_cents;
    int64_t due_cents = limited.advance_cents + limited.balance_cents;
    totals->cut_cents = limited.maximum_cents - least(limited.maximum_cents, limit);
    totals->maximum_cents += limited.maximum_cents - totals->cut_cents;
    totals->certain_cents += least(limited.certain_cents, limit);
    int64_t advance_cents = least(limited.advance_cents, limit);
    totals->advance_cents += advance_cents;
    totals->balance_cents += least(due_cents, limit) - advance_cents;
}

static void begin(struct reckoning *reckoning)
{
    struct entitlement *result = reckoning->result;
    int year = reckoning->facts->year;
    char last_day[CALENDAR_DATE_BYTES];
    write_first_day(year, reckoning->first_day);
    write_first_day(year + 1, reckoning->next_day);
    snprintf(last_day, sizeof last_day, "%04u-12-31", (unsigned)year % 10000);
    entitlement_date_copy(reckoning->seen_on, strcmp(reckoning->facts->as_of, last_day) < 0
                                                  ? reckoning->facts->as_of
                                                  : last_day);
    result->year_days = calendar_day(reckoning->next_day) - calendar_day(reckoning->first_day);
    set_contract(reckoning);
    set_contract_year(reckoning);
    if (reckoning->facts->signed_on[0] != '\0')
        result->version = version_of_year(reckoning, year, result->grid_on);
}

void entitlement_compute(const struct aci_grids *grids, const struct entitlement_facts *facts,
                         struct entitlement *ret_entitlement)
{
    struct reckoning reckoning = {.grids = grids, .facts = facts, .result = ret_entitlement};
    memset(ret_entitlement, 0, sizeof *ret_entitlement);
    begin(&reckoning);
    entitlement_check(&reckoning);
    add_start_up(&reckoning);
    add_contract_lines(&reckoning);
    note_indicators(ret_entitlement);
    find_ceiling(&reckoning);
    add_up(ret_entitlement);
}
