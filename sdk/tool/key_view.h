/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_KEY_VIEW_H
#define TOOL_KEY_VIEW_H

/**
 * @file
 * Public keys and documents about them for people and programs.
 * Threads: one thread at a time.
 */

#include <cpts/key_document.h>

#include "session.h"

/** A day as YYYY-MM-DD, empty for 0. */
void key_view_day(int64_t instant_us, char ret_text[CPTS_INSTANT_TEXT_BYTES]);

/** "statement", "revocation" ...; "" for none. */
const char *key_view_kind(enum cpts_key_document_kind kind);

/** COMPROMISED, LOST, SUPERSEDED, ENDED; "" for none. */
const char *key_view_reason_name(enum cpts_key_revocation_reason reason);

/** Reads a required --reason. */
int key_view_reason(const struct arguments *arguments, enum cpts_key_revocation_reason *ret_reason);

/** Prints what is known of a key, one fact a line or as JSON. @param what Its first line. */
int key_view_print(const struct session *session, const char *what,
                   const struct cpts_key_document *facts);

#endif
