/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_ENTITLEMENT_VIEW_H
#define TOOL_ENTITLEMENT_VIEW_H

/**
 * @file
 * An entitlement and a budget, drawn for people or as lines.
 *
 * Threads: one thread at a time.
 */

#include <cpts/entitlement.h>

#include "session.h"

/** Draw them in the session's form, JSON apart. @p scope names a region, NULL
 * the nation. @return false when memory was out or the stream failed. */
bool entitlement_print(const struct session *session, const struct cpts_entitlement *entitlement);
bool budget_print(const struct session *session, const struct cpts_budget *budget,
                  const char *scope);

#endif
