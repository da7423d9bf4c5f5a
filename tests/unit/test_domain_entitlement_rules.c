/* SPDX-License-Identifier: Apache-2.0 */
/* Every amount expected here was computed by hand from the published grid. */
#include "domain/entitlement_rules.h"

#include <string.h>

#include "aci_fixture.h"
#include "support/unit.h"

#define EUROS(euros) ((int64_t)((euros)*100))

static struct aci_grids *grids;
static struct entitlement found;

/* Every socle mission deployed for good. */
static const struct mission_step ALL_SOCLE[] = {
    {"acces_aux_soins", MISSION_STARTED, "2019-07-01"},
    {"parcours", MISSION_STARTED, "2019-07-01"},
    {"prevention", MISSION_STARTED, "2019-07-01"},
    {"crise_sanitaire", MISSION_STARTED, "2021-12-20"},
};

/* A size-3 CPTS that signed long ago, seen at the end of 2024. */
static struct entitlement_facts whole(void)
{
    return (struct entitlement_facts){.year = 2024,
                                      .as_of = "2024-12-31",
                                      .letter_on = "2019-07-01",
                                      .project_on = "2020-02-01",
                                      .signed_on = "2020-07-01",
                                      .renewed_on = "",
                                      .ended_on = "",
                                      .letter_size = 3,
                                      .size = 3,
                                      .steps = ALL_SOCLE,
                                      .step_count = 4};
}

static void compute(const struct entitlement_facts *facts)
{
    grids = aci_fixture_make();
    entitlement_compute(grids, facts, &found);
}

static void done(void)
{
    aci_grids_free(grids);
}

static const struct entitlement_line *line_of(const char *line, enum aci_part part)
{
    for (size_t i = 0; i < found.line_count; i++) {
        if (strcmp(found.lines[i].line, line) == 0 && found.lines[i].part == part)
            return &found.lines[i];
    }
    return NULL;
}

/* The most that a line brings, cents; -1 when there is no such line. */
static int64_t maximum(const char *line, enum aci_part part)
{
    const struct entitlement_line *one = line_of(line, part);
    return one == NULL ? -1 : one->maximum_cents;
}

static const struct entitlement_gap *gap_of(const char *reason)
{
    for (size_t i = 0; i < found.gap_count; i++) {
        if (strcmp(found.gaps[i].reason, reason) == 0)
            return &found.gaps[i];
    }
    return NULL;
}

static void check_blocked(const char *reason)
{
    const struct entitlement_gap *gap = gap_of(reason);
    CU_ASSERT_PTR_NOT_NULL(gap);
    CU_ASSERT_TRUE(gap != NULL && gap->is_blocking);
    CU_ASSERT_FALSE(found.is_eligible);
    CU_ASSERT_EQUAL(found.totals.maximum_cents, 0);
    CU_ASSERT_EQUAL(found.totals.advance_cents, 0);
}

static void test_entitlement__a_whole_year_of_the_socle(void)
{
    struct entitlement_facts facts = whole();
    compute(&facts);
    CU_ASSERT_TRUE(found.is_eligible);
    CU_ASSERT_STRING_EQUAL(found.version->grid, "avenant 2");
    CU_ASSERT_STRING_EQUAL(found.grid_on, "2024-01-01");
    CU_ASSERT_EQUAL(found.contract_days, 366);
    CU_ASSERT_EQUAL(maximum("fonctionnement", ACI_FIXED), EUROS(75000));
    CU_ASSERT_EQUAL(maximum("acces_aux_soins", ACI_FIXED), EUROS(30000));
    CU_ASSERT_EQUAL(maximum("acces_aux_soins", ACI_VARIABLE), EUROS(35000));
    CU_ASSERT_EQUAL(maximum("parcours", ACI_FIXED), EUROS(45000));
    CU_ASSERT_EQUAL(maximum("prevention", ACI_VARIABLE), EUROS(17500));
    CU_ASSERT_EQUAL(maximum("qualite_pertinence", ACI_FIXED), -1);
    CU_ASSERT_EQUAL(maximum("snp_supplement", ACI_FIXED), -1);
    /* 75 + 30+35 + 45+45 + 17.5+17.5 */
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(265000));
    /* fixed: 75 + 30 + 45 + 17.5 = 167.5, of which 75 % */
    CU_ASSERT_EQUAL(found.totals.certain_cents, EUROS(167500));
    CU_ASSERT_EQUAL(found.totals.advance_cents, EUROS(125625));
    CU_ASSERT_EQUAL(found.totals.balance_cents, EUROS(139375));
    CU_ASSERT_EQUAL(found.totals.cut_cents, 0);
    CU_ASSERT_STRING_EQUAL(found.confidence, "FROM_MEMORY");
    done();
}

