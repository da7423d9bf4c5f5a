/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/value.h>
#include <ctype.h>
#include <string.h>

#include "import_encoding.h"
#include "import_source.h"
#include "member_field.h"
#include "shell_text.h"
#include "word_choice.h"

#define CELL_BYTES 100
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void offer_stages(const struct word_choice *choice)
{
    for (int stage = CPTS_STAGE_EMERGENCE; stage <= CPTS_STAGE_NON_RENOUVELE; stage++)
        word_choice_offer(choice, cpts_stage_name((enum cpts_stage)stage),
                          cpts_stage_is_live((enum cpts_stage)stage) ? "live stage" : "way out");
}

static void offer_stage_dates(const struct word_choice *choice)
{
    char text[CELL_BYTES];
    for (int stage = CPTS_STAGE_EMERGENCE; stage <= CPTS_STAGE_NON_RENOUVELE; stage++) {
        snprintf(text, sizeof text, "%s=", cpts_stage_name((enum cpts_stage)stage));
        word_choice_offer(choice, text, "and its date, YYYY-MM-DD");
    }
}

/* Codes and names of a table of the reference data; its zone is at its end, and
 * the collectivities outside the 18 regions are of no use here. */
static void offer_codes(const struct word_choice *choice, const char *table)
{
    char code[CELL_BYTES], name[CELL_BYTES];
    for (const char *at = strchr(table, '\n'); at != NULL && at[1] != '\0';
         at = strchr(at + 1, '\n')) {
        const char *line = at + 1;
        size_t length = strcspn(line, "\n");
        if (sscanf(line, "%99[^,\n],%99[^,\n]", code, name) == 2 && length > 4 &&
            strncmp(line + length - 4, ",com", 4) != 0)
            word_choice_offer(choice, code, name);
    }
}

static void offer_regions(const struct word_choice *choice)
{
    offer_codes(choice, tool_text_regions);
}

static void offer_departments(const struct word_choice *choice)
{
    offer_codes(choice, tool_text_departments);
}

static void offer_formats(const struct word_choice *choice)
{
    for (int i = 0; i < FORMAT_COUNT; i++)
        word_choice_offer(choice, IMPORT_FORMATS[i].name, IMPORT_FORMATS[i].title);
}

static void offer_fields(const struct word_choice *choice)
{
    char text[CELL_BYTES];
    for (int i = 0; i < FIELD_COUNT; i++) {
        snprintf(text, sizeof text, "%s=", import_field_name((enum import_field)i));
        word_choice_offer(choice, text, "and the heading of its column");
    }
}

static void offer_member_fields(const struct word_choice *choice)
{
    char text[CELL_BYTES];
    for (int i = 0; i < MEMBER_FIELD_COUNT; i++) {
        snprintf(text, sizeof text, "%s=", member_field_name(i));
        word_choice_offer(choice, text, "and the heading of its column");
    }
}

static void offer_colleges(const struct word_choice *choice)
{
    word_choice_offer(choice, "professional", NULL);
    word_choice_offer(choice, "partner", NULL);
}

static void offer_voices(const struct word_choice *choice)
{
    word_choice_offer(choice, "deliberative", "takes part in decisions");
    word_choice_offer(choice, "consultative", "is heard");
}

static void offer_encodings(const struct word_choice *choice)
{
    char text[CELL_BYTES];
    for (size_t i = 0; i < IMPORT_ENCODING_COUNT; i++) {
        size_t length = strlen(IMPORT_ENCODINGS[i]);
        for (size_t j = 0; j <= length; j++)
            text[j] = (char)tolower((unsigned char)IMPORT_ENCODINGS[i][j]);
        word_choice_offer(choice, text, NULL);
    }
}

static void offer_sources(const struct word_choice *choice)
{
    word_choice_offer(choice, "published", "totals that others published");
    word_choice_offer(choice, "registry", "what this node holds");
}

static void offer_steps(const struct word_choice *choice)
{
    word_choice_offer(choice, "month", NULL);
    word_choice_offer(choice, "quarter", NULL);
    word_choice_offer(choice, "year", NULL);
}

static void offer_shells(const struct word_choice *choice)
{
    for (size_t i = 0; i < TOOL_SHELL_COUNT; i++)
        word_choice_offer(choice, TOOL_SHELLS[i].name, NULL);
}

static void offer_files(const struct word_choice *choice)
{
    fputs(":file\n", choice->stream);
}

/* By the value's name in the help, and for some the option's. */
static const struct value_row {
    const char *value;
    /** NULL = of any option, and of operands. */
    const char *option;
    void (*offer)(const struct word_choice *choice);
} VALUES[] = {
    {"STAGE", NULL, offer_stages},
    {"STAGE=DATE", NULL, offer_stage_dates},
    {"CODE", "region", offer_regions},
    {"CODE", "department", offer_departments},
    {"NAME", "format", offer_formats},
    {"NAME", "encoding", offer_encodings},
    {"NAME", "source", offer_sources},
    {"NAME", "step", offer_steps},
    {"FIELD=HEADING", NULL, offer_member_fields},
    {"NAME", "college", offer_colleges},
    {"NAME", "voice", offer_voices},
    {"FIELD=COLUMN", NULL, offer_fields},
    {"SHELL", NULL, offer_shells},
    {"FILE", NULL, offer_files},
    {"DIR|FILE.xlsx", NULL, offer_files},
};

void word_choice_values(const struct word_choice *choice, const char *value, const char *option)
{
    for (size_t i = 0; i < COUNT(VALUES); i++) {
        const struct value_row *row = &VALUES[i];
        bool is_option =
            row->option == NULL || (option != NULL && strcmp(row->option, option) == 0);
        if (strcmp(row->value, value) == 0 && is_option)
            row->offer(choice);
    }
}
