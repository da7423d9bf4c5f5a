/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/maturity.h"

#include <string.h>

#include "support/unit.h"

#define TODAY "2026-11-22"

/* The legal steps, written down once more on purpose: rows from, columns to. */
static const char *const LEGAL[STAGE_COUNT + 1] = {
    /*        E L P A a f d n */
    [0] = "........", /* unused: nothing → see below */
    [1] = ".x..xxx.", [2] = "..x.xxx.", [3] = "...xxxx.", [4] = "....xxxx",
    [5] = "........", [6] = "........", [7] = "........", [8] = "........",
};

static void test_maturity__every_step(void)
{
    for (int from = 1; from <= STAGE_COUNT; from++) {
        for (int to = 1; to <= STAGE_COUNT; to++)
            CU_ASSERT_EQUAL(stage_step_is_legal(from, to), LEGAL[from][to - 1] == 'x');
    }
}

static void test_maturity__first_step_is_emergence(void)
{
    for (int to = -1; to <= STAGE_COUNT + 1; to++)
        CU_ASSERT_EQUAL(stage_step_is_legal(STAGE_NONE, to), to == STAGE_EMERGENCE);
}

static void test_maturity__codes_both_ways(void)
{
    for (int stage = 1; stage <= STAGE_COUNT; stage++)
        CU_ASSERT_EQUAL((int)stage_find(stage_code(stage)), stage);
    CU_ASSERT_EQUAL(stage_find("ACI"), STAGE_NONE);
    CU_ASSERT_STRING_EQUAL(stage_code(99), "");
    CU_ASSERT_STRING_EQUAL(stage_code(-1), "");
}

static void check_history(const struct stage_entry *entries, size_t count, const char *reason,
                          const char *field)
{
    struct cpts_error err = {0};
    cpts_status status = stage_history_check(entries, count, TODAY, &err);
    CU_ASSERT_EQUAL(status == CPTS_OK, reason == NULL);
    CU_ASSERT_STRING_EQUAL(err.reason, reason == NULL ? "" : reason);
    CU_ASSERT_STRING_EQUAL(err.field, field == NULL ? "" : field);
}

static void test_maturity__history_accepted(void)
{
    const struct stage_entry entries[] = {
        {STAGE_EMERGENCE, "2018-01-01", ""},
        {STAGE_LETTRE_INTENTION, "2018-06-01", ""},
        {STAGE_FUSIONNE, "2019-01-01", "0190a0a0-0000-7000-8000-000000000001"},
    };
    check_history(entries, 3, NULL, NULL);
}

static void test_maturity__history_refused(void)
{
    const struct stage_entry skipped[] = {{STAGE_EMERGENCE, "2018-01-01", ""},
                                          {STAGE_PROJET_VALIDE, "2018-06-01", ""}};
    const struct stage_entry same_day[] = {{STAGE_EMERGENCE, "2018-01-01", ""},
                                           {STAGE_LETTRE_INTENTION, "2018-01-01", ""}};
    const struct stage_entry future[] = {{STAGE_EMERGENCE, "2026-11-23", ""}};
    const struct stage_entry no_date[] = {{STAGE_EMERGENCE, "", ""}};
    const struct stage_entry late_start[] = {{STAGE_ACI_SIGNE, "2018-01-01", ""}};
    const struct stage_entry heir[] = {{STAGE_EMERGENCE, "2018-01-01", "x"}};
    const struct stage_entry no_heir[] = {{STAGE_EMERGENCE, "2018-01-01", ""},
                                          {STAGE_FUSIONNE, "2019-01-01", ""}};
    check_history(skipped, 0, "FIELD_REQUIRED", "stages");
    check_history(skipped, 2, "STAGE_ORDER_INVALID", "stages[1].stage");
    check_history(same_day, 2, "STAGE_ORDER_INVALID", "stages[1].effective_on");
    check_history(future, 1, "DATE_IN_FUTURE", "stages[0].effective_on");
    check_history(no_date, 1, "FIELD_REQUIRED", "stages[0].effective_on");
    check_history(late_start, 1, "STAGE_ORDER_INVALID", "stages[0].stage");
    check_history(heir, 1, "SUCCESSOR_INVALID", "stages[0].successor_id");
    check_history(no_heir, 2, "SUCCESSOR_INVALID", "stages[1].successor_id");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_maturity__every_step),      UNIT_TEST(test_maturity__first_step_is_emergence),
    UNIT_TEST(test_maturity__codes_both_ways), UNIT_TEST(test_maturity__history_accepted),
    UNIT_TEST(test_maturity__history_refused),
};

UNIT_MAIN("domain/maturity")
