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

/** How many lines are in a state. */
size_t fact_count(const struct fact_import *import, enum fact_state state);

/** In CSV, one line a line of the file and one a finding, with the columns of
 * import_entry.h; the key is what the line is about, the id its CPTS's.
 * @return false when the stream failed. */
bool fact_report_write(const struct fact_import *import, FILE *stream);

/** Counts, and the refused lines with their reasons, on stdout in the session's
 * form. @return false when memory was out or the stream failed. */
bool fact_report_print(const struct session *session, const struct fact_import *import,
                       const char *file_name);

#endif
