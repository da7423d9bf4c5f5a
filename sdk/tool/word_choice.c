/* SPDX-License-Identifier: Apache-2.0 */
#include "word_choice.h"

#include <stdlib.h>
#include <string.h>

#include "arguments.h"

#define VALUE_BYTES 64

void word_choice_offer(const struct word_choice *choice, const char *text, const char *help)
{
    if (strncmp(text, choice->word, strlen(choice->word)) != 0)
        return;
    fprintf(choice->stream, "%s%s%s%s\n", choice->prefix, text, help == NULL ? "" : "\t",
            help == NULL ? "" : help);
}

/* The word of a command's name at a position: "cpts get", 1 → "get". */
static const char *name_word(const struct command_row *command, const char *before,
                             char ret_word[USAGE_BYTES])
{
    size_t length = strlen(before);
    if (strncmp(command->name, before, length) != 0)
        return NULL;
    const char *rest = command->name + length;
    if (length > 0 && *rest++ != ' ')
        return NULL;
    snprintf(ret_word, USAGE_BYTES, "%.*s", (int)strcspn(rest, " "), rest);
    return rest;
}

/* Verbs and nouns behind the words that stand already: "" or "cpts". */
static void offer_commands(const struct word_choice *choice, const char *before)
{
    char word[USAGE_BYTES], previous[USAGE_BYTES] = "";
    for (size_t i = 0; i < command_count(); i++) {
        const char *rest = name_word(command_at(i), before, word);
        if (rest == NULL || strcmp(word, previous) == 0)
            continue;
        bool is_noun = strcmp(rest, word) != 0;
        word_choice_offer(choice, word, is_noun ? "several commands" : command_at(i)->summary);
        snprintf(previous, sizeof previous, "%s", word);
    }
    if (before[0] == '\0')
        word_choice_offer(choice, "help", "What cptsctl can do, or one command");
}

static const struct option_row *find_option(const struct command_row *command, const char *name,
                                            size_t length)
{
    for (size_t i = 0; i < command->option_count; i++) {
        if (strncmp(command->options[i].name, name, length) == 0 &&
            command->options[i].name[length] == '\0')
            return &command->options[i];
    }
    for (size_t i = 0; i < COMMON_OPTION_COUNT; i++) {
        if (strncmp(COMMON_OPTIONS[i].name, name, length) == 0 &&
            COMMON_OPTIONS[i].name[length] == '\0')
            return &COMMON_OPTIONS[i];
    }
    return NULL;
}

static bool is_given(const char *name, int count, char **words)
{
    size_t length = strlen(name);
    for (int i = 0; i < count; i++) {
        if (strncmp(words[i], "--", 2) == 0 && strncmp(words[i] + 2, name, length) == 0 &&
            (words[i][2 + length] == '\0' || words[i][2 + length] == '='))
            return true;
    }
    return false;
}

static void offer_option(const struct word_choice *choice, const struct option_row *option)
{
    char text[VALUE_BYTES];
    snprintf(text, sizeof text, "--%s", option->name);
    word_choice_offer(choice, text, option->help);
}

/* The options that may still be given. */
static void offer_options(const struct word_choice *choice, const struct command_row *command,
                          int count, char **words)
{
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *option = &command->options[i];
        if (option->repeats || !is_given(option->name, count, words))
            offer_option(choice, option);
    }
    for (size_t i = 0; i < COMMON_OPTION_COUNT; i++) {
        const struct option_row *option = &COMMON_OPTIONS[i];
        if (command_has_common(command, option) && !is_given(option->name, count, words))
            offer_option(choice, option);
    }
}

/* The operand's name at a position: "ID STAGE", 1 → "STAGE"; "" = no more. */
static void operand_name(const struct command_row *command, int position,
                         char ret_name[VALUE_BYTES])
{
    const char *at = command->operands;
    for (; position > 0 && *at != '\0'; position--) {
        at += strcspn(at, " ");
        at += strspn(at, " ");
    }
    snprintf(ret_name, VALUE_BYTES, "%.*s", (int)strcspn(at, " "), at);
}

