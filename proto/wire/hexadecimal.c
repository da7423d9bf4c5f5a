/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/hexadecimal.h"

#include <sodium.h>
#include <string.h>

bool hexadecimal_read(const char *text, uint8_t *ret_bytes, size_t byte_count)
{
    size_t length = strlen(text);
    size_t read_count = 0;
    const char *end = NULL;
    if (length != byte_count * 2)
        return false;
    return sodium_hex2bin(ret_bytes, byte_count, text, length, NULL, &read_count, &end) == 0 &&
           read_count == byte_count && end == text + length;
}

void hexadecimal_write(const uint8_t *bytes, size_t byte_count, char *ret_text)
{
    sodium_bin2hex(ret_text, byte_count * 2 + 1, bytes, byte_count);
}