/* The real contract of the table: access fixed 90 k€ with SNP, plan updated
 * 22.5 k€, crisis 67.5 k€, all options. */
static void test_entitlement__the_size_3_contract_of_the_table(void)
{
    static const struct mission_step STEPS[] = {
        {"acces_aux_soins", MISSION_DEPLOYED, "2020-07-01"},
        {"soins_non_programmes", MISSION_DEPLOYED, "2020-07-01"},
        {"parcours", MISSION_DEPLOYED, "2020-07-01"},
        {"prevention", MISSION_DEPLOYED, "2020-07-01"},
        {"qualite_pertinence", MISSION_DEPLOYED, "2020-07-01"},
        {"accompagnement_ps", MISSION_DEPLOYED, "2020-07-01"},
        {"crise_sanitaire", MISSION_DEPLOYED, "2022-01-01"},
    };
    static const struct crisis_fact CRISES[] = {{CRISIS_PLAN_WRITTEN, "2022-05-01"},
                                                {CRISIS_PLAN_UPDATED, "2024-03-01"},
                                                {CRISIS_RECOGNISED, "2024-08-01"}};
    struct entitlement_facts facts = whole();
    facts.steps = STEPS;
    facts.step_count = 7;
    facts.crises = CRISES;
    facts.crisis_count = 3;
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("acces_aux_soins", ACI_FIXED) + maximum("snp_supplement", ACI_FIXED),
                    EUROS(90000));
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_PLAN_UPDATED), EUROS(22500));
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_PLAN_WRITTEN), -1);
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_CRISIS_VARIABLE), EUROS(67500));
    CU_ASSERT_EQUAL(maximum("qualite_pertinence", ACI_FIXED), EUROS(15000));
    CU_ASSERT_EQUAL(maximum("accompagnement_ps", ACI_VARIABLE), EUROS(10000));
    /* 315 without SNP, + 60 SNP, + 22.5 plan, + 67.5 crisis */
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(465000));
    CU_ASSERT_EQUAL(found.ceiling.cents, EUROS(487500));
    CU_ASSERT_EQUAL(found.totals.cut_cents, 0);
    done();
}

static void test_entitlement__size_4_in_a_crisis_year_reaches_580_k(void)
{
    static const struct mission_step STEPS[] = {
        {"acces_aux_soins", MISSION_STARTED, "2022-01-01"},
        {"soins_non_programmes", MISSION_STARTED, "2022-01-01"},
        {"parcours", MISSION_STARTED, "2022-01-01"},
        {"prevention", MISSION_STARTED, "2022-01-01"},
        {"qualite_pertinence", MISSION_STARTED, "2022-01-01"},
        {"accompagnement_ps", MISSION_STARTED, "2022-01-01"},
        {"crise_sanitaire", MISSION_STARTED, "2022-01-01"},
    };
    static const struct crisis_fact CRISES[] = {{CRISIS_PLAN_WRITTEN, "2022-02-01"},
                                                {CRISIS_RECOGNISED, "2022-02-02"}};
    struct entitlement_facts facts = whole();
    facts.year = 2022;
    facts.as_of = "2022-12-31";
    facts.size = 4;
    facts.steps = STEPS;
    facts.step_count = 7;
    facts.crises = CRISES;
    facts.crisis_count = 2;
    compute(&facts);
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(580000));
    CU_ASSERT_EQUAL(found.ceiling.cents, EUROS(580000));
    CU_ASSERT_STRING_EQUAL(found.ceiling.confidence, "CONFIRMED");
    done();
}

