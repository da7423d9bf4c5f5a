/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of what a replica has (cpts/sync_digest.h). */
#include <cpts/sync_digest.h>
#include <cpts/sync_record.h>
#include <stdlib.h>
#include <string.h>

#include "replica_file.h"
#include "sync_list.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for digests");
}

static void free_rows(struct sync_list *rows)
{
    struct cpts_sync_row *items = rows->items;
    for (size_t i = 0; i < rows->count; i++)
        free((void *)items[i].body.bytes);
    cpts_sync_list__done(rows);
}

/* A copy of the row that stands, unless it is of no account, or of another aggregate with
 * the same id. */
static bool add_row(sqlite3_stmt *statement, const char *aggregate_kind, struct sync_list *rows)
{
    const struct cpts_sync_record_kind *kind =
        cpts_sync_record_kind((const char *)sqlite3_column_text(statement, 0));
    if (kind == NULL || !kind->in_digest || strcmp(kind->aggregate_kind, aggregate_kind) != 0)
        return true;
    struct cpts_sync_row *row = cpts_sync_list__add(rows, sizeof *row);
    if (row == NULL)
        return false;
    const uint8_t *body = sqlite3_column_text(statement, 1);
    size_t byte_count = (size_t)sqlite3_column_bytes(statement, 1);
    uint8_t *copy = malloc(byte_count + 1);
    *row = (struct cpts_sync_row){.kind = kind->name,
                                  .body = {.bytes = copy, .byte_count = byte_count},
                                  .recorded_to_us = sqlite3_column_int64(statement, 3)};
    if (copy != NULL)
        memcpy(copy, body, byte_count);
    return copy != NULL;
}

static cpts_status digest_one(struct sqlite_file *file, struct cpts_sync_aggregate *aggregate,
                              struct cpts_error *err)
{
    struct sync_list rows = {0};
    bool has_room = true;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_RECORDS, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, aggregate->aggregate_id);
    while (has_room && cpts_sqlite__next(file, statement, err))
        has_room = add_row(statement, aggregate->aggregate_kind, &rows);
    sqlite3_reset(statement);
    cpts_status status = has_room ? err->status : no_memory(err);
    if (status == CPTS_OK)
        status = cpts_sync_digest_rows(rows.items, rows.count, aggregate->sha256, err);
    free_rows(&rows);
    return status;
}

static bool is_wanted(const struct cpts_sync_digest_query *query, const char *aggregate_id)
{
    int32_t bucket = cpts_sync_digest_bucket(aggregate_id);
    for (size_t i = 0; query->buckets != NULL && i < query->bucket_count; i++) {
        if (query->buckets[i] == bucket)
            return true;
    }
    return query->buckets == NULL;
}

/* Digests of all aggregates that are asked for, by kind and id. */
static cpts_status digest_all(struct sqlite_file *file, const struct cpts_sync_digest_query *query,
                              struct sync_list *found, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_AGGREGATES, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, "");
    while (status == CPTS_OK && cpts_sqlite__next(file, statement, err)) {
        if (!is_wanted(query, (const char *)sqlite3_column_text(statement, 1)))
            continue;
        struct cpts_sync_aggregate *one = cpts_sync_list__add(found, sizeof *one);
        if (one == NULL) {
            status = no_memory(err);
            break;
        }
        *one = (struct cpts_sync_aggregate){.version = sqlite3_column_int(statement, 2)};
        cpts_sqlite__read_text(statement, 0, one->aggregate_kind, sizeof one->aggregate_kind);
        cpts_sqlite__read_text(statement, 1, one->aggregate_id, sizeof one->aggregate_id);
        status = digest_one(file, one, err);
    }
    sqlite3_reset(statement);
    return status == CPTS_OK ? err->status : status;
}

static cpts_status read_position(struct sqlite_file *file, const char *peer, int64_t *ret_position,
                                 struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_CURSOR, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, peer);
    *ret_position =
        cpts_sqlite__next(file, statement, err) ? sqlite3_column_int64(statement, 1) : 0;
    sqlite3_reset(statement);
    return err->status;
}

cpts_status cpts_replica__digest(void *store, const struct cpts_sync_peer *peer,
                                 const struct cpts_sync_digest_query *query, int64_t *ret_position,
                                 cpts_sync_take_aggregate *take, void *data, struct cpts_error *err)
{
    struct cpts_replica *replica = store;
    struct sync_list found = {0};
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    cpts_status status = read_position(&replica->file, peer->node, ret_position, err);
    if (status == CPTS_OK)
        status = digest_all(&replica->file, query, &found, err);
    pthread_mutex_unlock(&replica->lock);
    const struct cpts_sync_aggregate *items = found.items;
    for (size_t i = 0; status == CPTS_OK && query->buckets != NULL && i < found.count; i++)
        status = take(&items[i], data, err);
    if (status == CPTS_OK && query->buckets == NULL)
        cpts_sync_digest_buckets(items, found.count, query->ret_digests);
    cpts_sync_list__done(&found);
    return status;
}
