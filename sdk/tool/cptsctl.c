/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "help.h"
#include "manual.h"
#include "session.h"
#include "wiping_heap.h"
#include "word_choice.h"

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (is_help(argv[i]))
            return true;
    }
    return false;
}

/* `help`, `help coverage`, `help cpts`, `help cpts get`. */
static int run_help(int argc, char **argv)
{
    char name[USAGE_BYTES];
    const struct command_row *command = arguments_command(&argc, argv, name);
    if (command != NULL)
        help_command(stdout, command);
    else if (name[0] == '\0')
        help_overview(stdout);
    else if (!help_noun(stdout, name)) {
        help_unknown(stderr, name);
        return EXIT_CODE_USAGE;
    }
    return EXIT_CODE_OK;
}

/* Words that name no command. */
static int run_nothing(int argc, char **argv, const char *name)
{
    if (name[0] == '\0' && argc > 1 && strcmp(argv[1], "--version") == 0) {
        printf("cptsctl %s\n", cpts_version());
        return EXIT_CODE_OK;
    }
    if (asks_for_help(argc, argv) && (name[0] == '\0' || help_noun(stdout, name))) {
        if (name[0] == '\0')
            help_overview(stdout);
        return EXIT_CODE_OK;
    }
    if (name[0] == '\0')
        help_overview(stderr);
    else if (!help_noun(stderr, name))
        help_unknown(stderr, name);
    return EXIT_CODE_USAGE;
}

static int run_command(struct arguments *arguments, int argc, char **argv)
{
    struct session session;
    char problem[USAGE_BYTES];
    if (!arguments_read(arguments, argc, argv, problem))
        return usage_error(arguments->command, "%s", problem);
    if (arguments_has(arguments, "help")) {
        help_command(stdout, arguments->command);
        return EXIT_CODE_OK;
    }
    int code = session_begin(&session, arguments);
    if (code == EXIT_CODE_OK)
        code = arguments->command->run(&session, arguments);
    session_end(&session);
    return code;
}

/* What the build and the shells ask for, not people. @return false: nothing. */
static bool run_hidden(int argc, char **argv)
{
    bool is_completion = argc > 2 && strcmp(argv[1], "--complete") == 0;
    bool is_manual = argc == 2 && strcmp(argv[1], "--manual") == 0;
    if (is_completion)
        word_choice_print(stdout, argc - 2, argv + 2);
    if (is_manual)
        manual_print(stdout);
    return is_completion || is_manual;
}

int main(int argc, char **argv)
{
    char name[USAGE_BYTES];
    wiping_heap_begin();
    if (run_hidden(argc, argv))
        return EXIT_CODE_OK;
    if (argc > 1 && strcmp(argv[1], "help") == 0)
        return run_help(argc - 1, argv + 1);
    struct arguments arguments = {.command = arguments_command(&argc, argv, name)};
    if (arguments.command == NULL)
        return run_nothing(argc, argv, name);
    int code = run_command(&arguments, argc, argv);
    arguments_done(&arguments);
    if (fflush(stdout) != 0 && code == EXIT_CODE_OK)
        code = EXIT_CODE_ERROR;
    return code;
}
