/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suggest.h"

#define OPTIONS_MAX 32
/* Values of getopt_long() for rows of the table, beyond any character. */
#define ROW_BASE 256

/* Whether the word is an option whose value is the next word. */
static bool takes_next(const char *word)
{
    return strcmp(word, "--profile") == 0 || strcmp(word, "--timeout") == 0;
}

static int next_word(int argc, char **argv, int from)
{
    for (int i = from; i < argc; i++) {
        if (argv[i][0] != '-')
            return i;
        if (takes_next(argv[i]))
            i++;
    }
    return argc;
}

static void remove_word(int *argc, char **argv, int index)
{
    for (int i = index; i < *argc; i++)
        argv[i] = argv[i + 1];
    --*argc;
}

const struct command_row *arguments_command(int *argc, char **argv, char *ret_name)
{
    int first = next_word(*argc, argv, 1);
    ret_name[0] = '\0';
    if (first >= *argc)
        return NULL;
    int second = next_word(*argc, argv, first + 1);
    snprintf(ret_name, USAGE_BYTES, "%s", argv[first]);
    const struct command_row *command = command_find(ret_name);
    if (command == NULL && second < *argc) {
        snprintf(ret_name, USAGE_BYTES, "%s %s", argv[first], argv[second]);
        command = command_find(ret_name);
        if (command != NULL)
            remove_word(argc, argv, second);
    }
    if (command != NULL)
        remove_word(argc, argv, first);
    return command;
}

/* The rows of one command, its own first; returns their number. */
static size_t rows_of(const struct command_row *command, const struct option_row **ret_rows)
{
    size_t count = 0;
    for (size_t i = 0; i < command->option_count; i++)
        ret_rows[count++] = &command->options[i];
    for (size_t i = 0; i < COMMON_OPTION_COUNT; i++) {
        if (command_has_common(command, &COMMON_OPTIONS[i]))
            ret_rows[count++] = &COMMON_OPTIONS[i];
    }
    return count;
}

static void explain(const struct option_row *const *rows, size_t row_count, int code, char **argv,
                    char *ret_problem)
{
    const char *word = argv[optind - 1];
    if (code == ':') {
        snprintf(ret_problem, USAGE_BYTES, "%s needs a value", word);
        return;
    }
    const char *names[OPTIONS_MAX];
    for (size_t i = 0; i < row_count; i++)
        names[i] = rows[i]->name;
    const char *near =
        strncmp(word, "--", 2) == 0 ? suggest_nearest(word + 2, names, row_count) : NULL;
    if (optopt >= ROW_BASE)
        snprintf(ret_problem, USAGE_BYTES, "%s takes no value", word);
    else if (near != NULL)
        snprintf(ret_problem, USAGE_BYTES, "no option %.100s; did you mean --%s?", word, near);
    else
        snprintf(ret_problem, USAGE_BYTES, "no option %.200s", word);
}

static bool add(struct arguments *arguments, const struct option_row *row, char *ret_problem)
{
    if (!row->repeats && row->value != NULL && arguments_has(arguments, row->name)) {
        snprintf(ret_problem, USAGE_BYTES, "--%s is given twice", row->name);
        return false;
    }
    arguments->given[arguments->given_count++] = (struct option_given){
        .row = row,
        .value = row->value == NULL ? NULL : optarg,
    };
    return true;
}

static bool read_options(struct arguments *arguments, int argc, char **argv, char *ret_problem)
{
    const struct option_row *rows[OPTIONS_MAX];
    struct option options[OPTIONS_MAX + 1] = {{0}};
    size_t row_count = rows_of(arguments->command, rows);
    for (size_t i = 0; i < row_count; i++)
        options[i] =
            (struct option){.name = rows[i]->name,
                            .has_arg = rows[i]->value == NULL ? no_argument : required_argument,
                            .val = ROW_BASE + (int)i};
    optind = 0;
    opterr = 0;
    for (;;) {
        int code = getopt_long(argc, argv, ":hq", options, NULL);
        if (code == -1)
            return true;
        if (code == 'h' || code == 'q') {
            const char *name = code == 'h' ? "help" : "quiet";
            for (size_t i = 0; i < row_count; i++) {
                if (strcmp(rows[i]->name, name) == 0)
                    code = ROW_BASE + (int)i;
            }
        }
        if (code < ROW_BASE) {
            explain(rows, row_count, code, argv, ret_problem);
            return false;
        }
        if (!add(arguments, rows[code - ROW_BASE], ret_problem))
            return false;
    }
}

static bool check_operands(const struct arguments *arguments, char *ret_problem)
{
    const struct command_row *command = arguments->command;
    if (arguments_has(arguments, "help") || arguments->operand_count == command->operand_count)
        return true;
    if (arguments->operand_count < command->operand_count)
        snprintf(ret_problem, USAGE_BYTES, "%s is missing", command->operands);
    else
        snprintf(ret_problem, USAGE_BYTES, "what is %.200s for?",
                 arguments->operands[command->operand_count]);
    return false;
}

bool arguments_read(struct arguments *arguments, int argc, char **argv, char *ret_problem)
{
    arguments->given = calloc((size_t)argc + 1, sizeof *arguments->given);
    arguments->given_count = 0;
    if (arguments->given == NULL) {
        snprintf(ret_problem, USAGE_BYTES, "no memory");
        return false;
    }
    if (!read_options(arguments, argc, argv, ret_problem))
        return false;
    arguments->operands = argv + optind;
    arguments->operand_count = argc - optind;
    return check_operands(arguments, ret_problem);
}

void arguments_done(struct arguments *arguments)
{
    free(arguments->given);
    arguments->given = NULL;
}

bool arguments_has(const struct arguments *arguments, const char *name)
{
    return arguments_count(arguments, name) > 0;
}

const char *arguments_value(const struct arguments *arguments, const char *name)
{
    return arguments_nth(arguments, name, 0);
}

size_t arguments_count(const struct arguments *arguments, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < arguments->given_count; i++)
        count += strcmp(arguments->given[i].row->name, name) == 0;
    return count;
}

const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index)
{
    size_t seen = 0;
    for (size_t i = 0; i < arguments->given_count; i++) {
        if (strcmp(arguments->given[i].row->name, name) == 0 && seen++ == index)
            return arguments->given[i].value;
    }
    return NULL;
}
