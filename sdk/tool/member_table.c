/* SPDX-License-Identifier: Apache-2.0 */
#include "option_rows.h"

/* clang-format off */
#define NUMBERS  {"rpps",   "NUMBER", false, "Professional, 11 digits"}, \
                 {"finess", "NUMBER", false, "Structure, 9 characters"}, \
                 {"siret",  "NUMBER", false, "Structure, 14 digits"}
#define VOICE    {"voice", "NAME", false, "deliberative or consultative (deliberative)"}

static const struct option_row MEMBERS_LIST_OPTIONS[] = {
    {"college", "NAME", false, "professional or partner (both)"},
    AS_OF, KNOWN_AT,
    {"limit",   "N",    false, "At most that many (all)"},
};
static const struct option_row MEMBERS_ADD_OPTIONS[] = {
    NUMBERS,
    {"category", "CODE", false, "Profession or kind of structure (required)"},
    {"college",  "NAME", false, "professional or partner (by the number)"},
    VOICE,
    {"on",       "DATE", false, "Date on which it joined (required)"},
    {"until",    "DATE", false, "First date on which it is no longer a member"},
    {"restate",  NULL,   false, "Withdraw all else that is recorded of it here"},
    {"version",  "N",    false, "Version you have seen (any)"},
    COMMAND_ID,
};
static const struct option_row MEMBERS_LEAVE_OPTIONS[] = {
    NUMBERS,
    {"on", "DATE", false, "First date on which it is no member (required)"},
    VERSION, COMMAND_ID,
};
static const struct option_row MEMBERS_IMPORT_OPTIONS[] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"restate",  NULL,   false, "Withdraw all else recorded of these members"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"joined-on", "DATE", false, "Date of joining of lines without one"},
    {"voice",    "NAME", false, "Of lines without: deliberative or consultative"},
    {"map",      "FIELD=HEADING", true, "Which column is what (by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "Commands on their way at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};
static const struct option_row MEMBERS_COMPOSITION_OPTIONS[] = {
    {"cpts",   "ID",   false, "Of one CPTS"},
    {"region", "CODE", false, "Of the CPTS that a region leads (INSEE code)"},
    AS_OF, KNOWN_AT,
};
static const struct option_row MEMBERS_ADHESION_OPTIONS[] = {
    {"adherents",     "N",    false, "Professionals who are members (required)"},
    {"professionals", "N",    false, "Professionals of the territory (required)"},
    {"on",            "DATE", false, "Date of the count (required)"},
    {"source",        "TEXT", false, "Who counted, and in what (required)"},
    VERSION, COMMAND_ID,
};
static const struct option_row REPRESENTATIVES_LIST_OPTIONS[] = {AS_OF, KNOWN_AT};
static const struct option_row REPRESENTATIVES_RECORD_OPTIONS[] = {
    {"association", "NAME", false, "Approved association (required)"},
    {"approval",    "TEXT", false, "Reference of its approval (required)"},
    {"designated",  "DATE", false, "Date of the ARS's designation (required)"},
    {"decision",    "TEXT", false, "Reference of that decision (required)"},
    {"on",          "DATE", false, "First date of the seat (required)"},
    {"trained",     "DATE", false, "Date of the compulsory training (not yet)"},
    {"until",       "DATE", false, "First date on which the seat is over"},
    VOICE,
    {"seat",        "UUID", false, "Correct that seat (a new one)"},
    VERSION, COMMAND_ID,
};

static const char MEMBERS_LIST_NOTES[] =
    "Told to the CPTS itself, its ARS and the nodes; others read `members\n"
    "composition`. No name of a person is stored.";

static const char MEMBERS_ADD_NOTES[] =
    "Codes: cptsctl members categories. What is recorded to hold before --on stays:\n"
    "another voice from a date on is one more `members add`. A mistake is corrected\n"
    "with --restate; what was believed before stays readable with --known-at.";

static const char MEMBERS_IMPORT_NOTES[] =
    "CSV with any of the usual headings, ; or , or tab, in the usual encodings.\n"
    "Fields for --map: cpts (id), cpts_finess, cpts_name, region, rpps, finess,\n"
    "siret, number (any of the three), category, college, voice, joined_on,\n"
    "left_on. An empty HEADING: the file has none.\n"
    "\n"
    "A category is a code, a national code or a wording (`members categories`). A\n"
    "line without a college goes by its number: professionals, or partners.\n"
    "\n"
    "Up to 500 members of a CPTS are one command, all of them or none; a line that\n"
    "is refused is left out of its command and said. A command's id comes from what\n"
    "it says: run the same import again after an interruption, and what is there\n"
    "already stays as it is. Any line refused = exit code 1.";

