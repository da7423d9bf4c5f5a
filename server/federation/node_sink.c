/* SPDX-License-Identifier: Apache-2.0 */
/* A node's store as a sink: what it has of a peer. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "federation/node_store_parts.h"
#include "store/query_array.h"
#include "wire/error.h"
#include "wire/failpoint.h"
#include "wire/uuid.h"

/* Words of sql/query/federation_apply.sql, all of them, with blanks. */
#define WORDS_BYTES 64
/* Values of cpts_bytes go as cells. */
static_assert(sizeof(struct cpts_bytes) == sizeof(struct query_cell) &&
                  offsetof(struct cpts_bytes, byte_count) ==
                      offsetof(struct query_cell, byte_count),
              "cpts_bytes and query_cell are the same");

enum applied_column { STORED, ABSORBED, NEWLY_PARKED, PARKED };

enum digest_column { DIGEST_POSITION, DIGEST_BUCKET, DIGEST_SHA256 };
enum aggregate_column { AGGREGATE_POSITION, AGGREGATE_KIND, AGGREGATE_ID, VERSION, SHA256 };

/* A row of an image, with the image's number. */
struct numbered_row {
    int32_t image_number;
    struct cpts_sync_row row;
};

#define BIND(query, member, array, field, count)                                                   \
    query_members(query, member, (array) == NULL ? NULL : &(array)->field, sizeof *(array), count)

static void bind_entries(struct query *query, const struct cpts_sync_entry *entries, size_t count)
{
    BIND(query, MEMBER_TEXT, entries, origin_node, count);
    BIND(query, MEMBER_LONG, entries, origin_position, count);
    BIND(query, MEMBER_INT, entries, epoch, count);
    BIND(query, MEMBER_TEXT, entries, aggregate_kind, count);
    BIND(query, MEMBER_UUID, entries, aggregate_id, count);
    BIND(query, MEMBER_INT, entries, version, count);
    BIND(query, MEMBER_TEXT, entries, kind, count);
    BIND(query, MEMBER_LONG, entries, recorded_at_us, count);
    BIND(query, MEMBER_TEXT, entries, actor, count);
    BIND(query, MEMBER_UUID, entries, command_id, count);
    BIND(query, MEMBER_BYTES_CELL, entries, content_hash, count);
    BIND(query, MEMBER_INT, entries, schema_version, count);
    BIND(query, MEMBER_TEXT, entries, lead_region, count);
    BIND(query, MEMBER_BYTES_CELL, entries, bytes, count);
    BIND(query, MEMBER_HASH, entries, prev_hash, count);
    BIND(query, MEMBER_HASH, entries, hash, count);
}

static void bind_withheld(struct query *query, const struct cpts_sync_withheld *withheld,
                          size_t count)
{
    BIND(query, MEMBER_LONG, withheld, first, count);
    BIND(query, MEMBER_LONG, withheld, last, count);
    BIND(query, MEMBER_HASH, withheld, hash, count);
}

/* @return NULL when memory is out. */
static struct numbered_row *number_rows(struct arena *arena, const struct cpts_sync_image *images,
                                        size_t image_count, size_t *ret_count)
{
    size_t count = 0;
    for (size_t i = 0; i < image_count; i++)
        count += images[i].row_count;
    struct numbered_row *rows = arena_alloc(arena, (count + 1) * sizeof *rows);
    *ret_count = count;
    for (size_t i = 0, to = 0; i < image_count && rows != NULL; i++) {
        for (size_t row = 0; row < images[i].row_count; row++)
            rows[to++] = (struct numbered_row){(int32_t)i + 1, images[i].rows[row]};
    }
    return rows;
}

