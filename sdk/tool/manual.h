/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MANUAL_H
#define TOOL_MANUAL_H

/**
 * @file
 * cptsctl(1), made of the table of command_table.h when the program is built.
 *
 * Threads: any thread.
 */

#include <stdio.h>

/** Writes the page in mdoc(7). */
void manual_print(FILE *stream);

#endif
