/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_FACT_REPORT_H
#define TOOL_FACT_REPORT_H

/**
 * @file
 * What became of an import of facts, for people and for programs.
 *
 * Threads: one thread at a time.
 */

#include "fact_import.h"

/** Lines by state. */
struct fact_counts {
    size_t by_state[FACT_STATE_COUNT];
    /** Of those waiting: the node has something else. */
    size_t to_change;
};

struct fact_counts fact_count(const struct fact_import *import);

/** In CSV, one line a line of the file and one a finding, with the columns of
 * import_report.h; the key is what the line says, the id its CPTS's.
 * @return false when the stream failed. */
bool fact_report_write(const struct fact_import *import, FILE *stream);

/** Counts, and the refused lines with their reasons, on stdout in the session's
 * form. @return false when memory was out or the stream failed. */
bool fact_report_print(const struct session *session, const struct fact_import *import,
                       const char *file_name);

#endif
