/* SPDX-License-Identifier: Apache-2.0 */
#include "member_options.h"

/* clang-format off */
#define AS_OF    {"as-of", "DATE", false, "What was true on that date, YYYY-MM-DD (today)"}
#define KNOWN_AT {"known-at", "TIME", false, \
                  "As believed then, 2024-02-01T12:00:00Z (now)"}
#define COMMAND_ID {"command-id", "UUID", false, \
                    "Repeat that command without a second effect"}
#define VERSION  {"version", "N", false, "Version you have seen (read first)"}
#define NUMBERS  {"rpps",   "NUMBER", false, "Professional, 11 digits"}, \
                 {"finess", "NUMBER", false, "Structure, 9 characters"}, \
                 {"siret",  "NUMBER", false, "Structure, 14 digits"}
#define VOICE    {"voice", "NAME", false, "deliberative or consultative (deliberative)"}

const struct option_row MEMBERS_LIST_OPTIONS[4] = {
    {"college", "NAME", false, "professional or partner (both)"},
    AS_OF, KNOWN_AT,
    {"limit",   "N",    false, "At most that many (all)"},
};
const struct option_row MEMBERS_ADD_OPTIONS[11] = {
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
const struct option_row MEMBERS_LEAVE_OPTIONS[6] = {
    NUMBERS,
    {"on", "DATE", false, "First date on which it is no member (required)"},
    VERSION, COMMAND_ID,
};
const struct option_row MEMBERS_IMPORT_OPTIONS[10] = {
    {"preview",  NULL,   false, "Compare with the node and send nothing"},
    {"dry-run",  NULL,   false, "Check the whole file and send nothing"},
    {"restate",  NULL,   false, "Withdraw all else recorded of these members"},
    {"cpts",     "ID",   false, "The CPTS of all lines, without a column for it"},
    {"joined-on", "DATE", false, "Date of joining of lines without one"},
    {"voice",    "NAME", false, "Of lines without: deliberative or consultative"},
    {"map",      "FIELD=COLUMN", true, "Which column is what (told by its heading)"},
    {"encoding", "NAME", false, "utf-8, windows-1252, iso-8859-15 ... (told)"},
    {"jobs",     "N",    false, "Commands on their way at once, 1 to 64 (16)"},
    {"report",   "FILE", false, "Write what became of each line there, as CSV"},
};
const struct option_row MEMBERS_COMPOSITION_OPTIONS[4] = {
    {"cpts",   "ID",   false, "Of one CPTS"},
    {"region", "CODE", false, "Of the CPTS that a region leads (INSEE code)"},
    AS_OF, KNOWN_AT,
};
const struct option_row MEMBERS_ADHESION_OPTIONS[6] = {
    {"adherents",     "N",    false, "Professionals who are members (required)"},
    {"professionals", "N",    false, "Professionals of the territory (required)"},
    {"on",            "DATE", false, "Date of the count (required)"},
    {"source",        "TEXT", false, "Who counted, and in what (required)"},
    VERSION, COMMAND_ID,
};
const struct option_row REPRESENTATIVES_LIST_OPTIONS[2] = {AS_OF, KNOWN_AT};
const struct option_row REPRESENTATIVES_RECORD_OPTIONS[11] = {
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

const char MEMBERS_LIST_NOTES[] =
    "Told to the CPTS itself, its ARS and the nodes; others read `members\n"
    "composition`. No name of a person is stored.";

const char MEMBERS_ADD_NOTES[] =
    "Codes: cptsctl members categories. What is recorded to hold before --on stays:\n"
    "another voice from a date on is one more `members add`. A mistake is corrected\n"
    "with --restate; what was believed before stays readable with --known-at.";

const char MEMBERS_IMPORT_NOTES[] =
    "CSV with any of the usual headings, ; or , or tab, in the usual encodings.\n"
    "Fields for --map: cpts (id), cpts_finess, cpts_name, region, rpps, finess,\n"
    "siret, number (any of the three), category, college, voice, joined_on,\n"
    "left_on. An empty COLUMN: the file has none.\n"
    "\n"
    "A category is a code, a national code or a wording (`members categories`). A\n"
    "line without a college goes by its number: professionals, or partners.\n"
    "\n"
    "Up to 500 members of a CPTS are one command, all of them or none; a line that\n"
    "is refused is left out of its command and said. A command's id comes from what\n"
    "it says: run the same import again after an interruption, and what is there\n"
    "already stays as it is. Any line refused = exit code 1.";

const char MEMBERS_COMPOSITION_NOTES[] =
    "A membership counts once a CPTS. Who may not see members reads no count from\n"
    "1 to 10, nor what one could be worked out from: such lines are withheld.";

const char REPRESENTATIVES_NOTES[] =
    "Seats of representatives of users, always in the partners' college. No name of\n"
    "a person is stored.";
/* clang-format on */