/* What the words of a command, its name taken out, leave open. */
struct place {
    /** The option whose value is awaited, or NULL. */
    const struct option_row *option;
    int operand_count;
    /** Behind "--" there are no more options. */
    bool has_ended;
};

static struct place read_place(const struct command_row *command, int count, char **words)
{
    struct place place = {0};
    for (int i = 0; i < count; i++) {
        if (place.option != NULL) {
            place.option = NULL;
        } else if (place.has_ended || words[i][0] != '-') {
            place.operand_count++;
        } else if (strcmp(words[i], "--") == 0) {
            place.has_ended = true;
        } else if (strncmp(words[i], "--", 2) == 0 && strchr(words[i], '=') == NULL) {
            place.option = find_option(command, words[i] + 2, strlen(words[i] + 2));
            if (place.option != NULL && place.option->value == NULL)
                place.option = NULL;
        }
    }
    return place;
}

/* The word is "--option=…": its value. */
static void offer_joined(const struct word_choice *choice, const struct command_row *command)
{
    char prefix[USAGE_BYTES];
    const char *name = choice->word + 2, *value = strchr(name, '=') + 1;
    const struct option_row *option = find_option(command, name, (size_t)(value - name) - 1);
    if (option == NULL || option->value == NULL)
        return;
    snprintf(prefix, sizeof prefix, "%.*s", (int)(value - choice->word), choice->word);
    struct word_choice of_value = {.stream = choice->stream, .word = value, .prefix = prefix};
    word_choice_values(&of_value, option->value, option->name);
}

/* The last word of a command whose other words are @p words. */
static void offer_rest(const struct word_choice *choice, const struct command_row *command,
                       int count, char **words)
{
    char operand[VALUE_BYTES];
    struct place place = read_place(command, count, words);
    if (place.option != NULL) {
        word_choice_values(choice, place.option->value, place.option->name);
    } else if (!place.has_ended && strncmp(choice->word, "--", 2) == 0 &&
               strchr(choice->word, '=') != NULL) {
        offer_joined(choice, command);
    } else if (!place.has_ended && choice->word[0] == '-') {
        offer_options(choice, command, count, words);
    } else {
        operand_name(command, place.operand_count, operand);
        word_choice_values(choice, operand, NULL);
        if (operand[0] == '\0' && !place.has_ended)
            offer_options(choice, command, count, words);
    }
}

static void offer_global(const struct word_choice *choice)
{
    for (size_t i = 0; i < COMMON_OPTION_COUNT; i++)
        offer_option(choice, &COMMON_OPTIONS[i]);
    word_choice_offer(choice, "--version", "The version of this program");
}

/* Whether the last word is the value of an option before the command's name. */
static const struct option_row *awaited(int count, char **words)
{
    static const struct command_row NONE = {.name = "", .operands = ""};
    return count == 0 ? NULL : read_place(&NONE, 1, words + count - 1).option;
}

void word_choice_print(FILE *stream, int word_count, char **words)
{
    struct word_choice choice = {.stream = stream, .word = words[word_count - 1], .prefix = ""};
    char name[USAGE_BYTES];
    bool is_help = word_count > 1 && strcmp(words[0], "help") == 0;
    int skipped = is_help ? 1 : 0, count = word_count - skipped;
    char **line = calloc((size_t)count + 1, sizeof *line);
    if (line == NULL)
        return;
    line[0] = (char *)"cptsctl";
    memcpy(line + 1, words + skipped, (size_t)(count - 1) * sizeof *line);
    const struct command_row *command = arguments_command(&count, line, name);
    const struct option_row *option = awaited(count - 1, line + 1);
    if (command != NULL && !is_help)
        offer_rest(&choice, command, count - 1, line + 1);
    else if (command == NULL && option != NULL)
        word_choice_values(&choice, option->value, option->name);
    else if (command == NULL && choice.word[0] == '-' && name[0] == '\0')
        offer_global(&choice);
    else if (command == NULL)
        offer_commands(&choice, name);
    free(line);
}
