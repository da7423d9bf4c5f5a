/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of what a replica has (cpts.v1.SyncAggregate, cpts.v1.SyncDigest). */
#include <cpts/sync_record.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replica_file.h"
#include "wire/error.h"

/* Lines of one aggregate, as they are hashed; sorted before. */
struct lines {
    char **texts;
    size_t count;
    size_t room;
};

static void lines_free(struct lines *lines)
{
    for (size_t i = 0; i < lines->count; i++)
        free(lines->texts[i]);
    free(lines->texts);
}

/* Takes over @p text. */
static bool lines_add(struct lines *lines, char *text)
{
    if (lines->count == lines->room) {
        size_t room = lines->room == 0 ? 64 : 2 * lines->room;
        char **texts = realloc(lines->texts, room * sizeof *texts);
        if (texts == NULL) {
            free(text);
            return false;
        }
        lines->texts = texts;
        lines->room = room;
    }
    lines->texts[lines->count++] = text;
    return true;
}

/* Byte order. */
static int compare(const void *one, const void *other)
{
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/* kind TAB body TAB closed LF; of a row that stands. */
static char *line_of(sqlite3_stmt *row)
{
    const char *kind = (const char *)sqlite3_column_text(row, 0);
    const char *body = (const char *)sqlite3_column_text(row, 1);
    int64_t until_us = sqlite3_column_int64(row, 3);
    bool is_closed = until_us != 0 && until_us != INT64_MAX;
    size_t bytes = strlen(kind) + strlen(body) + sizeof "\t\t1\n";
    char *line = malloc(bytes);
    if (line != NULL)
        snprintf(line, bytes, "%s\t%s\t%d\n", kind, body, is_closed);
    return line;
}

static cpts_status read_lines(struct sqlite_file *file, const char *aggregate_id,
                              struct lines *lines, struct cpts_error *err)
{
    bool has_room = true;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_RECORDS, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, aggregate_id);
    while (has_room && cpts_sqlite__next(file, statement, err)) {
        const struct cpts_sync_record_kind *kind =
            cpts_sync_record_kind((const char *)sqlite3_column_text(statement, 0));
        if (kind == NULL || !kind->in_digest)
            continue;
        char *line = line_of(statement);
        has_room = line != NULL && lines_add(lines, line);
    }
    sqlite3_reset(statement);
    if (!has_room)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a digest");
    return err->status;
}

static cpts_status digest_aggregate(struct sqlite_file *file, struct cpts_sync_aggregate *aggregate,
                                    struct cpts_error *err)
{
    struct lines lines = {0};
    crypto_hash_sha256_state hash;
    cpts_status status = read_lines(file, aggregate->aggregate_id, &lines, err);
    if (status == CPTS_OK) {
        if (lines.count > 0)
            qsort(lines.texts, lines.count, sizeof *lines.texts, compare);
        crypto_hash_sha256_init(&hash);
        for (size_t i = 0; i < lines.count; i++)
            crypto_hash_sha256_update(&hash, (const uint8_t *)lines.texts[i],
                                      strlen(lines.texts[i]));
        crypto_hash_sha256_final(&hash, aggregate->sha256);
    }
    lines_free(&lines);
    return status;
}

/* The bucket of an aggregate. */
static uint8_t bucket_of(const char *aggregate_id)
{
    uint8_t hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const uint8_t *)aggregate_id, strlen(aggregate_id));
    return hash[0];
}

/* Digests on their way. */
struct summing {
    const struct cpts_sync_digest_query *query;
    cpts_sync_take_aggregate *take;
    void *data;
    crypto_hash_sha256_state hashes[CPTS_SYNC_BUCKETS];
    bool is_used[CPTS_SYNC_BUCKETS];
};

static bool is_wanted(const struct cpts_sync_digest_query *query, uint8_t bucket)
{
    for (size_t i = 0; i < query->bucket_count; i++) {
        if (query->buckets[i] == bucket)
            return true;
    }
    return query->buckets == NULL;
}

static cpts_status add_aggregate(struct sqlite_file *file, struct summing *summing,
                                 struct cpts_sync_aggregate *aggregate, struct cpts_error *err)
{
    uint8_t bucket = bucket_of(aggregate->aggregate_id);
    if (!is_wanted(summing->query, bucket))
        return CPTS_OK;
    cpts_status status = digest_aggregate(file, aggregate, err);
    if (status != CPTS_OK)
        return status;
    if (summing->query->buckets != NULL)
        return summing->take(aggregate, summing->data, err);
    if (!summing->is_used[bucket])
        crypto_hash_sha256_init(&summing->hashes[bucket]);
    summing->is_used[bucket] = true;
    crypto_hash_sha256_update(&summing->hashes[bucket], aggregate->sha256,
                              sizeof aggregate->sha256);
    return CPTS_OK;
}

static cpts_status add_all(struct sqlite_file *file, struct summing *summing,
                           struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_AGGREGATES, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, "");
    while (status == CPTS_OK && cpts_sqlite__next(file, statement, err)) {
        struct cpts_sync_aggregate aggregate = {.version = sqlite3_column_int(statement, 2)};
        cpts_sqlite__read_text(statement, 0, aggregate.aggregate_kind,
                               sizeof aggregate.aggregate_kind);
        cpts_sqlite__read_text(statement, 1, aggregate.aggregate_id, sizeof aggregate.aggregate_id);
        status = add_aggregate(file, summing, &aggregate, err);
    }
    sqlite3_reset(statement);
    return status == CPTS_OK ? err->status : status;
}

static void finish(struct summing *summing)
{
    if (summing->query->buckets != NULL)
        return;
    for (int i = 0; i < CPTS_SYNC_BUCKETS; i++) {
        uint8_t *digest = summing->query->ret_digests[i];
        memset(digest, 0, CPTS_SYNC_HASH_BYTES);
        if (summing->is_used[i])
            crypto_hash_sha256_final(&summing->hashes[i], digest);
    }
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
    struct summing *summing = calloc(1, sizeof *summing);
    if (summing == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for digests");
    *summing = (struct summing){.query = query, .take = take, .data = data};
    pthread_mutex_lock(&replica->lock);
    error_clear(err);
    cpts_status status = read_position(&replica->file, peer->node, ret_position, err);
    if (status == CPTS_OK)
        status = add_all(&replica->file, summing, err);
    pthread_mutex_unlock(&replica->lock);
    if (status == CPTS_OK)
        finish(summing);
    free(summing);
    return status;
}