/* Signed on 1 July 2023: 184 of 365 days. */
static void test_entitlement__pro_rata_by_days_rounded_once(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2023;
    facts.as_of = "2023-12-31";
    facts.signed_on = "2023-07-01";
    compute(&facts);
    CU_ASSERT_EQUAL(found.contract_days, 184);
    CU_ASSERT_STRING_EQUAL(found.grid_on, "2023-07-01");
    /* 30,000 x 184 / 365 = 15,123.2876.. */
    CU_ASSERT_EQUAL(maximum("acces_aux_soins", ACI_FIXED), 1512329);
    /* 45,000 x 184 / 365 = 22,684.9315.. */
    CU_ASSERT_EQUAL(maximum("parcours", ACI_VARIABLE), 2268493);
    /* 17,500 x 184 / 365 = 8,821.9178.. */
    CU_ASSERT_EQUAL(maximum("prevention", ACI_FIXED), 882192);
    /* 75 % of 15,123.29 = 11,342.4675, and the rest */
    const struct entitlement_line *line = line_of("acces_aux_soins", ACI_FIXED);
    CU_ASSERT_EQUAL(line->advance_cents, 1134247);
    CU_ASSERT_EQUAL(line->balance_cents, 378082);
    CU_ASSERT_EQUAL(line->days, 184);
    CU_ASSERT_EQUAL(line->year_days, 365);
    done();
}

static void test_entitlement__fonctionnement_in_full_at_signature(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2023;
    facts.as_of = "2023-12-31";
    facts.signed_on = "2023-12-31";
    compute(&facts);
    const struct entitlement_line *line = line_of("fonctionnement", ACI_FIXED);
    CU_ASSERT_EQUAL(found.contract_days, 1);
    CU_ASSERT_EQUAL(line->maximum_cents, EUROS(75000));
    CU_ASSERT_EQUAL(line->advance_cents, EUROS(75000));
    CU_ASSERT_EQUAL(line->balance_cents, 0);
    done();
}

/* Out on 1 March 2024: 31 + 29 days of 366. */
static void test_entitlement__a_contract_that_ends_is_paid_until_then(void)
{
    struct entitlement_facts facts = whole();
    facts.ended_on = "2024-03-01";
    compute(&facts);
    CU_ASSERT_TRUE(found.is_eligible);
    CU_ASSERT_EQUAL(found.contract_days, 60);
    /* 75,000 x 60 / 366 = 12,295.0819.. */
    CU_ASSERT_EQUAL(maximum("fonctionnement", ACI_FIXED), 1229508);
    done();
}

static void test_entitlement__a_way_out_before_the_year_ends_it(void)
{
    struct entitlement_facts facts = whole();
    facts.ended_on = "2024-01-01";
    compute(&facts);
    CU_ASSERT_EQUAL(found.contract_days, 0);
    check_blocked("CONTRACT_ENDED");
    done();
}

/* Stopped from 1 April to 1 July 2024: 91 of 366 days are missing. */
static void test_entitlement__a_mission_is_paid_for_the_days_it_is_carried(void)
{
    static const struct mission_step STEPS[] = {
        {"acces_aux_soins", MISSION_STARTED, "2020-07-01"},
        {"parcours", MISSION_STARTED, "2020-07-01"},
        {"prevention", MISSION_STARTED, "2020-07-01"},
        {"crise_sanitaire", MISSION_STARTED, "2022-01-01"},
        {"parcours", MISSION_STOPPED, "2024-04-01"},
        {"parcours", MISSION_STARTED, "2024-07-01"},
    };
    struct entitlement_facts facts = whole();
    facts.steps = STEPS;
    facts.step_count = 6;
    compute(&facts);
    CU_ASSERT_TRUE(found.is_eligible);
    CU_ASSERT_EQUAL(line_of("parcours", ACI_FIXED)->days, 275);
    /* 45,000 x 275 / 366 = 33,811.4754.. */
    CU_ASSERT_EQUAL(maximum("parcours", ACI_FIXED), 3381148);
    done();
}

