/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `lifecycle`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row GET_OPTIONS[] = {AS_OF, KNOWN_AT};
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

#define FILE_NOTE \
    "A filing of the projet de santé that is COMPLETE starts two months; silence\n" \
    "then validates (lifecycle decide --tacit). DECIDED is a refusal: a filing is\n" \
    "accepted by lifecycle decide. Without --document the documents stay."

static const struct command_row ROWS[] = {
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
     .summary = "Record what happened: a meeting, a renewal",
     .examples = "cptsctl lifecycle milestone 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    ACI_RENOUVELE --on 2025-06-15",
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
};
/* clang-format on */

const struct command_group LIFECYCLE_COMMANDS = {ROWS, COUNT(ROWS)};
