/* SPDX-License-Identifier: Apache-2.0 */
/* The half of the store in memory that tells; and digests, which both do. */
#include <cpts/sync_digest.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sync_session.h"
#include "testing_store.h"
#include "ticks.h"
#include "wire/checkpoint.h"
#include "wire/error.h"

#define CHUNK_AGGREGATES 2
#define CHUNK_AGGREGATES_MAX 16

static void hash_scope(const char *scope, uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    crypto_hash_sha256(ret_hash, (const uint8_t *)scope, strlen(scope));
}

static bool is_zero(const uint8_t hash[CPTS_SYNC_HASH_BYTES])
{
    return sodium_is_zero(hash, CPTS_SYNC_HASH_BYTES) == 1;
}

/* Whether the peer's chain is not the one that is known of it. */
static bool is_other_chain(const struct cpts_sync_peer *peer, const struct testing_cursor *known)
{
    const struct cpts_sync_cursor *cursor = &known->cursor;
    return cursor->epoch > 0 &&
           (peer->epoch < cursor->epoch || peer->head_position < cursor->origin_position ||
            (peer->head_position == cursor->origin_position && !is_zero(cursor->origin_hash) &&
             memcmp(peer->head_hash, cursor->origin_hash, sizeof peer->head_hash) != 0));
}

static cpts_status resume(void *data, const struct cpts_sync_peer *peer,
                          struct cpts_sync_resume *ret_resume, struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_cursor *known = cpts_testing_store__cursor(store, peer->node);
    if (known == NULL)
        return cpts_testing_store__no_memory(err);
    bool is_lost = peer->cursor.epoch > 0 && peer->cursor.position > (int64_t)store->entries.count;
    if (is_lost && peer->cursor.epoch == store->self.epoch)
        store->self.epoch++;
    *ret_resume = (struct cpts_sync_resume){.kind = CPTS_SYNC_RESUMED,
                                            .position = peer->cursor.position,
                                            .epoch = store->self.epoch,
                                            .known_position = known->cursor.origin_position,
                                            .own_after = store->self.head_position};
    memcpy(ret_resume->own_hash, store->self.head_hash, sizeof ret_resume->own_hash);
    memcpy(ret_resume->known_hash, known->cursor.origin_hash, sizeof ret_resume->known_hash);
    hash_scope(peer->scope, ret_resume->scope_hash);
    if (store->fences && is_other_chain(peer, known)) {
        ret_resume->kind = CPTS_SYNC_FENCED;
        ret_resume->epoch = known->cursor.epoch + 1;
    } else if (peer->cursor.epoch == 0 || store->forgets) {
        ret_resume->kind = CPTS_SYNC_MUST_SNAPSHOT;
    } else if (peer->cursor.epoch != store->self.epoch) {
        ret_resume->kind = CPTS_SYNC_EPOCH_CHANGED;
    } else if (memcmp(peer->cursor.scope_hash, ret_resume->scope_hash, CPTS_SYNC_HASH_BYTES) != 0) {
        ret_resume->kind = CPTS_SYNC_SCOPE_CHANGED;
    }
    return CPTS_OK;
}

/* A batch that is being made: lists that grow. */
struct making {
    struct testing_store *store;
    const struct cpts_sync_peer *peer;
    struct sync_list entries;
    struct sync_list withheld;
    struct sync_list images;
    struct sync_list rows;
    bool has_memory;
};

static void making_done(struct making *making)
{
    cpts_sync_list__done(&making->entries);
    cpts_sync_list__done(&making->withheld);
    cpts_sync_list__done(&making->images);
    cpts_sync_list__done(&making->rows);
}

static void add_entry(struct making *making, const struct testing_entry *own)
{
    struct cpts_sync_entry *entry = cpts_sync_list__add(&making->entries, sizeof *entry);
    making->has_memory = making->has_memory && entry != NULL;
    if (entry == NULL)
        return;
    *entry = own->entry;
    entry->origin_node = own->origin;
    entry->aggregate_kind = own->kind;
    entry->aggregate_id = own->id;
    entry->kind = "CHANGED";
    entry->lead_region = own->region;
    entry->bytes =
        (struct cpts_bytes){.bytes = (const uint8_t *)own->text, .byte_count = strlen(own->text)};
}

