/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about who comes: enrolment … and enroll. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row CREATE_OPTIONS[] = {
    {"role",  "ROLE",  true,  "Role that it is given (required)"},
    {"scope", "SCOPE", false, "read, region:CODE, cpts:ID, * (required)"},
    {"note",  "TEXT",  false, "For people, 200 characters"},
    {"hours", "N",     false, "How long the token is good, 1 to 720 (72)"},
    {"replaces", NULL, false, "Somebody has it: revoke their certificates on use"},
    COMMAND_ID,
};
static const struct option_row LIST_OPTIONS[] = {
    {"state", "STATE", false, "Only OPEN, USED, EXPIRED or REVOKED ones"},
};
static const struct option_row REVOKE_OPTIONS[] = {
    {"reason", "TEXT", false, "Why, for people (required)"},
    COMMAND_ID,
};
static const struct option_row ENROLL_OPTIONS[] = {
    {"token",       "TOKEN",     false, "What you were given; - reads it from the input"},
    {"address",     "HOST:PORT", false, "The node's enrolment port (required)"},
    {"ca",          "FILE",      false, "Authority of the node (found by the token)"},
    {"node",        "HOST:PORT", false, "Where to call afterwards (the node tells it)"},
    {"server-name", "NAME",      false, "Name in the node's certificate (the host)"},
    {"renew",       NULL,        false, "Another certificate, while this one is valid"},
};

static const struct command_row ROWS[] = {
    {.name = "enrolment create", .operands = "cpts/ID|user/ID", .operand_count = 1,
     .summary = "Name who may come, and get a token for one use",
     .examples = "cptsctl enrolment create cpts/01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --role CPTS_COORDINATOR --scope cpts:01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl enrolment create user/$(uuidgen) --role DGOS_ANALYST --scope read",
     .notes = "Scopes: DGOS_ANALYST read, ARS_AGENT region:CODE, CPTS_COORDINATOR cpts:ID,\n"
              "OPERATOR *. An ARS may name coordinators of its CPTS; all others are the\n"
              "nation's. The node keeps a hash of the token: it is shown once.",
     .options = CREATE_OPTIONS, .option_count = COUNT(CREATE_OPTIONS),
     .forms = FORM_JSON, .run = verb_enrolment_create},
    {.name = "enrolment list", .operands = "",
     .summary = "Who may come, who came, whose token was lost",
     .examples = "cptsctl enrolment list\ncptsctl enrolment list --state OPEN --csv",
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_enrolment_list},
    {.name = "enrolment revoke", .operands = "ID", .operand_count = 1,
     .summary = "Make a token useless",
     .examples = "cptsctl enrolment revoke 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --reason 'sent to the wrong address'",
     .notes = "A token that was used led to a certificate: its serial number is told, and\n"
              "sql/admin/certificate_revoke.sql revokes that.",
     .options = REVOKE_OPTIONS, .option_count = COUNT(REVOKE_OPTIONS),
     .forms = FORM_JSON, .run = verb_enrolment_revoke},
    {.name = "enroll", .operands = "",
     .summary = "Get a certificate for a token, or after one's own",
     .examples = "cptsctl enroll --address node.example:8444 --token cpts-enrol.1.… \\\n"
                 "    --profile ~/.local/state/cpts/profile.ini\n"
                 "cptsctl enroll --renew",
     .notes = "The key is made here, mode 0600, and never leaves this machine. The token\n"
              "names the node's authority by its SHA-256: a node whose certificate is of\n"
              "another one is not told the token. Written beside the profile: its key, its\n"
              "certificate and the authority; in it also the node's name and the key that it\n"
              "signs its log with, with which replica sync verifies what it is told. Cut off\n"
              "in between? Run it again: the same key and request get the same certificate. At\n"
              "the end the node is called.",
     .options = ENROLL_OPTIONS, .option_count = COUNT(ENROLL_OPTIONS),
     .forms = FORM_JSON, .run = verb_enroll},
};
/* clang-format on */

const struct command_group ENROLMENT_COMMANDS = {ROWS, COUNT(ROWS)};
