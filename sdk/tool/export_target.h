/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_EXPORT_TARGET_H
#define TOOL_EXPORT_TARGET_H

/**
 * @file
 * Where an export goes: written under a name of its own beside the wanted one,
 * and put in its place when it is whole. An export that was there is replaced,
 * nothing else is.
 *
 * Threads: one thread at a time.
 */

#include <limits.h>
#include <stdbool.h>

/** Bytes of a sentence. */
#define TARGET_PROBLEM_BYTES 512

struct export_target {
    /** A workbook, FILE.xlsx; else a folder. */
    bool is_workbook;
    /** As the user wrote it, without slashes at its end. */
    char path[PATH_MAX];
    /** Where to write; an empty folder, or a file that is not there yet. */
    char part[PATH_MAX];
};

/** Checks the place and makes the part.
 * @return false with a sentence; nothing is to be undone then. */
bool export_target_begin(struct export_target *target, const char *path,
                         char ret_problem[TARGET_PROBLEM_BYTES]);

/** Puts the part in its place. @return false with a sentence; what was there
 * before is there still, and the part is removed. */
bool export_target_commit(struct export_target *target, char ret_problem[TARGET_PROBLEM_BYTES]);

/** Removes the part. */
void export_target_discard(const struct export_target *target);

#endif
