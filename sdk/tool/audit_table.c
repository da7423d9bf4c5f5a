/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `audit`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row LIST_OPTIONS[] = {
    {"referral", "ID",   false, "Of that referral: whoever read it or acted on it"},
    {"cpts",     "ID",   false, "Of that CPTS: what it read and did"},
    {"from",     "DATE", false, "First day, YYYY-MM-DD (30 days before the last)"},
    {"to",       "DATE", false, "Last day, YYYY-MM-DD (today)"},
};

static const struct command_row ROWS[] = {
    {.name = "audit list", .operands = "",
     .summary = "Who read and did what of referrals, when and why",
     .examples = "cptsctl audit list --referral 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = "Newest first, at most 500. A CPTS sees its own reads, and who read the\n"
              "referrals in which it takes part; an ARS those of its region.",
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_audit_list},
    {.name = "audit verify", .operands = "",
     .summary = "Verify both chains of the audit trail from end to end",
     .examples = "cptsctl audit verify",
     .notes = "Every hash is computed here, over what the node gives: for its operator.\n"
              "Keep the last hashes elsewhere: later ones must follow from them.",
     .forms = FORM_JSON, .run = verb_audit_verify},
};
/* clang-format on */

const struct command_group AUDIT_COMMANDS = {ROWS, COUNT(ROWS)};
