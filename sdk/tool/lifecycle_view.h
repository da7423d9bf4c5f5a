/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_LIFECYCLE_VIEW_H
#define TOOL_LIFECYCLE_VIEW_H

/**
 * @file
 * The way of a CPTS on the terminal: one line a thing that happened or is due,
 * in the order of its dates.
 *
 * Threads: one thread at a time.
 */

#include <cpts/lifecycle.h>

#include "session.h"

/** Prints the board, or its lines as CSV and plain text.
 * @return false when memory was out or the stream failed. */
bool lifecycle_print(const struct session *session, const struct cpts_lifecycle *lifecycle);

/** Kinds between spaces; "-" without any. @param room  Bytes of @p ret_text. */
void lifecycle_kinds_text(const struct cpts_texts *kinds, size_t room, char *ret_text);

#endif
