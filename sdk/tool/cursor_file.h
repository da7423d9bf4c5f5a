/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_CURSOR_FILE_H
#define TOOL_CURSOR_FILE_H

/**
 * @file
 * A log position in a file, as one line: there whole or not at all, also after a
 * crash of the machine.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>

enum cursor_result {
    CURSOR_OK,
    /** There is no such file. */
    CURSOR_ABSENT,
    /** It cannot be read or written: errno says why. */
    CURSOR_FAILED,
    /** It holds something else. */
    CURSOR_MALFORMED
};

/** @param ret_position  From 0; set on CURSOR_OK only. */
enum cursor_result cursor_file_read(const char *path, int64_t *ret_position);

/** Replaces the file by a new one, which is on the disk before it takes the old
 * one's name. @return CURSOR_OK or CURSOR_FAILED, the old file as it was. */
enum cursor_result cursor_file_write(const char *path, int64_t position);

#endif
