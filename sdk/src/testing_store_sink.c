/* SPDX-License-Identifier: Apache-2.0 */
/* The half of the store in memory that takes. */
#include <cpts/sync_digest.h>
#include <stdio.h>
#include <string.h>

#include "testing_store.h"
#include "wire/error.h"

static cpts_status tell_self(void *data, struct cpts_sync_self *ret_self, struct cpts_error *err)
{
    const struct testing_store *store = data;
    (void)err;
    *ret_self = store->self;
    ret_self->is_restoring = store->is_read_only;
    return CPTS_OK;
}

/* What is signed of the chain that the cursor is of. */
static void tell_signed(const struct testing_store *store, const char *node,
                        struct cpts_sync_cursor *cursor)
{
    const struct cpts_sync_checkpoint *kept = store->checkpoints.items;
    const struct testing_entry *entries = store->entries.items;
    cursor->signed_position = 0;
    cursor->signed_point = (struct cpts_sync_checkpoint){0};
    cursor->unsigned_since_us = 0;
    for (size_t i = 0; i < store->checkpoints.count; i++) {
        if (strcmp(kept[i].node, node) == 0 && kept[i].position <= cursor->origin_position &&
            kept[i].position > cursor->signed_position) {
            cursor->signed_position = kept[i].position;
            cursor->signed_point = kept[i];
        }
    }
    for (size_t i = store->entries.count; i > 0; i--) {
        if (strcmp(entries[i - 1].origin, node) == 0 &&
            entries[i - 1].entry.origin_position > cursor->signed_position)
            cursor->unsigned_since_us = entries[i - 1].stored_us;
    }
}

static cpts_status tell_cursor(void *data, const char *node, struct cpts_sync_cursor *ret_cursor,
                               struct cpts_error *err)
{
    struct testing_store *store = data;
    const struct testing_cursor *cursor = cpts_testing_store__cursor(store, node);
    if (cursor == NULL)
        return cpts_testing_store__no_memory(err);
    *ret_cursor = cursor->cursor;
    tell_signed(store, node, ret_cursor);
    return CPTS_OK;
}

static bool park(struct testing_store *store, const struct cpts_sync_image *image)
{
    struct testing_alarm *parked = cpts_sync_list__add(&store->parked, sizeof *parked);
    if (parked == NULL)
        return false;
    parked->alarm = image->refused;
    snprintf(parked->aggregate_id, sizeof parked->aggregate_id, "%s", image->aggregate_id);
    return true;
}

/* What another peer told, or nobody did, is not its to take back. */
static void forget(struct testing_store *store, const struct cpts_sync_image *image,
                   const char *source)
{
    const struct testing_aggregate *aggregates = store->aggregates.items;
    const struct testing_aggregate *found =
        cpts_testing_store__find(store, image->aggregate_kind, image->aggregate_id);
    if (found != NULL && strcmp(found->source, source) == 0)
        cpts_testing_store__remove(store, (size_t)(found - aggregates));
}

static bool apply_image(struct testing_store *store, const struct cpts_sync_batch *batch,
                        const struct cpts_sync_image *image, const char *source,
                        struct cpts_sync_applied *applied)
{
    const struct testing_aggregate *found =
        cpts_testing_store__find(store, image->aggregate_kind, image->aggregate_id);
    bool replaces = batch->repair && !batch->given_back;
    if (image->refused != CPTS_SYNC_ALARM_NONE) {
        applied->newly_parked_count++;
        return park(store, image);
    }
    if (replaces && image->version == 0 && image->row_count == 0) {
        forget(store, image, source);
        return true;
    }
    bool is_same_again = found != NULL && image->again && found->version == image->version;
    if (found != NULL && found->version >= image->version && !replaces && !is_same_again) {
        applied->absorbed_count++;
        return true;
    }
    return cpts_testing_store__put(store, image, source);
}

