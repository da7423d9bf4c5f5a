/* SPDX-License-Identifier: Apache-2.0 */
#include "cursor_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static bool write_line(int descriptor, int64_t position)
{
    char line[LINE_BYTES];
    int length = snprintf(line, sizeof line, "%lld\n", (long long)position);
    return write(descriptor, line, (size_t)length) == length && fsync(descriptor) == 0;
}

/* The new name is as safe as the new file only once its folder is. */
static bool sync_folder(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int descriptor = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool is_done = fsync(descriptor) == 0;
    close(descriptor);
    return is_done;
}

enum cursor_result cursor_file_write(const char *path, int64_t position)
{
    char fresh[PATH_MAX];
    int length = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (length < 0 || length >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return CURSOR_FAILED;
    }
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor < 0)
        return CURSOR_FAILED;
    bool is_written = write_line(descriptor, position);
    is_written = close(descriptor) == 0 && is_written;
    if (is_written && rename(fresh, path) == 0 && sync_folder(path))
        return CURSOR_OK;
    int why = errno;
    unlink(fresh);
    errno = why;
    return CURSOR_FAILED;
}
