/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_KEY_DIGITS_H
#define TOOL_KEY_DIGITS_H

/**
 * @file
 * A public key, or a print, as hexadecimal digits and back.
 *
 * Threads: pure functions, any thread.
 */

#include <stdbool.h>
#include <stdint.h>

#define KEY_DIGITS_KEY_BYTES 32
/** The digits and a NUL. */
#define KEY_DIGITS_BYTES (2 * KEY_DIGITS_KEY_BYTES + 1)

/** Writes 64 lower-case digits. */
void key_digits_write(const uint8_t key[KEY_DIGITS_KEY_BYTES], char ret_digits[KEY_DIGITS_BYTES]);

/** Reads 64 digits of either case and nothing else.
 * @return false, output untouched, when it is not that. */
bool key_digits_read(const char *digits, uint8_t ret_key[KEY_DIGITS_KEY_BYTES]);

#endif
