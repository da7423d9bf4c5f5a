/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of cpts/sync_store.h that a replica has. */
#include <stdio.h>
#include <string.h>

#include "replica_file.h"
#include "ticks.h"
#include "wire/error.h"

static void read_hash(sqlite3_stmt *statement, int column, uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    memset(ret_hash, 0, CPTS_SYNC_HASH_BYTES);
    if (sqlite3_column_bytes(statement, column) == CPTS_SYNC_HASH_BYTES)
        memcpy(ret_hash, sqlite3_column_blob(statement, column), CPTS_SYNC_HASH_BYTES);
}

static cpts_status read_self(void *store, struct cpts_sync_self *ret_self, struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    struct cpts_sync_self self = {.epoch = 1};
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_SELF, err);
    if (statement != NULL) {
        if (cpts_sqlite__next(&replica->file, statement, err))
            cpts_sqlite__read_text(statement, 0, self.node, sizeof self.node);
        sqlite3_reset(statement);
    }
    pthread_mutex_unlock(&replica->lock);
    if (err->status == CPTS_OK)
        *ret_self = self;
    return err->status;
}

static cpts_status read_cursor(void *store, const char *node, struct cpts_sync_cursor *ret_cursor,
                               struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    struct cpts_sync_cursor cursor = {0};
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_CURSOR, err);
    if (statement != NULL) {
        cpts_sqlite__bind_text(statement, 1, node);
        if (cpts_sqlite__next(&replica->file, statement, err)) {
            cursor.epoch = sqlite3_column_int(statement, 0);
            cursor.position = sqlite3_column_int64(statement, 1);
            read_hash(statement, 2, cursor.scope_hash);
            cursor.schema_version = sqlite3_column_int(statement, 3);
            cursor.origin_position = sqlite3_column_int64(statement, 4);
            read_hash(statement, 5, cursor.origin_hash);
            cpts_sqlite__read_text(statement, 6, cursor.snapshot_id, sizeof cursor.snapshot_id);
            cursor.snapshot_chunk_count = sqlite3_column_int(statement, 7);
            cursor.signed_position = sqlite3_column_int64(statement, 8);
            cursor.unsigned_since_us = sqlite3_column_int64(statement, 9);
        }
        sqlite3_reset(statement);
    }
    pthread_mutex_unlock(&replica->lock);
    if (err->status == CPTS_OK)
        *ret_cursor = cursor;
    return err->status;
}

static cpts_status put_entry(struct sqlite_file *file, const struct cpts_sync_entry *entry,
                             struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_ENTRY_PUT, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, entry->origin_node);
    sqlite3_bind_int64(statement, 2, entry->origin_position);
    cpts_sqlite__bind_text(statement, 3, entry->aggregate_kind);
    cpts_sqlite__bind_text(statement, 4, entry->aggregate_id);
    sqlite3_bind_int(statement, 5, entry->version);
    cpts_sqlite__bind_text(statement, 6, entry->kind);
    sqlite3_bind_int64(statement, 7, entry->recorded_at_us);
    cpts_sqlite__bind_text(statement, 8, entry->actor);
    cpts_sqlite__bind_bytes(statement, 9, entry->bytes.bytes, entry->bytes.byte_count);
    cpts_sqlite__bind_bytes(statement, 10, entry->hash, sizeof entry->hash);
    sqlite3_bind_int(statement, 11, (int)entry->refused);
    sqlite3_bind_int64(statement, 12, cpts_ticks__wall_us());
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* Where a stream stands. */
struct place {
    int32_t epoch;
    int64_t position;
    int64_t head;
    /** NULL = as it was. */
    const uint8_t *scope_hash;
    int64_t origin_position;
    const uint8_t *origin_hash;
};

static cpts_status set_cursor(struct sqlite_file *file, const char *peer, const struct place *place,
                              struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_CURSOR_SET, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, peer);
    sqlite3_bind_int(statement, 2, place->epoch);
    sqlite3_bind_int64(statement, 3, place->position);
    sqlite3_bind_int64(statement, 4, place->head);
    cpts_sqlite__bind_bytes(statement, 5, place->scope_hash,
                            place->scope_hash == NULL ? 0 : CPTS_SYNC_HASH_BYTES);
    sqlite3_bind_int64(statement, 6, place->origin_position);
    cpts_sqlite__bind_bytes(statement, 7, place->origin_hash, CPTS_SYNC_HASH_BYTES);
    sqlite3_bind_int64(statement, 8, cpts_ticks__wall_us());
    return cpts_sqlite__run(file, statement, NULL, err);
}

