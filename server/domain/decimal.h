/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_DECIMAL_H
#define DOMAIN_DECIMAL_H

/**
 * @file
 * Decimal numbers as text, exact: `66.26`, `-3`, `0.000001`. Thresholds and
 * values are compared as whole millionths, never as binary fractions.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

/** Millionths in one. */
#define DECIMAL_ONE 1000000

/** Bytes that decimal_format() needs, its NUL included. */
#define DECIMAL_BYTES 24

/**
 * Reads an optional minus sign, 1 to 12 digits and, after a point, 1 to 6.
 *
 * @param ret_millionths  -10^18 < x < 10^18; set on success only.
 * @return false when @p text is anything else.
 */
bool decimal_parse(const char *text, int64_t *ret_millionths);

/** Writes the shortest text that decimal_parse() reads back.
 * @param text  DECIMAL_BYTES. */
void decimal_format(int64_t millionths, char *text);

#endif
