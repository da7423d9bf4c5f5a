/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_REPORT_H
#define TOOL_MEMBER_REPORT_H

/**
 * @file
 * What became of an import of members, for people and for programs.
 *
 * Threads: one thread at a time.
 */

#include "member_send.h"

/** Lines by state. */
struct member_counts {
    size_t by_state[MEMBER_STATE_COUNT];
};

struct member_counts member_count(const struct member_import *import);

/** In CSV, one line a line of the file and one a finding, with the columns of
 * import_report.h; the key is the member's number, the id its CPTS's.
 * @return false when the stream failed. */
bool member_report_write(const struct member_import *import, FILE *stream);

/** Counts, and the refused lines with their reasons, on stdout in the session's
 * form. @return false when memory was out or the stream failed. */
bool member_report_print(const struct session *session, const struct member_import *import,
                         const struct member_totals *totals, const char *file_name, bool is_dry);

#endif
