/* SPDX-License-Identifier: Apache-2.0 */
#include "federation/node_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "federation/node_store_parts.h"
#include "wire/checkpoint.h"
#include "wire/error.h"

#define ALL "*"

enum self_column {
    SELF_EPOCH,
    SELF_REFERENCE_VERSION,
    SELF_HEAD_POSITION,
    SELF_HEAD_HASH,
    SELF_LOG_HEAD,
    SELF_READ_ONLY,
    SELF_SIGNED_POSITION,
    SELF_LOST_AFTER
};

enum peer_column {
    PEER_STATUS,
    PEER_EPOCH,
    PEER_KEY,
    PEER_ORIGIN_POSITION,
    PEER_ORIGIN_HASH,
    PEER_ACKNOWLEDGED,
    PEER_PARKED,
    PEER_SCOPE_HASH,
    PEER_HASH_AT_HEAD,
    PEER_OWN_HASH,
    PEER_OWN_LOCAL_POSITION,
    PEER_SIGNED_HASH
};

enum cursor_column {
    CURSOR_EPOCH,
    CURSOR_POSITION,
    CURSOR_SCOPE_HASH,
    CURSOR_SCHEMA_VERSION,
    CURSOR_ORIGIN_POSITION,
    CURSOR_ORIGIN_HASH,
    CURSOR_SNAPSHOT_ID,
    CURSOR_SNAPSHOT_CHUNKS,
    CURSOR_SIGNED_POSITION,
    CURSOR_UNSIGNED_SINCE,
    CURSOR_SIGNED_AT,
    CURSOR_SIGNED_HASH,
    CURSOR_SIGNATURE,
    CURSOR_KEY_ID
};

/* The words under which alarms are kept (sql/query/federation_alarm.sql). */
static const char *const ALARMS[] = {
    [CPTS_SYNC_ALARM_CHAIN_BROKEN] = "CHAIN_BROKEN",
    [CPTS_SYNC_ALARM_CHECKPOINT_BAD] = "CHECKPOINT_BAD",
    [CPTS_SYNC_ALARM_CHECKPOINT_LATE] = "CHECKPOINT_LATE",
    [CPTS_SYNC_ALARM_ORIGIN_FORGED] = "ORIGIN_FORGED",
    [CPTS_SYNC_ALARM_OUT_OF_SCOPE] = "OUT_OF_SCOPE",
    [CPTS_SYNC_ALARM_EPOCH_STALE] = "EPOCH_STALE",
    [CPTS_SYNC_ALARM_KIND_UNKNOWN] = "KIND_UNKNOWN",
    [CPTS_SYNC_ALARM_NOT_APPLIED] = "NOT_APPLIED",
    [CPTS_SYNC_ALARM_DIGEST_MISMATCH] = "DIGEST_MISMATCH",
    [CPTS_SYNC_ALARM_TABLES_DIFFER] = "TABLES_DIFFER",
    [CPTS_SYNC_ALARM_REFERENCE_BEHIND] = "REFERENCE_BEHIND",
    [CPTS_SYNC_ALARM_FENCED] = "FENCED",
    [CPTS_SYNC_ALARM_RESTORED] = "RESTORED",
    [CPTS_SYNC_ALARM_CLOCK_SKEW] = "CLOCK_SKEW",
    [CPTS_SYNC_ALARM_GAP] = "GAP",
};

const char *node_alarm_word(enum cpts_sync_alarm alarm)
{
    size_t count = sizeof ALARMS / sizeof ALARMS[0];
    bool is_known = (size_t)alarm < count && ALARMS[alarm] != NULL;
    return is_known ? ALARMS[alarm] : "";
}

cpts_status node_store_open(const struct node_store_options *options, struct node_store **ret_store,
                            struct cpts_error *err)
{
    const struct dialogue_options dialogue = {.conninfo = options->conninfo,
                                              .name = "cptsd federation",
                                              .node = options->node,
                                              .principal = options->principal};
    struct node_store *store = calloc(1, sizeof *store);
    if (store != NULL)
        store->arena = arena_new(NODE_STORE_ARENA_BYTES);
    if (store == NULL || store->arena == NULL) {
        free(store);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a store");
    }
    store->options = *options;
    cpts_status status = dialogue_open(&dialogue, &store->dialogue, err);
    if (status == CPTS_OK)
        *ret_store = store;
    else
        node_store_close(store);
    return status;
}

