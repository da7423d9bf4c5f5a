/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FIGURE_OPTIONS_H
#define TOOL_FIGURE_OPTIONS_H

/**
 * @file
 * Options and notes of the commands about indicators and capacity; for
 * command_table.c.
 *
 * Threads: constants.
 */

#include "command_table.h"

extern const struct option_row INDICATOR_LIST_OPTIONS[2];
extern const struct option_row INDICATOR_TARGET_OPTIONS[6];
extern const struct option_row INDICATOR_RECORD_OPTIONS[3];
extern const struct option_row INDICATOR_DECIDE_OPTIONS[3];
extern const struct option_row INDICATOR_SHOW_OPTIONS[3];
extern const struct option_row INDICATOR_BOARD_OPTIONS[1];
extern const struct option_row INDICATOR_IMPORT_OPTIONS[8];

extern const struct option_row CAPACITY_RECORD_OPTIONS[6];
extern const struct option_row CAPACITY_SHOW_OPTIONS[3];
extern const struct option_row CAPACITY_BOARD_OPTIONS[1];
extern const struct option_row CAPACITY_IMPORT_OPTIONS[7];

extern const char INDICATOR_TARGET_NOTES[];
extern const char INDICATOR_RECORD_NOTES[];
extern const char INDICATOR_DECIDE_NOTES[];
extern const char INDICATOR_SHOW_NOTES[];
extern const char INDICATOR_BOARD_NOTES[];
extern const char INDICATOR_IMPORT_NOTES[];
extern const char CAPACITY_RECORD_NOTES[];
extern const char CAPACITY_SHOW_NOTES[];
extern const char CAPACITY_BOARD_NOTES[];
extern const char CAPACITY_IMPORT_NOTES[];

#endif
