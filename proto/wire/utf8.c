/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wire/unpack.h"

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Bytes of the sequence at the front, 0 when it is not one of RFC 3629:
 * overlong forms, surrogates and what is beyond U+10FFFF are not. */
static size_t sequence_bytes(const uint8_t *bytes, size_t left)
{
    uint8_t first = bytes[0];
    if (first >= 0xc2 && first <= 0xdf)
        return left >= 2 && is_continuation(bytes[1]) ? 2 : 0;
    if (first < 0xe0 || first > 0xf4 || left < 3 || !is_continuation(bytes[2]))
        return 0;
    uint8_t low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    uint8_t high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (bytes[1] < low || bytes[1] > high)
        return 0;
    if (first < 0xf0)
        return 3;
    return left >= 4 && is_continuation(bytes[3]) ? 4 : 0;
}

bool wire_is_utf8(const uint8_t *bytes, size_t byte_count)
{
    size_t at = 0;
    while (at < byte_count) {
        size_t step =
            bytes[at] < 0x80 ? bytes[at] != 0 : sequence_bytes(bytes + at, byte_count - at);
        if (step == 0)
            return false;
        at += step;
    }
    return true;
}

void wire_make_utf8(char *text)
{
    size_t length = strlen(text);
    size_t tail = length;
    while (tail > 0 && is_continuation((uint8_t)text[tail - 1]))
        tail--;
    if (tail > 0 && (uint8_t)text[tail - 1] >= 0xc0 &&
        sequence_bytes((const uint8_t *)text + tail - 1, length - tail + 1) == 0)
        text[tail - 1] = '\0';
    if (wire_is_utf8((const uint8_t *)text, strlen(text)))
        return;
    for (char *c = text; *c != '\0'; c++) {
        if ((uint8_t)*c >= 0x80)
            *c = '?';
    }
}
