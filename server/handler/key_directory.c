/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/key_directory.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define ENTRY_ARENA_BYTES ((size_t)256 * 1024)
#define FIRST_CAPACITY 256
#define US_PER_S 1000000
#define REGIONS_MAX 64

struct key_directory {
    pthread_mutex_t mutex;
    bool has_root;
    uint8_t root[KEY_BYTES];
    /* Ordered by CPTS and serial. */
    struct key_public *keys;
    size_t count;
    size_t capacity;
    /* The last revocation of the authority of each region that has one. */
    struct key_authority_revoked authorities[REGIONS_MAX];
    size_t authority_count;
};

struct key_directory *key_directory_new(const uint8_t *root)
{
    struct key_directory *directory = calloc(1, sizeof *directory);
    if (directory == NULL)
        return NULL;
    pthread_mutex_init(&directory->mutex, NULL);
    directory->has_root = root != NULL;
    if (root != NULL)
        memcpy(directory->root, root, KEY_BYTES);
    return directory;
}

void key_directory_free(struct key_directory *directory)
{
    if (directory == NULL)
        return;
    pthread_mutex_destroy(&directory->mutex);
    free(directory->keys);
    free(directory);
}

const uint8_t *key_directory_root(const struct key_directory *directory)
{
    return directory->has_root ? directory->root : NULL;
}

static int compare(const struct key_public *key, const uint8_t cpts_id[16], int32_t serial)
{
    int order = memcmp(key->cpts_id, cpts_id, 16);
    return order != 0 ? order : (key->serial > serial) - (key->serial < serial);
}