static void test_entitlement__snp_is_paid_from_the_day_it_is_organised(void)
{
    static const struct mission_step STEPS[] = {
        {"acces_aux_soins", MISSION_STARTED, "2019-07-01"},
        {"parcours", MISSION_STARTED, "2019-07-01"},
        {"prevention", MISSION_STARTED, "2019-07-01"},
        {"soins_non_programmes", MISSION_PLANNED, "2020-01-01"},
        {"soins_non_programmes", MISSION_STARTED, "2021-10-01"},
    };
    struct entitlement_facts facts = whole();
    facts.year = 2021;
    facts.as_of = "2021-12-19";
    facts.steps = STEPS;
    facts.step_count = 5;
    compute(&facts);
    CU_ASSERT_STRING_EQUAL(found.version->grid, "2019");
    /* Grid 2019: 55,000 x 92 / 365 = 13,863.0136.. */
    CU_ASSERT_EQUAL(maximum("snp_supplement", ACI_FIXED), 1386301);
    CU_ASSERT_EQUAL(found.ceiling.cents, EUROS(370000));
    done();
}

static void check_plan_year(int year, int64_t written_cents, int64_t updated_cents)
{
    static const struct crisis_fact CRISES[] = {{CRISIS_PLAN_WRITTEN, "2021-06-01"},
                                                {CRISIS_PLAN_UPDATED, "2022-06-01"},
                                                {CRISIS_PLAN_UPDATED, "2023-06-01"}};
    struct entitlement_facts facts = whole();
    facts.year = year;
    facts.as_of = "2024-12-31";
    facts.crises = CRISES;
    facts.crisis_count = 3;
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_PLAN_WRITTEN), written_cents);
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_PLAN_UPDATED), updated_cents);
    done();
}

/* Written in 2021, before the grid knew it: 2022 is its first year. */
static void test_entitlement__a_crisis_plan_is_written_once_then_updated(void)
{
    check_plan_year(2021, -1, -1);
    check_plan_year(2022, EUROS(45000), -1);
    check_plan_year(2023, -1, EUROS(22500));
    check_plan_year(2024, -1, -1);
    CU_ASSERT_PTR_NOT_NULL(gap_of("CRISIS_PLAN_NOT_UPDATED"));
    CU_ASSERT_PTR_NULL(gap_of("CRISIS_PLAN_NOT_WRITTEN"));
}

static void test_entitlement__a_crisis_is_paid_when_the_ars_recognised_it(void)
{
    static const struct crisis_fact CRISIS = {CRISIS_RECOGNISED, "2023-02-01"};
    struct entitlement_facts facts = whole();
    facts.crises = &CRISIS;
    facts.crisis_count = 1;
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_CRISIS_VARIABLE), -1);
    done();
    facts.year = 2023;
    facts.as_of = "2023-12-31";
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("crise_sanitaire", ACI_CRISIS_VARIABLE), EUROS(67500));
    CU_ASSERT_FALSE(line_of("crise_sanitaire", ACI_CRISIS_VARIABLE)->is_certain);
    CU_ASSERT_PTR_NOT_NULL(gap_of("CRISIS_PLAN_NOT_WRITTEN"));
    done();
}

static void test_entitlement__indicators_settle_the_variable_part_up_to_its_maximum(void)
{
    static const struct achieved_fact ACHIEVED[] = {{"parcours", EUROS(12000)},
                                                    {"prevention", EUROS(99000)}};
    struct entitlement_facts facts = whole();
    facts.achieved = ACHIEVED;
    facts.achieved_count = 2;
    compute(&facts);
    const struct entitlement_line *parcours = line_of("parcours", ACI_VARIABLE);
    CU_ASSERT_TRUE(parcours->is_certain);
    CU_ASSERT_EQUAL(parcours->certain_cents, EUROS(12000));
    CU_ASSERT_EQUAL(parcours->balance_cents, EUROS(12000));
    CU_ASSERT_EQUAL(parcours->maximum_cents, EUROS(45000));
    CU_ASSERT_EQUAL(line_of("prevention", ACI_VARIABLE)->certain_cents, EUROS(17500));
    /* fixed 167.5 + 12 + 17.5 */
    CU_ASSERT_EQUAL(found.totals.certain_cents, EUROS(197000));
    CU_ASSERT_FALSE(line_of("acces_aux_soins", ACI_VARIABLE)->is_certain);
    CU_ASSERT_STRING_EQUAL(gap_of("INDICATORS_NOT_KNOWN")->mission, "acces_aux_soins");
    done();
}

