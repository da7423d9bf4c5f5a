/* SPDX-License-Identifier: Apache-2.0 */
#include "import_history.h"
#include "support/unit.h"

#include <string.h>

static struct findings findings;
static struct import_pool pool;
static struct import_dates dates;
static struct import_row row;

static void setup(enum cpts_stage stage, const char *on)
{
    memset(&findings, 0, sizeof findings);
    memset(&pool, 0, sizeof pool);
    dates = (struct import_dates){.today = "2026-01-01"};
    row = (struct import_row){.line = 9, .stage = stage, .stage_on = on};
    for (int i = 0; i < CPTS_STAGE_ACI_SIGNE; i++)
        row.live_on[i] = "";
}

static void teardown(void)
{
    findings_done(&findings);
    import_pool_done(&pool);
}

static bool make(enum cpts_stage after, const char *after_on)
{
    return import_history_make(&row, 3, after, after_on, &dates, &findings, &pool);
}

/* An entry of the history that was made. */
static void expect_entry(size_t index, enum cpts_stage stage, const char *on)
{
    CU_ASSERT_FATAL(index < row.creation.stage_count);
    CU_ASSERT_EQUAL(row.creation.stages[index].stage, stage);
    CU_ASSERT_STRING_EQUAL(row.creation.stages[index].effective_on, on);
}

/* It is refused for that, on the row's line, and no history is given to it. */
static void expect_refused(enum cpts_stage after, const char *after_on, const char *reason)
{
    CU_ASSERT_FALSE(make(after, after_on));
    CU_ASSERT_EQUAL_FATAL(findings.count, 1);
    CU_ASSERT_EQUAL(findings.findings[0].kind, FINDING_REFUSED);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, reason);
    CU_ASSERT_EQUAL(findings.findings[0].line, 9);
    CU_ASSERT_EQUAL(findings.findings[0].row, 3);
    CU_ASSERT_EQUAL(row.creation.stage_count, 0);
    CU_ASSERT_PTR_NULL(row.creation.stages);
    teardown();
}

static void test_import_history__known_dates_are_taken(void)
{
    setup(CPTS_STAGE_PROJET_VALIDE, "2021-05-01");
    row.live_on[0] = "2019-01-02";
    row.live_on[1] = "2020-03-04";
    CU_ASSERT_TRUE_FATAL(make(CPTS_STAGE_UNSPECIFIED, ""));
    CU_ASSERT_EQUAL(row.creation.stage_count, 3);
    expect_entry(0, CPTS_STAGE_EMERGENCE, "2019-01-02");
    expect_entry(1, CPTS_STAGE_LETTRE_INTENTION, "2020-03-04");
    expect_entry(2, CPTS_STAGE_PROJET_VALIDE, "2021-05-01");
    CU_ASSERT_EQUAL(findings.count, 0);
    teardown();
}

static void test_import_history__earlier_days_are_invented_only_when_asked(void)
{
    setup(CPTS_STAGE_PROJET_VALIDE, "2020-03-01");
    expect_refused(CPTS_STAGE_UNSPECIFIED, "", "EARLIER_DATES_MISSING");
    setup(CPTS_STAGE_PROJET_VALIDE, "2020-03-01");
    dates.may_fill = true;
    CU_ASSERT_TRUE_FATAL(make(CPTS_STAGE_UNSPECIFIED, ""));
    expect_entry(0, CPTS_STAGE_EMERGENCE, "2020-02-28");
    expect_entry(1, CPTS_STAGE_LETTRE_INTENTION, "2020-02-29");
    CU_ASSERT_EQUAL_FATAL(findings.count, 1);
    CU_ASSERT_EQUAL(findings.findings[0].kind, FINDING_NOTE);
    CU_ASSERT_STRING_EQUAL(findings.findings[0].reason, "DATES_FILLED");
    teardown();
}