static const char MEMBERS_COMPOSITION_NOTES[] =
    "A membership counts once a CPTS. Who may not see members reads no count from\n"
    "1 to 10, nor what one could be worked out from: such lines are withheld.";

static const char REPRESENTATIVES_NOTES[] =
    "Seats of representatives of users, always in the partners' college. No name of\n"
    "a person is stored.";

static const struct command_row ROWS[] = {
    {.name = "members list", .operands = "ID", .operand_count = 1,
     .summary = "Who the members of a CPTS are, on a date",
     .examples = "cptsctl members list 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl members list 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --college partner --as-of 2023-12-31 --csv",
     .notes = MEMBERS_LIST_NOTES,
     .options = MEMBERS_LIST_OPTIONS, .option_count = COUNT(MEMBERS_LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_members_list},
    {.name = "members add", .operands = "ID", .operand_count = 1,
     .summary = "Record a member, or what is now known of it",
     .examples = "cptsctl members add 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --rpps 10001234565 --category INFIRMIER --on 2023-03-01\n"
                 "cptsctl members add 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --finess 920000001 --category EHPAD --voice consultative --on 2023-03-01",
     .notes = MEMBERS_ADD_NOTES,
     .options = MEMBERS_ADD_OPTIONS, .option_count = COUNT(MEMBERS_ADD_OPTIONS),
     .forms = FORM_JSON, .run = verb_members_add},
    {.name = "members leave", .operands = "ID", .operand_count = 1,
     .summary = "Record that a member left",
     .examples = "cptsctl members leave 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --rpps 10001234565 --on 2024-06-30",
     .options = MEMBERS_LEAVE_OPTIONS, .option_count = COUNT(MEMBERS_LEAVE_OPTIONS),
     .forms = FORM_JSON, .run = verb_members_leave},
    {.name = "members import", .operands = "FILE", .operand_count = 1,
     .summary = "Record the members of a CSV file",
     .examples = "cptsctl members import members.csv --preview --report members-report.csv\n"
                 "cptsctl members import adherents.csv --map cpts_name=Structure \\\n"
                 "    --joined-on 2024-01-01",
     .notes = MEMBERS_IMPORT_NOTES,
     .options = MEMBERS_IMPORT_OPTIONS, .option_count = COUNT(MEMBERS_IMPORT_OPTIONS),
     .forms = FORM_JSON, .run = verb_members_import},
    {.name = "members composition", .operands = "",
     .summary = "Members by profession, beside what is published",
     .examples = "cptsctl members composition\n"
                 "cptsctl members composition --region 11 --as-of 2023-12-31 --csv",
     .notes = MEMBERS_COMPOSITION_NOTES,
     .options = MEMBERS_COMPOSITION_OPTIONS, .option_count = COUNT(MEMBERS_COMPOSITION_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_members_composition},
    {.name = "members adhesion", .operands = "ID", .operand_count = 1,
     .summary = "Record how many professionals are members",
     .examples = "cptsctl members adhesion 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --adherents 120 --professionals 300 --on 2023-12-31 \\\n"
                 "    --source 'CPAM, rapport annuel'",
     .options = MEMBERS_ADHESION_OPTIONS, .option_count = COUNT(MEMBERS_ADHESION_OPTIONS),
     .forms = FORM_JSON, .run = verb_members_adhesion},
    {.name = "members categories", .operands = "",
     .summary = "Professions and kinds of structures, with sources",
     .examples = "cptsctl members categories\ncptsctl members categories --csv",
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_members_categories},
    {.name = "representatives list", .operands = "ID", .operand_count = 1,
     .summary = "Seats of representatives of users, on a date",
     .examples = "cptsctl representatives list 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = REPRESENTATIVES_NOTES,
     .options = REPRESENTATIVES_LIST_OPTIONS, .option_count = COUNT(REPRESENTATIVES_LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_representatives_list},
    {.name = "representatives record", .operands = "ID", .operand_count = 1,
     .summary = "Record a seat, its training, its end",
     .examples = "cptsctl representatives record 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --association 'UFC-Que Choisir' --approval N2021RN0042 \\\n"
                 "    --designated 2023-01-10 --decision ARS-IDF-2023-17 --on 2023-02-01",
     .notes = REPRESENTATIVES_NOTES,
     .options = REPRESENTATIVES_RECORD_OPTIONS,
     .option_count = COUNT(REPRESENTATIVES_RECORD_OPTIONS),
     .forms = FORM_JSON, .run = verb_representatives_record},
};

const struct command_group MEMBER_COMMANDS = {ROWS, COUNT(ROWS)};
/* clang-format on */
