/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_WORD_CHOICE_H
#define TOOL_WORD_CHOICE_H

/**
 * @file
 * What a word of the command line can become, by the table of command_table.h.
 * The scripts of shell/ ask for it with `cptsctl --complete WORD...`.
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdio.h>

/** A word that is being completed. */
struct word_choice {
    FILE *stream;
    /** The part that is typed; an option's value without its option. */
    const char *word;
    /** What every answer begins with: "--stage=", or "". */
    const char *prefix;
};

/** Writes the words that the last one of @p words can become, one a line, each
 * with a tab and what it is; the line `:file` alone when it is a file's path.
 * Writes nothing when nothing is known.
 * @param words  Those behind the program's name; at least one, the last one may
 *               be empty. */
void word_choice_print(FILE *stream, int word_count, char **words);

/** Writes @p text, if it begins with the word. @param help  NULL = none. */
void word_choice_offer(const struct word_choice *choice, const char *text, const char *help);

/** Writes the values of an option or of an operand.
 * @param value  Its name in the help: "STAGE".
 * @param option  NULL for an operand. */
void word_choice_values(const struct word_choice *choice, const char *value, const char *option);

#endif
