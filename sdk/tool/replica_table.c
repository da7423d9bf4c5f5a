/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `replica`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row SYNC_OPTIONS[] = {
    {"follow", NULL, false, "Go on until Ctrl-C, reconnecting by itself"},
};
static const struct option_row LIST_OPTIONS[] = {
    {"kind", "KIND", false, "CPTS, REFERRAL, PATHWAY, KEY, ZONING, ATTACHMENT"},
};

static const struct command_row ROWS[] = {
    {.name = "replica sync", .operands = "FILE", .operand_count = 1,
     .summary = "Bring a local copy of what you may see up to date",
     .examples = "cptsctl replica sync cpts.replica\n"
                 "cptsctl replica sync cpts.replica --follow",
     .notes = "A SQLite file, made when it is not there: your own CPTS in full, the public\n"
              "directory, your referrals, still sealed. It can be read while the node is\n"
              "away. Without --follow it ends when it has everything, or after --timeout\n"
              "(60 seconds); what it has stays, and the next run goes on from there.\n\n"
              "What the node tells is a chain of hashes, which the node signs. With its key,\n"
              "node and checkpoint_key of the profile (cptsctl enroll writes them), that is\n"
              "verified; a point signed otherwise is an alarm, and nothing that was told is\n"
              "lost. A profile without the key of this node: the first that the node tells is\n"
              "kept in FILE and shown, and another one later is an alarm. A node signs a moment\n"
              "after it tells: that is waited for, two seconds at most.",
     .options = SYNC_OPTIONS, .option_count = COUNT(SYNC_OPTIONS),
     .forms = FORM_JSON, .run = verb_replica_sync},
    {.name = "replica status", .operands = "FILE", .operand_count = 1,
     .summary = "How far a local copy is; asks nobody",
     .examples = "cptsctl replica status cpts.replica --json",
     .notes = "Of the chain of the node that it follows also its length, and up to where the\n"
              "node's signature was verified (signedPosition).",
     .forms = FORM_JSON, .run = verb_replica_status},
    {.name = "replica list", .operands = "FILE", .operand_count = 1,
     .summary = "What a local copy has; asks nobody",
     .examples = "cptsctl replica list cpts.replica --kind REFERRAL --csv",
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_replica_list},
    {.name = "replica show", .operands = "FILE ID", .operand_count = 2,
     .summary = "The rows of one aggregate as JSON; asks nobody",
     .examples = "cptsctl replica show cpts.replica 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .run = verb_replica_show},
};
/* clang-format on */

const struct command_group REPLICA_COMMANDS = {ROWS, COUNT(ROWS)};