/* Index of the first key that is not before the one asked for. */
static size_t lower_bound(const struct key_directory *directory, const uint8_t cpts_id[16],
                          int32_t serial)
{
    size_t low = 0;
    size_t high = directory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare(&directory->keys[middle], cpts_id, serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct key_public *find(const struct key_directory *directory, const uint8_t cpts_id[16],
                               int32_t serial)
{
    size_t index = lower_bound(directory, cpts_id, serial);
    if (index == directory->count || compare(&directory->keys[index], cpts_id, serial) != 0)
        return NULL;
    return &directory->keys[index];
}

bool key_directory_find(struct key_directory *directory, const uint8_t cpts_id[16], int32_t serial,
                        struct key_public *ret_key)
{
    pthread_mutex_lock(&directory->mutex);
    const struct key_public *key = find(directory, cpts_id, serial);
    if (key != NULL)
        *ret_key = *key;
    pthread_mutex_unlock(&directory->mutex);
    return key != NULL;
}

bool key_directory_find_last(struct key_directory *directory, const uint8_t cpts_id[16],
                             struct key_public *ret_key)
{
    pthread_mutex_lock(&directory->mutex);
    size_t end = lower_bound(directory, cpts_id, INT32_MAX);
    bool found = end > 0 && memcmp(directory->keys[end - 1].cpts_id, cpts_id, 16) == 0;
    if (found)
        *ret_key = directory->keys[end - 1];
    pthread_mutex_unlock(&directory->mutex);
    return found;
}

cpts_status key_directory_use(struct key_directory *directory, const uint8_t cpts_id[16],
                              int32_t serial, struct key_public *ret_key, struct cpts_error *err)
{
    struct key_public key;
    if (!key_directory_find(directory, cpts_id, serial, &key))
        return error_set(err, REASON_KEY_NOT_PUBLISHED,
                         "the directory of keys has no such key of that CPTS");
    cpts_status status = key_holds_check(&key, clock_realtime_us() / US_PER_S, err);
    if (status == CPTS_OK)
        *ret_key = key;
    return status;
}

static struct key_authority_revoked *find_authority(struct key_directory *directory,
                                                    const char *region)
{
    for (size_t i = 0; i < directory->authority_count; i++) {
        if (strcmp(directory->authorities[i].region, region) == 0)
            return &directory->authorities[i];
    }
    return NULL;
}

static bool is_orphan(struct key_directory *directory, const char *region, int32_t serial)
{
    const struct key_authority_revoked *authority = find_authority(directory, region);
    return authority != NULL && authority->serial >= serial;
}

bool key_directory_is_orphan(struct key_directory *directory, const char *region,
                             int32_t authority_serial)
{
    pthread_mutex_lock(&directory->mutex);
    bool orphan = is_orphan(directory, region, authority_serial);
    pthread_mutex_unlock(&directory->mutex);
    return orphan;
}

static cpts_status revoke_authority(struct key_directory *directory,
                                    const struct key_authority_revoked *revoked,
                                    struct cpts_error *err)
{
    struct key_authority_revoked *known = find_authority(directory, revoked->region);
    if (known == NULL && directory->authority_count == REGIONS_MAX)
        return error_set(err, REASON_OUT_OF_MEMORY, "more regions than there are");
    if (known == NULL) {
        known = &directory->authorities[directory->authority_count++];
        *known = *revoked;
    }
    if (known->serial < revoked->serial)
        *known = *revoked;
    for (size_t i = 0; i < directory->count; i++) {
        struct key_public *key = &directory->keys[i];
        key->is_orphan = key->is_orphan || (strcmp(key->region, known->region) == 0 &&
                                            key->authority_serial <= known->serial);
    }
    return CPTS_OK;
}

static bool make_room(struct key_directory *directory)
{
    if (directory->count < directory->capacity)
        return true;
    size_t capacity = directory->capacity == 0 ? FIRST_CAPACITY : directory->capacity * 2;
    struct key_public *keys = realloc(directory->keys, capacity * sizeof *keys);
    if (keys == NULL)
        return false;
    directory->keys = keys;
    directory->capacity = capacity;
    return true;
}

/* The same key, which a successor vouches for now. */
static void adopt(struct key_public *known, const struct key_public *key)
{
    if (!known->is_orphan || key->is_orphan ||
        memcmp(known->encryption_key, key->encryption_key, KEY_BYTES) != 0 ||
        memcmp(known->signing_key, key->signing_key, KEY_BYTES) != 0)
        return;
    int64_t revoked_at_s = known->revoked_at_s;
    *known = *key;
    known->revoked_at_s = revoked_at_s;
}

static cpts_status insert(struct key_directory *directory, struct key_public *key,
                          struct cpts_error *err)
{
    size_t index = lower_bound(directory, key->cpts_id, key->serial);
    key->is_orphan = is_orphan(directory, key->region, key->authority_serial);
    if (index < directory->count &&
        compare(&directory->keys[index], key->cpts_id, key->serial) == 0) {
        adopt(&directory->keys[index], key);
        return CPTS_OK;
    }
    if (!make_room(directory))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the directory of keys");
    memmove(&directory->keys[index + 1], &directory->keys[index],
            (directory->count - index) * sizeof *directory->keys);
    directory->keys[index] = *key;
    directory->count++;
    return CPTS_OK;
}

static cpts_status revoke(struct key_directory *directory, const struct key_revoked *revoked,
                          struct cpts_error *err)
{
    struct key_public *key = find(directory, revoked->cpts_id, revoked->serial);
    if (key == NULL || strcmp(key->region, revoked->region) != 0)
        return error_set(err, REASON_KEY_NOT_VOUCHED, "a revocation of a key that is not there");
    if (key->revoked_at_s == 0)
        key->revoked_at_s = revoked->revoked_at_s;
    return CPTS_OK;
}

static cpts_status take_authority(struct key_directory *directory,
                                  const Cpts__V1__SignedAuthorityRevocation *revocation,
                                  struct cpts_error *err)
{
    struct key_authority_revoked revoked;
    cpts_status status = key_authority_revocation_check(directory->root, revocation, &revoked, err);
    if (status != CPTS_OK)
        return status;
    pthread_mutex_lock(&directory->mutex);
    status = revoke_authority(directory, &revoked, err);
    pthread_mutex_unlock(&directory->mutex);
    return status;
}

/* Signatures are checked before the mutex is taken. */
static cpts_status take(struct key_directory *directory, const Cpts__V1__KeyEntry *entry,
                        struct cpts_error *err)
{
    struct key_public key;
    struct key_revoked revoked;
    bool is_revocation = entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION;
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION)
        return take_authority(directory, entry->authority_revocation, err);
    cpts_status status =
        is_revocation
            ? key_revocation_check(directory->root, entry->revocation, &revoked, err)
            : key_statement_check(directory->root,
                                  entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT
                                      ? entry->statement
                                      : NULL,
                                  &key, err);
    if (status != CPTS_OK)
        return status;
    pthread_mutex_lock(&directory->mutex);
    status = is_revocation ? revoke(directory, &revoked, err) : insert(directory, &key, err);
    pthread_mutex_unlock(&directory->mutex);
    return status;
}

cpts_status key_directory_add(struct key_directory *directory, const uint8_t *entry,
                              size_t entry_bytes, struct cpts_error *err)
{
    ProtobufCMessage *message = NULL;
    if (!directory->has_root)
        return error_set(err, REASON_KEY_NOT_VOUCHED, "this node knows no federation root");
    struct arena *arena = arena_new(ENTRY_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a key");
    cpts_status status =
        wire_unpack(&cpts__v1__key_entry__descriptor, entry, entry_bytes, arena, &message, err);
    if (status == CPTS_OK)
        status = take(directory, (const Cpts__V1__KeyEntry *)message, err);
    arena_free(arena);
    return status;
}
