/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `history`. */
#include "option_rows.h"

/* clang-format off */
static const struct option_row GET_OPTIONS[] = {AS_OF, KNOWN_AT};
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

#define CORRECT_NOTES \
    "What was believed before stays: reads with an earlier --known-at do not change.\n" \
    "The history is checked as a whole; the territory follows the first stage and\n" \
    "the way out."

static const struct command_row ROWS[] = {
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
};
/* clang-format on */

const struct command_group HISTORY_COMMANDS = {ROWS, COUNT(ROWS)};
