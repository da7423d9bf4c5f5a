/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MONEY_H
#define TOOL_MONEY_H

/**
 * @file
 * Amounts and how sure they are, as text.
 *
 * Threads: any thread.
 */

#include "bar.h"
#include "session.h"

/** Euros of an amount in cents: `22,500` or `22,500.50` in a table, `22500.00`
 * elsewhere. */
void money_write(const struct session *session, int64_t cents, char ret_text[FIGURE_BYTES]);

/** One letter for a word of confidence, behind an amount; "" for CONFIRMED, "?"
 * for an unknown word. Static text. */
const char *money_mark(const char *confidence);

/** What the letters mean; two lines. Static text. */
const char *money_legend(void);

#endif
