/* SPDX-License-Identifier: Apache-2.0 */
#include "trust.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trust_memory.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/envelope.h"
#include "wire/error.h"
#include "wire/key_chain.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define ROOT_FILE_BYTES 4096
#define ENTRY_ARENA_BYTES ((size_t)256 * 1024)
#define US_PER_S INT64_C(1000000)

struct trust {
    pthread_mutex_t mutex;
    bool has_root;
    uint8_t root[KEY_BYTES];
    struct trust_memory memory;
    /* The head that a node told last. */
    int64_t told_position;
    uint8_t told_hash[DIGEST_BYTES];
    cpts_key_event_callback *event;
    void *event_data;
};

static cpts_status configuration(const char *field, const char *path, const char *why,
                                 struct cpts_error *err)
{
    cpts_status status =
        error_set_field(err, REASON_CONFIGURATION_INVALID, field, "%.160s: %s", path, why);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%.255s", path);
    return status;
}

static cpts_status read_root(struct trust *trust, const struct cpts_client_options *options,
                             struct cpts_error *err)
{
    char text[ROOT_FILE_BYTES + 1];
    if (options->key_root != NULL) {
        memcpy(trust->root, options->key_root, sizeof trust->root);
        trust->has_root = true;
        return CPTS_OK;
    }
    if (options->key_root_file == NULL || options->key_root_file[0] == '\0')
        return CPTS_OK;
    FILE *file = fopen(options->key_root_file, "re");
    if (file == NULL)
        return configuration("key_root_file", options->key_root_file, strerror(errno), err);
    size_t byte_count = fread(text, 1, ROOT_FILE_BYTES, file);
    fclose(file);
    text[byte_count] = '\0';
    if (!key_root_parse(text, trust->root))
        return configuration("key_root_file", options->key_root_file,
                             "not a root's public key: 64 hexadecimal digits", err);
    trust->has_root = true;
    return CPTS_OK;
}

