/* SPDX-License-Identifier: Apache-2.0 */
#include "figure_options.h"

/* clang-format off */
#define AS_OF    {"as-of", "DATE", false, "What was true on that date, YYYY-MM-DD (today)"}
#define KNOWN_AT {"known-at", "TIME", false, \
                  "As believed then, 2024-02-01T12:00:00Z (now)"}
#define COMMAND_ID {"command-id", "UUID", false, \
                    "Repeat that command without a second effect"}
#define VERSION  {"version", "N", false, "Version you have seen (read first)"}

const struct option_row INDICATOR_LIST_OPTIONS[2] = {
    {"mission", "CODE", false, "Of one mission (prevention, acces_aux_soins, ...)"},
    AS_OF,
};
const struct option_row INDICATOR_TARGET_OPTIONS[6] = {
    {"on",        "DATE", false, "Date from which the table holds (required)"},
    {"step",      "VALUE=EUROS", true, "A threshold, its amount a year (required)"},
    {"baseline",  "VALUE", false, "Value at the start of the contract"},
    {"published", NULL,   false, "Locked values may be shown to everybody"},
    VERSION, COMMAND_ID,
};
const struct option_row INDICATOR_RECORD_OPTIONS[3] = {
    {"reason", "TEXT", false, "Why a locked value is corrected (ARS and nodes only)"},
    VERSION, COMMAND_ID,
};
const struct option_row INDICATOR_DECIDE_OPTIONS[3] = {
    {"indicator", "CODE", true, "Only that indicator (all that wait)"},
    VERSION, COMMAND_ID,
};
const struct option_row INDICATOR_SHOW_OPTIONS[3] = {
    {"year", "YYYY", false, "Periods of one year (all)"},
    AS_OF, KNOWN_AT,
};
const struct option_row INDICATOR_BOARD_OPTIONS[1] = {
    {"region", "CODE", false, "Show the CPTS of that region too (INSEE code)"},
};
const struct option_row INDICATOR_IMPORT_OPTIONS[8] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"reason",   "TEXT", false, "Why locked values are corrected (ARS and nodes only)"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "CPTS worked on at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};
const struct option_row CAPACITY_RECORD_OPTIONS[6] = {
    {"snp",     "N",      false, "Slots kept for SNP"},
    {"slots",   "N",      false, "All slots of the same doctors, SNP among them"},
    {"places",  "N",      false, "New patients whom médecins traitants can take"},
    {"seekers", "CODE=N", true,  "People of an area who seek a doctor"},
    VERSION, COMMAND_ID,
};
const struct option_row CAPACITY_SHOW_OPTIONS[3] = {
    {"from", "WEEK", false, "First week, 2024-W07 (fifteen before the last)"},
    {"to",   "WEEK", false, "Last week (in four weeks)"},
    KNOWN_AT,
};
const struct option_row CAPACITY_BOARD_OPTIONS[1] = {
    {"week", "WEEK", false, "ISO week, 2024-W07 (the last one that ended)"},
};
const struct option_row CAPACITY_IMPORT_OPTIONS[7] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "CPTS worked on at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};

const char INDICATOR_TARGET_NOTES[] =
    "Each step has to be harder than the one before, the way the indicator goes; its\n"
    "amount replaces that of the steps before. Yes-or-no indicators have one step, 1.";

const char INDICATOR_RECORD_NOTES[] =
    "PERIOD is 2024, 2024-S1, 2024-T3 or 2024-07; VALUE a decimal (72.4), 1 or 0 for\n"
    "yes or no. A value submitted or approved before is replaced and submitted anew.";

const char INDICATOR_DECIDE_NOTES[] =
    "The act of the ARS: submitted values are approved, approved ones locked. All\n"
    "values of PERIOD that wait for it, or those of --indicator; all or none.";

const char INDICATOR_SHOW_NOTES[] =
    "Told to the CPTS itself, its ARS and the nodes; others read `indicator board`.";

const char INDICATOR_BOARD_NOTES[] =
    "Locked values of indicators that are published. Where a count of people is\n"
    "small, it is withheld, and so is what it could be worked out from; a region's\n"
    "counts wait until each of its CPTS has a value.";

const char INDICATOR_IMPORT_NOTES[] =
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

const char CAPACITY_RECORD_NOTES[] =
    "WEEK is an ISO week, 2024-W07, four weeks ahead at most. What is not given stays\n"
    "as it is. --seekers: each person in one commune or département only.";

const char CAPACITY_SHOW_NOTES[] =
    "Slots and places are told to everybody with a role; counts of people to the\n"
    "CPTS itself, its ARS and the nodes.";

const char CAPACITY_BOARD_NOTES[] =
    "People who seek a médecin traitant are counted once, a week after the week\n"
    "ended. Where a count is small it is withheld, and so is what it could be worked\n"
    "out from.";

const char CAPACITY_IMPORT_NOTES[] =
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
/* clang-format on */
