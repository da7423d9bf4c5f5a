/* SPDX-License-Identifier: Apache-2.0 */
#include "help.h"

#include <string.h>

#include "suggest.h"

#define COMMAND_WIDTH 25
#define OPTION_WIDTH 24
#define NAMES_MAX 32

static void print_lines(FILE *stream, const char *text, const char *indent)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        fprintf(stream, "%s%.*s\n", length > 0 ? indent : "", (int)length, text);
        text += length;
        text += *text == '\n';
    }
}

static void print_summary(FILE *stream, const struct command_row *command)
{
    fprintf(stream, "  %-*s %s\n", COMMAND_WIDTH, command->name, command->summary);
}

void help_overview(FILE *stream)
{
    fputs("cptsctl: the CPTS federation from the command line\n\n"
          "Examples:\n"
          "  cptsctl coverage\n"
          "  cptsctl coverage --as-of 2019-11-30 --json\n"
          "  cptsctl cpts list --region 11 --stage ACI_SIGNE\n"
          "  cptsctl help cpts create\n\n"
          "Commands:\n",
          stream);
    for (size_t i = 0; i < command_count(); i++)
        print_summary(stream, command_at(i));
    fprintf(stream, "  %-*s %s\n", COMMAND_WIDTH, "help [COMMAND]", "This, or one command");
    fputs("\nWhere to connect: --profile FILE, else $CPTS_PROFILE, else $CPTS_STATE/profile.ini,\n"
          "else the one deploy/quickstart wrote.\n\nExit codes:\n",
          stream);
    for (int code = 0; code < EXIT_CODE_COUNT; code++)
        fprintf(stream, "  %d  %s\n", code, EXIT_MEANINGS[code]);
}

static void print_option(FILE *stream, const struct option_row *option)
{
    char text[64];
    snprintf(text, sizeof text, "--%s%s%s", option->name, option->value == NULL ? "" : " ",
             option->value == NULL ? "" : option->value);
    fprintf(stream, "  %-*s %s%s\n", OPTION_WIDTH, text, option->help,
            option->repeats ? ", repeatable" : "");
}

void help_command(FILE *stream, const struct command_row *command)
{
    fprintf(stream, "cptsctl %s: %s\n\nExamples:\n", command->name, command->summary);
    print_lines(stream, command->examples, "  ");
    fprintf(stream, "\nUsage: cptsctl %s%s%s [OPTION...]\n\nOptions:\n", command->name,
            command->operands[0] == '\0' ? "" : " ", command->operands);
    for (size_t i = 0; i < command->option_count; i++)
        print_option(stream, &command->options[i]);
    for (size_t i = 0; i < COMMON_OPTION_COUNT; i++) {
        if (command_has_common(command, &COMMON_OPTIONS[i]))
            print_option(stream, &COMMON_OPTIONS[i]);
    }
    if (command->notes != NULL) {
        fputc('\n', stream);
        print_lines(stream, command->notes, "");
    }
}

static bool has_noun(const struct command_row *command, const char *noun)
{
    size_t length = strlen(noun);
    return length > 0 && strncmp(command->name, noun, length) == 0 && command->name[length] == ' ';
}

bool help_noun(FILE *stream, const char *noun)
{
    bool is_any = false;
    for (size_t i = 0; i < command_count(); i++) {
        if (!has_noun(command_at(i), noun))
            continue;
        if (!is_any)
            fprintf(stream, "Commands of cptsctl %s:\n", noun);
        is_any = true;
        print_summary(stream, command_at(i));
    }
    return is_any;
}

void help_unknown(FILE *stream, const char *name)
{
    const char *names[NAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < command_count() && count < NAMES_MAX; i++)
        names[count++] = command_at(i)->name;
    const char *near = suggest_nearest(name, names, count);
    if (near == NULL && strchr(name, ' ') != NULL) {
        char first[SUGGEST_WORD_MAX];
        snprintf(first, sizeof first, "%.*s", (int)strcspn(name, " "), name);
        near = suggest_nearest(first, names, count);
    }
    fprintf(stream, "cptsctl: no command \"%s\"", name);
    if (near != NULL)
        fprintf(stream, "; did you mean \"cptsctl %s\"?", near);
    fputs("\nTry: cptsctl help\n", stream);
}