/* Own entries from `position` on are another history: kept apart. */
static bool fork_off(struct testing_store *store, int64_t position)
{
    struct testing_entry *entries = store->entries.items;
    size_t kept = 0;
    for (size_t i = 0; i < store->entries.count; i++) {
        bool is_own = strcmp(entries[i].origin, store->self.node) == 0;
        if (is_own && entries[i].entry.origin_position >= position) {
            struct testing_entry *forked = cpts_sync_list__add(&store->forked, sizeof *forked);
            if (forked == NULL)
                return false;
            *forked = entries[i];
        } else {
            entries[kept++] = entries[i];
        }
    }
    store->entries.count = kept;
    return true;
}

/* The one that stands at the place of another in its origin's chain. */
static const struct testing_entry *find_entry(const struct testing_store *store,
                                              const struct cpts_sync_entry *other)
{
    const struct testing_entry *entries = store->entries.items;
    for (size_t i = 0; i < store->entries.count; i++) {
        if (strcmp(entries[i].origin, other->origin_node) == 0 &&
            entries[i].entry.origin_position == other->origin_position)
            return &entries[i];
    }
    return NULL;
}

static bool apply_entry(struct testing_store *store, const struct cpts_sync_batch *batch,
                        const struct cpts_sync_entry *entry)
{
    if (entry->refused != CPTS_SYNC_ALARM_NONE)
        return true;
    const struct testing_entry *known = find_entry(store, entry);
    bool is_same = known != NULL && memcmp(known->entry.hash, entry->hash, sizeof entry->hash) == 0;
    if (is_same || (known != NULL && !batch->given_back))
        return true;
    if (known != NULL && !fork_off(store, entry->origin_position))
        return false;
    return cpts_testing_store__append(store, entry);
}

static cpts_status apply(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err)
{
    struct testing_store *store = data;
    struct testing_cursor *cursor = cpts_testing_store__cursor(store, peer->node);
    bool is_whole = cursor != NULL;
    store->apply_count++;
    if (cpts_testing_store__fails(store))
        return store->fault == CPTS_UNAVAILABLE
                   ? error_set(err, REASON_DATABASE_UNAVAILABLE, "the store is away")
                   : error_set(err, REASON_INTERNAL_ERROR, "the store fails");
    const char *source = batch->given_back ? store->self.node : peer->node;
    for (size_t i = 0; i < batch->entry_count && is_whole; i++)
        is_whole = apply_entry(store, batch, &batch->entries[i]);
    for (size_t i = 0; i < batch->image_count && is_whole; i++)
        is_whole = apply_image(store, batch, &batch->images[i], source, ret_applied);
    if (!is_whole)
        return cpts_testing_store__no_memory(err);
    ret_applied->parked_count = (int32_t)store->parked.count;
    if (batch->urgent || batch->repair)
        return CPTS_OK;
    cursor->cursor.position = batch->upto;
    cursor->cursor.origin_position = batch->origin_position;
    memcpy(cursor->cursor.origin_hash, batch->origin_hash, sizeof batch->origin_hash);
    return CPTS_OK;
}

/* Takes over what was staged, in place of what the peer had told before. */
static void activate(struct testing_store *store, const struct cpts_sync_peer *peer,
                     struct testing_cursor *cursor)
{
    const struct testing_aggregate *staged = store->staged.items;
    struct testing_aggregate *aggregates = store->aggregates.items;
    for (size_t i = store->aggregates.count; i > 0; i--) {
        if (strcmp(aggregates[i - 1].source, peer->node) == 0)
            cpts_testing_store__remove(store, i - 1);
    }
    for (size_t i = 0; i < store->staged.count; i++) {
        struct cpts_sync_row row;
        struct cpts_sync_image image = cpts_testing_store__image(&staged[i], &row);
        (void)cpts_testing_store__put(store, &image, peer->node);
        cpts_testing_store__free_aggregate((struct testing_aggregate *)&staged[i]);
    }
    cpts_sync_list__empty(&store->staged);
    const struct cpts_sync_chunk *first = &store->staged_first;
    cursor->cursor = (struct cpts_sync_cursor){.epoch = first->epoch,
                                               .position = first->position,
                                               .schema_version = 1,
                                               .origin_position = first->origin_position};
    memcpy(cursor->cursor.scope_hash, first->scope_hash, sizeof first->scope_hash);
    memcpy(cursor->cursor.origin_hash, first->origin_hash, sizeof first->origin_hash);
}