static void test_entitlement__start_up_credits_at_the_lettre_d_intention(void)
{
    struct entitlement_facts facts = whole();
    facts.letter_on = "2024-05-01";
    facts.project_on = "";
    facts.signed_on = "";
    facts.letter_size = 2;
    compute(&facts);
    CU_ASSERT_FALSE(found.is_eligible);
    CU_ASSERT_EQUAL(found.line_count, 1);
    CU_ASSERT_EQUAL(maximum("amorcage", ACI_ONE_OFF), EUROS(17500));
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(17500));
    CU_ASSERT_EQUAL(found.totals.advance_cents, EUROS(17500));
    CU_ASSERT_PTR_NOT_NULL(gap_of("PROJECT_NOT_VALIDATED"));
    CU_ASSERT_PTR_NOT_NULL(gap_of("ACI_NOT_SIGNED"));
    done();
}

static void test_entitlement__no_start_up_credits_before_avenant_2_or_without_a_size(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2021;
    facts.as_of = "2021-12-31";
    facts.letter_on = "2021-12-19";
    facts.signed_on = "";
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("amorcage", ACI_ONE_OFF), -1);
    done();
    facts.letter_on = "2021-12-20";
    facts.letter_size = 0;
    compute(&facts);
    CU_ASSERT_EQUAL(maximum("amorcage", ACI_ONE_OFF), -1);
    CU_ASSERT_PTR_NOT_NULL(gap_of("START_UP_SIZE_UNKNOWN"));
    done();
}

static void test_entitlement__early_signers_are_shown_and_not_counted(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2021;
    facts.as_of = "2021-12-31";
    facts.signed_on = "2021-12-22";
    compute(&facts);
    const struct entitlement_line *line = line_of("signature_anticipee", ACI_EARLY_SIGNER);
    CU_ASSERT_PTR_NOT_NULL_FATAL(line);
    CU_ASSERT_FALSE(line->is_counted);
    CU_ASSERT_EQUAL(line->maximum_cents, EUROS(131250));
    CU_ASSERT_STRING_EQUAL(line->confidence, "UNVERIFIED");
    /* fonctionnement 75,000, and 10 of 365 days of 95,000 + 97,500: 30+35+45+45+17.5+17.5 */
    CU_ASSERT_EQUAL(found.totals.maximum_cents,
                    EUROS(75000) + 82192 + 95890 + 123288 + 123288 + 47945 + 47945);
    done();
}

static void test_entitlement__nothing_is_paid_without_the_projet(void)
{
    struct entitlement_facts facts = whole();
    facts.project_on = "";
    compute(&facts);
    CU_ASSERT_TRUE(found.line_count > 0);
    check_blocked("PROJECT_NOT_VALIDATED");
    done();
}

static void test_entitlement__nothing_is_paid_without_an_aci(void)
{
    struct entitlement_facts facts = whole();
    facts.signed_on = "";
    compute(&facts);
    CU_ASSERT_EQUAL(found.line_count, 0);
    CU_ASSERT_EQUAL(found.contract_year, 0);
    CU_ASSERT_PTR_NULL(found.version);
    check_blocked("ACI_NOT_SIGNED");
    done();
}

static void test_entitlement__nothing_is_paid_without_a_size(void)
{
    struct entitlement_facts facts = whole();
    facts.size = 0;
    compute(&facts);
    check_blocked("SIZE_UNKNOWN");
    done();
}

static void test_entitlement__nothing_is_paid_before_the_first_grid(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2019;
    facts.as_of = "2019-12-31";
    facts.signed_on = "2019-06-19";
    compute(&facts);
    check_blocked("GRID_NOT_FOUND");
    done();
}

