/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MEMBER_PLAN_H
#define TOOL_MEMBER_PLAN_H

/**
 * @file
 * What an import of members would change on a node: each line compared with the
 * members that the node has today. Nothing is sent.
 *
 * Threads: one thread at a time.
 */

#include "member_draft.h"

/** Sets the state of every waiting line to new, changed or unchanged. A line
 * that says when its member left is not compared, and a note says so.
 * @return CPTS_OK · what cpts_members_list() ends with. */
CPTS_MUST_CHECK cpts_status member_plan_make(const struct session *session,
                                             struct member_import *import, bool restates,
                                             struct cpts_error *err);

#endif
