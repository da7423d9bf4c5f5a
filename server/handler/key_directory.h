/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_KEY_DIRECTORY_H
#define HANDLER_KEY_DIRECTORY_H

/**
 * @file
 * The server's copy of the directory of public keys: every statement that the
 * federation root vouches for, found by CPTS and serial without the database.
 * What this server records is in it before it is answered; what another server
 * of the same database records follows within two seconds.
 *
 * Threads: any.
 */

#include <cpts/status.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/key_chain.h"

struct key_directory;

/** A directory under @p root (KEY_BYTES bytes, copied); NULL = this node knows
 * no root: nothing is vouched for, and it stays empty. @return NULL when memory is out. */
struct key_directory *key_directory_new(const uint8_t *root);
void key_directory_free(struct key_directory *directory);

/** The root, KEY_BYTES bytes; NULL when none is known. */
const uint8_t *key_directory_root(const struct key_directory *directory);

/** The statement of that serial, as it stands now. Expired and revoked ones are found, too:
 * key_holds_check() judges. @return false, output untouched, when there is none. */
bool key_directory_find(struct key_directory *directory, const uint8_t cpts_id[16], int32_t serial,
                        struct key_public *ret_key);

/** The last statement of a CPTS, as it stands now; as key_directory_find(). What
 * is sealed for a CPTS has to be sealed for this one. */
bool key_directory_find_last(struct key_directory *directory, const uint8_t cpts_id[16],
                             struct key_public *ret_key);

/** The key of a signature or a wrap, which must hold now: published, within its
 * dates, not revoked.
 * @return CPTS_OK · NOT_FOUND / KEY_NOT_PUBLISHED · FAILED_PRECONDITION / KEY_NOT_VOUCHED. */
CPTS_MUST_CHECK cpts_status key_directory_use(struct key_directory *directory,
                                              const uint8_t cpts_id[16], int32_t serial,
                                              struct key_public *ret_key, struct cpts_error *err);

/** The certificate of that serial of a region's authority was revoked, or a later one. */
bool key_directory_is_orphan(struct key_directory *directory, const char *region,
                             int32_t authority_serial);

/** Checks a packed KeyEntry against the root and takes it; a statement or
 * revocation that is there already changes nothing, except that a statement whose
 * authority was revoked is replaced when its successor signed it.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_NOT_VOUCHED · RESOURCE_EXHAUSTED /
 *         OUT_OF_MEMORY. */
CPTS_MUST_CHECK cpts_status key_directory_add(struct key_directory *directory, const uint8_t *entry,
                                              size_t entry_bytes, struct cpts_error *err);

#endif
