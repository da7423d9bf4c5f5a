/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_HELP_H
#define TOOL_HELP_H

/**
 * @file
 * Help made of the table of command_table.h.
 *
 * Threads: any thread.
 */

#include <stdio.h>

#include "command_table.h"

/** What cptsctl can do: examples first, commands, exit codes. */
void help_overview(FILE *stream);

/** One command: examples first. */
void help_command(FILE *stream, const struct command_row *command);

/** The commands of a noun ("cpts"). @return whether there is any. */
bool help_noun(FILE *stream, const char *noun);

/** Says that there is no such command, and which one may have been meant. */
void help_unknown(FILE *stream, const char *name);

#endif
