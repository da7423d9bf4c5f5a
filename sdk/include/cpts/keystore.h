/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_KEYSTORE_H
#define CPTS_KEYSTORE_H

/**
 * @file
 * Private keys in a file: those of a CPTS, of a region's key authority, of the
 * federation root. The file has mode 0600 and is locked with a passphrase
 * (Argon2id, XSalsa20-Poly1305); it is replaced whole or not at all. Keys in
 * memory are wiped when the store is closed. Private keys never leave for a node.
 *
 * Threads: a store serves any number of threads at once, except while
 * cpts_keystore_generate() runs and when it is closed.
 */

#include <cpts/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Shortest and longest passphrase, bytes. */
#define CPTS_PASSPHRASE_BYTES_MIN 8
#define CPTS_PASSPHRASE_BYTES_MAX 1024
/** Most keys of a store. */
#define CPTS_KEYSTORE_KEYS_MAX 64
/** Bytes of a public key, and of its fingerprint's text with the final NUL. */
#define CPTS_KEY_BYTES 32
#define CPTS_KEY_FINGERPRINT_BYTES 25

/** An open store. */
typedef struct cpts_keystore cpts_keystore;

/** Whose keys they are. */
enum cpts_keystore_kind {
    CPTS_KEYSTORE_UNSPECIFIED = 0,
    /** Of a CPTS: encryption and signing keys, by serial. */
    CPTS_KEYSTORE_CPTS = 1,
    /** Of a region's key authority: a signing key. */
    CPTS_KEYSTORE_AUTHORITY = 2,
    /** Of the federation root: a signing key. Keep it offline. */
    CPTS_KEYSTORE_ROOT = 3
};

/** A store to be made. */
struct cpts_keystore_creation {
    size_t size;
    /** Where; nothing may be there yet. */
    const char *path;
    const char *passphrase;
    enum cpts_keystore_kind kind;
    /** UUID of the CPTS, or INSEE code of the region; NULL for the root. */
    const char *owner;
};

/** The public halves of one key of a store. */
struct cpts_keystore_key {
    /** From 1. */
    int32_t serial;
    int64_t created_at_us;
    /** X25519; zeros in a store that only signs. */
    uint8_t encryption_key[CPTS_KEY_BYTES];
    /** Ed25519. */
    uint8_t signing_key[CPTS_KEY_BYTES];
};

/* clang-format off */

/** Makes a store with a first key.
 * @return CPTS_OK · INVALID_ARGUMENT / ARGUMENT_INVALID: the passphrase is too
 *         short, the owner is none · FAILED_PRECONDITION / KEY_STORE_INVALID:
 *         something is there already, or it cannot be written (`detail`: the path) ·
 *         RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keystore_create(
    const struct cpts_keystore_creation *creation, cpts_keystore **ret_store,
    struct cpts_error *err);

/** Opens a store. Takes some tenths of a second on purpose.
 * @return CPTS_OK · FAILED_PRECONDITION / KEY_STORE_INVALID: no store, another
 *         passphrase, or readable by others than its owner. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keystore_open(
    const char *path, const char *passphrase, cpts_keystore **ret_store, struct cpts_error *err);

/** Adds the next key of a CPTS; it is in the file when this returns. Keys before
 * it stay, for what was sealed for them.
 * @return as cpts_keystore_create() · FAILED_PRECONDITION / KEY_STORE_INVALID: another
 *         handle or process wrote it meanwhile; open it again · INVALID_ARGUMENT: not a
 *         store of a CPTS. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keystore_generate(
    cpts_keystore *store, int32_t *ret_serial, struct cpts_error *err);

/** Writes a copy under a passphrase of its own, which cpts_keystore_open() opens
 * like any other: to restore, open the copy and back it up to the old place.
 * @return as cpts_keystore_create(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keystore_backup(
    const cpts_keystore *store, const char *path, const char *passphrase,
    struct cpts_error *err);

/* clang-format on */

CPTS_API enum cpts_keystore_kind cpts_keystore_kind_of(const cpts_keystore *store);

/** UUID of the CPTS or code of the region; "" for the root. Lives as long as the store. */
CPTS_API const char *cpts_keystore_owner(const cpts_keystore *store);

CPTS_API size_t cpts_keystore_key_count(const cpts_keystore *store);

/** The key at @p index, by serial; zeros beyond the last one. */
CPTS_API void cpts_keystore_key_at(const cpts_keystore *store, size_t index,
                                   struct cpts_keystore_key *ret_key);

/** Wipes the keys and releases the store; NULL is fine. */
CPTS_API void cpts_keystore_close(cpts_keystore *store);

/** A short text that two people compare to be sure that they mean the same keys:
 * the first 80 bits of SHA-256 of both public keys, `1a2b 3c4d …`. */
CPTS_API void cpts_key_fingerprint(const uint8_t encryption_key[CPTS_KEY_BYTES],
                                   const uint8_t signing_key[CPTS_KEY_BYTES],
                                   char ret_text[CPTS_KEY_FINGERPRINT_BYTES]);

#ifdef __cplusplus
}
#endif
#endif
