/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_IMPORT_REPORT_H
#define TOOL_IMPORT_REPORT_H

/**
 * @file
 * What became of an import, for people and for programs.
 *
 * Threads: one thread at a time.
 */

#include "import_run.h"

/** What became of a row, or would become: a word of the report. Static text. */
const char *import_report_state(const struct import *import, const struct import_row *row);

/** In CSV, one line a row and one a finding: line, key, state, id, field,
 * reason, message, candidates, advice.
 * @return false when the stream failed. */
bool import_report_write(const struct import *import, FILE *stream);

/** Counts, and the refused rows with their reasons, on stdout in the session's
 * form. @param is_dry  Nothing was sent.
 * @return false when memory was out or the stream failed. */
bool import_report_print(const struct session *session, const struct import *import,
                         const char *file_name, bool is_dry);

#endif
