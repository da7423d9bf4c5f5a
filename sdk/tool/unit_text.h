/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_UNIT_TEXT_H
#define TOOL_UNIT_TEXT_H

/**
 * @file
 * Units of a territory as people write them: `75111`, `75111:0.5`, `751114209`.
 *
 * Threads: any thread.
 */

#include <stddef.h>

/** Bytes of a unit's code with its NUL. */
#define UNIT_CODE_BYTES 10

enum unit_problem { UNIT_FINE, UNIT_CODE_MALFORMED, UNIT_SHARE_MALFORMED };

/** Reads the first @p length bytes of @p text. A code has five characters,
 * digits but for the A or B of Corsica, and four digits more when it is an
 * IRIS's; a share is above 0, up to 1, and is 1 when it is left out. Outputs
 * untouched unless UNIT_FINE. */
enum unit_problem unit_text_read(const char *text, size_t length, char ret_code[UNIT_CODE_BYTES],
                                 double *ret_share);

/** The sentence of a problem. Static text. */
const char *unit_problem_text(enum unit_problem problem);

#endif
