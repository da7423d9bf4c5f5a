/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/aci_grid.h"

#include <string.h>

#include "aci_fixture.h"
#include "support/unit.h"

static void check_ceilings(const struct aci_grids *grids, int version, bool with_snp, bool crisis,
                           const double *expected)
{
    for (int size = 1; size <= ACI_SIZE_COUNT; size++) {
        struct aci_ceiling ceiling = {0};
        CU_ASSERT_TRUE(aci_ceiling_find(grids, aci_version_at(grids, (size_t)version), size,
                                        with_snp, crisis, &ceiling));
        CU_ASSERT_EQUAL(ceiling.cents, K(expected[size - 1]));
    }
}

static void test_aci_grid__published_ceilings(void)
{
    struct aci_grids *grids = aci_fixture_make();
    check_ceilings(grids, 0, false, false, (const double[]){185, 242, 315, 380});
    check_ceilings(grids, 0, true, false, (const double[]){220, 287, 370, 450});
    check_ceilings(grids, 1, false, false, (const double[]){185, 242, 315, 380});
    check_ceilings(grids, 1, true, false, (const double[]){225, 292, 375, 455});
    check_ceilings(grids, 1, true, true, (const double[]){287.5, 379.5, 487.5, 580});
    aci_grids_free(grids);
}

static void check_sureness(const struct aci_grids *grids, int version, int size, bool with_snp,
                           const char *confidence, const char *source)
{
    struct aci_ceiling ceiling = {0};
    CU_ASSERT_TRUE(aci_ceiling_find(grids, aci_version_at(grids, (size_t)version), size, with_snp,
                                    version == 1, &ceiling));
    CU_ASSERT_STRING_EQUAL(ceiling.confidence, confidence);
    CU_ASSERT_STRING_EQUAL(ceiling.source, source);
}

static void test_aci_grid__a_ceiling_is_as_sure_as_its_figure_or_its_weakest_line(void)
{
    struct aci_grids *grids = aci_fixture_make();
    check_sureness(grids, 0, 1, true, "CONFIRMED", "a source");
    check_sureness(grids, 1, 4, true, "CONFIRMED", "a source");
    check_sureness(grids, 1, 3, true, "FROM_MEMORY", "sum of the lines of the grid");
    check_sureness(grids, 1, 4, false, "FROM_MEMORY", "sum of the lines of the grid");
    aci_grids_free(grids);
}

static void test_aci_grid__no_ceiling_without_crisis_lines_or_size(void)
{
    struct aci_grids *grids = aci_fixture_make();
    const struct aci_version *first = aci_version_at(grids, 0);
    struct aci_ceiling ceiling = {.cents = 7};
    CU_ASSERT_FALSE(aci_ceiling_find(grids, first, 1, true, true, &ceiling));
    CU_ASSERT_FALSE(aci_ceiling_find(grids, first, 0, true, false, &ceiling));
    CU_ASSERT_FALSE(aci_ceiling_find(grids, first, 5, true, false, &ceiling));
    CU_ASSERT_EQUAL(ceiling.cents, 7);
    aci_grids_free(grids);
}

static void test_aci_grid__an_amendment_keeps_what_it_does_not_replace(void)
{
    struct aci_grids *grids = aci_fixture_make();
    const struct aci_version *second = aci_version_at(grids, 1);
    int count = (int)aci_line_count(grids, second), supplements = 0;
    for (int i = 0; i < count; i++) {
        const struct aci_line *line = aci_line_at(grids, second, (size_t)i);
        if (strcmp(line->line, "snp_supplement") != 0)
            continue;
        supplements++;
        CU_ASSERT_STRING_EQUAL(line->grid, "avenant 2");
        CU_ASSERT_EQUAL(aci_line_amount(line, 4)->cents, K(75));
    }
    CU_ASSERT_EQUAL(supplements, 1);
    CU_ASSERT_EQUAL(count, (int)(sizeof LINES / sizeof LINES[0]) - 1);
    aci_grids_free(grids);
}

