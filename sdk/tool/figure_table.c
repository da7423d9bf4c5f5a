/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `indicator` and `capacity`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row INDICATOR_LIST_OPTIONS[] = {
    {"mission", "CODE", false, "Of one mission (prevention, acces_aux_soins, ...)"},
    AS_OF,
};
static const struct option_row INDICATOR_TARGET_OPTIONS[] = {
    {"on",        "DATE", false, "Date from which the table holds (required)"},
    {"step",      "VALUE=EUROS", true, "A threshold, its amount a year (required)"},
    {"baseline",  "VALUE", false, "Value at the start of the contract"},
    {"published", NULL,   false, "Locked values may be shown to everybody"},
    VERSION, COMMAND_ID,
};
static const struct option_row INDICATOR_RECORD_OPTIONS[] = {
    {"reason", "TEXT", false, "Why a locked value is corrected (ARS and nodes only)"},
    VERSION, COMMAND_ID,
};
static const struct option_row INDICATOR_DECIDE_OPTIONS[] = {
    {"indicator", "CODE", true, "Only that indicator (all that wait)"},
    VERSION, COMMAND_ID,
};
static const struct option_row INDICATOR_SHOW_OPTIONS[] = {
    {"year", "YYYY", false, "Periods of one year (all)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row INDICATOR_BOARD_OPTIONS[] = {
    {"region", "CODE", false, "Show the CPTS of that region too (INSEE code)"},
};
static const struct option_row INDICATOR_IMPORT_OPTIONS[] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"reason",   "TEXT", false, "Why locked values are corrected (ARS and nodes only)"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "CPTS worked on at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};
static const struct option_row CAPACITY_RECORD_OPTIONS[] = {
    {"snp",     "N",      false, "Slots kept for SNP"},
    {"slots",   "N",      false, "All slots of the same doctors, SNP among them"},
    {"places",  "N",      false, "New patients whom médecins traitants can take"},
    {"seekers", "CODE=N", true,  "People of an area who seek a doctor"},
    VERSION, COMMAND_ID,
};
static const struct option_row CAPACITY_SHOW_OPTIONS[] = {
    {"from", "WEEK", false, "First week, 2024-W07 (fifteen before the last)"},
    {"to",   "WEEK", false, "Last week (in four weeks)"},
    KNOWN_AT,
};
static const struct option_row CAPACITY_BOARD_OPTIONS[] = {
    {"week", "WEEK", false, "ISO week, 2024-W07 (the last one that ended)"},
};
static const struct option_row CAPACITY_IMPORT_OPTIONS[] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "CPTS worked on at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};

static const char INDICATOR_TARGET_NOTES[] =
    "Each step has to be harder than the one before, the way the indicator goes; its\n"
    "amount replaces that of the steps before. Yes-or-no indicators have one step, 1.";

static const char INDICATOR_RECORD_NOTES[] =
    "PERIOD is 2024, 2024-S1, 2024-T3 or 2024-07; VALUE a decimal (72.4), 1 or 0 for\n"
    "yes or no. A value submitted or approved before is replaced and submitted anew.";

static const char INDICATOR_DECIDE_NOTES[] =
    "The act of the ARS: submitted values are approved, approved ones locked. All\n"
    "values of PERIOD that wait for it, or those of --indicator; all or none.";

static const char INDICATOR_SHOW_NOTES[] =
    "Told to the CPTS itself, its ARS and the nodes; others read `indicator board`.";

static const char INDICATOR_BOARD_NOTES[] =
    "Locked values of indicators that are published. Where a count of people is\n"
    "small, it is withheld, and so is what it could be worked out from; a region's\n"
    "counts wait until each of its CPTS has a value.";

static const char INDICATOR_IMPORT_NOTES[] =
    "CSV with any of the usual headings, ; or , or tab, in the usual encodings.\n"
    "Fields for --map: cpts (id), cpts_finess, cpts_name, region, indicator, period,\n"
    "value. An empty COLUMN: the file has none.\n"
    "\n"
    "An indicator is a code or a label (`indicator list`). A period may be written\n"
    "S1 2024, T3 2024, 07/2024; a value 72,4, 72.4 %, oui or non.\n"
    "\n"
    "Each CPTS is compared with the node first and only what differs is sent, up to\n"
    "500 values a command, all or none; a line that is refused is left out and said.\n"
    "Run the same import again after an interruption: what is there stays as it is.\n"
    "Any line refused = exit code 1.";

static const char CAPACITY_RECORD_NOTES[] =
    "WEEK is an ISO week, 2024-W07, four weeks ahead at most. What is not given stays\n"
    "as it is. --seekers: each person in one commune or département only.";

static const char CAPACITY_SHOW_NOTES[] =
    "Slots and places are told to everybody with a role; counts of people to the\n"
    "CPTS itself, its ARS and the nodes.";

static const char CAPACITY_BOARD_NOTES[] =
    "People who seek a médecin traitant are counted once, a week after the week\n"
    "ended. Where a count is small it is withheld, and so is what it could be worked\n"
    "out from.";

static const char CAPACITY_IMPORT_NOTES[] =
    "CSV with any of the usual headings, ; or , or tab, in the usual encodings.\n"
    "Fields for --map: cpts (id), cpts_finess, cpts_name, region, week, snp, slots,\n"
    "places, area, seekers. An empty COLUMN: the file has none; an empty cell: not\n"
    "known, what is there stays.\n"
    "\n"
    "A line is the figures of a week, or the people of one area in a week, or both.\n"
    "A week may be written 2024-W07, S07 2024, semaine 7 2024.\n"
    "\n"
    "Each CPTS is compared with the node first and only what differs is sent, up to\n"
    "200 lines a command, all or none; a line that is refused is left out and said.\n"
    "Run the same import again after an interruption. Any line refused = exit code 1.";

static const struct command_row ROWS[] = {
    {.name = "indicator list", .operands = "",
     .summary = "Indicators of the ACI: definitions, with their sources",
     .examples = "cptsctl indicator list\ncptsctl indicator list --mission prevention --csv",
     .options = INDICATOR_LIST_OPTIONS, .option_count = COUNT(INDICATOR_LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_indicator_list},
    {.name = "indicator target", .operands = "ID INDICATOR", .operand_count = 2,
     .summary = "Set the step table of a CPTS: thresholds and amounts",
     .examples = "cptsctl indicator target 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 DEPISTAGE_SEIN \\\n"
                 "    --on 2024-01-01 --baseline 66.26 --step 69.7=1000 --step 72.4=2500 \\\n"
                 "    --step 75=3500 --published",
     .notes = INDICATOR_TARGET_NOTES,
     .options = INDICATOR_TARGET_OPTIONS, .option_count = COUNT(INDICATOR_TARGET_OPTIONS),
     .forms = FORM_JSON, .run = verb_indicator_target},
    {.name = "indicator record", .operands = "ID INDICATOR PERIOD VALUE", .operand_count = 4,
     .summary = "Submit the value of a period, or correct it",
     .examples = "cptsctl indicator record 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    DEPISTAGE_SEIN 2024 72.4",
     .notes = INDICATOR_RECORD_NOTES,
     .options = INDICATOR_RECORD_OPTIONS, .option_count = COUNT(INDICATOR_RECORD_OPTIONS),
     .forms = FORM_JSON, .run = verb_indicator_record},
    {.name = "indicator approve", .operands = "ID PERIOD", .operand_count = 2,
     .summary = "Approve the values that a CPTS submitted",
     .examples = "cptsctl indicator approve 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 2024\n"
                 "cptsctl indicator approve 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 2024-S1 \\\n"
                 "    --indicator DEPISTAGE_SEIN",
     .notes = INDICATOR_DECIDE_NOTES,
     .options = INDICATOR_DECIDE_OPTIONS, .option_count = COUNT(INDICATOR_DECIDE_OPTIONS),
     .forms = FORM_JSON, .run = verb_indicator_approve},
    {.name = "indicator lock", .operands = "ID PERIOD", .operand_count = 2,
     .summary = "Lock approved values: paid on, published",
     .examples = "cptsctl indicator lock 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 2024",
     .notes = INDICATOR_DECIDE_NOTES,
     .options = INDICATOR_DECIDE_OPTIONS, .option_count = COUNT(INDICATOR_DECIDE_OPTIONS),
     .forms = FORM_JSON, .run = verb_indicator_lock},
    {.name = "indicator show", .operands = "ID", .operand_count = 1,
     .summary = "Step tables, values, steps reached and amounts of a CPTS",
     .examples = "cptsctl indicator show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl indicator show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --year 2024 --csv",
     .notes = INDICATOR_SHOW_NOTES,
     .options = INDICATOR_SHOW_OPTIONS, .option_count = COUNT(INDICATOR_SHOW_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_indicator_show},
    {.name = "indicator board", .operands = "INDICATOR PERIOD", .operand_count = 2,
     .summary = "One indicator over the nation and its regions",
     .examples = "cptsctl indicator board DEPISTAGE_SEIN 2024\n"
                 "cptsctl indicator board ALD_SANS_MT 2024 --region 11 --csv",
     .notes = INDICATOR_BOARD_NOTES,
     .options = INDICATOR_BOARD_OPTIONS, .option_count = COUNT(INDICATOR_BOARD_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_indicator_board},
    {.name = "indicator import", .operands = "FILE", .operand_count = 1,
     .summary = "Submit the values of a CSV file",
     .examples = "cptsctl indicator import values.csv --preview --report values-report.csv\n"
                 "cptsctl indicator import indicateurs.csv --map cpts_name=Structure",
     .notes = INDICATOR_IMPORT_NOTES,
     .options = INDICATOR_IMPORT_OPTIONS, .option_count = COUNT(INDICATOR_IMPORT_OPTIONS),
     .forms = FORM_JSON, .run = verb_indicator_import},
    {.name = "capacity record", .operands = "ID WEEK", .operand_count = 2,
     .summary = "Record slots, places, people without a médecin traitant",
     .examples = "cptsctl capacity record 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 2024-W07 \\\n"
                 "    --snp 120 --slots 540 --places 14 --seekers 78646=230",
     .notes = CAPACITY_RECORD_NOTES,
     .options = CAPACITY_RECORD_OPTIONS, .option_count = COUNT(CAPACITY_RECORD_OPTIONS),
     .forms = FORM_JSON, .run = verb_capacity_record},
    {.name = "capacity show", .operands = "ID", .operand_count = 1,
     .summary = "The weeks of a CPTS, and how fresh the latest is",
     .examples = "cptsctl capacity show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl capacity show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --from 2024-W01 --to 2024-W26 --csv",
     .notes = CAPACITY_SHOW_NOTES,
     .options = CAPACITY_SHOW_OPTIONS, .option_count = COUNT(CAPACITY_SHOW_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_capacity_show},
    {.name = "capacity board", .operands = "",
     .summary = "One week over the nation and its regions",
     .examples = "cptsctl capacity board\ncptsctl capacity board --week 2024-W07 --csv",
     .notes = CAPACITY_BOARD_NOTES,
     .options = CAPACITY_BOARD_OPTIONS, .option_count = COUNT(CAPACITY_BOARD_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_capacity_board},
    {.name = "capacity import", .operands = "FILE", .operand_count = 1,
     .summary = "Record the figures of a CSV file",
     .examples = "cptsctl capacity import weeks.csv --preview --report weeks-report.csv\n"
                 "cptsctl capacity import creneaux.csv --map cpts_name=Structure",
     .notes = CAPACITY_IMPORT_NOTES,
     .options = CAPACITY_IMPORT_OPTIONS, .option_count = COUNT(CAPACITY_IMPORT_OPTIONS),
     .forms = FORM_JSON, .run = verb_capacity_import},
};
/* clang-format on */

const struct command_group FIGURE_COMMANDS = {ROWS, COUNT(ROWS)};
