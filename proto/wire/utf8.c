/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "wire/unpack.h"

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Lead bytes and what may follow them (RFC 3629, section 4): overlong forms,
 * surrogates and what is beyond U+10FFFF have no row. */
static const struct sequence {
    uint8_t first_low;
    uint8_t first_high;
    uint8_t second_low;
    uint8_t second_high;
    uint8_t bytes;
} SEQUENCES[] = {
    {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3}, {0xf0, 0xf0, 0x90, 0xbf, 4},
    {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool matches(const struct sequence *sequence, const uint8_t *bytes, size_t left)
{
    if (left < sequence->bytes || bytes[1] < sequence->second_low ||
        bytes[1] > sequence->second_high)
        return false;
    for (size_t i = 2; i < sequence->bytes; i++) {
        if (!is_continuation(bytes[i]))
            return false;
    }
    return true;
}

/* Bytes of the sequence at the front, which is not ASCII; 0 when it is none. */
static size_t sequence_bytes(const uint8_t *bytes, size_t left)
{
    for (size_t i = 0; i < sizeof SEQUENCES / sizeof SEQUENCES[0]; i++) {
        const struct sequence *sequence = &SEQUENCES[i];
        if (bytes[0] >= sequence->first_low && bytes[0] <= sequence->first_high)
            return matches(sequence, bytes, left) ? sequence->bytes : 0;
    }
    return 0;
}

/* Whether eight bytes are ASCII without NUL: taking one from each sets the
 * highest bit of the first that is 0. */
static bool are_plain(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return ((word | (word - UINT64_C(0x0101010101010101))) & UINT64_C(0x8080808080808080)) == 0;
}

bool wire_is_utf8(const uint8_t *bytes, size_t byte_count)
{
    size_t at = 0;
    while (at < byte_count) {
        if (byte_count - at >= sizeof(uint64_t) && are_plain(bytes + at)) {
            at += sizeof(uint64_t);
            continue;
        }
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
