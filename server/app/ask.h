/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_ASK_H
#define APP_ASK_H

/**
 * @file
 * A question of the server itself to its database, answered while waiting.
 *
 * Threads: any but the completion queue's and the lanes'.
 */

#include <cpts/status.h>
#include <stdint.h>

#include "store/statement.h"

struct lane;
struct query;
struct rows;

/** Runs a statement without parameters on @p lane, at most @p timeout_ms, and
 * hands its rows to @p read on the lane's thread.
 * @return what @p read returned, or why there are no rows. */
CPTS_MUST_CHECK cpts_status ask(struct lane *lane, enum statement_id statement, int timeout_ms,
                                cpts_status (*read)(const struct rows *rows, void *context,
                                                    struct cpts_error *err),
                                void *context, struct cpts_error *err);

/** As ask(), of a statement whose only parameter is a position. */
CPTS_MUST_CHECK cpts_status ask_behind(struct lane *lane, enum statement_id statement,
                                       int64_t position, int timeout_ms,
                                       cpts_status (*read)(const struct rows *rows, void *context,
                                                           struct cpts_error *err),
                                       void *context, struct cpts_error *err);

/** As ask(), of a statement whose parameters are bound, with scope `*`. The query's
 * arena has to hold until this returns. */
CPTS_MUST_CHECK cpts_status ask_bound(struct lane *lane, struct query *query, int timeout_ms,
                                      cpts_status (*read)(const struct rows *rows, void *context,
                                                          struct cpts_error *err),
                                      void *context, struct cpts_error *err);

#endif
