/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_ARGUMENTS_H
#define TOOL_ARGUMENTS_H

/**
 * @file
 * The words of a command line, read by the table of command_table.h.
 *
 * Threads: one thread, once a process (getopt).
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command_table.h"

/** Bytes of a sentence about a mistake in the words. */
#define USAGE_BYTES 256

/** An option that was given. */
struct option_given {
    const struct option_row *row;
    /** NULL for a switch. */
    const char *value;
};

struct arguments {
    const struct command_row *command;
    /** From malloc, in the order of the command line. */
    struct option_given *given;
    size_t given_count;
    /** Borrowed from argv. */
    char **operands;
    int operand_count;
};

/** Splits off the words that name the command ("cpts get"), wherever options
 * stand, and moves them out of @p argv.
 * @param ret_name  The words found, "" without any: a command's name or what
 *                  was meant to be one. USAGE_BYTES long.
 * @return the command, or NULL. */
const struct command_row *arguments_command(int *argc, char **argv, char *ret_name);

/** Reads the rest by the command's table; argv[0] is skipped.
 * @return false with a sentence in @p ret_problem (USAGE_BYTES long). */
bool arguments_read(struct arguments *arguments, int argc, char **argv, char *ret_problem);

/** Releases what arguments_read() took. */
void arguments_done(struct arguments *arguments);

/** Whether a switch or option was given. */
bool arguments_has(const struct arguments *arguments, const char *name);

/** The last value given for an option, or NULL. */
const char *arguments_value(const struct arguments *arguments, const char *name);

/** Number of values given for an option that repeats, and each of them. */
size_t arguments_count(const struct arguments *arguments, const char *name);
const char *arguments_nth(const struct arguments *arguments, const char *name, size_t index);

#endif
