/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_OWN_KEYS_H
#define TOOL_OWN_KEYS_H

/**
 * @file
 * The private keys of whoever runs cptsctl: where they are and what unlocks them.
 *
 * Threads: one thread at a time.
 */

#include <cpts/keystore.h>

#include "arguments.h"
#include "session.h"

/** Opens the store of --keystore, else of the profile; the passphrase is the first
 * line of --passphrase-file, else of the profile's, else typed at the terminal.
 * After session_connect(). @return an exit code, after saying what is wrong. */
int own_keys_open(const struct session *session, const struct arguments *arguments,
                  cpts_keystore **ret_store);

/** Reads the first line of a file.
 * @return false after saying what is wrong. @p ret_text is to be wiped. */
bool own_keys_passphrase(const char *file, char ret_text[CPTS_PASSPHRASE_BYTES_MAX + 1]);

#endif