static void withhold(struct making *making, const struct testing_entry *own)
{
    struct cpts_sync_withheld *runs = making->withheld.items;
    struct cpts_sync_withheld *run =
        making->withheld.count == 0 ? NULL : &runs[making->withheld.count - 1];
    if (run == NULL || run->last + 1 != own->entry.origin_position) {
        run = cpts_sync_list__add(&making->withheld, sizeof *run);
        making->has_memory = making->has_memory && run != NULL;
        if (run == NULL)
            return;
        run->first = own->entry.origin_position;
    }
    run->last = own->entry.origin_position;
    memcpy(run->hash, own->entry.hash, sizeof run->hash);
}

/* Only its owner's index: images are made once all are known. */
static void add_image(struct making *making, const struct testing_aggregate *aggregate)
{
    const struct testing_aggregate **images = making->images.items;
    for (size_t i = 0; i < making->images.count; i++) {
        if (images[i] == aggregate)
            return;
    }
    const struct testing_aggregate **place =
        cpts_sync_list__add(&making->images, sizeof(struct testing_aggregate *));
    making->has_memory = making->has_memory && place != NULL;
    if (place != NULL)
        *place = aggregate;
}

/* Gives the batch with what was collected. */
static cpts_status give(struct making *making, struct cpts_sync_batch *batch, cpts_sync_take *take,
                        void *data, struct cpts_error *err)
{
    size_t count = making->images.count;
    const struct testing_aggregate *const *aggregates = making->images.items;
    struct cpts_sync_image *images = calloc(count + 1, sizeof *images);
    struct cpts_sync_row *rows = calloc(count + 1, sizeof *rows);
    cpts_status status = cpts_testing_store__no_memory(err);
    if (images != NULL && rows != NULL && making->has_memory) {
        for (size_t i = 0; i < count; i++)
            images[i] = cpts_testing_store__image(aggregates[i], &rows[i]);
        batch->entries = making->entries.items;
        batch->entry_count = making->entries.count;
        batch->withheld = making->withheld.items;
        batch->withheld_count = making->withheld.count;
        batch->images = images;
        batch->image_count = count;
        status = take(batch, data, err);
    }
    free(images);
    free(rows);
    making_done(making);
    return status;
}

static void collect_entry(struct making *making, const struct testing_entry *own)
{
    if (strcmp(own->origin, making->store->self.node) != 0)
        return;
    const struct testing_aggregate *aggregate =
        cpts_testing_store__find(making->store, own->kind, own->id);
    if (aggregate == NULL ||
        !cpts_testing_store__is_visible(making->store, making->peer, aggregate)) {
        withhold(making, own);
        return;
    }
    add_entry(making, own);
    add_image(making, aggregate);
}

static cpts_status read_batch(void *data, const struct cpts_sync_peer *peer, int64_t after,
                              int32_t changes_max, cpts_sync_take *take, void *take_data,
                              struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_entry *entries = store->entries.items;
    struct making making = {.store = store, .peer = peer, .has_memory = true};
    struct cpts_sync_batch batch = {
        .after = after, .upto = after, .head = (int64_t)store->entries.count};
    for (; batch.upto < batch.head && batch.upto - after < changes_max; batch.upto++)
        collect_entry(&making, &entries[batch.upto]);
    return give(&making, &batch, take, take_data, err);
}

static cpts_status read_urgent(void *data, const struct cpts_sync_peer *peer, int64_t after,
                               cpts_sync_take *take, void *take_data, struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_entry *entries = store->entries.items;
    struct making making = {.store = store, .peer = peer, .has_memory = true};
    struct cpts_sync_batch batch = {.head = (int64_t)store->entries.count};
    for (int64_t i = after; i < batch.head; i++) {
        const struct testing_aggregate *aggregate =
            cpts_testing_store__find(store, entries[i].kind, entries[i].id);
        if (aggregate != NULL && aggregate->is_urgent &&
            cpts_testing_store__is_visible(store, peer, aggregate))
            add_image(&making, aggregate);
    }
    return give(&making, &batch, take, take_data, err);
}

/* The head of the snapshot: of now when it is a new one. */
static void begin_snapshot(struct testing_store *store, const struct cpts_sync_peer *peer,
                           const char *snapshot_id)
{
    struct cpts_sync_chunk *snapshot = &store->snapshot;
    if (strcmp(snapshot->snapshot_id, snapshot_id) == 0)
        return;
    *snapshot = (struct cpts_sync_chunk){.position = (int64_t)store->entries.count,
                                         .epoch = store->self.epoch,
                                         .origin_position = store->self.head_position};
    memcpy(snapshot->snapshot_id, snapshot_id, sizeof snapshot->snapshot_id);
    memcpy(snapshot->origin_hash, store->self.head_hash, sizeof snapshot->origin_hash);
    hash_scope(peer->scope, snapshot->scope_hash);
}

