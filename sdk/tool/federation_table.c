/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about the federation: node …, federation … and log. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row ENROLL_OPTIONS[] = {
    {"address", "HOST:PORT", false, "Where the node will answer (required)"},
    {"note",    "TEXT",      false, "For people, 200 characters"},
    {"hours",   "N",         false, "How long the token is good, 1 to 720 (72)"},
    {"replaces", NULL,       false, "A new machine in place of the one there was"},
    COMMAND_ID,
};
static const struct option_row JOIN_OPTIONS[] = {
    {"token",       "TOKEN",     false, "What you were given; - reads it from the input"},
    {"address",     "HOST:PORT", false, "The national node's enrolment port (required)"},
    {"ca",          "FILE",      false, "Authority of that node (found by the token)"},
    {"node",        "HOST:PORT", false, "Where it is called afterwards (it tells it)"},
    {"server-name", "NAME",      false, "Name in its certificate (the host)"},
};
static const struct option_row RENEW_OPTIONS[] = {
    {"now", NULL, false, "Also before two thirds of its life are over"},
};
static const struct option_row SUSPEND_OPTIONS[] = {
    {"reason", "TEXT", false, "Why, for people (required)"},
    COMMAND_ID,
};
static const struct option_row RESUME_OPTIONS[] = { COMMAND_ID };
static const struct option_row EPOCH_OPTIONS[] = {
    {"raise",  NULL,   false, "Fence whoever has the older epoch"},
    {"epoch",  "N",    false, "The epoch that you saw (read first)"},
    {"reason", "TEXT", false, "Why, for people (with --raise)"},
    COMMAND_ID,
};
static const struct option_row NODE_OPTIONS[] = {
    {"node", "NODE", false, "Only that one (all)"},
};
static const struct option_row VERIFY_OPTIONS[] = {
    {"node",   "NODE", false, "Only with that one (with all that are connected)"},
    {"repair", NULL,   false, "Fetch what differs from its owner"},
};
static const struct option_row PARKED_OPTIONS[] = {
    {"node",     "NODE", false, "Only of that one (of all)"},
    {"rejected", NULL,   false, "Those set aside for good, too"},
    {"retry",    "ID",   false, "Have it fetched again; all: --node NODE --retry all"},
    {"reject",   "ID",   false, "Set it aside for good"},
    {"reason",   "TEXT", false, "Why, for people (with --reject)"},
};
static const struct option_row ALARM_OPTIONS[] = {
    {"node",    "NODE", false, "Only about that one (about all)"},
    {"cleared", NULL,   false, "Cleared ones, too"},
    {"clear",   "N",    false, "Take that one down"},
};

static const struct option_row MOVE_OPTIONS[] = {
    {"region", "CODE", false, "Region that leads it from now on (required)"},
    {"reason", "TEXT", false, "Why, for people (required)"},
    VERSION,
    COMMAND_ID,
};

