/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_REQUEST_H
#define TOOL_IMPORT_REQUEST_H

/**
 * @file
 * The command line of an import.
 *
 * Threads: one thread at a time.
 */

#include "arguments.h"
#include "import_draft.h"
#include "import_history.h"

struct import_request {
    const char *path;
    /** NULL = no report. */
    const char *report_path;
    struct import_map maps[IMPORT_FIELDS_MAX];
    /** Its maps are those above: do not copy. */
    struct import_hints hints;
    struct import_wishes wishes;
    struct import_dates dates;
    char today[11];
    int32_t job_count;
    /** Send nothing. */
    bool is_dry;
    /** Compare with the node, also the own format. */
    bool is_preview;
    bool is_update;
};

/** Reads it. @return EXIT_CODE_OK, or EXIT_CODE_USAGE after saying what is wrong. */
int import_request_read(struct import_request *request, const struct arguments *arguments);

#endif
