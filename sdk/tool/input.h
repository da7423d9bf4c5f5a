/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_INPUT_H
#define TOOL_INPUT_H

/**
 * @file
 * Values of options, checked before anything is asked. Each function leaves its
 * output alone when the option is not given, and returns EXIT_CODE_OK, or
 * EXIT_CODE_USAGE after saying what is wrong.
 *
 * Threads: any thread.
 */

#include <cpts/registry.h>

#include "arguments.h"

/** Most stages and units that a command line takes. */
#define INPUT_STAGES_MAX 8
#define INPUT_UNITS_MAX 2000

int input_date(const struct arguments *arguments, const char *option, const char **ret_date);
int input_instant(const struct arguments *arguments, const char *option, int64_t *ret_us);
int input_uuid(const struct arguments *arguments, const char *option, uint8_t *ret_uuid);

/** A whole number in @p min..@p max. */
int input_number(const struct arguments *arguments, const char *option, int32_t min, int32_t max,
                 int32_t *ret_number);

/** A position of the node's log, from 0. */
int input_position(const struct arguments *arguments, const char *option, int64_t *ret_position);

/** A stage's name, from an operand or an option; @p what names it. */
int input_stage(const struct command_row *command, const char *what, const char *text,
                enum cpts_stage *ret_stage);

/** Every --stage STAGE; room for INPUT_STAGES_MAX. */
int input_stages(const struct arguments *arguments, enum cpts_stage *ret_stages, size_t *ret_count);

/** An operand that is an id. */
int input_id(const struct arguments *arguments, int operand, const char **ret_id);

/** Every --unit CODE[:SHARE] in @p ret_units, from malloc; the codes are the
 * caller's to release through input_units_free(). */
int input_units(const struct arguments *arguments, struct cpts_territory_unit **ret_units,
                size_t *ret_count);

void input_units_free(struct cpts_territory_unit *units, size_t count);

#endif
