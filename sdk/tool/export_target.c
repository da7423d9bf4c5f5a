/* SPDX-License-Identifier: Apache-2.0 */
#include "export_target.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "export_package.h"

#define WORKBOOK_END ".xlsx"
#define PACKAGE_BYTES_MAX (4 << 20)
#define FOLDER_MODE 0777
#define FILE_MODE 0666

static bool fail(char *ret_problem, const char *what, const char *path)
{
    snprintf(ret_problem, TARGET_PROBLEM_BYTES, "%.300s: %s%s%s", path, what,
             errno == 0 ? "" : ": ", errno == 0 ? "" : strerror(errno));
    return false;
}

static bool has_end(const char *text, const char *end)
{
    size_t length = strlen(text), end_length = strlen(end);
    return length > end_length && strcasecmp(text + length - end_length, end) == 0;
}

/* Removes the files of a folder, then the folder: an export has no others. */
static void remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL)
        return;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        (void)unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    (void)rmdir(path);
}

static bool is_empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    bool is_empty = folder != NULL;
    if (folder == NULL)
        return false;
    for (const struct dirent *entry = readdir(folder); entry != NULL && is_empty;
         entry = readdir(folder))
        is_empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return is_empty;
}

/* Whether the folder holds an export: by its datapackage.json. */
static bool is_export(const char *path)
{
    char file[PATH_MAX + sizeof EXPORT_PACKAGE_FILE];
    snprintf(file, sizeof file, "%s/%s", path, EXPORT_PACKAGE_FILE);
    FILE *stream = fopen(file, "re");
    char *text = calloc(1, PACKAGE_BYTES_MAX + 1);
    bool is_own = false;
    if (stream != NULL && text != NULL && fread(text, 1, PACKAGE_BYTES_MAX, stream) > 0)
        is_own = export_package_is_own(text);
    free(text);
    if (stream != NULL)
        fclose(stream);
    return is_own;
}

/* Whether the wanted place is free, or holds what may be replaced. */
static bool check_place(const struct export_target *target, char *ret_problem)
{
    struct stat found;
    errno = 0;
    const char *base = strrchr(target->path, '/');
    base = base == NULL ? target->path : base + 1;
    if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
        return fail(ret_problem, "give the export a folder of its own", target->path);
    if (lstat(target->path, &found) != 0)
        return errno == ENOENT || fail(ret_problem, "cannot be written", target->path);
    errno = 0;
    if (target->is_workbook)
        return S_ISREG(found.st_mode) || fail(ret_problem, "is no file", target->path);
    if (!S_ISDIR(found.st_mode))
        return fail(ret_problem, "is no folder; a workbook's name ends with .xlsx", target->path);
    if (is_empty_folder(target->path) || is_export(target->path))
        return true;
    errno = 0;
    return fail(ret_problem, "holds other files; choose a new folder", target->path);
}

/* A name beside the wanted one, which nobody else has. */
static bool make_part(struct export_target *target, char *ret_problem)
{
    const char *base = strrchr(target->path, '/');
    int folder_length = base == NULL ? 0 : (int)(base + 1 - target->path);
    base = base == NULL ? target->path : base + 1;
    int length = snprintf(target->part, sizeof target->part, "%.*s.%s.part-XXXXXX", folder_length,
                          target->path, base);
    if (length < 0 || (size_t)length >= sizeof target->part)
        return fail(ret_problem, "the path is too long", target->path);
    mode_t mask = umask(0);
    umask(mask);
    if (!target->is_workbook)
        return (mkdtemp(target->part) != NULL && chmod(target->part, FOLDER_MODE & ~mask) == 0) ||
               fail(ret_problem, "cannot be written", target->path);
    int file = mkostemp(target->part, O_CLOEXEC);
    if (file < 0)
        return fail(ret_problem, "cannot be written", target->path);
    (void)fchmod(file, FILE_MODE & ~mask);
    close(file);
    return true;
}

bool export_target_begin(struct export_target *target, const char *path,
                         char ret_problem[TARGET_PROBLEM_BYTES])
{
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/')
        length--;
    errno = 0;
    if (length == 0 || length >= sizeof target->path)
        return fail(ret_problem, "is no path", path);
    snprintf(target->path, sizeof target->path, "%.*s", (int)length, path);
    target->is_workbook = has_end(target->path, WORKBOOK_END);
    return check_place(target, ret_problem) && make_part(target, ret_problem);
}

void export_target_discard(const struct export_target *target)
{
    if (target->is_workbook)
        (void)unlink(target->part);
    else
        remove_folder(target->part);
}

bool export_target_commit(struct export_target *target, char ret_problem[TARGET_PROBLEM_BYTES])
{
    /* Looked at again: it took a while. */
    bool is_fine = check_place(target, ret_problem);
    /* Over what is there, in one step; a part that took an old export's name
     * is that old export. */
    if (is_fine && rename(target->part, target->path) == 0)
        return true;
    bool is_taken = is_fine && !target->is_workbook && (errno == ENOTEMPTY || errno == EEXIST);
    if (is_taken &&
        renameat2(AT_FDCWD, target->part, AT_FDCWD, target->path, RENAME_EXCHANGE) == 0) {
        remove_folder(target->part);
        return true;
    }
    if (is_fine)
        (void)fail(ret_problem, "cannot be put in its place", target->path);
    export_target_discard(target);
    return false;
}