static const struct command_row ROWS[] = {
    {.name = "cpts move", .operands = "ID", .operand_count = 1,
     .summary = "Have a CPTS led by another region",
     .examples = "cptsctl cpts move 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 --region 52 \\\n"
                 "    --reason 'avenant du 3 mars 2026'",
     .notes = "It is counted there at all dates, and the ARS of that region decides. Where the\n"
              "regions have nodes of their own, its record goes from the one to the other.",
     .options = MOVE_OPTIONS, .option_count = COUNT(MOVE_OPTIONS),
     .forms = FORM_JSON, .run = verb_cpts_move},
    {.name = "node enroll", .operands = "region/CODE", .operand_count = 1,
     .summary = "Name a region's node, and get a token for one use",
     .examples = "cptsctl node enroll region/11 --address cpts.ars-idf.example:8443",
     .notes = "At the national node, as OPERATOR. The region's machine then runs node join.\n"
              "Once it has caught up, the records of its CPTS are handed over to it, and this\n"
              "node answers commands about them with NOT_OWNER and that address. --replaces:\n"
              "the certificates of the machine before are revoked, its epoch is over.",
     .options = ENROLL_OPTIONS, .option_count = COUNT(ENROLL_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_enroll},
    {.name = "node join", .operands = "",
     .summary = "Get the certificate of a region's node for its token",
     .examples = "cptsctl node join --address cpts.sante.example:8444 --token - \\\n"
                 "    --profile /etc/cpts/node.ini < token.txt",
     .notes = "On the machine of the region. As enroll, and makes the key that the node signs\n"
              "the points of its log with: node-checkpoint.key, beside the profile, 64\n"
              "hexadecimal digits, mode 0600, for [federation] checkpoint_key of cptsd. The\n"
              "certificate names the node's address: it is for [tls], too. Who is above the node\n"
              "is in node-upstream.ini, for [federation] upstream_pin: cptsd stores it once, and\n"
              "refuses another one later. What it prints belongs into cptsd's configuration.",
     .options = JOIN_OPTIONS, .option_count = COUNT(JOIN_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_join},
    {.name = "node renew", .operands = "",
     .summary = "Another certificate for a region's node, in time",
     .examples = "cptsctl node renew --profile /etc/cpts/node.ini && systemctl reload cptsd\n"
                 "cptsctl node renew --profile /etc/cpts/node.ini --now --json",
     .notes = "On the machine of the region, with the profile of node join, once a day: nothing\n"
              "happens before two thirds of the certificate's life are over. The new key and the\n"
              "new certificate take the place of the old ones; cptsd reads them at SIGHUP, and\n"
              "goes on without a restart.",
     .options = RENEW_OPTIONS, .option_count = COUNT(RENEW_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_renew},
    {.name = "node key", .operands = "FILE", .operand_count = 1,
     .summary = "Make the key a node signs its log with; show its public half",
     .examples = "cptsctl node key /etc/cpts/checkpoint.key",
     .notes = "For [federation] checkpoint_key of cptsd; node join makes one by itself. A file\n"
              "that is there stays.",
     .forms = FORM_JSON, .run = verb_node_key},
    {.name = "node list", .operands = "",
     .summary = "The nodes, what they own, what is on its way",
     .examples = "cptsctl node list\ncptsctl node list --csv",
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_node_list},
    {.name = "node suspend", .operands = "region/CODE", .operand_count = 1,
     .summary = "Take a region's records back at once",
     .examples = "cptsctl node suspend region/11 --reason 'machine stolen'",
     .notes = "Needs nothing of that node. What it goes on writing comes too late and waits\n"
              "for people (federation parked).",
     .options = SUSPEND_OPTIONS, .option_count = COUNT(SUSPEND_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_suspend},
    {.name = "node resume", .operands = "region/CODE", .operand_count = 1,
     .summary = "Let a suspended node come again",
     .examples = "cptsctl node resume region/11",
     .notes = "Once it has caught up, the region's records are handed over to it again.",
     .options = RESUME_OPTIONS, .option_count = COUNT(RESUME_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_resume},
    {.name = "node epoch", .operands = "region/CODE", .operand_count = 1,
     .summary = "Show or raise the epoch of a node",
     .examples = "cptsctl node epoch region/11\n"
                 "cptsctl node epoch region/11 --raise --reason 'restored on another machine'",
     .options = EPOCH_OPTIONS, .option_count = COUNT(EPOCH_OPTIONS),
     .forms = FORM_JSON, .run = verb_node_epoch},
    {.name = "federation status", .operands = "",
     .summary = "How each direction between nodes fares",
     .examples = "cptsctl federation status\ncptsctl federation status --node region/11 --json",
     .options = NODE_OPTIONS, .option_count = COUNT(NODE_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_federation_status},
    {.name = "federation verify", .operands = "",
     .summary = "Compare what nodes have with what its owner has",
     .examples = "cptsctl federation verify\ncptsctl federation verify --node region/11 --repair",
     .notes = "Waits until digests were compared. The exit code is 7 when something differs.",
     .options = VERIFY_OPTIONS, .option_count = COUNT(VERIFY_OPTIONS),
     .forms = FORM_JSON, .run = verb_federation_verify},
    {.name = "federation parked", .operands = "",
     .summary = "What of other nodes could not be stored",
     .examples = "cptsctl federation parked\n"
                 "cptsctl federation parked --retry 01907d2c-5a7e-7000-8000-2f3b5c1d9e40\n"
                 "cptsctl federation parked --reject 01907d2c-5a7e-7000-8000-2f3b5c1d9e40 \\\n"
                 "    --reason 'written while suspended; entered again by the ARS'",
     .options = PARKED_OPTIONS, .option_count = COUNT(PARKED_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_federation_parked},
    {.name = "federation alarms", .operands = "",
     .summary = "What somebody should look at",
     .examples = "cptsctl federation alarms\ncptsctl federation alarms --clear 12",
     .options = ALARM_OPTIONS, .option_count = COUNT(ALARM_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_federation_alarms},
    {.name = "log verify", .operands = "",
     .summary = "Check a log: its chain and its signed points",
     .examples = "cptsctl log verify\ncptsctl log verify --node region/11 --json",
     .notes = "Hashes every entry here; nothing is believed but the origin's key as the node\n"
              "tells it. Without --node the chains of all nodes that it knows. The exit code\n"
              "is 7 when one does not hold.",
     .options = NODE_OPTIONS, .option_count = COUNT(NODE_OPTIONS),
     .forms = FORM_JSON, .run = verb_log_verify},
};
/* clang-format on */

const struct command_group FEDERATION_COMMANDS = {ROWS, COUNT(ROWS)};
