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
#include "wire/failpoint.h"
#include "wire/uuid.h"

#define ALL "*"
#define STATUS_ENROLLED "ENROLLED"
#define STATUS_SUSPENDED "SUSPENDED"
#define REGION_SCOPE "region:"
#define CPTS_SCOPE "cpts:"
/* Aggregates and, roughly, bytes of one chunk of a snapshot. */
#define CHUNK_AGGREGATES 256
#define CHUNK_BYTES (512 * 1024)
/* What stands beside the bytes of an entry and of a row. */
#define ENTRY_BYTES 320
#define ROW_BYTES 64
/* A batch that is too large is read again with this part of its changes at most. */
#define EXCERPT_PARTS 8

enum lost_column { LOST_EPOCH, LOST_AGREED_POSITION, LOST_AGREED_HASH };

/* The peer is a node below: its status counts, and its chain may be old. */
static bool is_region(const struct cpts_sync_peer *peer)
{
    return strncmp(peer->scope, REGION_SCOPE, strlen(REGION_SCOPE)) == 0;
}

static bool is_replica(const struct cpts_sync_peer *peer)
{
    return strncmp(peer->scope, CPTS_SCOPE, strlen(CPTS_SCOPE)) == 0;
}

/* Whether a region may have a session at all. */
static cpts_status check_region(const struct cpts_sync_peer *peer, const struct known_peer *known,
                                struct cpts_error *err)
{
    if (!is_region(peer))
        return CPTS_OK;
    if (strcmp(known->status, STATUS_SUSPENDED) == 0)
        return error_set(err, REASON_NODE_SUSPENDED, "%.64s is suspended", peer->node);
    if (strcmp(known->status, STATUS_ENROLLED) != 0)
        return error_set(err, REASON_NODE_UNKNOWN, "%.64s has not enrolled", peer->node);
    if (peer->epoch >= known->epoch)
        return CPTS_OK;
    cpts_status status = error_set(err, REASON_NODE_FENCED, "%.64s has epoch %d, not %d",
                                   peer->node, known->epoch, peer->epoch);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%d", known->epoch);
    return status;
}

static bool is_same(const uint8_t one[CPTS_SYNC_HASH_BYTES],
                    const uint8_t other[CPTS_SYNC_HASH_BYTES])
{
    return memcmp(one, other, CPTS_SYNC_HASH_BYTES) == 0;
}

/* Its own chain is not the one that is known here: it came back from an old backup, or
 * is a second one. */
static bool is_forked(const struct cpts_sync_peer *peer, const struct known_peer *known)
{
    if (!is_region(peer) || MUTANT("store/epoch_unchecked"))
        return false;
    return known->origin_position > peer->head_position ||
           (known->has_hash_at_head && !is_same(known->hash_at_head, peer->head_hash));
}

/* It is where this node's own chain is known to be. */
static bool is_of_own_chain(const struct cpts_sync_peer *peer, const struct known_peer *known)
{
    return peer->cursor.origin_position > 0 && known->has_own_hash &&
           is_same(known->own_hash, peer->cursor.origin_hash);
}

/* The peer has more of this node's log than there is, or another one: this node came back
 * from an old backup. */
static bool is_own_forked(const struct cpts_sync_peer *peer, const struct own_state *self,
                          const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    if (cursor->epoch != self->epoch)
        return cursor->epoch > self->epoch;
    return cursor->position > self->log_head || cursor->origin_position > self->head_position ||
           (cursor->origin_position > 0 && known->has_own_hash && !is_of_own_chain(peer, known));
}

/* Another epoch of the same chain goes on where that chain is. What was lost is known here,
 * if at all, for others gave it back: each is asked for what it has of that. */
static enum cpts_sync_resume_kind judge_cursor(const struct cpts_sync_peer *peer,
                                               const struct own_state *self,
                                               const struct known_peer *known)
{
    const struct cpts_sync_cursor *cursor = &peer->cursor;
    if (cursor->epoch == 0)
        return CPTS_SYNC_MUST_SNAPSHOT;
    if (cursor->epoch != self->epoch &&
        (!is_of_own_chain(peer, known) || cursor->origin_position > self->lost_after))
        return CPTS_SYNC_EPOCH_CHANGED;
    if (!is_same(cursor->scope_hash, known->scope_hash))
        return CPTS_SYNC_SCOPE_CHANGED;
    if (cursor->schema_version != NODE_STORE_SCHEMA_VERSION)
        return CPTS_SYNC_MUST_SNAPSHOT;
    return CPTS_SYNC_RESUMED;
}

/* Local positions are others after a restore: those of the chain are not. */
static cpts_status find_position(struct node_store *store, const struct cpts_sync_peer *peer,
                                 int64_t *ret_position, struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_POSITION, NULL);
    if (query != NULL)
        query_int(query, peer->cursor.origin_position);
    cpts_status status = node_ask(store, query, &rows, err);
    if (status == CPTS_OK)
        *ret_position = rows_int(rows, 0, 0);
    return status;
}

/* Notes what the peer has of this node's chain, and reads up to where both have the same. */
static cpts_status note_lost(struct node_store *store, const struct cpts_sync_peer *peer,
                             int32_t epoch, struct cpts_sync_resume *ret_resume,
                             struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_LOST, peer->node);
    if (query != NULL) {
        query_int(query, epoch);
        query_int(query, is_region(peer) ? peer->cursor.origin_position : 0);
        query_bytes(query, peer->cursor.origin_hash, sizeof peer->cursor.origin_hash);
    }
    cpts_status status = node_ask_logged(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    ret_resume->epoch = (int32_t)rows_int(rows, 0, LOST_EPOCH);
    ret_resume->own_after = rows_int(rows, 0, LOST_AGREED_POSITION);
    node_read_hash(rows, 0, LOST_AGREED_HASH, ret_resume->own_hash);
    return CPTS_OK;
}

