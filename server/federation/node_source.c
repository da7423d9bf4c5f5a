/* SPDX-License-Identifier: Apache-2.0 */
/* A node's store as a source: what a peer may see of its log. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "federation/node_store_parts.h"
#include "federation/snapshot_memory.h"
#include "federation/thing_rows.h"
#include "store/query_array.h"
#include "wire/error.h"
#include "wire/uuid.h"

#define ALL "*"
#define STATUS_SUSPENDED "SUSPENDED"
/* Aggregates and, roughly, bytes of one chunk of a snapshot. */
#define CHUNK_AGGREGATES 256
#define CHUNK_BYTES (512 * 1024)
/* What stands beside the bytes of an entry and of a row. */
#define ENTRY_BYTES 320
#define ROW_BYTES 64
/* A batch that is too large is read again with this part of its changes at most. */
#define EXCERPT_PARTS 8

/* Begins a statement about what a peer may see. */
static struct query *query_for(struct node_store *store, enum statement_id statement,
                               const struct cpts_sync_peer *peer)
{
    struct query *query = node_query(store, statement, peer->node);
    if (query != NULL)
        query_text(query, peer->scope);
    return query;
}

/* Asks; the batch has what came. */
static cpts_status read_things(struct node_store *store, const struct query *query,
                               struct things *ret_things, struct cpts_sync_batch *ret_batch,
                               struct cpts_error *err)
{
    const struct rows *rows = NULL;
    cpts_status status = node_ask(store, query, &rows, err);
    if (status == CPTS_OK)
        status = things_read(rows, store->arena, ret_things, err);
    if (status != CPTS_OK)
        return status;
    *ret_batch = (struct cpts_sync_batch){.upto = ret_things->head.first,
                                          .head = ret_things->head.last,
                                          .entries = ret_things->entries,
                                          .entry_count = ret_things->entry_count,
                                          .withheld = ret_things->withheld,
                                          .withheld_count = ret_things->withheld_count,
                                          .images = ret_things->images,
                                          .image_count = ret_things->image_count};
    return CPTS_OK;
}

/* The log grows with a suspension: whoever is suspended is told at its next reading. */
static cpts_status check_still_served(const struct cpts_sync_peer *peer,
                                      const struct things *things, struct cpts_error *err)
{
    if (!node_is_region(peer) || strcmp(things->head.word, STATUS_SUSPENDED) != 0)
        return CPTS_OK;
    return error_set(err, REASON_NODE_SUSPENDED, "%.64s was suspended", peer->node);
}

/* Bytes of a batch on their way, roughly. */
static size_t batch_bytes(const struct cpts_sync_batch *batch)
{
    size_t bytes = 0;
    for (size_t i = 0; i < batch->entry_count; i++)
        bytes += batch->entries[i].bytes.byte_count + ENTRY_BYTES;
    for (size_t i = 0; i < batch->image_count; i++) {
        const struct cpts_sync_image *image = &batch->images[i];
        for (size_t row = 0; row < image->row_count; row++)
            bytes += image->rows[row].body.byte_count + ROW_BYTES;
    }
    return bytes;
}

/* Changes of the log that are asked for. */
struct excerpt {
    enum statement_id statement;
    int64_t after;
    int32_t changes_max;
};

/* The statement weighs a batch roughly; what turns out too large is read again, shorter. */
static cpts_status read_excerpt(struct node_store *store, const struct cpts_sync_peer *peer,
                                const struct excerpt *excerpt, struct things *ret_things,
                                struct cpts_sync_batch *ret_batch, struct cpts_error *err)
{
    int32_t changes_max = excerpt->changes_max;
    cpts_status status;
    do {
        struct query *query = query_for(store, excerpt->statement, peer);
        if (query != NULL) {
            query_int(query, excerpt->after);
            query_int(query, changes_max);
            query_int(query, NODE_STORE_BATCH_BYTES);
        }
        status = read_things(store, query, ret_things, ret_batch, err);
        changes_max /= EXCERPT_PARTS;
    } while (status == CPTS_OK && changes_max > 0 &&
             batch_bytes(ret_batch) > CPTS_SYNC_BATCH_BYTES_MAX / 4 * 3);
    ret_batch->after = excerpt->after;
    return status;
}

static cpts_status read_batch(void *data, const struct cpts_sync_peer *peer, int64_t after,
                              int32_t changes_max, cpts_sync_take *take, void *taker,
                              struct cpts_error *err)
{
    struct node_store *store = data;
    struct things things;
    struct cpts_sync_batch batch;
    struct excerpt excerpt = {STATEMENT_FEDERATION_READ, after, changes_max};
    cpts_status status = read_excerpt(store, peer, &excerpt, &things, &batch, err);
    if (status == CPTS_OK)
        status = check_still_served(peer, &things, err);
    return status == CPTS_OK ? take(&batch, taker, err) : status;
}

