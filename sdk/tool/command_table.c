/* SPDX-License-Identifier: Apache-2.0 */
#include "command_table.h"

#include <string.h>

#include "figure_table.h"
#include "member_table.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* clang-format off */
#define AS_OF    {"as-of", "DATE", false, "What was true on that date, YYYY-MM-DD (today)"}
#define KNOWN_AT {"known-at", "TIME", false, \
                  "As believed then, 2024-02-01T12:00:00Z (now)"}
#define COMMAND_ID {"command-id", "UUID", false, \
                    "Repeat that command without a second effect"}
#define UNIT     {"unit", "CODE[:SHARE]", true, \
                  "Commune, arrondissement, IRIS; share (1)"}
#define VERSION  {"version", "N", false, "Version you have seen (read first)"}

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
#define ON       {"on", "DATE", false, "Date, YYYY-MM-DD (required)"}
#define DOCUMENT {"document", "ID", true, "Document of the CPTS"}

static const struct option_row IDENTITY_OPTIONS[] = {
    ON,
    {"legal-form", "CODE", false, "Legal form; an empty value removes it"},
    {"statuts-on", "DATE", false, "Date of the statuts"},
    {"rna",      "NUMBER", false, "RNA number, W and 9 digits"},
    {"siret",    "NUMBER", false, "SIRET, 14 digits"},
    {"nature",   "CODE",   false, "RURAL, URBAIN or MIXTE"},
    {"origin",   "CODE",   false, "Who began the project"},
    {"ambition", "CODE",   false, "Missions it aims at"},
    VERSION, COMMAND_ID,
};
static const struct option_row DOCUMENT_OPTIONS[] = {
    {"title",     "TEXT", false, "Title, 1 to 200 characters (required)"},
    {"sha256",    "HEX",  false, "SHA-256 of the file (required)"},
    {"reference", "TEXT", false, "Where it is kept, 500 characters at most"},
    {"on",        "DATE", false, "Date of the document (required)"},
    VERSION, COMMAND_ID,
};
static const struct option_row MILESTONE_OPTIONS[] = {
    ON,
    {"mission", "CODE", false, "Mission of the ACI that is meant"},
    {"note",    "TEXT", false, "At most 500 characters"},
    DOCUMENT, VERSION, COMMAND_ID,
};
static const struct option_row FILE_OPTIONS[] = {
    ON,
    {"filing", "ID", false, "The filing (a new one)"},
    DOCUMENT, VERSION, COMMAND_ID,
};
static const struct option_row DECIDE_OPTIONS[] = {
    ON,
    {"tacit", NULL, false, "By two months of silence on a complete filing"},
    DOCUMENT, VERSION, COMMAND_ID,
};
static const struct option_row EVIDENCE_OPTIONS[] = {DOCUMENT, VERSION, COMMAND_ID};
static const struct option_row MERGE_OPTIONS[] = {
    ON,
    {"successor-version", "N", false, "Version of the successor you have seen"},
    DOCUMENT, VERSION, COMMAND_ID,
};
static const struct option_row PUBLISH_OPTIONS[] = {VERSION, COMMAND_ID};
static const struct option_row DUE_OPTIONS[] = {
    {"region", "CODE", false, "Led from that region (INSEE code, 11)"},
    {"kind",   "CODE", false, "That kind of clock (lifecycle codes --use clock)"},
    {"cpts",   "ID",   false, "Of one CPTS"},
    {"until",  "DATE", false, "Due until that date, also a coming one (today)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row GAPS_OPTIONS[] = {
    {"region", "CODE", false, "Led from that region (INSEE code, 11)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row CODES_OPTIONS[] = {
    {"use", "NAME", false, "document, milestone, clock, mission, legal_form ..."},
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
static const struct option_row BELIEFS_OPTIONS[] = {
    {"as-of",      "DATE", false, "The date that it is about (required)"},
    {"known-from", "TIME", false, "The earlier instant (the end of that date)"},
    {"known-to",   "TIME", false, "The later instant (now)"},
    {"region",     "CODE", false, "Led from that region, then or later"},
};
#define WHY {"reason", "TEXT", false, "Why, 1 to 500 characters (required)"}, \
            {"evidence", "TEXT", false, "Reference of what proves it"}
static const struct option_row CORRECT_STAGE_OPTIONS[] = {
    {"on",        "DATE", false, "Date on which it was truly entered (required)"},
    {"successor", "ID",   false, "The CPTS that takes over, with FUSIONNE"},
    WHY, VERSION, COMMAND_ID,
};
static const struct option_row RETRACT_STAGE_OPTIONS[] = {WHY, VERSION, COMMAND_ID};
static const struct option_row CORRECT_TERRITORY_OPTIONS[] = {
    {"from", "DATE", false, "First date of the period (required)"},
    {"to",   "DATE", false, "First date after it (until the CPTS ends)"},
    UNIT,
    {"none", NULL,   false, "It had no territory then"},
    WHY, VERSION, COMMAND_ID,
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

#define STAGES_NOTE \
    "Stages: EMERGENCE, LETTRE_INTENTION, PROJET_VALIDE, ACI_SIGNE; ways out:\n" \
    "ABANDONNE, FUSIONNE, DISSOUS, NON_RENOUVELE. Any case, STAGE_ in front or not."

#define CORRECT_NOTES \
    "What was believed before stays: reads with an earlier --known-at do not change.\n" \
    "The history is checked as a whole; the territory follows the first stage and\n" \
    "the way out."

#define TRAJECTORY_NOTES \
    "Without --source it is the published totals (FCPTS, DGOS, CNAM and others): the\n" \
    "national history that everybody quotes, whatever this node holds. A total that\n" \
    "is someone's sum of other counts is shown and not fitted. Two projections: a\n" \
    "straight line and a logistic curve, with RMSE and 95 % interval; fewer than 4\n" \
    "and 5 points give a reason, no number. --json says every method in full; --csv\n" \
    "is one line a point: the series, each region, then both projections."

#define FILE_NOTE \
    "A filing of the projet de santé that is COMPLETE starts two months; silence\n" \
    "then validates (lifecycle decide --tacit). DECIDED is a refusal: a filing is\n" \
    "accepted by lifecycle decide. Without --document the documents stay."

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

#include "command_funding.h"
#include "command_territory.h"

static const struct command_row COMMANDS[] = {
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
    {.name = "history beliefs", .operands = "",
     .summary = "What changed in what was believed about a date",
     .examples = "cptsctl history beliefs --as-of 2019-11-01 \\\n"
                 "    --known-from 2019-12-01T00:00:00Z\n"
                 "cptsctl history beliefs --as-of 2019-11-01 --region 11 --csv",
     .notes = "Counts by stage then and later, and each CPTS of which something else was\n"
              "believed: stage, lead region, inhabitants; when, why and by whom changed.",
     .options = BELIEFS_OPTIONS, .option_count = COUNT(BELIEFS_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_history_beliefs},
    {.name = "history show", .operands = "ID", .operand_count = 1,
     .summary = "All that was ever believed of one CPTS, with both times",
     .examples = "cptsctl history show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl history show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --as-of 2019-11-01",
     .options = GET_OPTIONS, .option_count = COUNT(GET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_history_show},
    {.name = "history stage", .operands = "ID STAGE", .operand_count = 2,
     .summary = "Correct when a stage was entered, or add one left out",
     .examples = "cptsctl history stage 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    ACI_SIGNE --on 2023-06-28 --reason 'date of the signature'",
     .notes = CORRECT_NOTES,
     .options = CORRECT_STAGE_OPTIONS, .option_count = COUNT(CORRECT_STAGE_OPTIONS),
     .forms = FORM_JSON, .run = verb_history_correct_stage},
    {.name = "history retract", .operands = "ID STAGE", .operand_count = 2,
     .summary = "Take back a stage that was entered by mistake",
     .examples = "cptsctl history retract 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    ABANDONNE --reason 'mistaken for a homonym'",
     .notes = CORRECT_NOTES,
     .options = RETRACT_STAGE_OPTIONS, .option_count = COUNT(RETRACT_STAGE_OPTIONS),
     .forms = FORM_JSON, .run = verb_history_retract_stage},
    {.name = "history territory", .operands = "ID", .operand_count = 1,
     .summary = "Correct the territory during a period of the past",
     .examples = "cptsctl history territory 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --from 2019-01-01 --to 2020-01-01 --unit 75111 --reason minutes",
     .notes = CORRECT_NOTES,
     .options = CORRECT_TERRITORY_OPTIONS, .option_count = COUNT(CORRECT_TERRITORY_OPTIONS),
     .forms = FORM_JSON, .run = verb_history_correct_territory},
    {.name = "lifecycle show", .operands = "ID", .operand_count = 1,
     .summary = "The way of a CPTS, by date",
     .examples = "cptsctl lifecycle show 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .options = GET_OPTIONS, .option_count = COUNT(GET_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_lifecycle_show},
    {.name = "lifecycle due", .operands = "",
     .summary = "Legal clocks that are due, by date",
     .examples = "cptsctl lifecycle due --region 11\n"
                 "cptsctl lifecycle due --kind ACI_END --until 2027-12-31 --csv",
     .options = DUE_OPTIONS, .option_count = COUNT(DUE_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_lifecycle_due},
    {.name = "lifecycle gaps", .operands = "",
     .summary = "Stages recorded without all of their documents",
     .examples = "cptsctl lifecycle gaps --region 94",
     .options = GAPS_OPTIONS, .option_count = COUNT(GAPS_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_lifecycle_gaps},
    {.name = "lifecycle identity", .operands = "ID", .operand_count = 1,
     .summary = "Change legal form, RNA, SIRET ... from a date on",
     .examples = "cptsctl lifecycle identity 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --on 2021-03-01 --legal-form ASSOCIATION_1901 --rna W751234567",
     .options = IDENTITY_OPTIONS, .option_count = COUNT(IDENTITY_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_identity},
    {.name = "lifecycle document", .operands = "ID KIND", .operand_count = 2,
     .summary = "Record a document: its hash, never its content",
     .examples = "cptsctl lifecycle document 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 STATUTS \\\n"
                 "    --title Statuts --on 2021-02-11 \\\n"
                 "    --sha256 $(sha256sum < statuts.pdf | head -c 64)",
     .options = DOCUMENT_OPTIONS, .option_count = COUNT(DOCUMENT_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_document},
    {.name = "lifecycle milestone", .operands = "ID KIND", .operand_count = 2,
     .summary = "Record what happened: a meeting, a mission begun",
     .examples = "cptsctl lifecycle milestone 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    MISSION_DEMARREE --mission prevention --on 2023-05-02",
     .options = MILESTONE_OPTIONS, .option_count = COUNT(MILESTONE_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_milestone},
    {.name = "lifecycle file", .operands = "ID TARGET STATE", .operand_count = 3,
     .summary = "Begin a filing, or take it to its next state",
     .examples = "cptsctl lifecycle file 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    PROJET_VALIDE FILED --on 2021-01-10 --document ID --document ID\n"
                 "cptsctl lifecycle file 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    PROJET_VALIDE COMPLETE --on 2021-01-15 --filing ID",
     .notes = FILE_NOTE,
     .options = FILE_OPTIONS, .option_count = COUNT(FILE_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_file},
    {.name = "lifecycle decide", .operands = "ID STAGE", .operand_count = 2,
     .summary = "Record a decision, on its documents or by silence",
     .examples = "cptsctl lifecycle decide 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    PROJET_VALIDE --on 2021-03-15 --tacit",
     .notes = STAGES_NOTE,
     .options = DECIDE_OPTIONS, .option_count = COUNT(DECIDE_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_decide},
    {.name = "lifecycle evidence", .operands = "ID STAGE", .operand_count = 2,
     .summary = "Add documents to a stage recorded without them",
     .examples = "cptsctl lifecycle evidence 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    ACI_SIGNE --document ID",
     .options = EVIDENCE_OPTIONS, .option_count = COUNT(EVIDENCE_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_evidence},
    {.name = "lifecycle merge", .operands = "ID SUCCESSOR", .operand_count = 2,
     .summary = "Merge a CPTS into one that takes over its territory",
     .examples = "cptsctl lifecycle merge 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    01907d2c-5a7e-7000-8000-2f3b5c1d9e41 --on 2024-01-01",
     .options = MERGE_OPTIONS, .option_count = COUNT(MERGE_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_merge},
    {.name = "lifecycle publish", .operands = "ID yes|no|by-stage", .operand_count = 2,
     .summary = "Say whether the public may see a CPTS",
     .examples = "cptsctl lifecycle publish 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 no",
     .options = PUBLISH_OPTIONS, .option_count = COUNT(PUBLISH_OPTIONS),
     .forms = FORM_JSON, .run = verb_lifecycle_publish},
    {.name = "lifecycle rules", .operands = "",
     .summary = "Which steps there are, and who decides them",
     .examples = "cptsctl lifecycle rules --csv",
     .forms = FORM_CSV | FORM_PLAIN, .run = verb_lifecycle_rules},
    {.name = "lifecycle codes", .operands = "",
     .summary = "Codes of documents, milestones, clocks ...",
     .examples = "cptsctl lifecycle codes --use document",
     .options = CODES_OPTIONS, .option_count = COUNT(CODES_OPTIONS),
     .forms = FORM_CSV | FORM_PLAIN, .run = verb_lifecycle_codes},
    TERRITORY_COMMANDS
    {.name = "regions", .operands = "",
     .summary = "The 18 regions and the nodes that own their records",
     .examples = "cptsctl regions\ncptsctl regions --csv",
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_regions},
    FUNDING_COMMANDS
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

/* In the order of the help; tables that grew have a file of their own. */
static const struct command_group *const GROUPS[] = {
    &(const struct command_group){COMMANDS, COUNT(COMMANDS)},
    &MEMBER_COMMANDS,
    &FIGURE_COMMANDS,
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