/* The visible aggregate after the one at `at`, or the count of all. */
static size_t next_visible(const struct testing_store *store, const struct cpts_sync_peer *peer,
                           size_t at)
{
    const struct testing_aggregate *aggregates = store->aggregates.items;
    while (at < store->aggregates.count &&
           !cpts_testing_store__is_visible(store, peer, &aggregates[at]))
        at++;
    return at;
}

static cpts_status snapshot(void *data, const struct cpts_sync_peer *peer, const char *snapshot_id,
                            int32_t first, cpts_sync_take_chunk *take, void *take_data,
                            struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_aggregate *aggregates = store->aggregates.items;
    int32_t size = store->chunk_aggregates == 0 ? CHUNK_AGGREGATES : store->chunk_aggregates;
    size_t at = next_visible(store, peer, 0);
    cpts_status status = CPTS_OK;
    begin_snapshot(store, peer, snapshot_id);
    for (int32_t i = 0; i < first * size; i++)
        at = next_visible(store, peer, at + 1);
    for (int32_t number = first; status == CPTS_OK; number++) {
        struct cpts_sync_chunk chunk = store->snapshot;
        struct cpts_sync_image images[CHUNK_AGGREGATES_MAX];
        struct cpts_sync_row rows[CHUNK_AGGREGATES_MAX];
        for (; chunk.image_count < (size_t)size && at < store->aggregates.count;
             at = next_visible(store, peer, at + 1)) {
            images[chunk.image_count] =
                cpts_testing_store__image(&aggregates[at], &rows[chunk.image_count]);
            chunk.image_count++;
        }
        chunk.chunk = number;
        chunk.images = images;
        chunk.last = at >= store->aggregates.count;
        status = take(&chunk, take_data, err);
        if (chunk.last)
            break;
    }
    return status;
}

static cpts_status fetch(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_aggregate *aggregates, size_t aggregate_count,
                         cpts_sync_take *take, void *take_data, struct cpts_error *err)
{
    struct testing_store *store = data;
    struct making making = {.store = store, .peer = peer, .has_memory = true};
    struct cpts_sync_batch batch = {0};
    for (size_t i = 0; i < aggregate_count; i++) {
        const struct testing_aggregate *found = cpts_testing_store__find(
            store, aggregates[i].aggregate_kind, aggregates[i].aggregate_id);
        if (found != NULL && cpts_testing_store__is_visible(store, peer, found))
            add_image(&making, found);
    }
    return give(&making, &batch, take, take_data, err);
}

static cpts_status give_back(void *data, const struct cpts_sync_peer *peer, int64_t after,
                             cpts_sync_take *take, void *take_data, struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_entry *entries = store->entries.items;
    const struct testing_aggregate *aggregates = store->aggregates.items;
    struct making making = {.store = store, .peer = peer, .has_memory = true};
    struct cpts_sync_batch batch = {.after = after, .upto = after, .head = after};
    for (size_t i = 0; i < store->entries.count; i++) {
        const struct cpts_sync_entry *entry = &entries[i].entry;
        if (strcmp(entries[i].origin, peer->node) != 0 || entry->origin_position <= after)
            continue;
        add_entry(&making, &entries[i]);
        batch.upto = batch.head = entry->origin_position;
    }
    for (size_t i = 0; i < store->aggregates.count; i++) {
        if (strcmp(aggregates[i].owner, peer->node) == 0)
            add_image(&making, &aggregates[i]);
    }
    return give(&making, &batch, take, take_data, err);
}

static cpts_status acknowledged(void *data, const struct cpts_sync_peer *peer, int64_t position,
                                struct cpts_error *err)
{
    struct testing_cursor *cursor = cpts_testing_store__cursor(data, peer->node);
    if (cursor == NULL)
        return cpts_testing_store__no_memory(err);
    cursor->acknowledged = position;
    return CPTS_OK;
}

