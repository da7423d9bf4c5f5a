/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FIGURE_TABLE_H
#define TOOL_FIGURE_TABLE_H

/**
 * @file
 * The commands `indicator` and `capacity`, as a part of command_table.h.
 *
 * Threads: constants.
 */

#include "command_table.h"

extern const struct command_group FIGURE_COMMANDS;

#endif
