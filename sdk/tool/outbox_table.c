/* SPDX-License-Identifier: Apache-2.0 */
/* The commands `outbox`. */
#include "option_rows.h"

/* clang-format off */
#define BOX_NOTE \
    "The box is the file that the profile names (outbox = FILE). With one, every\n" \
    "command is kept before it is sent; without an answer it waits there."

static const struct option_row LIST_OPTIONS[] = {
    {"state", "STATE", false, "NOT_SENT, POSSIBLY_ACCEPTED, ACCEPTED or REJECTED"},
};

static const struct command_row ROWS[] = {
    {.name = "outbox list", .operands = "",
     .summary = "Commands that wait, were refused, or were carried out lately",
     .examples = "cptsctl outbox list\ncptsctl outbox list --state REJECTED --csv",
     .notes = BOX_NOTE,
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_outbox_list},
    {.name = "outbox send", .operands = "",
     .summary = "Send what waits, oldest first",
     .examples = "cptsctl outbox send",
     .notes = "Ends at the first command of which the node says nothing; it and those\n"
              "behind it wait on. A repetition has the same id and the same bytes: what\n"
              "was carried out already has no second effect.",
     .run = verb_outbox_send},
    {.name = "outbox retry", .operands = "COMMAND-ID", .operand_count = 1,
     .summary = "Have a refused command sent again",
     .examples = "cptsctl outbox retry 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .run = verb_outbox_retry},
    {.name = "outbox forget", .operands = "COMMAND-ID", .operand_count = 1,
     .summary = "Take a command out: refused, accepted or certainly not sent",
     .examples = "cptsctl outbox forget 01907d2c-5a7e-7000-8000-2f3b5c1d9e40",
     .notes = "One that may have been carried out stays: send it first.",
     .run = verb_outbox_forget},
};
/* clang-format on */

const struct command_group OUTBOX_COMMANDS = {ROWS, COUNT(ROWS)};