void node_store_stop(struct node_store *store)
{
    dialogue_stop(store->dialogue);
}

void node_store_close(struct node_store *store)
{
    if (store == NULL)
        return;
    dialogue_close(store->dialogue);
    arena_free(store->arena);
    free(store);
}

struct query *node_query(struct node_store *store, enum statement_id statement, const char *peer)
{
    arena_reset(store->arena);
    struct query *query = query_new(store->arena, statement);
    if (query == NULL)
        return NULL;
    query_text(query, store->options.node);
    if (peer != NULL)
        query_text(query, peer);
    return query;
}

cpts_status node_ask(struct node_store *store, const struct query *query,
                     const struct rows **ret_rows, struct cpts_error *err)
{
    return dialogue_ask(store->dialogue, query, DIALOGUE_ALONE, ret_rows, err);
}

cpts_status node_ask_logged(struct node_store *store, const struct query *query,
                            const struct rows **ret_rows, struct cpts_error *err)
{
    return dialogue_ask(store->dialogue, query, DIALOGUE_LOGGED, ret_rows, err);
}

static bool read_exactly(const struct rows *rows, int row, int column, uint8_t *ret_bytes,
                         size_t byte_count)
{
    size_t found_bytes = 0;
    const uint8_t *bytes = rows_bytes(rows, row, column, &found_bytes);
    if (bytes == NULL || found_bytes != byte_count)
        return false;
    memcpy(ret_bytes, bytes, byte_count);
    return true;
}

void node_read_hash(const struct rows *rows, int row, int column,
                    uint8_t ret_hash[CPTS_SYNC_HASH_BYTES])
{
    (void)read_exactly(rows, row, column, ret_hash, CPTS_SYNC_HASH_BYTES);
}

cpts_status node_read_self(struct node_store *store, struct own_state *ret_state,
                           struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_SELF, NULL);
    cpts_status status = node_ask(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    *ret_state = (struct own_state){
        .epoch = (int32_t)rows_int(rows, 0, SELF_EPOCH),
        .reference_version = (int32_t)rows_int(rows, 0, SELF_REFERENCE_VERSION),
        .head_position = rows_int(rows, 0, SELF_HEAD_POSITION),
        .log_head = rows_int(rows, 0, SELF_LOG_HEAD),
        .lost_after = rows_int(rows, 0, SELF_LOST_AFTER),
    };
    node_read_hash(rows, 0, SELF_HEAD_HASH, ret_state->head_hash);
    snprintf(ret_state->read_only, sizeof ret_state->read_only, "%s",
             rows_text(rows, 0, SELF_READ_ONLY));
    return CPTS_OK;
}

cpts_status node_store_self(struct node_store *store, struct node_store_self *ret_self,
                            struct cpts_error *err)
{
    struct own_state state;
    cpts_status status = node_read_self(store, &state, err);
    if (status != CPTS_OK)
        return status;
    ret_self->epoch = state.epoch;
    snprintf(ret_self->read_only, sizeof ret_self->read_only, "%s", state.read_only);
    return CPTS_OK;
}

cpts_status node_read_peer(struct node_store *store, const char *node,
                           const struct cpts_sync_peer *peer, struct known_peer *ret_known,
                           struct cpts_error *err)
{
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_PEER, node);
    if (query != NULL) {
        query_text(query, peer == NULL ? ALL : peer->scope);
        query_int(query, peer == NULL ? 0 : peer->head_position);
        query_int(query, peer == NULL ? 0 : peer->cursor.origin_position);
        query_int(query, peer == NULL ? 0 : peer->cursor.signed_point.position);
    }
    cpts_status status = node_ask(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    struct known_peer known = {.epoch = (int32_t)rows_int(rows, 0, PEER_EPOCH),
                               .origin_position = rows_int(rows, 0, PEER_ORIGIN_POSITION),
                               .own_local_position = rows_int(rows, 0, PEER_OWN_LOCAL_POSITION)};
    snprintf(known.status, sizeof known.status, "%s", rows_text(rows, 0, PEER_STATUS));
    known.has_key = read_exactly(rows, 0, PEER_KEY, known.key, sizeof known.key);
    node_read_hash(rows, 0, PEER_ORIGIN_HASH, known.origin_hash);
    node_read_hash(rows, 0, PEER_SCOPE_HASH, known.scope_hash);
    known.has_hash_at_head =
        read_exactly(rows, 0, PEER_HASH_AT_HEAD, known.hash_at_head, CPTS_SYNC_HASH_BYTES);
    known.has_own_hash = read_exactly(rows, 0, PEER_OWN_HASH, known.own_hash, CPTS_SYNC_HASH_BYTES);
    known.has_signed_hash =
        read_exactly(rows, 0, PEER_SIGNED_HASH, known.signed_hash, CPTS_SYNC_HASH_BYTES);
    *ret_known = known;
    return CPTS_OK;
}

