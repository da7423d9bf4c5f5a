/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_SQLSTATE_H
#define STORE_SQLSTATE_H

/**
 * @file
 * What an SQL error means to a caller. Business failures are rows; an error is
 * the database's own trouble, or the second wall behind a handler's check.
 *
 * Threads: constants, any thread.
 */

#include <stdbool.h>

#include "wire/reason.h"

/** Reason of an SQLSTATE, five characters, and the constraint it names (NULL or
 * "" when none). @p ret_field is set to the request's field at fault, "" when
 * no one field is. */
enum reason sqlstate_reason(const char *sqlstate, const char *constraint, const char **ret_field);

/** Whether the statement can succeed, unchanged, in a new session only: its
 * prepared statements are gone or out of date, or, under a session that
 * @p writes, the server became a standby. */
bool sqlstate_needs_new_session(const char *sqlstate, bool writes);

#endif