static void test_entitlement__a_socle_mission_blocks_once_its_date_has_passed(void)
{
    struct entitlement_facts facts = whole();
    facts.signed_on = "2024-01-15";
    facts.step_count = 0;
    facts.as_of = "2024-07-15";
    compute(&facts);
    CU_ASSERT_TRUE(found.is_eligible);
    CU_ASSERT_STRING_EQUAL(gap_of("MISSION_NOT_STARTED")->due_on, "2024-07-15");
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(75000));
    done();
    facts.as_of = "2024-07-16";
    compute(&facts);
    CU_ASSERT_STRING_EQUAL(gap_of("SOCLE_MISSION_NOT_CARRIED")->mission, "acces_aux_soins");
    CU_ASSERT_STRING_EQUAL(gap_of("MISSION_NOT_STARTED")->mission, "parcours");
    CU_ASSERT_STRING_EQUAL(gap_of("MISSION_NOT_STARTED")->due_on, "2025-01-15");
    check_blocked("SOCLE_MISSION_NOT_CARRIED");
    done();
}

static void test_entitlement__the_crisis_mission_is_due_since_avenant_2(void)
{
    struct entitlement_facts facts = whole();
    facts.step_count = 3;
    facts.year = 2022;
    facts.as_of = "2022-06-20";
    compute(&facts);
    CU_ASSERT_STRING_EQUAL(gap_of("MISSION_NOT_STARTED")->due_on, "2022-06-20");
    CU_ASSERT_TRUE(found.is_eligible);
    done();
    facts.year = 2021;
    facts.as_of = "2021-12-31";
    compute(&facts);
    CU_ASSERT_PTR_NULL(gap_of("MISSION_NOT_STARTED"));
    CU_ASSERT_TRUE(found.is_eligible);
    done();
}

static void check_contract_year(const char *as_of, int year, int contract_year, bool is_over)
{
    struct entitlement_facts facts = whole();
    facts.signed_on = "2020-02-29";
    facts.as_of = as_of;
    facts.year = year;
    compute(&facts);
    CU_ASSERT_EQUAL(found.contract_year, contract_year);
    CU_ASSERT_EQUAL(gap_of("RENEWAL_NOT_RECORDED") != NULL, is_over);
    done();
}

static void test_entitlement__contract_years_run_from_the_signature(void)
{
    check_contract_year("2020-02-29", 2020, 1, false);
    check_contract_year("2021-02-27", 2021, 1, false);
    check_contract_year("2021-02-28", 2021, 2, false);
    check_contract_year("2025-02-27", 2025, 5, false);
    check_contract_year("2025-02-28", 2025, 6, true);
}

static void test_entitlement__a_renewal_counts_its_own_five_years(void)
{
    struct entitlement_facts facts = whole();
    facts.year = 2026;
    facts.as_of = "2026-12-31";
    facts.renewed_on = "2025-07-01";
    compute(&facts);
    CU_ASSERT_PTR_NULL(gap_of("RENEWAL_NOT_RECORDED"));
    done();
}

/* A grid that publishes less than its lines add up to. */
static void test_entitlement__the_ceiling_cuts_the_sum(void)
{
    struct aci_line line = {"2019", "fonctionnement", "", "BASE", ACI_FIXED, {{0}}};
    struct aci_amount amount = {EUROS(100000), "CONFIRMED", "x"};
    struct entitlement_facts facts = whole();
    facts.year = 2020;
    facts.as_of = "2020-12-31";
    facts.signed_on = "2020-01-01";
    facts.step_count = 0;
    facts.as_of = "2020-03-01";
    grids = aci_grids_new();
    CU_ASSERT_TRUE(aci_version_add(grids, &VERSION_2019));
    CU_ASSERT_TRUE(aci_amount_add(grids, &line, 3, &amount));
    line.line = "total";
    line.part = ACI_MAX_WITHOUT_SNP;
    amount.cents = EUROS(80000);
    CU_ASSERT_TRUE(aci_amount_add(grids, &line, 3, &amount));
    entitlement_compute(grids, &facts, &found);
    CU_ASSERT_EQUAL(found.totals.maximum_cents, EUROS(80000));
    CU_ASSERT_EQUAL(found.totals.cut_cents, EUROS(20000));
    CU_ASSERT_EQUAL(found.totals.certain_cents, EUROS(80000));
    CU_ASSERT_EQUAL(found.totals.advance_cents + found.totals.balance_cents, EUROS(80000));
    done();
}

