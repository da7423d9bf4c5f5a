/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_RECORD_FETCH_H
#define TOOL_RECORD_FETCH_H

/**
 * @file
 * Many CPTS with history and territory: asked for without waiting one for the
 * other, so that a far node takes a few round trips and not one each.
 *
 * Threads: one thread at a time; callbacks come on the client's.
 */

#include <cpts/registry.h>

#include "session.h"

/** Most questions on their way at once. */
#define RECORD_FETCH_AT_ONCE 64

/** Reads @p count CPTS and shows the progress.
 * @param when  NULL = today, as known now.
 * @param ret_records  Room for @p count; on CPTS_OK each is to be released with
 *                     cpts_record_free(), else all are NULL.
 * @return CPTS_OK · what cpts_registry_get() ends with, the first of it. */
CPTS_MUST_CHECK cpts_status record_fetch(const struct session *session, const char *const *ids,
                                         size_t count, const struct cpts_when *when,
                                         struct cpts_record **ret_records, struct cpts_error *err);

#endif