static bool stage_image(struct testing_store *store, const struct cpts_sync_image *image)
{
    struct testing_store aside = {0};
    if (!cpts_testing_store__put(&aside, image, ""))
        return false;
    struct testing_aggregate *place = cpts_sync_list__add(&store->staged, sizeof *place);
    if (place != NULL)
        *place = *(struct testing_aggregate *)aside.aggregates.items;
    cpts_sync_list__done(&aside.aggregates);
    return place != NULL;
}

static cpts_status stage(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct testing_store *store = data;
    struct testing_cursor *cursor = cpts_testing_store__cursor(store, peer->node);
    bool is_whole = cursor != NULL;
    if (chunk->chunk == 0) {
        struct testing_aggregate *staged = store->staged.items;
        for (size_t i = 0; i < store->staged.count; i++)
            cpts_testing_store__free_aggregate(&staged[i]);
        cpts_sync_list__empty(&store->staged);
        store->staged_first = *chunk;
    } else if (is_whole && (strcmp(cursor->cursor.snapshot_id, chunk->snapshot_id) != 0 ||
                            cursor->cursor.snapshot_chunk_count != chunk->chunk)) {
        return error_set(err, REASON_GAP, "a chunk before %d is missing", (int)chunk->chunk);
    }
    for (size_t i = 0; i < chunk->image_count && is_whole; i++)
        is_whole = chunk->images[i].refused != CPTS_SYNC_ALARM_NONE
                       ? park(store, &chunk->images[i])
                       : stage_image(store, &chunk->images[i]);
    if (!is_whole)
        return cpts_testing_store__no_memory(err);
    snprintf(cursor->cursor.snapshot_id, sizeof cursor->cursor.snapshot_id, "%s",
             chunk->snapshot_id);
    cursor->cursor.snapshot_chunk_count = chunk->chunk + 1;
    if (chunk->last)
        activate(store, peer, cursor);
    return CPTS_OK;
}

static cpts_status keep_checkpoint(void *data, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err)
{
    struct testing_store *store = data;
    struct cpts_sync_checkpoint *own = cpts_sync_list__add(&store->checkpoints, sizeof *own);
    if (own == NULL)
        return cpts_testing_store__no_memory(err);
    *own = *checkpoint;
    return CPTS_OK;
}

static cpts_status alarm(void *data, const struct cpts_sync_peer *peer, enum cpts_sync_alarm kind,
                         const char *aggregate_id, const char *detail, struct cpts_error *err)
{
    struct testing_store *store = data;
    struct testing_alarm *own = cpts_sync_list__add(&store->alarms, sizeof *own);
    (void)peer;
    (void)detail;
    if (own == NULL)
        return cpts_testing_store__no_memory(err);
    own->alarm = kind;
    snprintf(own->aggregate_id, sizeof own->aggregate_id, "%s", aggregate_id);
    return CPTS_OK;
}

static cpts_status checkpoint_key(void *data, const char *node, uint8_t ret_key[32],
                                  struct cpts_error *err)
{
    const struct testing_store *store = data;
    const struct testing_key *keys = store->keys.items;
    for (size_t i = store->keys.count; i > 0; i--) {
        if (strcmp(keys[i - 1].node, node) != 0)
            continue;
        memcpy(ret_key, keys[i - 1].key, sizeof keys[i - 1].key);
        return CPTS_OK;
    }
    return error_set(err, REASON_KEY_NOT_PUBLISHED, "no key of %s", node);
}

void cpts_testing_store__add_sink(struct cpts_sync_store *table)
{
    table->self = tell_self;
    table->cursor = tell_cursor;
    table->apply = apply;
    table->stage = stage;
    table->keep_checkpoint = keep_checkpoint;
    table->alarm = alarm;
    table->checkpoint_key = checkpoint_key;
}
