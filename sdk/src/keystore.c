/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/keystore.h>
#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exchange.h"
#include "keystore_file.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define US_PER_S 1000000
#define NS_PER_US 1000
#define FINGERPRINT_BYTES 10

static cpts_status refuse_argument(const char *field, const char *why, struct cpts_error *err)
{
    return error_set_field(err, REASON_ARGUMENT_INVALID, field, "%s", why);
}

static bool is_region(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++) {
        if (!isdigit((unsigned char)text[i]) && !isupper((unsigned char)text[i]))
            return false;
    }
    return length == 2 || length == 3;
}

/* A UUID in its one lower-case form, a region's code, or nothing. */
static cpts_status take_owner(const struct cpts_keystore_creation *creation,
                              char ret_owner[KEYSTORE_OWNER_BYTES], struct cpts_error *err)
{
    uint8_t id[16];
    const char *owner = creation->owner == NULL ? "" : creation->owner;
    switch (creation->kind) {
    case CPTS_KEYSTORE_CPTS:
        if (!uuid_parse(owner, id))
            return refuse_argument("owner", "the UUID of a CPTS is needed", err);
        uuid_format(id, ret_owner);
        return CPTS_OK;
    case CPTS_KEYSTORE_AUTHORITY:
        if (!is_region(owner))
            return refuse_argument("owner", "the INSEE code of a region is needed", err);
        snprintf(ret_owner, KEYSTORE_OWNER_BYTES, "%.3s", owner);
        return CPTS_OK;
    case CPTS_KEYSTORE_ROOT:
        ret_owner[0] = '\0';
        return owner[0] == '\0' ? CPTS_OK : refuse_argument("owner", "the root has none", err);
    case CPTS_KEYSTORE_UNSPECIFIED:
        break;
    }
    return refuse_argument("kind", "whose keys are they?", err);
}

static void add_pair(cpts_keystore *store)
{
    struct timespec now;
    struct keystore_pair *pair = &store->pairs[store->pair_count];
    clock_gettime(CLOCK_REALTIME, &now);
    pair->serial = store->pair_count == 0 ? 1 : store->pairs[store->pair_count - 1].serial + 1;
    pair->created_at_us = (int64_t)now.tv_sec * US_PER_S + now.tv_nsec / NS_PER_US;
    (void)crypto_box_keypair(pair->encryption.public_key, pair->encryption.secret_key);
    (void)crypto_sign_keypair(pair->signing_key, pair->signing_secret);
    store->pair_count++;
}

/* A zeroed store for @p path; NULL after filling @p err. */
static cpts_keystore *make_store(const char *path, struct cpts_error *err)
{
    if (path == NULL || path[0] == '\0' || strlen(path) >= sizeof((cpts_keystore *)0)->path) {
        (void)refuse_argument("path", "there is no path, or it is too long", err);
        return NULL;
    }
    cpts_keystore *store = sodium_init() < 0 ? NULL : sodium_malloc(sizeof *store);
    if (store == NULL) {
        (void)error_set(err, REASON_OUT_OF_MEMORY, "no memory for keys");
        return NULL;
    }
    memset(store, 0, sizeof *store);
    snprintf(store->path, sizeof store->path, "%s", path);
    return store;
}

cpts_status cpts_keystore_create(const struct cpts_keystore_creation *creation,
                                 cpts_keystore **ret_store, struct cpts_error *err)
{
    struct cpts_keystore_creation own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, creation, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_error ignored = {0};
    struct cpts_error *told = err == NULL ? &ignored : err;
    cpts_keystore *store = make_store(own.path, told);
    if (store == NULL)
        return told->status;
    store->kind = own.kind;
    status = take_owner(&own, store->owner, err);
    if (status == CPTS_OK)
        status = cpts_keystore__lock(own.passphrase, own.kind, &store->lock, err);
    if (status == CPTS_OK) {
        add_pair(store);
        status = cpts_keystore__write(store, &store->lock, store->path, true, err);
    }
    if (status == CPTS_OK)
        cpts_keystore__recognise(store);
    if (status == CPTS_OK)
        *ret_store = store;
    else
        cpts_keystore_close(store);
    return status;
}