/* Functions of the table that are of no direction. */

static cpts_status read_self(void *data, struct cpts_sync_self *ret_self, struct cpts_error *err)
{
    struct node_store *store = data;
    struct own_state state;
    cpts_status status = node_read_self(store, &state, err);
    if (status != CPTS_OK)
        return status;
    *ret_self = (struct cpts_sync_self){.epoch = state.epoch,
                                        .reference_version = state.reference_version,
                                        .head_position = state.head_position,
                                        .is_restoring = state.read_only[0] != '\0'};
    snprintf(ret_self->node, sizeof ret_self->node, "%s", store->options.node);
    memcpy(ret_self->head_hash, state.head_hash, sizeof ret_self->head_hash);
    if (store->is_fork) {
        ret_self->head_position = 0;
        memset(ret_self->head_hash, 0, sizeof ret_self->head_hash);
    }
    return CPTS_OK;
}

static void read_signed_point(const struct rows *rows, const char *node,
                              struct cpts_sync_checkpoint *ret_point)
{
    struct cpts_sync_checkpoint point = {.position = rows_int(rows, 0, CURSOR_SIGNED_POSITION),
                                         .signed_at_us = rows_int(rows, 0, CURSOR_SIGNED_AT)};
    snprintf(point.node, sizeof point.node, "%s", node);
    if (read_exactly(rows, 0, CURSOR_SIGNED_HASH, point.hash, sizeof point.hash) &&
        read_exactly(rows, 0, CURSOR_SIGNATURE, point.signature, sizeof point.signature) &&
        read_exactly(rows, 0, CURSOR_KEY_ID, point.key_id, sizeof point.key_id))
        *ret_point = point;
}

static cpts_status read_cursor(void *data, const char *node, struct cpts_sync_cursor *ret_cursor,
                               struct cpts_error *err)
{
    struct node_store *store = data;
    const struct rows *rows = NULL;
    struct query *query = node_query(store, STATEMENT_FEDERATION_CURSOR, node);
    cpts_status status = node_ask(store, query, &rows, err);
    if (status != CPTS_OK)
        return status;
    *ret_cursor = (struct cpts_sync_cursor){
        .epoch = (int32_t)rows_int(rows, 0, CURSOR_EPOCH),
        .position = rows_int(rows, 0, CURSOR_POSITION),
        .schema_version = (int32_t)rows_int(rows, 0, CURSOR_SCHEMA_VERSION),
        .origin_position = rows_int(rows, 0, CURSOR_ORIGIN_POSITION),
        .snapshot_chunk_count = (int32_t)rows_int(rows, 0, CURSOR_SNAPSHOT_CHUNKS),
        .signed_position = rows_int(rows, 0, CURSOR_SIGNED_POSITION),
        .unsigned_since_us = rows_int(rows, 0, CURSOR_UNSIGNED_SINCE),
    };
    node_read_hash(rows, 0, CURSOR_SCOPE_HASH, ret_cursor->scope_hash);
    node_read_hash(rows, 0, CURSOR_ORIGIN_HASH, ret_cursor->origin_hash);
    snprintf(ret_cursor->snapshot_id, sizeof ret_cursor->snapshot_id, "%s",
             rows_text(rows, 0, CURSOR_SNAPSHOT_ID));
    read_signed_point(rows, node, &ret_cursor->signed_point);
    return CPTS_OK;
}

