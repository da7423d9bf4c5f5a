/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_HEXADECIMAL_H
#define WIRE_HEXADECIMAL_H

/**
 * @file
 * Bytes as hexadecimal digits and back.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Reads exactly @p byte_count bytes from @p text, digits of either case and
 * nothing else. @return false when it is not that; the output is then undefined. */
bool hexadecimal_read(const char *text, uint8_t *ret_bytes, size_t byte_count);

/** Writes 2 * @p byte_count lower-case digits and a NUL. */
void hexadecimal_write(const uint8_t *bytes, size_t byte_count, char *ret_text);

#endif
