/* SPDX-License-Identifier: Apache-2.0 */
#include "keystore_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "wire/error.h"

#define MAGIC "CPTSKEY1"
#define MAGIC_BYTES 8
#define NONCE_BYTES crypto_secretbox_NONCEBYTES
#define HEAD_BYTES (MAGIC_BYTES + KEYSTORE_SALT_BYTES + 4 + 4 + NONCE_BYTES)
#define RECORD_BYTES (4 + 8 + 32 + 32)
#define CONTENT_BYTES_MAX (2 + KEYSTORE_OWNER_BYTES + 4 + CPTS_KEYSTORE_KEYS_MAX * RECORD_BYTES)
#define FILE_BYTES_MAX (HEAD_BYTES + crypto_secretbox_MACBYTES + CONTENT_BYTES_MAX)
/* What a file may ask for before it is believed. */
#define OPERATIONS_MAX 16
#define MEMORY_KIB_MAX (1024 * 1024)
#define BYTES_PER_KIB 1024

_Static_assert(KEYSTORE_SALT_BYTES == crypto_pwhash_SALTBYTES, "as libsodium");
_Static_assert(KEYSTORE_LOCK_BYTES == crypto_secretbox_KEYBYTES, "as libsodium");

/* Bytes being written or read, in order. */
struct cursor {
    uint8_t *at;
    const uint8_t *end;
    bool failed;
};

static cpts_status refuse(const char *path, const char *why, struct cpts_error *err)
{
    cpts_status status = error_set(err, REASON_KEY_STORE_INVALID, "%.180s: %s", path, why);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return status;
}

static void put(struct cursor *cursor, const void *bytes, size_t byte_count)
{
    memcpy(cursor->at, bytes, byte_count);
    cursor->at += byte_count;
}

static void put_number(struct cursor *cursor, uint64_t number, int byte_count)
{
    while (byte_count-- > 0)
        *cursor->at++ = (uint8_t)(number >> (8 * byte_count));
}

static void take(struct cursor *cursor, void *ret_bytes, size_t byte_count)
{
    if (cursor->failed || byte_count > (size_t)(cursor->end - cursor->at)) {
        cursor->failed = true;
        memset(ret_bytes, 0, byte_count);
        return;
    }
    memcpy(ret_bytes, cursor->at, byte_count);
    cursor->at += byte_count;
}

static uint64_t take_number(struct cursor *cursor, int byte_count)
{
    uint8_t bytes[8] = {0};
    uint64_t number = 0;
    take(cursor, bytes, (size_t)byte_count);
    for (int i = 0; i < byte_count; i++)
        number = number << 8 | bytes[i];
    return number;
}

static bool derive(struct keystore_lock *lock, const char *passphrase)
{
    return crypto_pwhash(lock->key, sizeof lock->key, passphrase, strlen(passphrase), lock->salt,
                         lock->operations, (size_t)lock->memory_kib * BYTES_PER_KIB,
                         crypto_pwhash_ALG_ARGON2ID13) == 0;
}

cpts_status cpts_keystore__lock(const char *passphrase, enum cpts_keystore_kind kind,
                                struct keystore_lock *ret_lock, struct cpts_error *err)
{
    size_t length = passphrase == NULL ? 0 : strlen(passphrase);
    bool is_offline = kind != CPTS_KEYSTORE_CPTS;
    if (length < CPTS_PASSPHRASE_BYTES_MIN || length > CPTS_PASSPHRASE_BYTES_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "passphrase",
                               "a passphrase has %d to %d bytes", CPTS_PASSPHRASE_BYTES_MIN,
                               CPTS_PASSPHRASE_BYTES_MAX);
    ret_lock->operations =
        is_offline ? crypto_pwhash_OPSLIMIT_MODERATE : crypto_pwhash_OPSLIMIT_INTERACTIVE;
    ret_lock->memory_kib =
        (is_offline ? crypto_pwhash_MEMLIMIT_MODERATE : crypto_pwhash_MEMLIMIT_INTERACTIVE) /
        BYTES_PER_KIB;
    randombytes_buf(ret_lock->salt, sizeof ret_lock->salt);
    return derive(ret_lock, passphrase)
               ? CPTS_OK
               : error_set(err, REASON_OUT_OF_MEMORY, "no memory to use a passphrase");
}

