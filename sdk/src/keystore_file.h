/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_KEYSTORE_FILE_H
#define SDK_KEYSTORE_FILE_H

/**
 * @file
 * What a store of private keys is made of, and its file, byte by byte; numbers
 * are big-endian:
 *
 *     `CPTSKEY1` · salt 16 · operations 4 · memory in KiB 4 · nonce 24 ·
 *     crypto_secretbox of the content under Argon2id of the passphrase
 *
 *     content: kind 1 · length of the owner 1 · owner · count 4 · for each key:
 *     serial 4 · created at 8 (microseconds since 1970) · X25519 secret key 32 ·
 *     Ed25519 seed 32
 *
 * Threads: as cpts/keystore.h.
 */

#include <cpts/keystore.h>
#include <sys/types.h>
#include <time.h>

#include "wire/envelope.h"

#define KEYSTORE_OWNER_BYTES 40
#define KEYSTORE_SALT_BYTES 16
#define KEYSTORE_LOCK_BYTES 32

/** One key with its secret halves. */
struct keystore_pair {
    int32_t serial;
    int64_t created_at_us;
    struct envelope_pair encryption;
    uint8_t signing_key[CPTS_KEY_BYTES];
    uint8_t signing_secret[64];
};

/** How a file is locked: what the passphrase becomes, and with what effort. */
struct keystore_lock {
    uint8_t salt[KEYSTORE_SALT_BYTES];
    uint32_t operations;
    uint32_t memory_kib;
    uint8_t key[KEYSTORE_LOCK_BYTES];
};

/** In memory of libsodium's: locked, wiped when freed. */
struct cpts_keystore {
    enum cpts_keystore_kind kind;
    char owner[KEYSTORE_OWNER_BYTES];
    char path[4096];
    /** The file as it was read or written last: each writing makes another one, though the
     * number of one that is gone may come again. */
    dev_t device;
    ino_t inode;
    struct timespec modified;
    struct keystore_lock lock;
    struct keystore_pair pairs[CPTS_KEYSTORE_KEYS_MAX];
    size_t pair_count;
};

/** The key of that serial, 0 = the last one; NULL when there is none. */
const struct keystore_pair *cpts_keystore__find(const cpts_keystore *store, int32_t serial);

/** Makes a lock of a passphrase with a new salt; roots and authorities are
 * unlocked seldom and take longer. */
CPTS_MUST_CHECK cpts_status cpts_keystore__lock(const char *passphrase,
                                                enum cpts_keystore_kind kind,
                                                struct keystore_lock *ret_lock,
                                                struct cpts_error *err);

/** Writes the store under @p lock: in the place of what is there, or, @p is_new,
 * only where nothing is. FAILED_PRECONDITION / KEY_STORE_INVALID. */
CPTS_MUST_CHECK cpts_status cpts_keystore__write(const cpts_keystore *store,
                                                 const struct keystore_lock *lock, const char *path,
                                                 bool is_new, struct cpts_error *err);

/** Remembers the file at store->path as the one that the store is. */
void cpts_keystore__recognise(cpts_keystore *store);
/** @return false when another handle or process has written it since. */
bool cpts_keystore__is_current(const cpts_keystore *store);

/** Reads the file at store->path into a zeroed store. */
CPTS_MUST_CHECK cpts_status cpts_keystore__read(cpts_keystore *store, const char *passphrase,
                                                struct cpts_error *err);

#endif
