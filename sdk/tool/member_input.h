/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_INPUT_H
#define TOOL_MEMBER_INPUT_H

/**
 * @file
 * Options about members, checked before anything is asked. Each function
 * returns EXIT_CODE_OK, or EXIT_CODE_USAGE after saying what is wrong.
 *
 * Threads: any thread.
 */

#include <cpts/governance.h>

#include "arguments.h"

/** --rpps, --finess or --siret: exactly one, with its key. */
int member_input_number(const struct arguments *arguments, struct cpts_member *member);

/** --college and --voice; left alone when they are not given. */
int member_input_college(const struct arguments *arguments, enum cpts_college *ret_college);
int member_input_voice(const struct arguments *arguments, enum cpts_voice *ret_voice);

/** A required date. */
int member_input_date(const struct arguments *arguments, const char *option, const char **ret_date);

#endif