static size_t write_content(const cpts_keystore *store, uint8_t *content)
{
    struct cursor cursor = {.at = content};
    size_t owner_bytes = strlen(store->owner);
    put_number(&cursor, store->kind, 1);
    put_number(&cursor, owner_bytes, 1);
    put(&cursor, store->owner, owner_bytes);
    put_number(&cursor, store->pair_count, 4);
    for (size_t i = 0; i < store->pair_count; i++) {
        const struct keystore_pair *pair = &store->pairs[i];
        put_number(&cursor, (uint64_t)pair->serial, 4);
        put_number(&cursor, (uint64_t)pair->created_at_us, 8);
        put(&cursor, pair->encryption.secret_key, sizeof pair->encryption.secret_key);
        /* libsodium's secret key begins with the seed. */
        put(&cursor, pair->signing_secret, crypto_sign_SEEDBYTES);
    }
    return (size_t)(cursor.at - content);
}

/* A file as it is written. */
struct file_bytes {
    uint8_t bytes[FILE_BYTES_MAX];
    size_t count;
};

static void make_file(const cpts_keystore *store, const struct keystore_lock *lock,
                      struct file_bytes *file)
{
    uint8_t content[CONTENT_BYTES_MAX];
    uint8_t nonce[NONCE_BYTES];
    struct cursor cursor = {.at = file->bytes};
    size_t content_bytes = write_content(store, content);
    randombytes_buf(nonce, sizeof nonce);
    put(&cursor, MAGIC, MAGIC_BYTES);
    put(&cursor, lock->salt, sizeof lock->salt);
    put_number(&cursor, lock->operations, 4);
    put_number(&cursor, lock->memory_kib, 4);
    put(&cursor, nonce, sizeof nonce);
    (void)crypto_secretbox_easy(cursor.at, content, content_bytes, nonce, lock->key);
    sodium_memzero(content, sizeof content);
    file->count = HEAD_BYTES + crypto_secretbox_MACBYTES + content_bytes;
}

static bool write_all(int file, const uint8_t *bytes, size_t byte_count)
{
    while (byte_count > 0) {
        ssize_t written = write(file, bytes, byte_count);
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0) {
            bytes += written;
            byte_count -= (size_t)written;
        }
    }
    return fsync(file) == 0;
}

/* Makes the name of a file durable; some file systems need no such thing. */
static void sync_folder(const char *path)
{
    char folder[4096];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
             slash == NULL ? "." : path);
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file >= 0) {
        (void)fsync(file);
        close(file);
    }
}

cpts_status cpts_keystore__write(const cpts_keystore *store, const struct keystore_lock *lock,
                                 const char *path, bool is_new, struct cpts_error *err)
{
    char temporary[4096 + 8];
    struct file_bytes made;
    make_file(store, lock, &made);
    snprintf(temporary, sizeof temporary, "%s.new", path);
    (void)unlink(temporary);
    int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return refuse(path, strerror(errno), err);
    bool is_written = write_all(file, made.bytes, made.count);
    if (close(file) != 0)
        is_written = false;
    if (is_written)
        is_written = is_new ? link(temporary, path) == 0 : rename(temporary, path) == 0;
    int why = errno;
    (void)unlink(temporary);
    if (!is_written)
        return refuse(path, strerror(why), err);
    sync_folder(path);
    return CPTS_OK;
}

void cpts_keystore__recognise(cpts_keystore *store)
{
    struct stat found;
    if (stat(store->path, &found) != 0)
        return;
    store->device = found.st_dev;
    store->inode = found.st_ino;
    store->modified = found.st_mtim;
}

bool cpts_keystore__is_current(const cpts_keystore *store)
{
    struct stat found;
    return stat(store->path, &found) == 0 && found.st_dev == store->device &&
           found.st_ino == store->inode && found.st_mtim.tv_sec == store->modified.tv_sec &&
           found.st_mtim.tv_nsec == store->modified.tv_nsec;
}

static cpts_status read_file(const char *path, uint8_t *bytes, size_t *ret_byte_count,
                             struct cpts_error *err)
{
    struct stat about;
    size_t byte_count = 0;
    ssize_t got = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return refuse(path, strerror(errno), err);
    bool is_own = fstat(file, &about) == 0 && S_ISREG(about.st_mode) &&
                  (about.st_mode & (S_IRWXG | S_IRWXO)) == 0;
    while (is_own && byte_count < FILE_BYTES_MAX + 1 &&
           (got = read(file, bytes + byte_count, FILE_BYTES_MAX + 1 - byte_count)) > 0)
        byte_count += (size_t)got;
    close(file);
    if (!is_own)
        return refuse(path, "others may read it: chmod 600, and consider the keys known", err);
    *ret_byte_count = byte_count;
    return CPTS_OK;
}

