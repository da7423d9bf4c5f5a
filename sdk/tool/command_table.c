/* SPDX-License-Identifier: Apache-2.0 */
#include "command_table.h"

#include <string.h>

#include "option_rows.h"

/* clang-format off */
const struct option_row COMMON_OPTIONS[] = {
    {"json",     NULL,      false, "Print JSON (the proto3 mapping of the answer)"},
    {"csv",      NULL,      false, "Print CSV, comma and UTF-8"},
    {"plain",    NULL,      false, "Print tab-separated lines, nothing drawn"},
    {"quiet",    NULL,      false, "Only the data, no remarks and no progress"},
    {"no-color", NULL,      false, "No colours (so do NO_COLOR and TERM=dumb)"},
    {"timeout",  "SECONDS", false, "Give up a call after that time (10)"},
    {"profile",  "FILE",    false, "Where and as whom to connect"},
    {"help",     NULL,      false, "This text"},
};

static const struct option_row LIST_OPTIONS[] = {
    {"region",     "CODE",  false, "Led from that region (INSEE code, 11)"},
    {"department", "CODE",  false, "With a part of that département (75)"},
    {"commune",    "CODE",  false, "With that commune (75111, an old code too)"},
    {"stage",      "STAGE", true,  "At that stage (the four live ones)"},
    AS_OF, KNOWN_AT,
    {"limit",      "N",     false, "At most that many (all)"},
};
static const struct option_row WATCH_OPTIONS[] = {
    {"after",    "POSITION", false, "Begin after that place in the log (0)"},
    {"from-now", NULL,   false, "Only what happens from now on"},
    {"region",   "CODE", false, "Led from that region (INSEE code, 11)"},
    {"position-file", "FILE", false, "Begin where it says, and keep the place in it"},
    {"count",    "N",    false, "End after so many changes"},
    {"until-bookmark", NULL, false, "End once everything recorded was shown"},
};
static const struct option_row GET_OPTIONS[] = {AS_OF, KNOWN_AT};
static const struct option_row CREATE_OPTIONS[] = {
    {"name",      "NAME",       false, "Name, 1 to 200 characters (required)"},
    {"region",    "CODE",       false, "Lead region, INSEE code (required)"},
    {"stage",     "STAGE=DATE", true,  "Stage, date, EMERGENCE first (required)"},
    UNIT,
    {"finess",    "NUMBER",     false, "FINESS number, 9 characters"},
    {"website",   "URL",        false, "Site of the CPTS"},
    {"synthetic", NULL,         false, "Demonstration data"},
    COMMAND_ID,
};
static const struct option_row UPDATE_OPTIONS[] = {
    {"name",    "NAME",   false, "New name"},
    {"finess",  "NUMBER", false, "New FINESS number; an empty one removes it"},
    {"website", "URL",    false, "New site; an empty one removes it"},
    VERSION, COMMAND_ID,
};
static const struct option_row STAGE_OPTIONS[] = {
    {"on",        "DATE", false, "Date on which it was entered (required)"},
    {"successor", "ID",   false, "The CPTS that takes over, with FUSIONNE"},
    VERSION, COMMAND_ID,
};
static const struct option_row TERRITORY_OPTIONS[] = {
    {"on", "DATE", false, "Date from which it is valid (required)"},
    UNIT, VERSION, COMMAND_ID,
};
static const struct option_row COVERAGE_OPTIONS[] = {
    {"region",     "CODE",  false, "Of one region (INSEE code)"},
    {"department", "CODE",  false, "Of one département"},
    {"stage",      "STAGE", true,  "Count that live stage (all four)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row TRAJECTORY_OPTIONS[] = {
    {"source",    "NAME",  false, "published or registry (published)"},
    {"region",    "CODE",  false, "Of one region (INSEE code)"},
    {"from",      "DATE",  false, "First date of series and fit (its first count)"},
    {"to",        "DATE",  false, "Last date, the same as --as-of (today)"},
    {"step",      "NAME",  false, "month, quarter or year, of a registry (month)"},
    {"stage",     "STAGE", true,  "Count that live stage (all four)"},
    {"target",    "N",     false, "CPTS wanted (the State's target)"},
    {"target-on", "DATE",  false, "By then (the end of the next year)"},
    {"until",     "DATE",  false, "Last date projected (in five years)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row IMPORT_OPTIONS[] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"update",   NULL,   false, "Change stage and territory of what is there too"},
    {"effective-on", "DATE", false, "Date of changes, and of stages without one"},
    {"fill-dates", NULL, false, "Invent the dates of earlier stages, just before"},
    {"format",   "NAME", false, "own, layer-geojson, layer-csv, commune-csv (told)"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (told by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"region",   "CODE", false, "Lead region where the file does not tell"},
    {"synthetic", NULL,  false, "Demonstration data"},
    {"jobs",     "N",    false, "Rows on their way at once, 1 to 64 (16)"},
    {"batch",    "NAME", false, "Keys count within this import (everywhere)"},
    {"report",   "FILE", false, "Write what became of each row there, as CSV"},
};

static const struct option_row EXPORT_OPTIONS[] = {
    {"region", "CODE", false, "Only what that region leads (INSEE code)"},
    AS_OF, KNOWN_AT,
};

#define EXPORT_NOTES \
    "Tables: cpts, stage_history, territory, coverage_by_region, coverage_by_stage,\n" \
    "coverage_by_definition, trajectory, published_count, projection, projection_fit,\n" \
    "region, and dictionary, which says what every column of every table\n" \
    "means. FILE.xlsx is a workbook with a sheet each; DIR a folder with a CSV each,\n" \
    "datapackage.json (Table Schema) and LISEZMOI.md. All of it is true on one date\n" \
    "and known at one instant, which it states.\n" \
    "\n" \
    "It is written beside the name given and takes its place when it is whole. An\n" \
    "export that was there is replaced; a folder with other files is refused.\n" \
    "Texts that a spreadsheet would take for a formula have an apostrophe in front."

#define TRAJECTORY_NOTES \
    "Without --source it is the published totals (FCPTS, DGOS, CNAM and others): the\n" \
    "national history that everybody quotes, whatever this node holds. A total that\n" \
    "is someone's sum of other counts is shown and not fitted. Two projections: a\n" \
    "straight line and a logistic curve, with RMSE and 95 % interval; fewer than 4\n" \
    "and 5 points give a reason, no number. --json says every method in full; --csv\n" \
    "is one line a point: the series, each region, then both projections."

#define IMPORT_NOTES \
    "The format is told by the file. own: columns key, name, lead_region,\n" \
    "emergence_on, lettre_intention_on, projet_valide_on, aci_signe_on, exit_stage,\n" \
    "exit_on, territory, synthetic; finess and website if you have them; territory\n" \
    "is a list of codes, each with :SHARE or not, between spaces. Others: one line\n" \
    "(or feature) a CPTS, or one line a commune, with any of the usual headings.\n" \
    "\n" \
    "Fields for --map: key, name, region, department, postcode, commune_code,\n" \
    "commune_name, communes, share, stage, stage_on, emergence_on,\n" \
    "lettre_intention_on, projet_valide_on, aci_signe_on, population, finess,\n" \
    "website, iris. An empty COLUMN: the file has none.\n" \
    "\n" \
    "A commune's name alone is told by its département, its region, or the other\n" \
    "communes of the CPTS, and that is said; else its CPTS is refused, with the\n" \
    "candidates. A CPTS that the node has (FINESS, or name and region) is left as\n" \
    "it is without --update.\n" \
    "\n" \
    "One row is one command, all of it or nothing. Its id comes from the key\n" \
    "(and --batch), not from the file's name: run the same import again after an\n" \
    "interruption, or a copy of it, and what is there already stays as it is. A\n" \
    "row changed under the same key is refused with COMMAND_ID_REUSED: change\n" \
    "what is registered with cptsctl cpts update, stage or territory. Two files\n" \
    "that number their rows alike need --batch. Any row refused = exit code 1."

#define WATCH_NOTES \
    "Lost connections and stopped servers are gone over: every change comes once.\n" \
    "With --timeout the command ends when the node was away for so long. Ctrl-C\n" \
    "says where to go on.\n" \
    "\n" \
    "--json is one object a line, bookmarks (up to here everything was shown) and\n" \
    "interruptions too; --plain: kind, position, time, what, id, version, region.\n" \
    "\n" \
    "The position file, if it is there, counts more than --after and --from-now. It\n" \
    "is written after what it stands for was; a kill may show up to 256 lines twice."

#define DOCTOR_NOTES \
    "Each check is ok, warn, fail, or skip when an earlier one makes it pointless.\n" \
    "Exit code: 0 nothing failed, else that of the first failure: 1 profile, files\n" \
    "or node, 4 denied, 5 not reached. --plain: grade, check, finding, advice."


static const struct command_row FIRST[] = {
    {.name = "coverage", .operands = "",
     .summary = "How far from 1000 CPTS: counts by stage and covered population",
     .examples = "cptsctl coverage\n"
                 "cptsctl coverage --as-of 2019-11-30 --json\n"
                 "cptsctl coverage --region 11 --stage ACI_SIGNE",
     .notes = "The board draws what --json says in full; --csv is one line a region.",
     .options = COVERAGE_OPTIONS, .option_count = COUNT(COVERAGE_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_coverage},
    {.name = "trajectory", .operands = "",
     .summary = "How it went and where it leads: series, target, projections",
     .examples = "cptsctl trajectory\n"
                 "cptsctl trajectory --json\n"
                 "cptsctl trajectory --source registry --step quarter --region 11\n"
                 "cptsctl trajectory --target 1000 --target-on 2027-12-31 --csv",
     .notes = TRAJECTORY_NOTES,
     .options = TRAJECTORY_OPTIONS, .option_count = COUNT(TRAJECTORY_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_trajectory},
    {.name = "cpts list", .operands = "",
     .summary = "The CPTS that match every filter",
     .examples = "cptsctl cpts list --region 11\n"
                 "cptsctl cpts list --commune 75111 --stage ACI_SIGNE --as-of 2024-02-01\n"
                 "cptsctl cpts list --csv > cpts.csv",
     .notes = STAGES_NOTE,
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_cpts_list},
    {.name = "cpts get", .operands = "ID", .operand_count = 1,
     .summary = "One CPTS with its stage history and its territory",
     .examples = "cptsctl cpts get 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl cpts get 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --as-of 2021-06-01",
     .options = GET_OPTIONS, .option_count = COUNT(GET_OPTIONS),
     .forms = FORM_JSON | FORM_PLAIN, .run = verb_cpts_get},
    {.name = "cpts create", .operands = "",
     .summary = "Register a CPTS, all of it or nothing",
     .examples = "cptsctl cpts create --name 'CPTS Paris 11' --region 11 \\\n"
                 "    --stage EMERGENCE=2019-03-01 --stage LETTRE_INTENTION=2019-10-15 \\\n"
                 "    --unit 75111 --unit 75103:0.5",
     .notes = STAGES_NOTE,
     .options = CREATE_OPTIONS, .option_count = COUNT(CREATE_OPTIONS),
     .forms = FORM_JSON, .run = verb_cpts_create},
    {.name = "cpts update", .operands = "ID", .operand_count = 1,
     .summary = "Change the name, the FINESS number or the site",
     .examples = "cptsctl cpts update 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --name 'CPTS Paris Est'",
     .options = UPDATE_OPTIONS, .option_count = COUNT(UPDATE_OPTIONS),
     .forms = FORM_JSON, .run = verb_cpts_update},
    {.name = "cpts stage", .operands = "ID STAGE", .operand_count = 2,
     .summary = "Record that a CPTS entered a stage",
     .examples = "cptsctl cpts stage 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 ACI_SIGNE \\\n"
                 "    --on 2023-06-28",
     .notes = STAGES_NOTE,
     .options = STAGE_OPTIONS, .option_count = COUNT(STAGE_OPTIONS),
     .forms = FORM_JSON, .run = verb_cpts_stage},
    {.name = "cpts territory", .operands = "ID", .operand_count = 1,
     .summary = "Replace the whole territory from a date on",
     .examples = "cptsctl cpts territory 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --on 2024-01-01 \\\n"
                 "    --unit 75111 --unit 75103:0.5",
     .options = TERRITORY_OPTIONS, .option_count = COUNT(TERRITORY_OPTIONS),
     .forms = FORM_JSON, .run = verb_cpts_territory},
};

static const struct command_row REST[] = {
    {.name = "regions", .operands = "",
     .summary = "The 18 regions and the nodes that own their records",
     .examples = "cptsctl regions\ncptsctl regions --csv",
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_regions},
    {.name = "import", .operands = "FILE", .operand_count = 1,
     .summary = "Register the CPTS of a CSV or GeoJSON file",
     .examples = "cptsctl import cpts.csv --dry-run\n"
                 "cptsctl import ars.csv --preview --report ars-report.csv\n"
                 "cptsctl import layer.geojson --effective-on 2024-02-01 --fill-dates\n"
                 "cptsctl import ars.csv --map name=Projet --map commune_name=Ville \\\n"
                 "    --update --effective-on 2024-02-01",
     .notes = IMPORT_NOTES,
     .options = IMPORT_OPTIONS, .option_count = COUNT(IMPORT_OPTIONS),
     .forms = FORM_JSON, .run = verb_import},
    {.name = "export", .operands = "DIR|FILE.xlsx", .operand_count = 1,
     .summary = "Every table as CSV with a Table Schema, or as a workbook",
     .examples = "cptsctl export cpts-2024 --as-of 2024-02-01\n"
                 "cptsctl export ile-de-france.xlsx --region 11",
     .notes = EXPORT_NOTES,
     .options = EXPORT_OPTIONS, .option_count = COUNT(EXPORT_OPTIONS), .run = verb_export},
    {.name = "watch", .operands = "",
     .summary = "The changes of the registry as they happen",
     .examples = "cptsctl watch --from-now\n"
                 "cptsctl watch --region 11 --json --until-bookmark\n"
                 "cptsctl watch --position-file ars.position --json >> changes.jsonl",
     .notes = WATCH_NOTES,
     .options = WATCH_OPTIONS, .option_count = COUNT(WATCH_OPTIONS),
     .forms = FORM_JSON | FORM_PLAIN, .run = verb_watch},
    {.name = "doctor", .operands = "",
     .summary = "Checks the way to the node and the node, and says what to do",
     .examples = "cptsctl doctor\ncptsctl doctor --json --profile /etc/cpts/profile.ini",
     .notes = DOCTOR_NOTES,
     .forms = FORM_JSON | FORM_PLAIN, .run = verb_doctor},
    {.name = "health", .operands = "",
     .summary = "Whether the node answers and serves",
     .examples = "cptsctl health\ncptsctl health --timeout 2 --quiet && echo up",
     .forms = FORM_JSON, .run = verb_health},
    {.name = "completion", .operands = "SHELL", .operand_count = 1,
     .summary = "The script with which bash, zsh or fish complete cptsctl",
     .examples = "cptsctl completion zsh > ~/.zfunc/_cptsctl\n"
                 "source <(cptsctl completion bash)\n"
                 "cptsctl completion fish > ~/.config/fish/completions/cptsctl.fish",
     .notes = "An installed cptsctl has them where the three look by themselves.",
     .run = verb_completion},
    {.name = "version", .operands = "",
     .summary = "The version of this program and of its library",
     .examples = "cptsctl version", .forms = FORM_JSON, .run = verb_version},
};
/* clang-format on */

const char *const EXIT_MEANINGS[EXIT_CODE_COUNT] = {
    [EXIT_CODE_OK] = "done",
    [EXIT_CODE_ERROR] = "error",
    [EXIT_CODE_USAGE] = "wrong words",
    [EXIT_CODE_NOT_FOUND] = "not found",
    [EXIT_CODE_DENIED] = "denied",
    [EXIT_CODE_UNAVAILABLE] = "unavailable, try again",
    [EXIT_CODE_UNKNOWN] = "outcome unknown, repeat with the same --command-id",
    [EXIT_CODE_CONFLICT] = "conflict with what is recorded",
};

/* In the order of the help. */
static const struct command_group *const GROUPS[] = {
    &(const struct command_group){FIRST, COUNT(FIRST)},
    &HISTORY_COMMANDS,
    &LIFECYCLE_COMMANDS,
    &TERRITORY_COMMANDS,
    &FUNDING_COMMANDS,
    &FIGURE_COMMANDS,
    &MEMBER_COMMANDS,
    &REFERRAL_COMMANDS,
    &REFERRAL_STEP_COMMANDS,
    &PATHWAY_COMMANDS,
    &KEY_COMMANDS,
    &ENROLMENT_COMMANDS,
    &FEDERATION_COMMANDS,
    &AUDIT_COMMANDS,
    &OUTBOX_COMMANDS,
    &REPLICA_COMMANDS,
    &(const struct command_group){REST, COUNT(REST)},
};

const size_t COMMON_OPTION_COUNT = COUNT(COMMON_OPTIONS);

bool command_has_common(const struct command_row *command, const struct option_row *option)
{
    if (strcmp(option->name, "json") == 0)
        return (command->forms & FORM_JSON) != 0;
    if (strcmp(option->name, "csv") == 0)
        return (command->forms & FORM_CSV) != 0;
    if (strcmp(option->name, "plain") == 0)
        return (command->forms & FORM_PLAIN) != 0;
    return true;
}

size_t command_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < COUNT(GROUPS); i++)
        count += GROUPS[i]->count;
    return count;
}

const struct command_row *command_at(size_t index)
{
    size_t group = 0;
    while (index >= GROUPS[group]->count)
        index -= GROUPS[group++]->count;
    return &GROUPS[group]->rows[index];
}

const struct command_row *command_find(const char *name)
{
    for (size_t i = 0; i < command_count(); i++) {
        if (strcmp(command_at(i)->name, name) == 0)
            return command_at(i);
    }
    return NULL;
}