cpts_status cpts_trust__open(const struct cpts_client_options *options, struct trust **ret_trust,
                             struct cpts_error *err)
{
    struct trust *trust = calloc(1, sizeof *trust);
    if (trust == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    pthread_mutex_init(&trust->mutex, NULL);
    trust->event = options->key_event;
    trust->event_data = options->key_event_data;
    cpts_status status = read_root(trust, options, err);
    if (status == CPTS_OK && trust->has_root)
        status = cpts_trust_memory__open(&trust->memory, options->key_memory_file, err);
    if (status == CPTS_OK)
        *ret_trust = trust;
    else
        cpts_trust__close(trust);
    return status;
}

void cpts_trust__close(struct trust *trust)
{
    if (trust == NULL)
        return;
    cpts_trust_memory__close(&trust->memory);
    pthread_mutex_destroy(&trust->mutex);
    free(trust);
}

const uint8_t *cpts_trust__root(const struct trust *trust)
{
    return trust->has_root ? trust->root : NULL;
}

static void tell(const struct trust *trust, enum cpts_key_event_kind kind, const char *cpts_id,
                 int32_t serial, int32_t previous_serial, const char *message)
{
    const struct cpts_key_event event = {kind, cpts_id, serial, previous_serial, message};
    if (trust->event != NULL)
        trust->event(&event, trust->event_data);
}

static cpts_status refuse(const struct trust *trust, const uint8_t cpts_id[16], int32_t serial,
                          const char *sentence, struct cpts_error *err)
{
    char text[CPTS_UUID_TEXT_BYTES] = "";
    if (cpts_id != NULL)
        uuid_format(cpts_id, text);
    tell(trust, CPTS_KEY_EVENT_REFUSED, text, serial, 0, sentence);
    cpts_status status = error_set(err, REASON_KEY_NOT_VOUCHED, "%.200s", sentence);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%s", text);
    return status;
}

/* What was seen of this key before does not contradict it; a new one is remembered. */
static cpts_status remember(struct trust *trust, const struct key_public *key,
                            const ProtobufCBinaryData *statement, struct cpts_error *err)
{
    struct trust_seen seen = {.serial = key->serial};
    const struct trust_seen *last = cpts_trust_memory__last(&trust->memory, key->cpts_id);
    const struct trust_seen *same =
        cpts_trust_memory__find(&trust->memory, key->cpts_id, key->serial);
    int32_t last_serial = last == NULL ? 0 : last->serial;
    char text[CPTS_UUID_TEXT_BYTES];
    memcpy(seen.cpts_id, key->cpts_id, sizeof seen.cpts_id);
    snprintf(seen.region, sizeof seen.region, "%s", key->region);
    envelope_hash(statement->data, statement->len, seen.sha256);
    if (last != NULL && strcmp(last->region, key->region) != 0)
        return refuse(trust, key->cpts_id, key->serial,
                      "another region's authority vouched for this CPTS before", err);
    if (same != NULL)
        return memcmp(same->sha256, seen.sha256, sizeof seen.sha256) == 0
                   ? CPTS_OK
                   : refuse(trust, key->cpts_id, key->serial,
                            "under this serial another key was seen before", err);
    if (!cpts_trust_memory__add(&trust->memory, &seen))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to remember a key");
    uuid_format(key->cpts_id, text);
    if (key->serial > last_serial)
        tell(trust, last == NULL ? CPTS_KEY_EVENT_FIRST : CPTS_KEY_EVENT_CHANGED, text, key->serial,
             last_serial, last == NULL ? "a first key" : "another key");
    return CPTS_OK;
}

static void take_revocation(struct trust *trust, const struct key_revoked *revoked)
{
    char text[CPTS_UUID_TEXT_BYTES];
    struct trust_seen *seen =
        cpts_trust_memory__find(&trust->memory, revoked->cpts_id, revoked->serial);
    if (seen == NULL || seen->revoked_at_s != 0 || strcmp(seen->region, revoked->region) != 0)
        return;
    seen->revoked_at_s = revoked->revoked_at_s;
    seen->reason = revoked->reason;
    trust->memory.is_changed = true;
    uuid_format(revoked->cpts_id, text);
    tell(trust, CPTS_KEY_EVENT_REVOKED, text, revoked->serial, 0, "the key was revoked");
}

/* What the root says of an authority; anything else counts for nothing. */
static void take_authority(struct trust *trust,
                           const Cpts__V1__SignedAuthorityRevocation *signed_by)
{
    struct key_authority_revoked revoked;
    struct trust_authority authority = {0};
    if (signed_by == NULL ||
        key_authority_revocation_check(trust->root, signed_by, &revoked, NULL) != CPTS_OK)
        return;
    memcpy(authority.region, revoked.region, sizeof authority.region);
    authority.serial = revoked.serial;
    authority.revoked_at_s = revoked.revoked_at_s;
    authority.reason = revoked.reason;
    if (cpts_trust_memory__revoke(&trust->memory, &authority))
        tell(trust, CPTS_KEY_EVENT_REVOKED, "", revoked.serial, 0,
             "the key authority of a region was revoked");
}

/* Who signed the statement may be believed, as for a key: of what was asked about the past,
 * what an authority that nobody else can have had signed before stands. */
static bool is_vouched_at(const struct trust *trust, const struct key_public *key,
                          const struct trust_question *question, int64_t at_s)
{
    const struct trust_authority *authority =
        cpts_trust_memory__authority(&trust->memory, key->region);
    if (authority == NULL || authority->serial < key->authority_serial)
        return true;
    return question->serial > 0 && question->at_s > 0 &&
           authority->reason !=
               CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_COMPROMISED &&
           at_s < authority->revoked_at_s;
}

/* A revoked key is good for nothing any more, except that what it signed before
 * stands when nobody else can have had it. */
static bool is_good_at(const struct trust_seen *seen, const struct trust_question *question,
                       int64_t at_s)
{
    if (seen == NULL || seen->revoked_at_s == 0)
        return true;
    return question->serial > 0 && question->at_s > 0 &&
           seen->reason != CPTS__V1__KEY_REVOCATION_REASON__KEY_REVOCATION_REASON_COMPROMISED &&
           at_s < seen->revoked_at_s;
}

/* The statement is one of this CPTS and serial that the root vouches for. */
static cpts_status check_statement(struct trust *trust, const struct trust_question *question,
                                   const Cpts__V1__PublishedKey *published,
                                   struct key_public *ret_key, struct cpts_error *err)
{
    struct cpts_error why = {0};
    if (!trust->has_root)
        return refuse(trust, question->cpts_id, question->serial,
                      "no federation root is pinned: set key_root_file", err);
    if (key_statement_check(trust->root, published->statement, ret_key, &why) != CPTS_OK)
        return refuse(trust, question->cpts_id, question->serial, why.message, err);
    if (memcmp(ret_key->cpts_id, question->cpts_id, 16) != 0)
        return refuse(trust, question->cpts_id, question->serial,
                      "the node gave the key of another CPTS", err);
    if (question->serial > 0 && ret_key->serial != question->serial)
        return refuse(trust, question->cpts_id, question->serial,
                      "the node gave a key of another serial", err);
    return CPTS_OK;
}

static cpts_status check_seen(struct trust *trust, const struct trust_question *question,
                              const Cpts__V1__PublishedKey *published, const struct key_public *key,
                              struct cpts_error *err)
{
    struct key_revoked revoked;
    cpts_status status = remember(trust, key, &published->statement->statement, err);
    if (status != CPTS_OK)
        return status;
    if (published->revocation != NULL &&
        key_revocation_check(trust->root, published->revocation, &revoked, NULL) == CPTS_OK)
        take_revocation(trust, &revoked);
    const struct trust_seen *last = cpts_trust_memory__last(&trust->memory, key->cpts_id);
    if (question->serial == 0 && last != NULL && key->serial < last->serial)
        return refuse(trust, key->cpts_id, key->serial, "a key of a higher serial was seen before",
                      err);
    return CPTS_OK;
}

static cpts_status judge(struct trust *trust, const struct trust_question *question,
                         const Cpts__V1__PublishedKey *published, struct key_public *key,
                         struct cpts_error *err)
{
    struct cpts_error why = {0};
    int64_t at_s =
        question->serial > 0 && question->at_s > 0 ? question->at_s : (int64_t)time(NULL);
    cpts_status status = check_statement(trust, question, published, key, err);
    if (status != CPTS_OK)
        return status;
    take_authority(trust, published->authority_revocation);
    if (!is_vouched_at(trust, key, question, at_s))
        return refuse(trust, key->cpts_id, key->serial,
                      "the key authority that vouched for the key was revoked", err);
    status = check_seen(trust, question, published, key, err);
    if (status != CPTS_OK)
        return status;
    if (!is_good_at(cpts_trust_memory__find(&trust->memory, key->cpts_id, key->serial), question,
                    at_s))
        return refuse(trust, key->cpts_id, key->serial, "the key was revoked", err);
    if (key_holds_check(key, at_s, &why) != CPTS_OK)
        return refuse(trust, key->cpts_id, key->serial, why.message, err);
    return CPTS_OK;
}

cpts_status cpts_trust__judge(struct trust *trust, const struct trust_question *question,
                              const Cpts__V1__PublishedKey *published, struct cpts_key *ret_key,
                              struct trust_texts *ret_texts, struct cpts_error *err)
{
    struct key_public key;
    pthread_mutex_lock(&trust->mutex);
    cpts_status status = judge(trust, question, published, &key, err);
    pthread_mutex_unlock(&trust->mutex);
    if (status != CPTS_OK)
        return status;
    uuid_format(key.cpts_id, ret_texts->cpts_id);
    snprintf(ret_texts->region, sizeof ret_texts->region, "%s", key.region);
    *ret_key = (struct cpts_key){.cpts_id = ret_texts->cpts_id,
                                 .region = ret_texts->region,
                                 .serial = key.serial,
                                 .valid_from_us = key.valid_from_s * US_PER_S,
                                 .valid_to_us = key.valid_to_s * US_PER_S};
    memcpy(ret_key->encryption_key, key.encryption_key, CPTS_KEY_BYTES);
    memcpy(ret_key->signing_key, key.signing_key, CPTS_KEY_BYTES);
    return CPTS_OK;
}

cpts_status cpts_trust__miss(struct trust *trust, const struct trust_question *question,
                             struct cpts_error *err)
{
    char text[CPTS_UUID_TEXT_BYTES];
    pthread_mutex_lock(&trust->mutex);
    const struct trust_seen *seen =
        question->serial == 0
            ? cpts_trust_memory__last(&trust->memory, question->cpts_id)
            : cpts_trust_memory__find(&trust->memory, question->cpts_id, question->serial);
    cpts_status status = CPTS_OK;
    if (seen != NULL)
        status = refuse(trust, question->cpts_id, question->serial,
                        "a key that was published before is not there any more", err);
    pthread_mutex_unlock(&trust->mutex);
    if (status != CPTS_OK)
        return status;
    uuid_format(question->cpts_id, text);
    status =
        error_set(err, REASON_KEY_NOT_PUBLISHED, "the CPTS %s has published no such key", text);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%s", text);
    return status;
}

static cpts_status compare(struct trust *trust, const Cpts__V1__DirectoryHead *head,
                           struct cpts_error *err)
{
    struct trust_memory *memory = &trust->memory;
    if (!trust->has_root)
        return refuse(trust, NULL, 0, "no federation root is pinned: set key_root_file", err);
    if (head == NULL || head->position < 0 || head->hash.len != DIGEST_BYTES)
        return refuse(trust, NULL, 0, "the node told no head of its directory", err);
    if (!memory->has_head)
        cpts_trust_memory__set_head(memory, head->position, head->hash.data);
    if (head->position < memory->head_position)
        return refuse(trust, NULL, 0, "the directory is shorter than it was", err);
    if (head->position == memory->head_position &&
        memcmp(head->hash.data, memory->head_hash, DIGEST_BYTES) != 0)
        return refuse(trust, NULL, 0, "the directory is another one than before", err);
    trust->told_position = head->position;
    memcpy(trust->told_hash, head->hash.data, sizeof trust->told_hash);
    return CPTS_OK;
}

cpts_status cpts_trust__compare(struct trust *trust, const Cpts__V1__DirectoryHead *head,
                                struct cpts_error *err)
{
    pthread_mutex_lock(&trust->mutex);
    cpts_status status = compare(trust, head, err);
    pthread_mutex_unlock(&trust->mutex);
    return status;
}

bool cpts_trust__is_behind(struct trust *trust, int64_t *ret_position)
{
    pthread_mutex_lock(&trust->mutex);
    *ret_position = trust->memory.head_position;
    bool is_behind = trust->told_position > trust->memory.head_position;
    pthread_mutex_unlock(&trust->mutex);
    return is_behind;
}

/* What an entry says is remembered when the root vouches for it; else it counts
 * for nothing, wherever it stands. */
static cpts_status take_entry(struct trust *trust, const ProtobufCBinaryData *bytes,
                              struct arena *arena, struct cpts_error *err)
{
    struct key_public key;
    struct key_revoked revoked;
    ProtobufCMessage *message = NULL;
    if (wire_unpack(&cpts__v1__key_entry__descriptor, bytes->data, bytes->len, arena, &message,
                    NULL) != CPTS_OK)
        return CPTS_OK;
    const Cpts__V1__KeyEntry *entry = (const Cpts__V1__KeyEntry *)message;
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_STATEMENT &&
        key_statement_check(trust->root, entry->statement, &key, NULL) == CPTS_OK)
        return remember(trust, &key, &entry->statement->statement, err);
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_REVOCATION &&
        key_revocation_check(trust->root, entry->revocation, &revoked, NULL) == CPTS_OK)
        take_revocation(trust, &revoked);
    if (entry->entry_case == CPTS__V1__KEY_ENTRY__ENTRY_AUTHORITY_REVOCATION)
        take_authority(trust, entry->authority_revocation);
    return CPTS_OK;
}

