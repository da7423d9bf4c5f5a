/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_OPTIONS_H
#define TOOL_MEMBER_OPTIONS_H

/**
 * @file
 * Options and notes of `members` and `representatives`, for command_table.c.
 *
 * Threads: constants.
 */

#include "command_table.h"

extern const struct option_row MEMBERS_LIST_OPTIONS[4];
extern const struct option_row MEMBERS_ADD_OPTIONS[11];
extern const struct option_row MEMBERS_LEAVE_OPTIONS[6];
extern const struct option_row MEMBERS_IMPORT_OPTIONS[10];
extern const struct option_row MEMBERS_COMPOSITION_OPTIONS[4];
extern const struct option_row MEMBERS_ADHESION_OPTIONS[6];
extern const struct option_row REPRESENTATIVES_LIST_OPTIONS[2];
extern const struct option_row REPRESENTATIVES_RECORD_OPTIONS[11];

extern const char MEMBERS_LIST_NOTES[];
extern const char MEMBERS_ADD_NOTES[];
extern const char MEMBERS_IMPORT_NOTES[];
extern const char MEMBERS_COMPOSITION_NOTES[];
extern const char REPRESENTATIVES_NOTES[];

#endif