static cpts_status count_parked(struct sqlite_file *file, int32_t *ret_count,
                                struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_PARKED_COUNT, err);
    if (statement == NULL)
        return err->status;
    if (cpts_sqlite__next(file, statement, err))
        *ret_count = sqlite3_column_int(statement, 0);
    sqlite3_reset(statement);
    return err->status;
}

/* In a transaction. */
static cpts_status apply_all(struct sqlite_file *file, const struct cpts_sync_peer *peer,
                             const struct cpts_sync_batch *batch, struct cpts_sync_applied *applied,
                             struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (size_t i = 0; status == CPTS_OK && i < batch->entry_count; i++)
        status = put_entry(file, &batch->entries[i], err);
    if (status == CPTS_OK)
        status = cpts_replica__put_images(file, batch->images, batch->image_count, false,
                                          batch->repair, applied, err);
    struct place place = {.epoch = peer->epoch,
                          .position = batch->upto,
                          .head = batch->head,
                          .origin_position = batch->origin_position,
                          .origin_hash = batch->origin_hash};
    if (status == CPTS_OK && !batch->urgent && !batch->repair)
        status = set_cursor(file, peer->node, &place, err);
    return status == CPTS_OK ? count_parked(file, &applied->parked_count, err) : status;
}

static cpts_status apply(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    struct cpts_sync_applied applied = {0};
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    cpts_status status = cpts_sqlite__begin(&replica->file, err);
    if (status == CPTS_OK) {
        status = apply_all(&replica->file, peer, batch, &applied, err);
        status = cpts_sqlite__end(&replica->file, status, err);
    }
    pthread_mutex_unlock(&replica->lock);
    if (status == CPTS_OK)
        *ret_applied = applied;
    return status;
}

static cpts_status run_staged(struct sqlite_file *file, enum replica_statement which, int staged,
                              struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, (int)which, err);
    if (statement == NULL)
        return err->status;
    if (sqlite3_bind_parameter_count(statement) > 0)
        sqlite3_bind_int(statement, 1, staged);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* Runs four statements for a snapshot that begins (two) or takes effect (all). */
static cpts_status drop_all(struct sqlite_file *file, int staged, struct cpts_error *err)
{
    cpts_status status = run_staged(file, REPLICA_ACTIVATE_DROP, staged, err);
    return status == CPTS_OK ? run_staged(file, REPLICA_ACTIVATE_RECORDS_DROP, staged, err)
                             : status;
}

static cpts_status activate(struct sqlite_file *file, const struct cpts_sync_peer *peer,
                            const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct place place = {.epoch = chunk->epoch,
                          .position = chunk->position,
                          .head = chunk->position,
                          .scope_hash = chunk->scope_hash,
                          .origin_position = chunk->origin_position,
                          .origin_hash = chunk->origin_hash};
    cpts_status status = drop_all(file, 0, err);
    if (status == CPTS_OK)
        status = run_staged(file, REPLICA_ACTIVATE, 0, err);
    if (status == CPTS_OK)
        status = run_staged(file, REPLICA_ACTIVATE_RECORDS, 0, err);
    return status == CPTS_OK ? set_cursor(file, peer->node, &place, err) : status;
}

static cpts_status set_staged(struct sqlite_file *file, const char *peer,
                              const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_STAGED_SET, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, peer);
    cpts_sqlite__bind_text(statement, 2, chunk->snapshot_id);
    sqlite3_bind_int(statement, 3, chunk->chunk + 1);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* A snapshot begins: what was staged goes, and the place in the stream of any other peer,
 * whose facts this one will replace. */
static cpts_status begin_staging(struct sqlite_file *file, const char *peer, struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_CURSORS_DROP, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, peer);
    cpts_status status = cpts_sqlite__run(file, statement, NULL, err);
    return status == CPTS_OK ? drop_all(file, 1, err) : status;
}

/* Whether all chunks before this one are staged: a snapshot that was put in place already, or
 * gave way to another one, is none that could be. */