static cpts_status follow(struct trust *trust, const Cpts__V1__KeyChange *change,
                          struct arena *arena, struct cpts_error *err)
{
    uint8_t hash[DIGEST_BYTES];
    struct trust_memory *memory = &trust->memory;
    digest_change(memory->head_hash, change->position, change->entry.data, change->entry.len, hash);
    if (change->position != memory->head_position + 1 || change->hash.len != sizeof hash ||
        memcmp(hash, change->hash.data, sizeof hash) != 0)
        return refuse(trust, NULL, 0, "the directory does not go on from what it was", err);
    if (change->position == trust->told_position &&
        memcmp(hash, trust->told_hash, sizeof hash) != 0)
        return refuse(trust, NULL, 0, "the directory leads to another head than was told", err);
    cpts_status status = take_entry(trust, &change->entry, arena, err);
    if (status == CPTS_OK)
        cpts_trust_memory__set_head(memory, change->position, hash);
    return status;
}

cpts_status cpts_trust__follow(struct trust *trust, const Cpts__V1__ListKeyChangesResponse *page,
                               struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    struct arena *arena = arena_new(ENTRY_ARENA_BYTES);
    if (arena == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory to follow the directory");
    pthread_mutex_lock(&trust->mutex);
    if (page->n_changes == 0)
        status = refuse(trust, NULL, 0, "the directory ends before the head that was told", err);
    for (size_t i = 0; status == CPTS_OK && i < page->n_changes; i++) {
        /* Another thread may have been here. */
        if (page->changes[i]->position <= trust->memory.head_position)
            continue;
        arena_reset(arena);
        status = follow(trust, page->changes[i], arena, err);
    }
    pthread_mutex_unlock(&trust->mutex);
    arena_free(arena);
    return status;
}

cpts_status cpts_trust__save(struct trust *trust, struct cpts_error *err)
{
    pthread_mutex_lock(&trust->mutex);
    cpts_status status = cpts_trust_memory__save(&trust->memory, err);
    pthread_mutex_unlock(&trust->mutex);
    return status;
}