static cpts_status read_urgent(void *data, const struct cpts_sync_peer *peer, int64_t after,
                               cpts_sync_take *take, void *taker, struct cpts_error *err)
{
    struct node_store *store = data;
    struct things things;
    struct cpts_sync_batch batch;
    struct query *query = query_for(store, STATEMENT_FEDERATION_URGENT, peer);
    if (query != NULL)
        query_int(query, after);
    cpts_status status = read_things(store, query, &things, &batch, err);
    if (status != CPTS_OK)
        return status;
    batch.after = batch.upto = 0;
    batch.head = things.head.first;
    batch.urgent = true;
    return take(&batch, taker, err);
}

static cpts_status fetch(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_aggregate *aggregates, size_t aggregate_count,
                         cpts_sync_take *take, void *taker, struct cpts_error *err)
{
    struct node_store *store = data;
    struct things things;
    struct cpts_sync_batch batch;
    struct query *query = query_for(store, STATEMENT_FEDERATION_FETCH, peer);
    const char **kinds = arena_alloc(store->arena, (aggregate_count + 1) * sizeof *kinds);
    const char **ids = arena_alloc(store->arena, (aggregate_count + 1) * sizeof *ids);
    if (query == NULL || kinds == NULL || ids == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a reading");
    for (size_t i = 0; i < aggregate_count; i++) {
        kinds[i] = aggregates[i].aggregate_kind;
        ids[i] = aggregates[i].aggregate_id;
    }
    if (!query_are_uuids(ids, sizeof *ids, aggregate_count))
        return error_set(err, REASON_FRAME_UNEXPECTED, "an id is not a UUID");
    query_members(query, MEMBER_TEXT, kinds, sizeof *kinds, aggregate_count);
    query_members(query, MEMBER_UUID, ids, sizeof *ids, aggregate_count);
    cpts_status status = read_things(store, query, &things, &batch, err);
    if (status != CPTS_OK)
        return status;
    batch.after = batch.upto;
    return take(&batch, taker, err);
}

static cpts_status give_back(void *data, const struct cpts_sync_peer *peer, int64_t after,
                             cpts_sync_take *take, void *taker, struct cpts_error *err)
{
    struct node_store *store = data;
    struct things things;
    struct cpts_sync_batch batch;
    struct excerpt excerpt = {STATEMENT_FEDERATION_GIVE_BACK, after,
                              CPTS_SYNC_BATCH_CHANGES_MAX / 16};
    cpts_status status = read_excerpt(store, peer, &excerpt, &things, &batch, err);
    return status == CPTS_OK ? take(&batch, taker, err) : status;
}

/* Snapshots. */

/* A snapshot that is being read. */
struct snapshot {
    struct node_store *store;
    const struct cpts_sync_peer *peer;
    char id[CPTS_UUID_TEXT_BYTES];
    int32_t chunk;
    struct snapshot_point point;
    struct snapshot_place place;
    struct known_peer known;
};

static cpts_status read_chunk(struct snapshot *snapshot, struct things *ret_things,
                              struct cpts_error *err)
{
    struct cpts_sync_batch ignored;
    bool is_first = snapshot->place.aggregate_kind[0] == '\0';
    uint8_t id[16];
    struct query *query = query_for(snapshot->store, STATEMENT_FEDERATION_SNAPSHOT, snapshot->peer);
    if (query != NULL) {
        query_text(query, is_first ? NULL : snapshot->place.aggregate_kind);
        if (!is_first && uuid_parse(snapshot->place.aggregate_id, id))
            query_uuid(query, id);
        else
            query_text(query, NULL);
        query_int(query, CHUNK_AGGREGATES);
        query_int(query, CHUNK_BYTES);
    }
    return read_things(snapshot->store, query, ret_things, &ignored, err);
}

/* Entries that the peer has not yet follow the snapshot, which shows facts only: the log
 * goes on after the last one of this node's chain that it has, else after what it has of
 * others' besides; to the node above, which has all, from the first one on. */
static void keep_place(const struct snapshot *snapshot, struct snapshot_point *point)
{
    const int64_t log_head = point->position;
    const struct cpts_sync_cursor *cursor = &snapshot->peer->cursor;
    const struct known_peer *known = &snapshot->known;
    bool is_known = cursor->origin_position > 0 && known->has_own_hash &&
                    node_is_same_hash(known->own_hash, cursor->origin_hash);
    bool is_above = strcmp(snapshot->peer->scope, ALL) == 0 && cursor->origin_position == 0;
    if (!is_known && !is_above)
        return;
    point->position = is_known ? known->own_local_position : 0;
    point->origin_position = cursor->origin_position;
    memset(point->origin_hash, 0, sizeof point->origin_hash);
    if (is_known)
        memcpy(point->origin_hash, cursor->origin_hash, sizeof point->origin_hash);
    if (is_known && cursor->epoch == point->epoch && cursor->position <= log_head &&
        cursor->position > point->position)
        point->position = cursor->position;
}

/* The first chunk says of which point of the log all of them are. */
static void begin_snapshot(struct snapshot *snapshot, const struct thing_head *head)
{
    snapshot->point = (struct snapshot_point){
        .position = head->first,
        .epoch = head->epoch == 0 ? 1 : head->epoch, /* it has never stored anything */
        .origin_position = head->last,
        .chunk_count = head->count / CHUNK_AGGREGATES + 2,
    };
    memcpy(snapshot->point.origin_hash, head->hash, sizeof head->hash);
    keep_place(snapshot, &snapshot->point);
    snapshot_memory_begin(snapshot->store->options.snapshots, snapshot->peer->node, snapshot->id,
                          snapshot->chunk, &snapshot->point);
}

/* Where the next chunk begins. */
static cpts_status go_on_after(struct snapshot *snapshot, const struct things *things,
                               struct cpts_error *err)
{
    const struct cpts_sync_image *last = &things->images[things->image_count - 1];
    struct snapshot_place *place = &snapshot->place;
    snprintf(place->aggregate_kind, sizeof place->aggregate_kind, "%s", last->aggregate_kind);
    snprintf(place->aggregate_id, sizeof place->aggregate_id, "%s", last->aggregate_id);
    snapshot->chunk++;
    if (snapshot_memory_note(snapshot->store->options.snapshots, snapshot->peer->node,
                             snapshot->chunk, place))
        return CPTS_OK;
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a snapshot");
}

static cpts_status give_chunk(struct snapshot *snapshot, cpts_sync_take_chunk *take, void *taker,
                              bool *ret_is_last, struct cpts_error *err)
{
    struct things things = {0};
    bool is_first = snapshot->place.aggregate_kind[0] == '\0';
    cpts_status status = read_chunk(snapshot, &things, err);
    if (status != CPTS_OK)
        return status;
    if (is_first)
        begin_snapshot(snapshot, &things.head);
    struct cpts_sync_chunk chunk = {.chunk = snapshot->chunk,
                                    .position = snapshot->point.position,
                                    .epoch = snapshot->point.epoch,
                                    .origin_position = snapshot->point.origin_position,
                                    .images = things.images,
                                    .image_count = things.image_count,
                                    .last = things.image_count == 0,
                                    .chunk_count = snapshot->point.chunk_count};
    snprintf(chunk.snapshot_id, sizeof chunk.snapshot_id, "%s", snapshot->id);
    memcpy(chunk.scope_hash, snapshot->known.scope_hash, sizeof chunk.scope_hash);
    memcpy(chunk.origin_hash, snapshot->point.origin_hash, sizeof chunk.origin_hash);
    *ret_is_last = chunk.last;
    if (!chunk.last)
        status = go_on_after(snapshot, &things, err);
    return status == CPTS_OK ? take(&chunk, taker, err) : status;
}

/* One that is not known any more, for this node was started anew, begins again from its
 * first aggregate on, at a later point of the log: what the sink has staged of it is then
 * older than what follows. */
static void find_place(struct snapshot *snapshot, const char *snapshot_id, int32_t first)
{
    snprintf(snapshot->id, sizeof snapshot->id, "%s", snapshot_id);
    snapshot->chunk = first;
    if (first > 0)
        (void)snapshot_memory_find(snapshot->store->options.snapshots, snapshot->peer->node,
                                   snapshot_id, first, &snapshot->point, &snapshot->place);
}

static cpts_status read_snapshot(void *data, const struct cpts_sync_peer *peer,
                                 const char *snapshot_id, int32_t first, cpts_sync_take_chunk *take,
                                 void *taker, struct cpts_error *err)
{
    struct snapshot snapshot = {.store = data, .peer = peer};
    bool is_last = false;
    find_place(&snapshot, snapshot_id, first);
    cpts_status status = node_read_peer(data, peer->node, peer, &snapshot.known, err);
    if (status == CPTS_OK)
        status = node_check_region(peer, &snapshot.known, err);
    while (status == CPTS_OK && !is_last)
        status = give_chunk(&snapshot, take, taker, &is_last, err);
    return status;
}

void node_source_fill(struct cpts_sync_store *table)
{
    table->resume = node_resume;
    table->read = read_batch;
    table->read_urgent = read_urgent;
    table->snapshot = read_snapshot;
    table->fetch = fetch;
    table->give_back = give_back;
    table->acknowledged = node_acknowledged;
}