static void take_pair(struct cursor *cursor, struct keystore_pair *pair)
{
    uint8_t seed[crypto_sign_SEEDBYTES];
    pair->serial = (int32_t)take_number(cursor, 4);
    pair->created_at_us = (int64_t)take_number(cursor, 8);
    take(cursor, pair->encryption.secret_key, sizeof pair->encryption.secret_key);
    take(cursor, seed, sizeof seed);
    if (!cursor->failed) {
        (void)crypto_scalarmult_base(pair->encryption.public_key, pair->encryption.secret_key);
        (void)crypto_sign_seed_keypair(pair->signing_key, pair->signing_secret, seed);
    }
    sodium_memzero(seed, sizeof seed);
}

static bool take_content(struct cursor *cursor, cpts_keystore *store)
{
    store->kind = (enum cpts_keystore_kind)take_number(cursor, 1);
    size_t owner_bytes = (size_t)take_number(cursor, 1);
    if (owner_bytes >= sizeof store->owner)
        return false;
    take(cursor, store->owner, owner_bytes);
    size_t count = (size_t)take_number(cursor, 4);
    if (count < 1 || count > CPTS_KEYSTORE_KEYS_MAX || store->kind < CPTS_KEYSTORE_CPTS ||
        store->kind > CPTS_KEYSTORE_ROOT)
        return false;
    for (size_t i = 0; i < count && !cursor->failed; i++)
        take_pair(cursor, &store->pairs[i]);
    store->pair_count = count;
    return !cursor->failed && cursor->at == cursor->end;
}

/* Reads the head; @return the nonce, NULL when it is no such file. */
static const uint8_t *take_head(struct cursor *cursor, struct keystore_lock *lock)
{
    uint8_t magic[MAGIC_BYTES];
    take(cursor, magic, sizeof magic);
    take(cursor, lock->salt, sizeof lock->salt);
    lock->operations = (uint32_t)take_number(cursor, 4);
    lock->memory_kib = (uint32_t)take_number(cursor, 4);
    const uint8_t *nonce = cursor->at;
    if (cursor->failed || memcmp(magic, MAGIC, sizeof magic) != 0 ||
        (size_t)(cursor->end - cursor->at) <= NONCE_BYTES + crypto_secretbox_MACBYTES ||
        lock->operations < 1 || lock->operations > OPERATIONS_MAX ||
        lock->memory_kib < crypto_pwhash_MEMLIMIT_MIN / BYTES_PER_KIB ||
        lock->memory_kib > MEMORY_KIB_MAX)
        return NULL;
    cursor->at += NONCE_BYTES;
    return nonce;
}

cpts_status cpts_keystore__read(cpts_keystore *store, const char *passphrase,
                                struct cpts_error *err)
{
    uint8_t bytes[FILE_BYTES_MAX + 1];
    uint8_t content[CONTENT_BYTES_MAX];
    size_t byte_count = 0;
    cpts_status status = read_file(store->path, bytes, &byte_count, err);
    if (status != CPTS_OK)
        return status;
    struct cursor cursor = {.at = bytes, .end = bytes + byte_count};
    const uint8_t *nonce = byte_count > FILE_BYTES_MAX ? NULL : take_head(&cursor, &store->lock);
    if (nonce == NULL)
        return refuse(store->path, "it is no store of keys", err);
    if (!derive(&store->lock, passphrase))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to use a passphrase");
    size_t sealed_bytes = (size_t)(cursor.end - cursor.at);
    bool is_opened =
        crypto_secretbox_open_easy(content, cursor.at, sealed_bytes, nonce, store->lock.key) == 0;
    struct cursor inside = {.at = content,
                            .end = content + sealed_bytes - crypto_secretbox_MACBYTES};
    if (is_opened)
        is_opened = take_content(&inside, store);
    sodium_memzero(content, sizeof content);
    return is_opened ? CPTS_OK
                     : refuse(store->path, "the passphrase is another one, or it was changed", err);
}
