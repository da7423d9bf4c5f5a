/* SPDX-License-Identifier: Apache-2.0 */
#include "durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_BYTES ((size_t)65536)

static void wipe(void *bytes, size_t byte_count)
{
    if (bytes != NULL)
        explicit_bzero(bytes, byte_count);
    free(bytes);
}

/* Room for @p byte_count more; what had been there is wiped. */
static bool grow(uint8_t **bytes, size_t used_count, size_t byte_count)
{
    uint8_t *own = malloc(byte_count);
    if (own == NULL)
        return false;
    if (used_count > 0)
        memcpy(own, *bytes, used_count);
    wipe(*bytes, used_count);
    *bytes = own;
    return true;
}

static bool read_all(int descriptor, size_t byte_count_max, struct cpts_bytes *ret_bytes)
{
    uint8_t *bytes = NULL;
    size_t count = 0, room = 0;
    ssize_t got = 1;
    while (got > 0) {
        if (count + 1 >= room && !grow(&bytes, count, room = 2 * room + READ_BYTES))
            got = -1;
        else
            got = read(descriptor, bytes + count, room - count - 1);
        count += got > 0 ? (size_t)got : 0;
        if (count > byte_count_max) {
            errno = EFBIG;
            got = -1;
        }
    }
    if (got < 0) {
        wipe(bytes, count);
        return false;
    }
    bytes[count] = '\0';
    *ret_bytes = (struct cpts_bytes){.bytes = bytes, .byte_count = count};
    return true;
}

bool durable_file_read(const char *path, size_t byte_count_max, struct cpts_bytes *ret_bytes)
{
    bool is_stdin = strcmp(path, "-") == 0;
    int descriptor = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    bool is_read = read_all(descriptor, byte_count_max, ret_bytes);
    int why = errno;
    if (!is_stdin)
        close(descriptor);
    errno = why;
    return is_read;
}

void durable_file_wipe(struct cpts_bytes *bytes)
{
    wipe((void *)bytes->bytes, bytes->byte_count);
    *bytes = (struct cpts_bytes){0};
}

static bool write_all(int descriptor, const struct cpts_bytes *bytes)
{
    size_t done = 0;
    while (done < bytes->byte_count) {
        ssize_t count = write(descriptor, bytes->bytes + done, bytes->byte_count - done);
        if (count < 0)
            return false;
        done += (size_t)count;
    }
    return fsync(descriptor) == 0;
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

bool durable_file_write(const char *path, struct cpts_bytes bytes, mode_t mode)
{
    char fresh[PATH_MAX];
    int length = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (length < 0 || length >= (int)sizeof fresh) {
        errno = ENAMETOOLONG;
        return false;
    }
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0)
        return false;
    bool is_written = write_all(descriptor, &bytes);
    is_written = close(descriptor) == 0 && is_written;
    if (is_written && rename(fresh, path) == 0 && sync_folder(path))
        return true;
    int why = errno;
    unlink(fresh);
    errno = why;
    return false;
}

bool durable_file_create(const char *path, const char *fresh, struct cpts_bytes bytes)
{
    unlink(fresh);
    int descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return false;
    bool is_written = write_all(descriptor, &bytes);
    is_written = close(descriptor) == 0 && is_written;
    bool is_there = is_written && link(fresh, path) == 0;
    int why = errno;
    unlink(fresh);
    errno = why;
    return is_there && sync_folder(path);
}

bool durable_file_place(const char *folder, const char *name, char *ret_path, size_t path_bytes)
{
    int length = snprintf(ret_path, path_bytes, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= path_bytes) {
        errno = ENAMETOOLONG;
        return false;
    }
    return mkdir(folder, S_IRWXU) == 0 || errno == EEXIST;
}
