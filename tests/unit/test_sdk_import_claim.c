/* SPDX-License-Identifier: Apache-2.0 */
#include "import_claim.h"
#include "support/unit.h"

#include <stdio.h>
#include <string.h>

/* Two rows of a file and one CPTS of the node, each with one commune. */
static struct import_row rows[2];
static struct import import;
static struct known known[1];
static struct registry registry;
static struct gazetteer *gazetteer;
static struct cpts_territory_unit units[3];

static void setup(double first, double second, double third)
{
    const double shares[] = {first, second, third};
    struct cpts_unit dole = {.code = "39198",
                             .name = "Dole",
                             .department = "39",
                             .region = "27",
                             .parent_code = "",
                             .is_leaf = true};
    gazetteer = gazetteer_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(gazetteer);
    CU_ASSERT_TRUE_FATAL(gazetteer_add_unit(gazetteer, &dole));
    gazetteer_close(gazetteer);
    for (size_t i = 0; i < 3; i++)
        units[i] = (struct cpts_territory_unit){.unit_code = "39198", .share = shares[i]};
    for (size_t i = 0; i < 2; i++)
        rows[i] = (struct import_row){
            .line = (int)i + 2,
            .units = &units[i],
            .creation = {.name = i == 0 ? "One" : "Two", .territory = &units[i], .unit_count = 1}};
    known[0] = (struct known){.name = "Third",
                              .stage = CPTS_STAGE_ACI_SIGNE,
                              .units = &units[2],
                              .unit_count = 1,
                              .row = KNOWN_NO_ROW};
    import = (struct import){.rows = rows, .row_count = 2};
    registry = (struct registry){.known = known, .count = 1};
}

static void teardown(void)
{
    findings_done(&import.findings);
    gazetteer_free(gazetteer);
}

static void compare(size_t expected_count)
{
    CU_ASSERT_TRUE(import_claims_compare(&registry, gazetteer, &import));
    CU_ASSERT_EQUAL_FATAL(import.findings.count, expected_count);
}

static void expect_conflict(size_t index, int line, const char *message)
{
    const struct finding *finding = &import.findings.findings[index];
    CU_ASSERT_EQUAL(finding->kind, FINDING_CONFLICT);
    CU_ASSERT_STRING_EQUAL(finding->reason, "TERRITORY_CONFLICT");
    CU_ASSERT_EQUAL(finding->line, line);
    CU_ASSERT_STRING_EQUAL(finding->message, message);
    CU_ASSERT_STRING_EQUAL(finding->candidates, "Dole (39198)");
}

static void test_import_claim__each_pair_is_said_once(void)
{
    setup(1, 1, 1);
    compare(3);
    expect_conflict(0, 2, "1 commune also claimed by Third (node, ACI_SIGNE)");
    expect_conflict(1, 3, "1 commune also claimed by One (same file)");
    expect_conflict(2, 3, "1 commune also claimed by Third (node, ACI_SIGNE)");
    teardown();
}

static void test_import_claim__shares_that_fit_are_no_conflict(void)
{
    setup(0.5, 0.25, 0.25);
    compare(0);
    teardown();
    setup(0.5, 0.25, 0.26);
    compare(3);
    teardown();
}

static void test_import_claim__what_is_not_sent_claims_nothing(void)
{
    setup(1, 1, 1);
    rows[0].state = IMPORT_REFUSED;
    rows[1].state = IMPORT_UNCHANGED;
    compare(0);
    teardown();
}

static void test_import_claim__a_territory_that_is_replaced_claims_no_more(void)
{
    setup(1, 1, 1);
    rows[0].state = IMPORT_REFUSED;
    rows[1].change = (struct import_change){.version = 3, .sets_territory = true};
    known[0].row = 1;
    compare(0);
    teardown();
    setup(1, 1, 1);
    rows[0].state = IMPORT_REFUSED;
    rows[1].change = (struct import_change){.version = 3, .sets_territory = true};
    compare(1);
    expect_conflict(0, 3, "1 commune also claimed by Third (node, ACI_SIGNE)");
    teardown();
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_import_claim__each_pair_is_said_once),
    UNIT_TEST(test_import_claim__shares_that_fit_are_no_conflict),
    UNIT_TEST(test_import_claim__what_is_not_sent_claims_nothing),
    UNIT_TEST(test_import_claim__a_territory_that_is_replaced_claims_no_more),
};

UNIT_MAIN("sdk/import_claim")