static void test_entitlement__advance_and_balance_add_up_to_each_certain_line(void)
{
    struct entitlement_facts facts = whole();
    facts.ended_on = "2024-10-17";
    compute(&facts);
    for (size_t i = 0; i < found.line_count; i++) {
        const struct entitlement_line *line = &found.lines[i];
        CU_ASSERT_EQUAL(line->advance_cents + line->balance_cents, line->maximum_cents);
    }
    done();
}

static void test_entitlement__shares_round_a_half_upwards(void)
{
    CU_ASSERT_EQUAL(entitlement_share(1, 1, 2), 1);
    CU_ASSERT_EQUAL(entitlement_share(1, 1, 3), 0);
    CU_ASSERT_EQUAL(entitlement_share(100, 0, 365), 0);
    CU_ASSERT_EQUAL(entitlement_share(100, 365, 365), 100);
    CU_ASSERT_EQUAL(entitlement_share(INT64_C(100000000000), 364, 365), INT64_C(99726027397));
}

static void test_entitlement__crisis_codes_both_ways(void)
{
    for (int kind = CRISIS_PLAN_WRITTEN; kind <= CRISIS_RECOGNISED; kind++)
        CU_ASSERT_EQUAL((int)crisis_kind_find(crisis_kind_code(kind)), kind);
    CU_ASSERT_EQUAL(crisis_kind_find(""), CRISIS_NONE);
    CU_ASSERT_STRING_EQUAL(crisis_kind_code(9), "");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_entitlement__a_whole_year_of_the_socle),
    UNIT_TEST(test_entitlement__the_size_3_contract_of_the_table),
    UNIT_TEST(test_entitlement__size_4_in_a_crisis_year_reaches_580_k),
    UNIT_TEST(test_entitlement__pro_rata_by_days_rounded_once),
    UNIT_TEST(test_entitlement__fonctionnement_in_full_at_signature),
    UNIT_TEST(test_entitlement__a_contract_that_ends_is_paid_until_then),
    UNIT_TEST(test_entitlement__a_way_out_before_the_year_ends_it),
    UNIT_TEST(test_entitlement__a_mission_is_paid_for_the_days_it_is_carried),
    UNIT_TEST(test_entitlement__snp_is_paid_from_the_day_it_is_organised),
    UNIT_TEST(test_entitlement__a_crisis_plan_is_written_once_then_updated),
    UNIT_TEST(test_entitlement__a_crisis_is_paid_when_the_ars_recognised_it),
    UNIT_TEST(test_entitlement__indicators_settle_the_variable_part_up_to_its_maximum),
    UNIT_TEST(test_entitlement__start_up_credits_at_the_lettre_d_intention),
    UNIT_TEST(test_entitlement__no_start_up_credits_before_avenant_2_or_without_a_size),
    UNIT_TEST(test_entitlement__early_signers_are_shown_and_not_counted),
    UNIT_TEST(test_entitlement__nothing_is_paid_without_the_projet),
    UNIT_TEST(test_entitlement__nothing_is_paid_without_an_aci),
    UNIT_TEST(test_entitlement__nothing_is_paid_without_a_size),
    UNIT_TEST(test_entitlement__nothing_is_paid_before_the_first_grid),
    UNIT_TEST(test_entitlement__a_socle_mission_blocks_once_its_date_has_passed),
    UNIT_TEST(test_entitlement__the_crisis_mission_is_due_since_avenant_2),
    UNIT_TEST(test_entitlement__contract_years_run_from_the_signature),
    UNIT_TEST(test_entitlement__a_renewal_counts_its_own_five_years),
    UNIT_TEST(test_entitlement__the_ceiling_cuts_the_sum),
    UNIT_TEST(test_entitlement__advance_and_balance_add_up_to_each_certain_line),
    UNIT_TEST(test_entitlement__shares_round_a_half_upwards),
    UNIT_TEST(test_entitlement__crisis_codes_both_ways),
};

UNIT_MAIN("domain/entitlement_rules")
