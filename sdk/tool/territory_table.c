/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `territory` and `zoning`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row GET_OPTIONS[] = {AS_OF, KNOWN_AT};

static const struct option_row CONFLICT_OPTIONS[] = {
    {"region",     "CODE",  false, "Units of that region (INSEE code, 11)"},
    {"department", "CODE",  false, "Units of that département (75)"},
    {"shared",     NULL,    false, "Also units whose shares add up to 1 at most"},
    AS_OF, KNOWN_AT,
    {"limit",      "N",     false, "At most that many units (50)"},
};
static const struct option_row GAP_OPTIONS[] = {
    {"by",         "LEVEL", false, "commune, epci, department or region (commune)"},
    {"region",     "CODE",  false, "Within that region (INSEE code, 11)"},
    {"department", "CODE",  false, "Within that département (75)"},
    {"stage",      "STAGE", true,  "Stage that counts (the four live ones)"},
    AS_OF, KNOWN_AT,
    {"limit",      "N",     false, "At most that many rows (50)"},
};
static const struct option_row NEIGHBOUR_OPTIONS[] = {
    AS_OF, KNOWN_AT,
    {"limit",      "N",     false, "At most that many CPTS, 1 to 200 (10)"},
};
static const struct option_row UNIT_MERGE_OPTIONS[] = {
    {"on",         "DATE",  false, "Date of effect, mostly a 1 January (required)"},
    {"vintage",    "YEAR",  false, "Year of the new commune list (required)"},
    {"source",     "TEXT",  false, "Where it comes from, with its licence (required)"},
    {"preview",    NULL,    false, "Tell what it would do, change nothing"},
    COMMAND_ID,
};
static const struct option_row ZONING_OPTIONS[] = {
    {"region",     "CODE",  false, "Set by that region's ARS (INSEE code, 11)"},
    {"department", "CODE",  false, "Communes of that département (75)"},
    {"commune",    "CODE",  false, "One commune or arrondissement"},
    AS_OF, KNOWN_AT,
};
static const struct option_row ZONING_IMPORT_OPTIONS[] = {
    {"region",     "CODE",  false, "Region whose zoning it is (required)"},
    {"on",         "DATE",  false, "Date from which it holds (required)"},
    {"source",     "TEXT",  false, "The text that sets it (required)"},
    {"dry-run",    NULL,    false, "Check the file and send nothing"},
    VERSION, COMMAND_ID,
};

#define UNIT_MERGE_NOTES \
    "The file is a CSV with the columns old_code, code, name and, if you have it,\n" \
    "population (of the new commune, in the new vintage): a line a commune that\n" \
    "ends. Shares are combined by inhabitants, and what was true before the date\n" \
    "stays. Mergers applied before are left out: run it again at will. Only the\n" \
    "national node mints versions of the reference data.\n" \
    "\n" \
    "--csv and --plain are one line a claim. A new contact is a live CPTS with\n" \
    "which a commune is shared for the first time: settle it; so are shares of\n" \
    "validated CPTS beyond 1, told in share_excess (--csv, --plain, --json)."

#define ZONING_NOTES \
    "The file is a CSV with a column for the commune's code (unit_code, insee,\n" \
    "codgeo ...) and one for the zone (ZIP+, ZIP, ZAC, hors zonage). It is the\n" \
    "whole zoning of the region: a commune left out has no known zone from then\n" \
    "on. All of it is recorded, or nothing."

static const struct command_row ROWS[] = {
    {.name = "territory show", .operands = "ID", .operand_count = 1,
     .summary = "A territory: population, size class, zoning",
     .examples = "cptsctl territory show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl territory show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --as-of 2021-06-01",
     .options = GET_OPTIONS, .option_count = COUNT(GET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_territory_show},
    {.name = "territory conflicts", .operands = "",
     .summary = "Units that several CPTS claim (conciliation)",
     .examples = "cptsctl territory conflicts --region 11\n"
                 "cptsctl territory conflicts --as-of 2024-02-01 --csv",
     .options = CONFLICT_OPTIONS, .option_count = COUNT(CONFLICT_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_territory_conflicts},
    {.name = "territory gaps", .operands = "",
     .summary = "Inhabitants whom no CPTS claims (zones blanches)",
     .examples = "cptsctl territory gaps --by department --as-of 2024-02-01\n"
                 "cptsctl territory gaps --department 75 --stage ACI_SIGNE --csv",
     .notes = STAGES_NOTE,
     .options = GAP_OPTIONS, .option_count = COUNT(GAP_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_territory_gaps},
    {.name = "territory neighbours", .operands = "ID|COMMUNE", .operand_count = 1,
     .summary = "The nearest CPTS, by population-weighted centres",
     .examples = "cptsctl territory neighbours 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl territory neighbours 97411 --limit 3",
     .options = NEIGHBOUR_OPTIONS, .option_count = COUNT(NEIGHBOUR_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_territory_neighbours},
    {.name = "territory merge", .operands = "FILE", .operand_count = 1,
     .summary = "Apply the commune mergers of a new vintage, with a report",
     .examples = "cptsctl territory merge mergers.csv --on 2026-01-01 --vintage 2026 \\\n"
                 "    --source 'INSEE, mouvements de communes' --preview",
     .notes = UNIT_MERGE_NOTES,
     .options = UNIT_MERGE_OPTIONS, .option_count = COUNT(UNIT_MERGE_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_territory_merge},
    {.name = "zoning list", .operands = "",
     .summary = "Medical zoning of a date: ZIP+, ZIP, ZAC, hors zonage",
     .examples = "cptsctl zoning list --region 53\n"
                 "cptsctl zoning list --commune 29019 --as-of 2023-01-01",
     .options = ZONING_OPTIONS, .option_count = COUNT(ZONING_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_zoning_list},
    {.name = "zoning import", .operands = "FILE", .operand_count = 1,
     .summary = "Replace the zoning of a region from a date on",
     .examples = "cptsctl zoning import zonage.csv --region 53 --on 2024-03-12 \\\n"
                 "    --source 'arrêté ARS Bretagne du 12 mars 2024'",
     .notes = ZONING_NOTES,
     .options = ZONING_IMPORT_OPTIONS, .option_count = COUNT(ZONING_IMPORT_OPTIONS),
     .forms = FORM_JSON, .run = verb_zoning_import},
};
/* clang-format on */

const struct command_group TERRITORY_COMMANDS = {ROWS, COUNT(ROWS)};