cpts_status node_raise_alarm(void *data, const struct cpts_sync_peer *peer,
                             enum cpts_sync_alarm alarm, const char *aggregate_id,
                             const char *detail, struct cpts_error *err)
{
    struct node_store *store = data;
    struct query *query = node_query(store, STATEMENT_FEDERATION_ALARM, peer->node);
    if (query != NULL) {
        query_text(query, node_alarm_word(alarm));
        query_text(query, aggregate_id == NULL ? "" : aggregate_id);
        query_text(query, detail == NULL ? "" : detail);
    }
    return node_ask(store, query, NULL, err);
}

static cpts_status find_checkpoint_key(void *data, const char *node, uint8_t ret_key[32],
                                       struct cpts_error *err)
{
    struct known_peer known;
    cpts_status status = node_read_peer(data, node, NULL, &known, err);
    if (status != CPTS_OK)
        return status;
    if (!known.has_key)
        return error_set(err, REASON_KEY_NOT_PUBLISHED, "%.64s has no key for checkpoints", node);
    memcpy(ret_key, known.key, sizeof known.key);
    return CPTS_OK;
}

static struct query *checkpoint_query(struct node_store *store,
                                      const struct cpts_sync_checkpoint *checkpoint)
{
    struct query *query = node_query(store, STATEMENT_FEDERATION_CHECKPOINT_KEEP, checkpoint->node);
    if (query == NULL)
        return NULL;
    query_int(query, checkpoint->position);
    query_bytes(query, checkpoint->hash, sizeof checkpoint->hash);
    query_int(query, checkpoint->signed_at_us);
    query_bytes(query, checkpoint->signature, sizeof checkpoint->signature);
    query_bytes(query, checkpoint->key_id, sizeof checkpoint->key_id);
    return query;
}

/* One that does not agree with what is stored is kept as well, and is an alarm. */
static cpts_status keep_checkpoint(void *data, const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err)
{
    struct node_store *store = data;
    const struct rows *rows = NULL;
    cpts_status status = node_ask(store, checkpoint_query(store, checkpoint), &rows, err);
    if (status != CPTS_OK || rows_bool(rows, 0, 0))
        return status;
    const struct cpts_sync_peer peer = {.node = checkpoint->node};
    return node_raise_alarm(store, &peer, CPTS_SYNC_ALARM_CHECKPOINT_BAD, "",
                            "it is not the chain that is stored here", err);
}

static cpts_status sign(void *data, int64_t position, const uint8_t hash[CPTS_SYNC_HASH_BYTES],
                        struct cpts_sync_checkpoint *ret_checkpoint, struct cpts_error *err)
{
    struct node_store *store = data;
    const struct checkpoint_signer *signer = store->options.signer;
    const struct checkpoint_point point = {.node = store->options.node,
                                           .position = position,
                                           .hash = hash,
                                           .signed_at_us = clock_realtime_us()};
    struct cpts_sync_checkpoint checkpoint = {.position = position,
                                              .signed_at_us = point.signed_at_us};
    if (!signer->has_key || !checkpoint_sign(&point, signer->secret, checkpoint.signature))
        return error_set(err, REASON_CONFIGURATION_INVALID,
                         "this node has no key for checkpoints: [federation] checkpoint_key");
    snprintf(checkpoint.node, sizeof checkpoint.node, "%s", store->options.node);
    memcpy(checkpoint.hash, hash, sizeof checkpoint.hash);
    checkpoint_key_id(signer->key, checkpoint.key_id);
    cpts_status status = node_ask(store, checkpoint_query(store, &checkpoint), NULL, err);
    if (status == CPTS_OK)
        *ret_checkpoint = checkpoint;
    return status;
}

struct cpts_sync_store node_store_table(struct node_store *store)
{
    struct cpts_sync_store table = {
        .size = sizeof table,
        .store = store,
        .self = read_self,
        .cursor = read_cursor,
        .keep_checkpoint = keep_checkpoint,
        .alarm = node_raise_alarm,
        .checkpoint_key = find_checkpoint_key,
        .sign = sign,
    };
    node_source_fill(&table);
    node_sink_fill(&table);
    return table;
}