static void check_in_force(const struct aci_grids *grids, const char *date, const char *grid)
{
    const struct aci_version *version = aci_version_on(grids, date);
    CU_ASSERT_STRING_EQUAL(version == NULL ? "" : version->grid, grid);
}

static void test_aci_grid__the_version_in_force(void)
{
    struct aci_grids *grids = aci_fixture_make();
    check_in_force(grids, "2019-06-19", "");
    check_in_force(grids, "2019-06-20", "2019");
    check_in_force(grids, "2021-12-19", "2019");
    check_in_force(grids, "2021-12-20", "avenant 2");
    check_in_force(grids, "2026-01-01", "avenant 2");
    aci_grids_free(grids);
}

static void test_aci_grid__no_version_after_the_last_one_ended(void)
{
    struct aci_grids *grids = aci_grids_new();
    CU_ASSERT_TRUE(aci_version_add(grids, &VERSION_2019));
    check_in_force(grids, "2021-12-20", "");
    aci_grids_free(grids);
}

static void test_aci_grid__what_is_inconsistent_is_not_taken(void)
{
    struct aci_grids *grids = aci_grids_new();
    struct aci_line line = {"2019", "x", "", "BASE", ACI_FIXED, {{0}}};
    struct aci_amount amount = {1, "CONFIRMED", "x"};
    CU_ASSERT_FALSE(aci_version_add(grids, &AVENANT_2));
    CU_ASSERT_FALSE(aci_amount_add(grids, &line, 1, &amount));
    CU_ASSERT_TRUE(aci_version_add(grids, &VERSION_2019));
    CU_ASSERT_FALSE(aci_version_add(grids, &VERSION_2019));
    CU_ASSERT_FALSE(aci_amount_add(grids, &line, 0, &amount));
    CU_ASSERT_FALSE(aci_amount_add(grids, &line, 5, &amount));
    line.part = ACI_PART_NONE;
    CU_ASSERT_FALSE(aci_amount_add(grids, &line, 1, &amount));
    line.part = ACI_FIXED;
    amount.cents = -1;
    CU_ASSERT_FALSE(aci_amount_add(grids, &line, 1, &amount));
    CU_ASSERT_EQUAL(aci_line_count(grids, aci_version_at(grids, 0)), 0);
    aci_grids_free(grids);
}

static void test_aci_grid__parts_both_ways(void)
{
    for (int part = ACI_FIXED; part < ACI_PART_COUNT; part++)
        CU_ASSERT_EQUAL((int)aci_part_find(aci_part_name((enum aci_part)part)), part);
    CU_ASSERT_EQUAL(aci_part_find("X"), ACI_PART_NONE);
    CU_ASSERT_EQUAL(aci_part_find(""), ACI_PART_NONE);
    CU_ASSERT_STRING_EQUAL(aci_part_name((enum aci_part)99), "");
}

static void test_aci_grid__the_weaker_word(void)
{
    CU_ASSERT_STRING_EQUAL(aci_weaker("CONFIRMED", "DERIVED"), "DERIVED");
    CU_ASSERT_STRING_EQUAL(aci_weaker("FROM_MEMORY", "INFERRED"), "FROM_MEMORY");
    CU_ASSERT_STRING_EQUAL(aci_weaker("UNVERIFIED", "rumour"), "rumour");
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_aci_grid__published_ceilings),
    UNIT_TEST(test_aci_grid__a_ceiling_is_as_sure_as_its_figure_or_its_weakest_line),
    UNIT_TEST(test_aci_grid__no_ceiling_without_crisis_lines_or_size),
    UNIT_TEST(test_aci_grid__an_amendment_keeps_what_it_does_not_replace),
    UNIT_TEST(test_aci_grid__the_version_in_force),
    UNIT_TEST(test_aci_grid__no_version_after_the_last_one_ended),
    UNIT_TEST(test_aci_grid__what_is_inconsistent_is_not_taken),
    UNIT_TEST(test_aci_grid__parts_both_ways),
    UNIT_TEST(test_aci_grid__the_weaker_word),
};

UNIT_MAIN("domain/aci_grid")
