/* SPDX-License-Identifier: Apache-2.0 */
#ifndef UNIT_ACI_FIXTURE_H
#define UNIT_ACI_FIXTURE_H

/**
 * @file
 * The published grids of the ACI once more, written down by hand.
 *
 * Threads: one thread.
 */

#include "domain/aci_grid.h"
#include "support/unit.h"

#define K(thousands) ((int64_t)((thousands)*1000 * 100))

/* The published grids once more, in thousands of euros, written down by hand. */
static const struct published {
    const char *grid, *line, *mission, *obligation;
    enum aci_part part;
    const char *confidence;
    double amounts[ACI_SIZE_COUNT];
} LINES[] = {
    {"2019", "fonctionnement", "", "BASE", ACI_FIXED, "CONFIRMED", {50, 60, 75, 90}},
    {"2019",
     "acces_aux_soins",
     "acces_aux_soins",
     "SOCLE",
     ACI_FIXED,
     "FROM_MEMORY",
     {15, 20, 30, 35}},
    {"2019",
     "acces_aux_soins",
     "acces_aux_soins",
     "SOCLE",
     ACI_VARIABLE,
     "FROM_MEMORY",
     {25, 27, 35, 45}},
    {"2019",
     "snp_supplement",
     "soins_non_programmes",
     "CONDITIONAL",
     ACI_FIXED,
     "DERIVED",
     {35, 45, 55, 70}},
    {"2019", "parcours", "parcours", "SOCLE", ACI_FIXED, "INFERRED", {25, 35, 45, 50}},
    {"2019", "parcours", "parcours", "SOCLE", ACI_VARIABLE, "INFERRED", {25, 35, 45, 50}},
    {"2019", "prevention", "prevention", "SOCLE", ACI_FIXED, "INFERRED", {10, 15, 17.5, 20}},
    {"2019", "prevention", "prevention", "SOCLE", ACI_VARIABLE, "INFERRED", {10, 15, 17.5, 20}},
    {"2019",
     "qualite_pertinence",
     "qualite_pertinence",
     "OPTIONAL",
     ACI_FIXED,
     "INFERRED",
     {7.5, 10, 15, 20}},
    {"2019",
     "qualite_pertinence",
     "qualite_pertinence",
     "OPTIONAL",
     ACI_VARIABLE,
     "INFERRED",
     {7.5, 10, 15, 20}},
    {"2019",
     "accompagnement_ps",
     "accompagnement_ps",
     "OPTIONAL",
     ACI_FIXED,
     "INFERRED",
     {5, 7.5, 10, 15}},
    {"2019",
     "accompagnement_ps",
     "accompagnement_ps",
     "OPTIONAL",
     ACI_VARIABLE,
     "INFERRED",
     {5, 7.5, 10, 15}},
    {"2019", "total", "", "TOTAL", ACI_MAX_WITHOUT_SNP, "CONFIRMED", {185, 242, 315, 380}},
    {"2019", "total", "", "TOTAL", ACI_MAX_WITH_SNP, "CONFIRMED", {220, 287, 370, 450}},
    {"avenant 2",
     "snp_supplement",
     "soins_non_programmes",
     "CONDITIONAL",
     ACI_FIXED,
     "EXTRAPOLATED",
     {40, 50, 60, 75}},
    {"avenant 2",
     "crise_sanitaire",
     "crise_sanitaire",
     "SOCLE",
     ACI_PLAN_WRITTEN,
     "CONFIRMED",
     {25, 35, 45, 50}},
    {"avenant 2",
     "crise_sanitaire",
     "crise_sanitaire",
     "SOCLE",
     ACI_PLAN_UPDATED,
     "DERIVED",
     {12.5, 17.5, 22.5, 25}},
    {"avenant 2",
     "crise_sanitaire",
     "crise_sanitaire",
     "SOCLE",
     ACI_CRISIS_VARIABLE,
     "INFERRED",
     {37.5, 52.5, 67.5, 75}},
    {"avenant 2", "total", "", "TOTAL", ACI_MAX_WITH_SNP_AND_CRISIS, "CONFIRMED", {0, 0, 0, 580}},
    {"avenant 2", "amorcage", "", "BEFORE_ACI", ACI_ONE_OFF, "CONFIRMED", {15, 17.5, 25, 30}},
    {"avenant 2",
     "signature_anticipee",
     "",
     "EARLY_SIGNER",
     ACI_EARLY_SIGNER,
     "UNVERIFIED",
     {87.5, 105, 131.25, 157.5}},
};

static const struct aci_mission MISSIONS[] = {
    {"acces_aux_soins", "Accès", "SOCLE", "2019-06-20", 6, 18, "CONFIRMED", "x"},
    {"soins_non_programmes", "SNP", "CONDITIONAL", "2019-06-20", 0, 0, "CONFIRMED", "x"},
    {"parcours", "Parcours", "SOCLE", "2019-06-20", 12, 24, "CONFIRMED", "x"},
    {"prevention", "Prévention", "SOCLE", "2019-06-20", 12, 24, "CONFIRMED", "x"},
    {"crise_sanitaire", "Crise", "SOCLE", "2021-12-20", 6, 18, "CONFIRMED", "x"},
    {"qualite_pertinence", "Qualité", "OPTIONAL", "2019-06-20", 0, 0, "CONFIRMED", "x"},
    {"accompagnement_ps", "PS", "OPTIONAL", "2019-06-20", 0, 0, "CONFIRMED", "x"},
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

static inline bool aci_fixture_add(struct aci_grids *grids, const struct published *from)
{
    struct aci_line line = {.grid = from->grid,
                            .line = from->line,
                            .mission = from->mission,
                            .obligation = from->obligation,
                            .part = from->part};
    for (int size = 1; size <= ACI_SIZE_COUNT; size++) {
        struct aci_amount amount = {K(from->amounts[size - 1]), from->confidence, "a source"};
        if (amount.cents > 0 && !aci_amount_add(grids, &line, size, &amount))
            return false;
    }
    return true;
}

/** The grids with every mission; free with aci_grids_free(). */
static inline struct aci_grids *aci_fixture_make(void)
{
    struct aci_grids *grids = aci_grids_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(grids);
    CU_ASSERT_TRUE_FATAL(aci_version_add(grids, &VERSION_2019));
    CU_ASSERT_TRUE_FATAL(aci_version_add(grids, &AVENANT_2));
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        CU_ASSERT_TRUE_FATAL(aci_fixture_add(grids, &LINES[i]));
    for (size_t i = 0; i < sizeof MISSIONS / sizeof MISSIONS[0]; i++)
        CU_ASSERT_TRUE_FATAL(aci_mission_add(grids, &MISSIONS[i]));
    return grids;
}

#endif