/* This node takes another epoch, so that nobody takes what it wrote for what was lost. */
static cpts_status raise_epoch(struct node_store *store, const struct cpts_sync_peer *peer,
                               struct own_state *self, struct cpts_error *err)
{
    struct cpts_sync_resume lost = {0};
    int32_t before = peer->cursor.epoch;
    log_write(LOG_ERROR, "federation",
              "%s has more of this node's log than there is: it came back from an old backup "
              "and takes epoch %d",
              peer->node, before + 1);
    cpts_status status = note_lost(store, peer, before + 1, &lost, err);
    if (status != CPTS_OK)
        return status;
    self->epoch = lost.epoch;
    if (self->head_position < self->lost_after)
        self->lost_after = self->head_position;
    return CPTS_OK;
}

/* A peer that came back from an old backup has a new epoch: an older one is fenced now. */
static cpts_status note_epoch(struct node_store *store, const struct cpts_sync_peer *peer,
                              const struct known_peer *known, struct cpts_error *err)
{
    if (!is_region(peer) || peer->epoch <= known->epoch)
        return CPTS_OK;
    struct query *query = node_query(store, STATEMENT_FEDERATION_EPOCH, peer->node);
    if (query != NULL)
        query_int(query, peer->epoch);
    return node_ask(store, query, NULL, err);
}

/* What the node above has of this node's chain is another one: this node wrote on after it
 * came back from an old backup, or is a second one. Only the node above may say so, and
 * does in the next session. */
static cpts_status check_own_chain(struct node_store *store, const struct cpts_sync_peer *peer,
                                   const struct known_peer *known, struct cpts_error *err)
{
    if (is_region(peer) || strcmp(peer->scope, ALL) != 0 || store->is_fork ||
        !known->has_own_hash || peer->cursor.origin_position == 0 || is_of_own_chain(peer, known))
        return CPTS_OK;
    store->is_fork = true;
    log_write(LOG_ERROR, "federation", "%s has another chain of this node at position %lld",
              peer->node, (long long)peer->cursor.origin_position);
    return error_set(err, REASON_NODE_READ_ONLY,
                     "this side has another chain than was told before");
}

/* Reads who both are, and whether they may go on at all. */
static cpts_status look_at_both(struct node_store *store, const struct cpts_sync_peer *peer,
                                struct own_state *ret_self, struct known_peer *ret_known,
                                struct cpts_error *err)
{
    cpts_status status = node_read_self(store, ret_self, err);
    if (status == CPTS_OK)
        status = node_read_peer(store, peer->node, peer, ret_known, err);
    if (status == CPTS_OK)
        status = check_region(peer, ret_known, err);
    if (status == CPTS_OK)
        status = check_own_chain(store, peer, ret_known, err);
    if (status == CPTS_OK && is_region(peer) && is_own_forked(peer, ret_self, ret_known))
        status = raise_epoch(store, peer, ret_self, err);
    return status;
}

static cpts_status acknowledged(void *data, const struct cpts_sync_peer *peer, int64_t position,
                                struct cpts_error *err)
{
    struct node_store *store = data;
    struct query *query = node_query(store, STATEMENT_FEDERATION_ACKNOWLEDGED, peer->node);
    if (query != NULL)
        query_int(query, position);
    return node_ask(store, query, NULL, err);
}

static cpts_status resume(void *data, const struct cpts_sync_peer *peer,
                          struct cpts_sync_resume *ret_resume, struct cpts_error *err)
{
    struct node_store *store = data;
    struct own_state self;
    struct known_peer known;
    cpts_status status = look_at_both(store, peer, &self, &known, err);
    if (status != CPTS_OK)
        return status;
    bool is_fenced = is_forked(peer, &known);
    if (!is_fenced)
        status = note_epoch(store, peer, &known, err);
    if (status != CPTS_OK)
        return status;
    struct cpts_sync_resume answer = {
        .kind = is_fenced ? CPTS_SYNC_FENCED : judge_cursor(peer, &self, &known),
        .position = peer->cursor.position,
        .epoch = is_fenced ? known.epoch + 1 : self.epoch,
        .known_position = known.origin_position,
    };
    memcpy(answer.scope_hash, known.scope_hash, sizeof answer.scope_hash);
    memcpy(answer.known_hash, known.origin_hash, sizeof answer.known_hash);
    if (answer.kind == CPTS_SYNC_RESUMED && peer->cursor.epoch != self.epoch)
        status = find_position(store, peer, &answer.position, err);
    if (answer.kind == CPTS_SYNC_EPOCH_CHANGED)
        status = note_lost(store, peer, self.epoch, &answer, err);
    /* From now on what is stored without an entry is marked for it. */
    if (status == CPTS_OK && is_replica(peer))
        status = acknowledged(store, peer, 0, err);
    if (status != CPTS_OK)
        return status;
    *ret_resume = answer;
    return CPTS_OK;
}

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
    if (!is_region(peer) || strcmp(things->head.word, STATUS_SUSPENDED) != 0)
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
                    is_same(known->own_hash, cursor->origin_hash);
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
        status = check_region(peer, &snapshot.known, err);
    while (status == CPTS_OK && !is_last)
        status = give_chunk(&snapshot, take, taker, &is_last, err);
    return status;
}

void node_source_fill(struct cpts_sync_store *table)
{
    table->resume = resume;
    table->read = read_batch;
    table->read_urgent = read_urgent;
    table->snapshot = read_snapshot;
    table->fetch = fetch;
    table->give_back = give_back;
    table->acknowledged = acknowledged;
}