static cpts_status check_staged(struct sqlite_file *file, const char *peer,
                                const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    char id[CPTS_UUID_TEXT_BYTES] = "";
    int32_t count = 0;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_CURSOR, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, peer);
    if (cpts_sqlite__next(file, statement, err)) {
        cpts_sqlite__read_text(statement, 6, id, sizeof id);
        count = sqlite3_column_int(statement, 7);
    }
    sqlite3_reset(statement);
    if (err->status != CPTS_OK || (strcmp(id, chunk->snapshot_id) == 0 && count == chunk->chunk))
        return err->status;
    return error_set(err, REASON_GAP, "chunk %d is not the one after those that are staged",
                     (int)chunk->chunk);
}

/* In a transaction. */
static cpts_status stage_all(struct sqlite_file *file, const struct cpts_sync_peer *peer,
                             const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct cpts_sync_applied ignored = {0};
    cpts_status status = chunk->chunk == 0 ? begin_staging(file, peer->node, err)
                                           : check_staged(file, peer->node, chunk, err);
    if (status == CPTS_OK)
        status = cpts_replica__put_images(file, chunk->images, chunk->image_count, true, false,
                                          &ignored, err);
    if (status != CPTS_OK)
        return status;
    return chunk->last ? activate(file, peer, chunk, err)
                       : set_staged(file, peer->node, chunk, err);
}

static cpts_status stage(void *store, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    cpts_status status = cpts_sqlite__begin(&replica->file, err);
    if (status == CPTS_OK) {
        status = stage_all(&replica->file, peer, chunk, err);
        status = cpts_sqlite__end(&replica->file, status, err);
    }
    pthread_mutex_unlock(&replica->lock);
    return status;
}

static cpts_status keep_checkpoint(void *store, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_CHECKPOINT, err);
    if (statement != NULL) {
        cpts_sqlite__bind_text(statement, 1, checkpoint->node);
        sqlite3_bind_int64(statement, 2, checkpoint->position);
        cpts_sqlite__bind_bytes(statement, 3, checkpoint->hash, sizeof checkpoint->hash);
        sqlite3_bind_int64(statement, 4, checkpoint->signed_at_us);
        cpts_sqlite__bind_bytes(statement, 5, checkpoint->signature, sizeof checkpoint->signature);
        err->status = cpts_sqlite__run(&replica->file, statement, NULL, err);
    }
    pthread_mutex_unlock(&replica->lock);
    return err->status;
}

static cpts_status raise_alarm(void *store, const struct cpts_sync_peer *peer,
                               enum cpts_sync_alarm alarm, const char *aggregate_id,
                               const char *detail, struct cpts_error *err)
{
    (void)peer;
    struct cpts_replica *replica = store;
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_ALARM, err);
    if (statement != NULL) {
        sqlite3_bind_int(statement, 1, (int)alarm);
        cpts_sqlite__bind_text(statement, 2, aggregate_id);
        cpts_sqlite__bind_text(statement, 3, detail);
        sqlite3_bind_int64(statement, 4, cpts_ticks__wall_us());
        err->status = cpts_sqlite__run(&replica->file, statement, NULL, err);
    }
    pthread_mutex_unlock(&replica->lock);
    return err->status;
}

static cpts_status read_key(void *store, const char *node, uint8_t ret_key[32],
                            struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    bool found = false;
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_KEY, err);
    if (statement != NULL) {
        cpts_sqlite__bind_text(statement, 1, node);
        found = cpts_sqlite__next(&replica->file, statement, err) &&
                sqlite3_column_bytes(statement, 0) == CPTS_SYNC_HASH_BYTES;
        if (found)
            memcpy(ret_key, sqlite3_column_blob(statement, 0), CPTS_SYNC_HASH_BYTES);
        sqlite3_reset(statement);
    }
    pthread_mutex_unlock(&replica->lock);
    if (err->status == CPTS_OK && !found)
        return error_set(err, REASON_KEY_NOT_PUBLISHED,
                         "the replica was told no checkpoint key of %s", node);
    return err->status;
}

void cpts_replica_store(cpts_replica *replica, struct cpts_sync_store *ret_store)
{
    *ret_store = (struct cpts_sync_store){.size = sizeof *ret_store,
                                          .store = replica,
                                          .self = read_self,
                                          .cursor = read_cursor,
                                          .apply = apply,
                                          .stage = stage,
                                          .keep_checkpoint = keep_checkpoint,
                                          .digest = cpts_replica__digest,
                                          .alarm = raise_alarm,
                                          .checkpoint_key = read_key};
}
