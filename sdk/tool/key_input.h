/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOOL_KEY_INPUT_H
#define TOOL_KEY_INPUT_H

/**
 * @file
 * Stores of private keys and documents about keys on the command line: where
 * they are, and their passphrases. What is wrong is said here; all return an
 * exit code.
 *
 * The store: --store FILE, else $CPTS_KEY_STORE, else keystore of the profile.
 * Its passphrase: --passphrase-file FILE, else $CPTS_KEY_PASSPHRASE_FILE, else
 * passphrase_file of the profile that was read, else asked at the terminal,
 * never shown and never an argument.
 *
 * Threads: one thread at a time.
 */

#include <cpts/key_document.h>

#include "arguments.h"
#include "session.h"

#define KEY_PASSPHRASE_BYTES (CPTS_PASSPHRASE_BYTES_MAX + 2)

/** Where the store is. @param ret_path Borrowed; lives as long as the session. */
int key_store_path(struct session *session, const struct arguments *arguments,
                   const char **ret_path);

/** Opens the store. @param kind  What it must be. */
int key_store_open(struct session *session, const struct arguments *arguments,
                   enum cpts_keystore_kind kind, cpts_keystore **ret_store);

/** Reads a passphrase from the file that @p option names, or asks for it; a new
 * one is asked for twice. Wipe it with explicit_bzero(). */
int key_passphrase(const struct session *session, const struct arguments *arguments,
                   const char *option, bool is_new, char ret_passphrase[KEY_PASSPHRASE_BYTES]);

/** Reads a document. @param path  `-`: the standard input. */
int key_document_load(const char *path, char **ret_document);

/** Writes a document to --out FILE, else to stdout, and releases it. */
int key_document_write(const struct arguments *arguments, char *document);

#endif