static cpts_status sign(void *data, int64_t position, const uint8_t hash[CPTS_SYNC_HASH_BYTES],
                        struct cpts_sync_checkpoint *ret_checkpoint, struct cpts_error *err)
{
    const struct testing_store *store = data;
    (void)err;
    memcpy(ret_checkpoint->node, store->self.node, sizeof ret_checkpoint->node);
    memcpy(ret_checkpoint->hash, hash, CPTS_SYNC_HASH_BYTES);
    ret_checkpoint->position = position;
    ret_checkpoint->signed_at_us = cpts_ticks__wall_us();
    const struct checkpoint_point point = {.node = ret_checkpoint->node,
                                           .position = position,
                                           .hash = ret_checkpoint->hash,
                                           .signed_at_us = ret_checkpoint->signed_at_us};
    (void)checkpoint_sign(&point, store->secret, ret_checkpoint->signature);
    checkpoint_key_id(store->key, ret_checkpoint->key_id);
    return CPTS_OK;
}

static cpts_status restore(void *data, const struct cpts_sync_peer *peer, int32_t epoch,
                           struct cpts_error *err)
{
    struct testing_store *store = data;
    (void)peer;
    (void)err;
    store->is_read_only = epoch == 0;
    if (epoch > 0)
        store->self.epoch = epoch;
    return CPTS_OK;
}

static bool is_asked(const struct cpts_sync_digest_query *query, const char *id)
{
    int32_t bucket = cpts_sync_digest_bucket(id);
    for (size_t i = 0; query->buckets != NULL && i < query->bucket_count; i++) {
        if (query->buckets[i] == bucket)
            return true;
    }
    return query->buckets == NULL;
}

static cpts_status digest_one(const struct testing_aggregate *aggregate,
                              struct cpts_sync_aggregate *ret_digest, struct cpts_error *err)
{
    struct cpts_sync_row row;
    struct cpts_sync_image image = cpts_testing_store__image(aggregate, &row);
    *ret_digest = (struct cpts_sync_aggregate){.version = aggregate->version};
    memcpy(ret_digest->aggregate_kind, aggregate->kind, sizeof ret_digest->aggregate_kind);
    memcpy(ret_digest->aggregate_id, aggregate->id, sizeof ret_digest->aggregate_id);
    return cpts_sync_digest_rows(image.rows, 1, ret_digest->sha256, err);
}

/* Somebody writes meanwhile. */
static bool grow(struct testing_store *store, const struct cpts_sync_digest_query *query)
{
    size_t bucket_count = query->buckets == NULL ? CPTS_SYNC_BUCKETS : query->bucket_count;
    const struct testing_change change = {.kind = "CPTS",
                                          .id = "00000000-0000-7000-8000-000000009999",
                                          .region = "11",
                                          .body = "{\"d\": 1}"};
    return !query->as_source || store->quiet_buckets == 0 || bucket_count <= store->quiet_buckets ||
           cpts_testing_store__record(store, &change);
}

static cpts_status digest(void *data, const struct cpts_sync_peer *peer,
                          const struct cpts_sync_digest_query *query, int64_t *ret_position,
                          cpts_sync_take_aggregate *take, void *take_data, struct cpts_error *err)
{
    struct testing_store *store = data;
    struct sync_list found = {0};
    cpts_status status = grow(store, query) ? CPTS_OK : cpts_testing_store__no_memory(err);
    const struct testing_aggregate *aggregates = store->aggregates.items;
    for (size_t i = 0; i < store->aggregates.count && status == CPTS_OK; i++) {
        bool is_theirs = query->as_source
                             ? cpts_testing_store__is_visible(store, peer, &aggregates[i])
                             : strcmp(aggregates[i].source, peer->node) == 0;
        if (!is_theirs || !is_asked(query, aggregates[i].id))
            continue;
        struct cpts_sync_aggregate *one = cpts_sync_list__add(&found, sizeof *one);
        status =
            one == NULL ? cpts_testing_store__no_memory(err) : digest_one(&aggregates[i], one, err);
        if (status == CPTS_OK && query->buckets != NULL)
            status = take(one, take_data, err);
    }
    if (status == CPTS_OK && query->buckets == NULL)
        cpts_sync_digest_buckets(found.items, found.count, query->ret_digests);
    *ret_position = (int64_t)store->entries.count;
    cpts_sync_list__done(&found);
    return status;
}

void cpts_testing_store__add_source(struct cpts_sync_store *table)
{
    table->digest = digest;
    table->resume = resume;
    table->read = read_batch;
    table->read_urgent = read_urgent;
    table->snapshot = snapshot;
    table->fetch = fetch;
    table->give_back = give_back;
    table->acknowledged = acknowledged;
    table->sign = sign;
    table->restore = restore;
}
