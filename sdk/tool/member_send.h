/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_SEND_H
#define TOOL_MEMBER_SEND_H

/**
 * @file
 * Sending the members of a file: a CPTS after the other on each thread, up to
 * 500 of its lines a command. A line that the node refuses is left out, and the
 * rest of its command is sent again.
 *
 * Threads: member_send() uses its own and returns when they have ended.
 */

#include "member_draft.h"

/** What the node did with the members of a run. */
struct member_totals {
    size_t added, changed, unchanged;
};

/** Sends every waiting line and sets its state. A failure that would meet every
 * line (no connection, no permission) stops the rest, which keeps waiting.
 * @param restates  As struct cpts_members_change.
 * @param ret_stop  That failure; status CPTS_OK when there was none. */
void member_send(const struct session *session, struct member_import *import, bool restates,
                 int job_count, struct member_totals *ret_totals, struct cpts_error *ret_stop);

/** Lines of one CPTS, in import->order. */
struct member_range {
    size_t first;
    size_t end;
};

/** The lines of the CPTS that begin at @p first, those of none left out.
 * @return an empty range behind the last one. */
struct member_range member_range_next(const struct member_import *import, size_t first);

#endif
