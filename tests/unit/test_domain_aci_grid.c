/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/aci_grid.h"

#include <string.h>

#include "support/unit.h"

#define K(thousands) ((int64_t)((thousands)*1000 * 100))

/* The published grids once more, in thousands of euros, written down by hand. */
static const struct published {
    const char *grid, *line, *obligation;
    enum aci_part part;
    const char *confidence;
    double amounts[ACI_SIZE_COUNT];
} LINES[] = {
    {"2019", "fonctionnement", "BASE", ACI_FIXED, "CONFIRMED", {50, 60, 75, 90}},
    {"2019", "acces_aux_soins", "SOCLE", ACI_FIXED, "FROM_MEMORY", {15, 20, 30, 35}},
    {"2019", "acces_aux_soins", "SOCLE", ACI_VARIABLE, "FROM_MEMORY", {25, 27, 35, 45}},
    {"2019", "snp_supplement", "CONDITIONAL", ACI_FIXED, "DERIVED", {35, 45, 55, 70}},
    {"2019", "parcours", "SOCLE", ACI_FIXED, "INFERRED", {25, 35, 45, 50}},
    {"2019", "parcours", "SOCLE", ACI_VARIABLE, "INFERRED", {25, 35, 45, 50}},
    {"2019", "prevention", "SOCLE", ACI_FIXED, "INFERRED", {10, 15, 17.5, 20}},
    {"2019", "prevention", "SOCLE", ACI_VARIABLE, "INFERRED", {10, 15, 17.5, 20}},
    {"2019", "qualite_pertinence", "OPTIONAL", ACI_FIXED, "INFERRED", {7.5, 10, 15, 20}},
    {"2019", "qualite_pertinence", "OPTIONAL", ACI_VARIABLE, "INFERRED", {7.5, 10, 15, 20}},
    {"2019", "accompagnement_ps", "OPTIONAL", ACI_FIXED, "INFERRED", {5, 7.5, 10, 15}},
    {"2019", "accompagnement_ps", "OPTIONAL", ACI_VARIABLE, "INFERRED", {5, 7.5, 10, 15}},
    {"2019", "total", "TOTAL", ACI_MAX_WITHOUT_SNP, "CONFIRMED", {185, 242, 315, 380}},
    {"2019", "total", "TOTAL", ACI_MAX_WITH_SNP, "CONFIRMED", {220, 287, 370, 450}},
    {"avenant 2", "snp_supplement", "CONDITIONAL", ACI_FIXED, "EXTRAPOLATED", {40, 50, 60, 75}},
    {"avenant 2", "crise_sanitaire", "SOCLE", ACI_PLAN_WRITTEN, "CONFIRMED", {25, 35, 45, 50}},
    {"avenant 2", "crise_sanitaire", "SOCLE", ACI_PLAN_UPDATED, "DERIVED", {12.5, 17.5, 22.5, 25}},
    {"avenant 2",
     "crise_sanitaire",
     "SOCLE",
     ACI_CRISIS_VARIABLE,
     "INFERRED",
     {37.5, 52.5, 67.5, 75}},
    {"avenant 2", "total", "TOTAL", ACI_MAX_WITH_SNP_AND_CRISIS, "CONFIRMED", {0, 0, 0, 580}},
};

static const struct aci_version VERSION_2019 = {.grid = "2019",
                                                .label = "ACI",
                                                .valid_from = "2019-06-20",
                                                .valid_to = "2021-12-20",
                                                .base_grid = "",
                                                .confidence = "CONFIRMED",
                                                .source = "the ACI",
                                                .advance_percent = 75};
static const struct aci_version AVENANT_2 = {.grid = "avenant 2",
                                             .label = "Avenant 2",
                                             .valid_from = "2021-12-20",
                                             .valid_to = "",
                                             .base_grid = "2019",
                                             .confidence = "CONFIRMED",
                                             .source = "avenant 2",
                                             .advance_percent = 75};

static bool add_line(struct aci_grids *grids, const struct published *from)
{
    struct aci_line line = {.grid = from->grid,
                            .line = from->line,
                            .mission = "",
                            .obligation = from->obligation,
                            .part = from->part};
    for (int size = 1; size <= ACI_SIZE_COUNT; size++) {
        struct aci_amount amount = {K(from->amounts[size - 1]), from->confidence, "a source"};
        if (amount.cents > 0 && !aci_amount_add(grids, &line, size, &amount))
            return false;
    }
    return true;
}

static struct aci_grids *make(void)
{
    struct aci_grids *grids = aci_grids_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(grids);
    CU_ASSERT_TRUE_FATAL(aci_version_add(grids, &VERSION_2019));
    CU_ASSERT_TRUE_FATAL(aci_version_add(grids, &AVENANT_2));
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        CU_ASSERT_TRUE_FATAL(add_line(grids, &LINES[i]));
    return grids;
}

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
    struct aci_grids *grids = make();
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
    struct aci_grids *grids = make();
    check_sureness(grids, 0, 1, true, "CONFIRMED", "a source");
    check_sureness(grids, 1, 4, true, "CONFIRMED", "a source");
    check_sureness(grids, 1, 3, true, "FROM_MEMORY", "sum of the lines of the grid");
    check_sureness(grids, 1, 4, false, "FROM_MEMORY", "sum of the lines of the grid");
    aci_grids_free(grids);
}

static void test_aci_grid__no_ceiling_without_crisis_lines_or_size(void)
{
    struct aci_grids *grids = make();
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
    struct aci_grids *grids = make();
    const struct aci_version *second = aci_version_at(grids, 1);
    const struct aci_line *line = NULL;
    int count = 0, supplements = 0;
    while ((line = aci_line_next(grids, second, line)) != NULL) {
        count++;
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
    struct aci_grids *grids = make();
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
    CU_ASSERT_PTR_NULL(aci_line_next(grids, aci_version_at(grids, 0), NULL));
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
