/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "durable_file.h"

#define LINE_BYTES 32
/* Of a position; what has one more may not fit. */
#define DIGITS_MAX 18

enum cursor_result cursor_file_read(const char *path, int64_t *ret_position)
{
    char line[LINE_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return errno == ENOENT ? CURSOR_ABSENT : CURSOR_FAILED;
    bool has_line = fgets(line, sizeof line, file) != NULL;
    bool has_failed = ferror(file) != 0;
    bool has_more = has_line && fgetc(file) != EOF;
    fclose(file);
    if (has_failed)
        return CURSOR_FAILED;
    size_t digits = has_line ? strspn(line, "0123456789") : 0;
    if (has_more || digits == 0 || digits > DIGITS_MAX || strcmp(line + digits, "\n") != 0)
        return CURSOR_MALFORMED;
    *ret_position = strtoll(line, NULL, 10);
    return CURSOR_OK;
}

enum cursor_result cursor_file_write(const char *path, int64_t position)
{
    char line[LINE_BYTES];
    int length = snprintf(line, sizeof line, "%lld\n", (long long)position);
    struct cpts_bytes bytes = {.bytes = (const uint8_t *)line, .byte_count = (size_t)length};
    return durable_file_write(path, bytes, 0644) ? CURSOR_OK : CURSOR_FAILED;
}
