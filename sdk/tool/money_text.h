/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_MONEY_TEXT_H
#define TOOL_MONEY_TEXT_H

/**
 * @file
 * Euros, as people write and read them; everywhere else they are whole cents.
 *
 * Threads: any thread.
 */

#include "session.h"

/** Bytes of an amount's text. */
#define MONEY_BYTES 40

/** An amount as the form wants it: `3,500 EUR` or `3,500.50 EUR` in a table,
 * `3500.00` elsewhere. */
void money_text(const struct session *session, int64_t amount_cents, char ret_text[MONEY_BYTES]);

/** Reads `3500`, `3500.5` or `3500,50`: 0 to 10^12 euros.
 * @param ret_cents  Set on success only. @return false when it is none. */
bool money_read(const char *text, int64_t *ret_cents);

#endif
