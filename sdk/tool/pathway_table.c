/* SPDX-License-Identifier: Apache-2.0 */
/* The commands about pathways. */
#include "option_rows.h"
#include "referral_options.h"
#include "verb_pathway.h"

/* clang-format off */
static const struct option_row TEMPLATES_OPTIONS[] = {AS_OF};
static const struct option_row START_OPTIONS[] = {
    {"finess",           "NUMBER", false, "Establishment that asks, FINESS number"},
    {"template-version", "N",      false, "Version of the template (the one in force)"},
    {"pseudonym",        "HEX",    false, "By it your software knows the patient (random)"},
    {"pathway",          "ID",     false, "Its id, a UUIDv7 (made)"},
    COMMAND_ID, ACTOR_WORDS,
};
static const struct option_row SHOW_OPTIONS[] = {ACTOR_WORDS};
static const struct option_row LIST_OPTIONS[] = {
    {"proposed", NULL,       false, "Only those with a step that is proposed now"},
    {"template", "TEMPLATE", false, "Only those of that template"},
    ACTOR_WORDS,
};

#define ON_BEHALF \
    "Every read and act is recorded with the person stated: --rpps with --as, or\n" \
    "--function; rpps, profession, function, purpose in the profile."

static const struct command_row ROWS[] = {
    {.name = "pathway templates", .operands = "",
     .summary = "The kinds of pathways and their steps",
     .examples = "cptsctl pathway templates\ncptsctl pathway templates --csv",
     .options = TEMPLATES_OPTIONS, .option_count = COUNT(TEMPLATES_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_pathway_templates},
    {.name = "pathway start", .operands = "ORIGIN TEMPLATE", .operand_count = 2,
     .summary = "Start a pathway from a template",
     .examples = "cptsctl pathway start " EXAMPLE_ID " \\\n"
                 "    SORTIE_HOPITAL --finess 750000001",
     .notes = "A hospital asks through the desk of a CPTS that it belongs to: --finess. The\n"
              "pseudonym is random, never made from an identity. Then a referral for each\n"
              "step that is proposed: cptsctl referral submit --pathway ID --step CODE.\n"
              "To repeat a command give --command-id, --pathway and --pseudonym.\n"
              "\n" ON_BEHALF,
     .options = START_OPTIONS, .option_count = COUNT(START_OPTIONS),
     .forms = FORM_JSON, .run = verb_pathway_start},
    {.name = "pathway show", .operands = "PATHWAY", .operand_count = 1,
     .summary = "Steps of a pathway, their referrals, what is proposed now",
     .examples = "cptsctl pathway show " EXAMPLE_ID,
     .notes = "Where it stands follows from its referrals; a step is proposed once all before\n"
              "it are fulfilled.\n"
              "\n" ON_BEHALF,
     .options = SHOW_OPTIONS, .option_count = COUNT(SHOW_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_pathway_show},
    {.name = "pathway list", .operands = "",
     .summary = "Pathways that the own CPTS started, or whose desk one is",
     .examples = "cptsctl pathway list --proposed\ncptsctl pathway list --template RECHERCHE_MT",
     .notes = ON_BEHALF,
     .options = LIST_OPTIONS, .option_count = COUNT(LIST_OPTIONS),
     .forms = FORM_JSON | FORM_CSV | FORM_PLAIN, .run = verb_pathway_list},
};
/* clang-format on */

const struct command_group PATHWAY_COMMANDS = {ROWS, COUNT(ROWS)};
