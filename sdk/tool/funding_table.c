/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `funding` and `mission`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row GET_OPTIONS[] = {AS_OF, KNOWN_AT};
static const struct option_row GRID_OPTIONS[] = {
    {"as-of", "DATE", false, "The grid in force on that date (every version)"},
};
#define FUNDING_YEAR  {"year",  "YEAR", false, "Calendar year (that of --as-of)"}
#define FUNDING_AS_OF {"as-of", "DATE", false, "What is true by then, taken to last (today)"}
static const struct option_row ENTITLEMENT_OPTIONS[] = {FUNDING_YEAR, FUNDING_AS_OF, KNOWN_AT};
static const struct option_row BUDGET_OPTIONS[] = {
    {"region", "CODE", false, "Led from that region (INSEE code)"},
    FUNDING_YEAR, FUNDING_AS_OF, KNOWN_AT,
};
static const struct option_row MISSION_OPTIONS[] = {
    {"on",      "DATE", false, "Date on which it was entered (required)"},
    {"correct", NULL,   false, "What is recorded from that date on was wrong"},
    VERSION, COMMAND_ID,
};
static const struct option_row PLAN_OPTIONS[] = {
    {"on",        "DATE", false, "Date from which it holds (required)"},
    {"objective", "TEXT", true,  "An objective, at most 500 characters"},
    {"action",    "TEXT", true,  "An action, at most 500 characters"},
    {"adopted",   NULL,   false, "Adopted by the ARS (proposed by the CPTS)"},
    VERSION, COMMAND_ID,
};
static const struct option_row CRISIS_OPTIONS[] = {
    {"on",       "DATE", false, "Date on which it happened (required)"},
    {"withdraw", NULL,   false, "It was recorded wrongly"},
    VERSION, COMMAND_ID,
};

static const struct command_row ROWS[] = {
    {.name = "funding ceilings", .operands = "",
     .summary = "The most a CPTS can be paid a year, by grid and size",
     .examples = "cptsctl funding ceilings\n"
                 "cptsctl funding ceilings --as-of 2020-06-30\n"
                 "cptsctl funding ceilings --json",
     .notes = "--json is a list of grid, size, withSnp, crisisYear, amount (euros), confidence\n"
              "and source. With SNP: the supplement for soins non programmés. Crisis: the plan\n"
              "of the first year, and what is paid when the ARS recognised a crisis.",
     .options = GRID_OPTIONS, .option_count = COUNT(GRID_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_funding_ceilings},
    {.name = "funding grid", .operands = "",
     .summary = "The grids of the ACI: each amount, its source",
     .examples = "cptsctl funding grid\n"
                 "cptsctl funding grid --as-of 2021-06-30\n"
                 "cptsctl funding grid --csv > grid.csv",
     .notes = "A version holds its own lines and those of the one it amends that it does not\n"
              "replace. --csv is one line an amount, with its source.",
     .options = GRID_OPTIONS, .option_count = COUNT(GRID_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_funding_grid},
    {.name = "funding show", .operands = "ID", .operand_count = 1,
     .summary = "What the ACI pays one CPTS for a year, line by line",
     .examples = "cptsctl funding show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --year 2024\n"
                 "cptsctl funding show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --csv",
     .notes = "Each line has its rule, source and confidence; --csv is one line a line.",
     .options = ENTITLEMENT_OPTIONS, .option_count = COUNT(ENTITLEMENT_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_funding_show},
    {.name = "funding board", .operands = "",
     .summary = "The budget of a year: nation, regions, sizes, lines",
     .examples = "cptsctl funding board --year 2024\n"
                 "cptsctl funding board --region 11 --as-of 2024-06-30 --json",
     .notes = "The sum of what cptsctl funding show gives for each CPTS; --csv is one line a\n"
              "region.",
     .options = BUDGET_OPTIONS, .option_count = COUNT(BUDGET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_funding_board},
    {.name = "mission list", .operands = "ID", .operand_count = 1,
     .summary = "The missions of a CPTS: status, legal dates, plans",
     .examples = "cptsctl mission list 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl mission list 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --as-of 2023-12-31",
     .options = GET_OPTIONS, .option_count = COUNT(GET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_mission_list},
    {.name = "mission set", .operands = "ID MISSION STATUS", .operand_count = 3,
     .summary = "Record that a mission entered a status (for the ARS)",
     .examples = "cptsctl mission set 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 parcours STARTED \\\n"
                 "    --on 2023-09-01",
     .notes = "Status: PLANNED, STARTED, DEPLOYED, STOPPED. Missions: acces_aux_soins,\n"
              "soins_non_programmes, parcours, prevention, crise_sanitaire,\n"
              "qualite_pertinence, accompagnement_ps.",
     .options = MISSION_OPTIONS, .option_count = COUNT(MISSION_OPTIONS),
     .forms = FORM_JSON, .run = verb_mission_set},
    {.name = "mission plan", .operands = "ID MISSION", .operand_count = 2,
     .summary = "Propose, or adopt, the objectives and actions of a mission",
     .examples = "cptsctl mission plan 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 prevention \\\n"
                 "    --on 2024-01-15 --objective 'Dépistage colorectal à 27 %' \\\n"
                 "    --action 'Remise de kits en pharmacie'",
     .options = PLAN_OPTIONS, .option_count = COUNT(PLAN_OPTIONS),
     .forms = FORM_JSON, .run = verb_mission_plan},
    {.name = "mission crisis", .operands = "ID KIND", .operand_count = 2,
     .summary = "Record what the crisis mission is paid for (ARS)",
     .examples = "cptsctl mission crisis 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 PLAN_WRITTEN \\\n"
                 "    --on 2023-03-01",
     .notes = "Kind: PLAN_WRITTEN (once), PLAN_UPDATED (every year after), RECOGNISED (a\n"
              "crisis, by the ARS).",
     .options = CRISIS_OPTIONS, .option_count = COUNT(CRISIS_OPTIONS),
     .forms = FORM_JSON, .run = verb_mission_crisis},
};
/* clang-format on */

const struct command_group FUNDING_COMMANDS = {ROWS, COUNT(ROWS)};