/* Why the engine refused each: the words of alarms, "" = it did not. */
static void bind_refusals(struct query *query, const enum cpts_sync_alarm *first, size_t stride,
                          size_t count)
{
    const char **words = arena_alloc(query->arena, (count + 1) * sizeof *words);
    if (words == NULL) {
        query->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        words[i] =
            node_alarm_word(*(const enum cpts_sync_alarm *)((const char *)first + i * stride));
    query_members(query, MEMBER_TEXT, words, sizeof *words, count);
}

static void bind_image_refusals(struct query *query, const struct cpts_sync_image *images,
                                size_t count)
{
    bind_refusals(query, count == 0 ? NULL : &images->refused, sizeof *images, count);
}

/* Of a snapshot all images are whole: since when is not told. */
static void bind_images(struct query *query, const struct cpts_sync_image *images,
                        size_t image_count, bool are_whole)
{
    size_t row_count = 0;
    struct numbered_row *rows = number_rows(query->arena, images, image_count, &row_count);
    if (rows == NULL) {
        query->failed = true;
        return;
    }
    BIND(query, MEMBER_TEXT, images, aggregate_kind, image_count);
    BIND(query, MEMBER_UUID, images, aggregate_id, image_count);
    BIND(query, MEMBER_INT, images, version, image_count);
    BIND(query, MEMBER_INT, images, epoch, image_count);
    BIND(query, MEMBER_TEXT, images, owner_node, image_count);
    BIND(query, MEMBER_TEXT, images, lead_region, image_count);
    if (!are_whole)
        BIND(query, MEMBER_INT, images, since_version, image_count);
    BIND(query, MEMBER_BOOL, images, public_only, image_count);
    BIND(query, MEMBER_INT, rows, image_number, row_count);
    BIND(query, MEMBER_TEXT, rows, row.kind, row_count);
    BIND(query, MEMBER_LONG, rows, row.recorded_from_us, row_count);
    BIND(query, MEMBER_LONG, rows, row.recorded_to_us, row_count);
    BIND(query, MEMBER_TEXT_CELL, rows, row.body, row_count);
}

/* What comes from a peer has ids that are none: the frame is no good. */
static cpts_status check_ids(const struct cpts_sync_entry *entries, size_t entry_count,
                             const struct cpts_sync_image *images, size_t image_count,
                             struct cpts_error *err)
{
    bool are_well =
        (entry_count == 0 ||
         (query_are_uuids(&entries->aggregate_id, sizeof *entries, entry_count) &&
          query_are_uuids(&entries->command_id, sizeof *entries, entry_count))) &&
        (image_count == 0 || query_are_uuids(&images->aggregate_id, sizeof *images, image_count));
    return are_well ? CPTS_OK : error_set(err, REASON_FRAME_UNEXPECTED, "an id is not a UUID");
}

static void bind_peer(struct query *query, const struct cpts_sync_peer *peer, const char *words)
{
    query_text(query, peer->scope);
    query_text(query, words);
}

static void write_words(const struct cpts_sync_batch *batch, bool singly,
                        char ret_words[WORDS_BYTES])
{
    const char *manner = batch->given_back ? "restore" : batch->repair ? "repair" : "";
    snprintf(ret_words, WORDS_BYTES, "%s %s %s", manner, batch->urgent ? "urgent" : "",
             singly ? "singly" : "");
}

static struct query *apply_query(struct node_store *store, const struct cpts_sync_peer *peer,
                                 const struct cpts_sync_batch *batch, bool singly)
{
    char words[WORDS_BYTES];
    struct query *query = node_query(store, STATEMENT_FEDERATION_APPLY, peer->node);
    if (query == NULL)
        return NULL;
    write_words(batch, singly, words);
    bind_peer(query, peer, words);
    query_int(query, peer->epoch);
    query_int(query, batch->upto);
    query_int(query, batch->head);
    query_bytes(query, NULL, 0); /* a batch does not change what this node may see */
    query_int(query, NODE_STORE_SCHEMA_VERSION);
    query_int(query, batch->origin_position);
    query_bytes(query, batch->origin_hash, sizeof batch->origin_hash);
    bind_entries(query, batch->entries, batch->entry_count);
    bind_withheld(query, batch->withheld, batch->withheld_count);
    bind_images(query, batch->images, batch->image_count, false);
    bind_refusals(query, batch->entry_count == 0 ? NULL : &batch->entries->refused,
                  sizeof *batch->entries, batch->entry_count);
    bind_image_refusals(query, batch->images, batch->image_count);
    BIND(query, MEMBER_BOOL, batch->images, again, batch->image_count);
    return query;
}

/* Whether the same, aggregate by aggregate, may do better. */
static bool is_of_an_aggregate(cpts_status status)
{
    return status != CPTS_OK && status != CPTS_UNAVAILABLE && status != CPTS_RESOURCE_EXHAUSTED;
}

static cpts_status apply(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_batch *batch, struct cpts_sync_applied *ret_applied,
                         struct cpts_error *err)
{
    struct node_store *store = data;
    const struct rows *rows = NULL;
    cpts_status status =
        check_ids(batch->entries, batch->entry_count, batch->images, batch->image_count, err);
    if (status != CPTS_OK)
        return status;
    if (MUTANT("store/cursor_before_apply")) {
        struct cpts_sync_batch cursor = *batch;
        cursor.entry_count = cursor.withheld_count = cursor.image_count = 0;
        (void)!node_ask_logged(store, apply_query(store, peer, &cursor, false), &rows, err);
    }
    FAILPOINT("store/before_apply");
    status = node_ask_logged(store, apply_query(store, peer, batch, false), &rows, err);
    if (is_of_an_aggregate(status))
        status = node_ask_logged(store, apply_query(store, peer, batch, true), &rows, err);
    if (status != CPTS_OK)
        return status;
    *ret_applied = (struct cpts_sync_applied){
        .absorbed_count = (int32_t)rows_int(rows, 0, ABSORBED),
        .newly_parked_count = (int32_t)rows_int(rows, 0, NEWLY_PARKED),
        .parked_count = (int32_t)rows_int(rows, 0, PARKED),
    };
    return CPTS_OK;
}

/* Snapshots. */

static struct query *activate_query(struct node_store *store, const struct cpts_sync_peer *peer,
                                    const struct cpts_sync_chunk *chunk, bool singly)
{
    uint8_t id[16] = {0};
    struct query *query = node_query(store, STATEMENT_FEDERATION_ACTIVATE, peer->node);
    if (query == NULL || !uuid_parse(chunk->snapshot_id, id))
        return NULL;
    bind_peer(query, peer, singly ? "singly" : "");
    query_uuid(query, id);
    query_int(query, chunk->chunk + 1);
    query_int(query, chunk->epoch);
    query_int(query, chunk->position);
    query_int(query, peer->head_position);
    query_bytes(query, chunk->scope_hash, sizeof chunk->scope_hash);
    query_int(query, NODE_STORE_SCHEMA_VERSION);
    query_int(query, chunk->origin_position);
    query_bytes(query, chunk->origin_hash, sizeof chunk->origin_hash);
    return query;
}

static cpts_status activate(struct node_store *store, const struct cpts_sync_peer *peer,
                            const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    const struct rows *rows = NULL;
    cpts_status status =
        node_ask_logged(store, activate_query(store, peer, chunk, false), &rows, err);
    if (is_of_an_aggregate(status))
        status = node_ask_logged(store, activate_query(store, peer, chunk, true), &rows, err);
    if (status == CPTS_OK)
        log_write(LOG_NOTICE, "federation", "the snapshot of %s is in place: %lld aggregates",
                  peer->node, (long long)rows_int(rows, 0, STORED));
    return status;
}

static cpts_status stage(void *data, const struct cpts_sync_peer *peer,
                         const struct cpts_sync_chunk *chunk, struct cpts_error *err)
{
    struct node_store *store = data;
    uint8_t id[16] = {0};
    cpts_status status = check_ids(NULL, 0, chunk->images, chunk->image_count, err);
    if (status == CPTS_OK && !uuid_parse(chunk->snapshot_id, id))
        status = error_set(err, REASON_FRAME_UNEXPECTED, "a snapshot's id is not a UUID");
    if (status != CPTS_OK)
        return status;
    struct query *query = node_query(store, STATEMENT_FEDERATION_STAGE, peer->node);
    if (query != NULL) {
        query_uuid(query, id);
        query_int(query, chunk->chunk);
        query_int(query, chunk->position);
        bind_images(query, chunk->images, chunk->image_count, true);
        bind_image_refusals(query, chunk->images, chunk->image_count);
    }
    status = node_ask(store, query, NULL, err);
    return status == CPTS_OK && chunk->last ? activate(store, peer, chunk, err) : status;
}

/* Digests. */

static void bind_direction(struct query *query, const struct cpts_sync_peer *peer,
                           const struct cpts_sync_digest_query *asked)
{
    query_text(query, peer->scope);
    query_bool(query, asked->as_source);
}

static cpts_status digest_all(struct node_store *store, const struct cpts_sync_peer *peer,
                              const struct cpts_sync_digest_query *asked, int64_t *ret_position,
                              struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_DIGESTS, peer->node);
    if (query != NULL)
        bind_direction(query, peer, asked);
    cpts_status status = node_ask(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    memset(asked->ret_digests, 0, CPTS_SYNC_BUCKETS * sizeof asked->ret_digests[0]);
    for (int row = 0; row < rows_count(rows); row++) {
        int64_t bucket = rows_int(rows, row, DIGEST_BUCKET);
        if (bucket >= 0 && bucket < CPTS_SYNC_BUCKETS)
            node_read_hash(rows, row, DIGEST_SHA256, asked->ret_digests[bucket]);
    }
    *ret_position = rows_int(rows, 0, DIGEST_POSITION);
    return CPTS_OK;
}

static cpts_status take_aggregates(const struct rows *rows, cpts_sync_take_aggregate *take,
                                   void *taker, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    for (int row = 0; row < rows_count(rows) && status == CPTS_OK; row++) {
        struct cpts_sync_aggregate aggregate = {.version = (int32_t)rows_int(rows, row, VERSION)};
        snprintf(aggregate.aggregate_kind, sizeof aggregate.aggregate_kind, "%s",
                 rows_text(rows, row, AGGREGATE_KIND));
        rows_uuid(rows, row, AGGREGATE_ID, aggregate.aggregate_id);
        node_read_hash(rows, row, SHA256, aggregate.sha256);
        status = take(&aggregate, taker, err);
    }
    return status;
}

static cpts_status digest(void *data, const struct cpts_sync_peer *peer,
                          const struct cpts_sync_digest_query *asked, int64_t *ret_position,
                          cpts_sync_take_aggregate *take, void *taker, struct cpts_error *err)
{
    struct node_store *store = data;
    const struct rows *rows = NULL;
    if (asked->buckets == NULL)
        return digest_all(store, peer, asked, ret_position, err);
    struct query *query = node_query(store, STATEMENT_FEDERATION_DIGEST_BUCKETS, peer->node);
    if (query != NULL) {
        bind_direction(query, peer, asked);
        query_members(query, MEMBER_INT, asked->buckets, sizeof *asked->buckets,
                      asked->bucket_count);
    }
    cpts_status status = node_ask(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    if (rows_count(rows) > 0)
        *ret_position = rows_int(rows, 0, AGGREGATE_POSITION);
    return take_aggregates(rows, take, taker, err);
}

/* Coming back from an old backup. */

static cpts_status begin_restore(struct node_store *store, const struct cpts_sync_peer *peer,
                                 struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_RESTORE_BEGIN, peer->node);
    if (query != NULL) {
        query_int(query, peer->cursor.origin_position);
        query_bytes(query, peer->cursor.origin_hash, sizeof peer->cursor.origin_hash);
    }
    cpts_status status = node_ask_logged(store, query, &rows, err);
    if (status == CPTS_OK)
        log_write(LOG_ERROR, "federation",
                  "%s has another chain of this node: it takes no commands until what was lost "
                  "is back; %lld changes are kept apart for people",
                  peer->node, (long long)rows_int(rows, 0, 0));
    return status;
}

static cpts_status restore(void *data, const struct cpts_sync_peer *peer, int32_t epoch,
                           struct cpts_error *err)
{
    struct node_store *store = data;
    if (epoch == 0)
        return begin_restore(store, peer, err);
    struct query *query = node_query(store, STATEMENT_FEDERATION_RESTORE_END, peer->node);
    if (query != NULL)
        query_int(query, epoch);
    cpts_status status = node_ask_logged(store, query, NULL, err);
    if (status == CPTS_OK)
        store->is_fork = false;
    if (status == CPTS_OK)
        log_write(LOG_NOTICE, "federation", "what was lost is back; the node has epoch %d", epoch);
    return status;
}

void node_sink_fill(struct cpts_sync_store *table)
{
    table->apply = apply;
    table->stage = stage;
    table->digest = digest;
    table->restore = restore;
}