cpts_status cpts_keystore_open(const char *path, const char *passphrase, cpts_keystore **ret_store,
                               struct cpts_error *err)
{
    error_clear(err);
    if (passphrase == NULL)
        return refuse_argument("passphrase", "there is no passphrase", err);
    struct cpts_error ignored = {0};
    struct cpts_error *told = err == NULL ? &ignored : err;
    cpts_keystore *store = make_store(path, told);
    if (store == NULL)
        return told->status;
    cpts_keystore__recognise(store);
    cpts_status status = cpts_keystore__read(store, passphrase, err);
    if (status == CPTS_OK)
        *ret_store = store;
    else
        cpts_keystore_close(store);
    return status;
}

cpts_status cpts_keystore_generate(cpts_keystore *store, int32_t *ret_serial,
                                   struct cpts_error *err)
{
    error_clear(err);
    if (store->kind != CPTS_KEYSTORE_CPTS)
        return refuse_argument("store", "only a CPTS has several keys", err);
    if (store->pair_count == CPTS_KEYSTORE_KEYS_MAX)
        return refuse_argument("store", "it has all the keys that it may have", err);
    if (!cpts_keystore__is_current(store))
        return error_set(err, REASON_KEY_STORE_INVALID,
                         "%.160s: it was written meanwhile; open it again", store->path);
    add_pair(store);
    cpts_status status = cpts_keystore__write(store, &store->lock, store->path, false, err);
    if (status == CPTS_OK) {
        cpts_keystore__recognise(store);
        *ret_serial = store->pairs[store->pair_count - 1].serial;
        return CPTS_OK;
    }
    store->pair_count--;
    sodium_memzero(&store->pairs[store->pair_count], sizeof store->pairs[0]);
    return status;
}

cpts_status cpts_keystore_backup(const cpts_keystore *store, const char *path,
                                 const char *passphrase, struct cpts_error *err)
{
    struct keystore_lock lock;
    error_clear(err);
    if (path == NULL || path[0] == '\0' || strlen(path) >= sizeof store->path)
        return refuse_argument("path", "there is no path, or it is too long", err);
    cpts_status status = cpts_keystore__lock(passphrase, store->kind, &lock, err);
    if (status == CPTS_OK)
        status = cpts_keystore__write(store, &lock, path, true, err);
    sodium_memzero(&lock, sizeof lock);
    return status;
}

enum cpts_keystore_kind cpts_keystore_kind_of(const cpts_keystore *store)
{
    return store->kind;
}

const char *cpts_keystore_owner(const cpts_keystore *store)
{
    return store->owner;
}

size_t cpts_keystore_key_count(const cpts_keystore *store)
{
    return store->pair_count;
}

void cpts_keystore_key_at(const cpts_keystore *store, size_t index,
                          struct cpts_keystore_key *ret_key)
{
    *ret_key = (struct cpts_keystore_key){0};
    if (index >= store->pair_count)
        return;
    const struct keystore_pair *pair = &store->pairs[index];
    ret_key->serial = pair->serial;
    ret_key->created_at_us = pair->created_at_us;
    memcpy(ret_key->signing_key, pair->signing_key, CPTS_KEY_BYTES);
    if (store->kind == CPTS_KEYSTORE_CPTS)
        memcpy(ret_key->encryption_key, pair->encryption.public_key, CPTS_KEY_BYTES);
}

const struct keystore_pair *cpts_keystore__find(const cpts_keystore *store, int32_t serial)
{
    if (serial == 0)
        return &store->pairs[store->pair_count - 1];
    for (size_t i = 0; i < store->pair_count; i++) {
        if (store->pairs[i].serial == serial)
            return &store->pairs[i];
    }
    return NULL;
}

void cpts_keystore_close(cpts_keystore *store)
{
    if (store != NULL)
        sodium_free(store);
}

void cpts_key_fingerprint(const uint8_t encryption_key[CPTS_KEY_BYTES],
                          const uint8_t signing_key[CPTS_KEY_BYTES],
                          char ret_text[CPTS_KEY_FINGERPRINT_BYTES])
{
    uint8_t keys[2 * CPTS_KEY_BYTES];
    uint8_t hash[ENVELOPE_HASH_BYTES];
    char *at = ret_text;
    memcpy(keys, encryption_key, CPTS_KEY_BYTES);
    memcpy(keys + CPTS_KEY_BYTES, signing_key, CPTS_KEY_BYTES);
    envelope_hash(keys, sizeof keys, hash);
    for (int i = 0; i < FINGERPRINT_BYTES; i += 2)
        at += snprintf(at, (size_t)(ret_text + CPTS_KEY_FINGERPRINT_BYTES - at), "%s%02x%02x",
                       i == 0 ? "" : " ", hash[i], hash[i + 1]);
}
