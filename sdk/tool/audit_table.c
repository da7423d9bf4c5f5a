/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `audit`. */
#include "option_rows.h"
#include "referral_options.h"

/* clang-format off */
static const struct option_row LIST_OPTIONS[] = {
    {"referral", "ID",   false, "Of that referral: whoever read it or acted on it"},
    {"cpts",     "ID",   false, "Of that CPTS: what it read and did"},
    {"from",     "DATE", false, "First day, YYYY-MM-DD (30 days before the last)"},
    {"to",       "DATE", false, "Last day, YYYY-MM-DD (today)"},
    ACTOR_WORDS,
};
static const struct option_row VERIFY_OPTIONS[] = {
    {"against",  "FILE", false, "The chains go on from the heads of that file"},
    {"save",     "FILE", false, "Write the heads found there, for a later time"},
};

static const struct command_row ROWS[] = {
    {.name = "audit list", .operands = "",
     .summary = "Who read and did what of referrals, when and why",
     .examples = "cptsctl audit list --referral 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = "Newest first, at most 500. A CPTS sees its own reads, and who read the\n"
              "referrals in which it takes part; an ARS those of its region. Listing is\n"
              "a read too: say on whose behalf and why.",
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_audit_list},
    {.name = "audit verify", .operands = "",
     .summary = "Verify both chains of the audit trail from end to end",
     .examples = "cptsctl audit verify --save heads-2026-11.txt\n"
                 "cptsctl audit verify --against heads-2026-11.txt",
     .notes = "Every hash is computed here, over what the node gives: for its operator.\n"
              "Keep the heads elsewhere: a chain that was shortened or written anew since\n"
              "does not go on from them. Reads are chained within about a second; those\n"
              "that wait are counted.",
     .options = VERIFY_OPTIONS, .option_count = COUNT(VERIFY_OPTIONS),
     .forms = FORM_JSON, .run = verb_audit_verify},
};
/* clang-format on */

const struct command_group AUDIT_COMMANDS = {ROWS, COUNT(ROWS)};
