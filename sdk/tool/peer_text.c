/* SPDX-License-Identifier: Apache-2.0 */
#include "peer_text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Code points that are shown as what they are not, from and to. */
static const uint32_t UNSEEN[][2] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0x061C, 0x061C}, {0x200B, 0x200F},
    {0x2028, 0x202E}, {0x2066, 0x2069}, {0xFEFF, 0xFEFF},
};

/* Bytes of the character at @p at, 0 when it is no UTF-8. */
static size_t character(const uint8_t *at, size_t left, uint32_t *ret_point)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t count = 1;
    *ret_point = at[0];
    if (at[0] >= 0xF0 && at[0] < 0xF8)
        count = 4;
    else if (at[0] >= 0xE0 && at[0] < 0xF0)
        count = 3;
    else if (at[0] >= 0xC0 && at[0] < 0xE0)
        count = 2;
    else if (at[0] >= 0x80)
        return 0;
    if (count > left)
        return 0;
    if (count > 1)
        *ret_point &= 0x7FU >> count;
    for (size_t i = 1; i < count; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *ret_point = *ret_point << 6 | (at[i] & 0x3F);
    }
    return *ret_point < LEAST[count] ? 0 : count;
}

static bool is_unseen(uint32_t point)
{
    for (size_t i = 0; i < sizeof UNSEEN / sizeof UNSEEN[0]; i++) {
        if (point >= UNSEEN[i][0] && point <= UNSEEN[i][1])
            return true;
    }
    return false;
}

/* The bytes of the next character; whether it may be shown. */
static size_t next_character(const uint8_t *at, size_t left, bool has_lines, bool *ret_is_seen)
{
    uint32_t point = 0;
    size_t count = character(at, left, &point);
    *ret_is_seen =
        count > 0 && ((has_lines && (point == '\n' || point == '\t')) || !is_unseen(point));
    return count == 0 ? 1 : count;
}

static void print(FILE *stream, const uint8_t *text, size_t byte_count, bool has_lines)
{
    for (size_t at = 0; at < byte_count;) {
        bool is_seen = false;
        size_t count = next_character(text + at, byte_count - at, has_lines, &is_seen);
        if (is_seen)
            fwrite(text + at, 1, count, stream);
        bool is_line_end = has_lines && at + 1 < byte_count && memcmp(text + at, "\r\n", 2) == 0;
        for (size_t i = 0; !is_seen && !is_line_end && i < count; i++)
            fprintf(stream, "\\x%02X", text[at + i]);
        at += count;
    }
}

void peer_text_print(FILE *stream, const void *text, size_t byte_count)
{
    print(stream, text, byte_count, true);
}

void peer_text_print_line(FILE *stream, const char *text)
{
    print(stream, (const uint8_t *)text, strlen(text), false);
}

char *peer_text_line(const char *text)
{
    char *line = NULL;
    size_t byte_count = 0;
    FILE *stream = open_memstream(&line, &byte_count);
    if (stream == NULL)
        return NULL;
    peer_text_print_line(stream, text);
    if (fclose(stream) == 0)
        return line;
    free(line);
    return NULL;
}

void peer_text_file_name(const char *name, char ret_name[PEER_FILE_NAME_BYTES])
{
    size_t length = 0;
    for (const char *at = name; *at != '\0'; at++) {
        if (*at == '/' || *at == '\\')
            name = at + 1;
    }
    size_t byte_count = strlen(name);
    for (size_t at = 0; at < byte_count;) {
        bool is_seen = false;
        size_t count = next_character((const uint8_t *)name + at, byte_count - at, false, &is_seen);
        size_t written = is_seen ? count : 1;
        if (length + written >= PEER_FILE_NAME_BYTES)
            break;
        memcpy(ret_name + length, is_seen ? name + at : "_", written);
        length += written;
        at += count;
    }
    if (length == 0)
        ret_name[length++] = '_';
    if (ret_name[0] == '.')
        ret_name[0] = '_';
    ret_name[length] = '\0';
}
