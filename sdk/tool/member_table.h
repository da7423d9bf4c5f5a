/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_TABLE_H
#define TOOL_MEMBER_TABLE_H

/**
 * @file
 * The commands `members` and `representatives`, as a part of command_table.h.
 *
 * Threads: constants.
 */

#include "command_table.h"

extern const struct command_group MEMBER_COMMANDS;

#endif
