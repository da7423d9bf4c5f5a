/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_KEY_LOAD_H
#define APP_KEY_LOAD_H

/**
 * @file
 * Fills the server's copy of the directory of keys, and keeps it fresh: reads
 * what was recorded behind the last position before which none is missing: at a
 * regional node positions come as they are told, not always in their order. An entry
 * that the federation root does not vouch for is left out and told in the log.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>
#include <stdint.h>

struct key_directory;
struct lane;

/** A copy, and the position up to which it has read all. */
struct key_copy {
    struct key_directory *directory;
    int64_t position;
};

/** Makes an empty directory under the root in the file @p root_path; empty path = no root.
 * FAILED_PRECONDITION / CONFIGURATION_INVALID · RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status key_copy_open(const char *root_path, struct key_copy *copy,
                                          struct cpts_error *err);

/** Reads what is new. On failure the copy has what was read before. */
CPTS_MUST_CHECK cpts_status key_copy_refresh(struct key_copy *copy, struct lane *lane,
                                             struct cpts_error *err);

void key_copy_close(struct key_copy *copy);

#endif
