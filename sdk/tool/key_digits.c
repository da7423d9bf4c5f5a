/* SPDX-License-Identifier: Apache-2.0 */
#include "key_digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void key_digits_write(const uint8_t key[KEY_DIGITS_KEY_BYTES], char ret_digits[KEY_DIGITS_BYTES])
{
    for (size_t i = 0; i < KEY_DIGITS_KEY_BYTES; i++)
        snprintf(ret_digits + 2 * i, 3, "%02x", key[i]);
}

bool key_digits_read(const char *digits, uint8_t ret_key[KEY_DIGITS_KEY_BYTES])
{
    size_t count = strspn(digits, "0123456789abcdefABCDEF");
    if (count != KEY_DIGITS_BYTES - 1 || digits[count] != '\0')
        return false;
    for (size_t i = 0; i < KEY_DIGITS_KEY_BYTES; i++) {
        const char pair[] = {digits[2 * i], digits[2 * i + 1], '\0'};
        ret_key[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return true;
}