static void test_import_history__a_stage_without_date_takes_the_one_given(void)
{
    setup(CPTS_STAGE_EMERGENCE, "");
    expect_refused(CPTS_STAGE_UNSPECIFIED, "", "STAGE_DATE_MISSING");
    setup(CPTS_STAGE_EMERGENCE, "");
    dates.effective_on = "2024-02-01";
    CU_ASSERT_TRUE_FATAL(make(CPTS_STAGE_UNSPECIFIED, ""));
    expect_entry(0, CPTS_STAGE_EMERGENCE, "2024-02-01");
    teardown();
}

static void test_import_history__steps_follow_what_the_node_has(void)
{
    setup(CPTS_STAGE_ACI_SIGNE, "2023-06-28");
    row.live_on[2] = "2023-02-14";
    CU_ASSERT_TRUE_FATAL(make(CPTS_STAGE_LETTRE_INTENTION, "2022-01-01"));
    CU_ASSERT_EQUAL(row.creation.stage_count, 2);
    expect_entry(0, CPTS_STAGE_PROJET_VALIDE, "2023-02-14");
    expect_entry(1, CPTS_STAGE_ACI_SIGNE, "2023-06-28");
    teardown();
    setup(CPTS_STAGE_ACI_SIGNE, "2023-06-28");
    expect_refused(CPTS_STAGE_EMERGENCE, "2022-01-01", "STAGE_STEPS_MISSING");
}

static void test_import_history__dates_go_up_and_not_beyond_today(void)
{
    setup(CPTS_STAGE_LETTRE_INTENTION, "2019-01-02");
    row.live_on[0] = "2019-01-02";
    expect_refused(CPTS_STAGE_UNSPECIFIED, "", "STAGE_ORDER_INVALID");
    setup(CPTS_STAGE_LETTRE_INTENTION, "2021-12-31");
    expect_refused(CPTS_STAGE_EMERGENCE, "2022-01-01", "STAGE_ORDER_INVALID");
    setup(CPTS_STAGE_EMERGENCE, "2026-01-02");
    expect_refused(CPTS_STAGE_UNSPECIFIED, "", "DATE_IN_FUTURE");
}

static void test_import_history__ways_out_have_their_conditions(void)
{
    setup(CPTS_STAGE_FUSIONNE, "2022-01-01");
    expect_refused(CPTS_STAGE_EMERGENCE, "2020-01-01", "SUCCESSOR_INVALID");
    setup(CPTS_STAGE_NON_RENOUVELE, "2022-01-01");
    expect_refused(CPTS_STAGE_PROJET_VALIDE, "2020-01-01", "STAGE_ORDER_INVALID");
    setup(CPTS_STAGE_ABANDONNE, "2022-01-01");
    expect_refused(CPTS_STAGE_UNSPECIFIED, "", "STAGE_ORDER_INVALID");
    setup(CPTS_STAGE_EMERGENCE, "2022-01-01");
    expect_refused(CPTS_STAGE_ABANDONNE, "2020-01-01", "STAGE_ORDER_INVALID");
}

static void test_import_history__a_new_cpts_that_has_ended_lived_before(void)
{
    setup(CPTS_STAGE_ABANDONNE, "2022-01-01");
    row.live_on[0] = "2019-01-02";
    row.live_on[1] = "2020-01-02";
    CU_ASSERT_TRUE_FATAL(make(CPTS_STAGE_UNSPECIFIED, ""));
    CU_ASSERT_EQUAL(row.creation.stage_count, 3);
    expect_entry(1, CPTS_STAGE_LETTRE_INTENTION, "2020-01-02");
    expect_entry(2, CPTS_STAGE_ABANDONNE, "2022-01-01");
    teardown();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_history__known_dates_are_taken),
    UNIT_TEST(test_import_history__earlier_days_are_invented_only_when_asked),
    UNIT_TEST(test_import_history__a_stage_without_date_takes_the_one_given),
    UNIT_TEST(test_import_history__steps_follow_what_the_node_has),
    UNIT_TEST(test_import_history__dates_go_up_and_not_beyond_today),
    UNIT_TEST(test_import_history__ways_out_have_their_conditions),
    UNIT_TEST(test_import_history__a_new_cpts_that_has_ended_lived_before),
};

UNIT_MAIN("sdk/import_history")
