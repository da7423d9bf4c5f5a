/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_DURABLE_FILE_H
#define TOOL_DURABLE_FILE_H

/**
 * @file
 * Whole files: read within a limit, written so that they outlive a crash.
 *
 * Threads: any thread; a file, one thread at a time.
 */

#include <cpts/seal.h>
#include <sys/types.h>

/** Reads a file, or stdin for `-`, into @p ret_bytes, from malloc with a NUL behind
 * them; release with durable_file_wipe().
 * @return false with errno: EFBIG when it has more than @p byte_count_max. */
bool durable_file_read(const char *path, size_t byte_count_max, struct cpts_bytes *ret_bytes);

/** Writes a file whole: under another name, then in its place, both on the disk
 * when this returns. @return false with errno, and what was there stays. */
bool durable_file_write(const char *path, struct cpts_bytes bytes, mode_t mode);

/** Writes a new file whole: as @p fresh first, which is removed, then under its own name if
 * nothing stands there, be it a link that leads nowhere. Both in one folder.
 * @return false with errno (EEXIST: something does), and what was there stays. */
bool durable_file_create(const char *path, const char *fresh, struct cpts_bytes bytes);

/** The path of a file in a folder, which is made (for its owner alone) if it is not
 * there. @return false with errno. */
bool durable_file_place(const char *folder, const char *name, char *ret_path, size_t path_bytes);

/** Wipes and releases what durable_file_read() gave; none is fine. */
void durable_file_wipe(struct cpts_bytes *bytes);

#endif
