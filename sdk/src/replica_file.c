/* SPDX-License-Identifier: Apache-2.0 */
#include "replica_file.h"

#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "wire/error.h"

/* 'CPTR' */
#define APPLICATION_ID 0x43505452

/* staged: 1 = of a snapshot that is not active yet. parked: why an aggregate is behind.
 * checkpoint_key: 32 bytes, then the name of the node whose it is; without a name, of
 * whichever is followed. */
static const char SCHEMA[] = "CREATE TABLE self (\n"
                             "  one INTEGER PRIMARY KEY CHECK (one = 1),\n"
                             "  node TEXT NOT NULL CHECK (node <> ''),\n"
                             "  checkpoint_key BLOB NOT NULL DEFAULT x''\n"
                             ") STRICT;\n"
                             "CREATE TABLE cursor (\n"
                             "  peer TEXT PRIMARY KEY,\n"
                             "  epoch INTEGER NOT NULL DEFAULT 0,\n"
                             "  position INTEGER NOT NULL DEFAULT 0,\n"
                             "  head INTEGER NOT NULL DEFAULT 0,\n"
                             "  scope_hash BLOB NOT NULL DEFAULT x'',\n"
                             "  schema_version INTEGER NOT NULL DEFAULT 0,\n"
                             "  origin_position INTEGER NOT NULL DEFAULT 0,\n"
                             "  origin_hash BLOB NOT NULL DEFAULT x'',\n"
                             "  stored_at INTEGER NOT NULL DEFAULT 0,\n"
                             "  snapshot_id TEXT NOT NULL DEFAULT '',\n"
                             "  snapshot_chunk_count INTEGER NOT NULL DEFAULT 0\n"
                             ") STRICT, WITHOUT ROWID;\n"
                             "CREATE TABLE aggregate (\n"
                             "  staged INTEGER NOT NULL,\n"
                             "  kind TEXT NOT NULL,\n"
                             "  id TEXT NOT NULL,\n"
                             "  version INTEGER NOT NULL,\n"
                             "  epoch INTEGER NOT NULL,\n"
                             "  owner_node TEXT NOT NULL,\n"
                             "  lead_region TEXT NOT NULL,\n"
                             "  public_only INTEGER NOT NULL,\n"
                             "  parked TEXT NOT NULL DEFAULT '',\n"
                             "  PRIMARY KEY (staged, kind, id)\n"
                             ") STRICT, WITHOUT ROWID;\n"
                             "CREATE TABLE record (\n"
                             "  staged INTEGER NOT NULL,\n"
                             "  aggregate_id TEXT NOT NULL,\n"
                             "  kind TEXT NOT NULL,\n"
                             "  key TEXT NOT NULL,\n"
                             "  body TEXT NOT NULL,\n"
                             "  recorded_from INTEGER NOT NULL,\n"
                             "  recorded_to INTEGER NOT NULL,\n"
                             "  PRIMARY KEY (staged, aggregate_id, kind, key)\n"
                             ") STRICT, WITHOUT ROWID;\n"
                             "CREATE TABLE entry (\n"
                             "  origin_node TEXT NOT NULL,\n"
                             "  origin_position INTEGER NOT NULL,\n"
                             "  aggregate_kind TEXT NOT NULL,\n"
                             "  aggregate_id TEXT NOT NULL,\n"
                             "  version INTEGER NOT NULL,\n"
                             "  kind TEXT NOT NULL,\n"
                             "  recorded_at INTEGER NOT NULL,\n"
                             "  actor TEXT NOT NULL,\n"
                             "  bytes BLOB NOT NULL,\n"
                             "  hash BLOB NOT NULL,\n"
                             "  refused INTEGER NOT NULL,\n"
                             "  stored_at INTEGER NOT NULL,\n"
                             "  PRIMARY KEY (origin_node, origin_position, refused)\n"
                             ") STRICT, WITHOUT ROWID;\n"
                             "CREATE TABLE alarm (\n"
                             "  kind INTEGER NOT NULL,\n"
                             "  aggregate_id TEXT NOT NULL,\n"
                             "  detail TEXT NOT NULL,\n"
                             "  count INTEGER NOT NULL,\n"
                             "  first_at INTEGER NOT NULL,\n"
                             "  last_at INTEGER NOT NULL,\n"
                             "  PRIMARY KEY (kind, aggregate_id)\n"
                             ") STRICT, WITHOUT ROWID;\n"
                             "CREATE TABLE checkpoint (\n"
                             "  node TEXT PRIMARY KEY,\n"
                             "  position INTEGER NOT NULL,\n"
                             "  hash BLOB NOT NULL,\n"
                             "  signed_at INTEGER NOT NULL,\n"
                             "  signature BLOB NOT NULL\n"
                             ") STRICT, WITHOUT ROWID;\n";

/* Whether `s`, of self, has the key of a node. */
#define IS_KEY_OF(node)                                                                            \
    "(length(s.checkpoint_key) = 32 OR (length(s.checkpoint_key) > 32"                             \
    " AND substr(s.checkpoint_key, 33) = CAST(" node " AS BLOB)))"

static const char *const STATEMENTS[REPLICA_STATEMENT_COUNT] = {
    [REPLICA_SELF] = "SELECT node, checkpoint_key FROM self",
    /* 1 node, 2 checkpoint key */
    [REPLICA_SELF_SET] = "INSERT INTO self VALUES (1, ?1, ?2)"
                         " ON CONFLICT (one) DO UPDATE SET checkpoint_key = ?2",
    /* 1 node → its key */
    [REPLICA_KEY] = "SELECT substr(checkpoint_key, 1, 32) FROM self s WHERE " IS_KEY_OF("?1"),
    /* 1 peer → epoch … snapshot_chunk_count, signed position, since when the oldest after it
     * is stored (of entries that are not told, the last batch) */
    [REPLICA_CURSOR] =
        "SELECT c.epoch, c.position, c.scope_hash, c.schema_version, c.origin_position,"
        " c.origin_hash, c.snapshot_id, c.snapshot_chunk_count, c.signed,"
        " iif(c.origin_position <= c.signed, 0, coalesce((SELECT e.stored_at FROM entry e"
        " WHERE e.origin_node = ?1 AND e.origin_position > c.signed ORDER BY e.origin_position"
        " LIMIT 1), c.stored_at))"
        " FROM (SELECT o.*, coalesce((SELECT k.position FROM checkpoint k WHERE k.node = o.peer"
        " AND k.position <= o.origin_position), 0) AS signed FROM cursor o) c WHERE c.peer = ?1",
    /* 1 peer, 2 epoch, 3 position, 4 head, 5 scope hash or empty: as it was, 6 origin
     * position, 7 origin hash, 8 now; ends a snapshot */
    [REPLICA_CURSOR_SET] =
        "INSERT INTO cursor (peer, epoch, position, head, scope_hash, schema_version,"
        " origin_position, origin_hash, stored_at) VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8)"
        " ON CONFLICT (peer) DO UPDATE SET epoch = ?2, position = ?3, head = ?4,"
        " scope_hash = iif(length(?5) = 0, scope_hash, ?5), schema_version = 1,"
        " origin_position = ?6, origin_hash = ?7, stored_at = ?8, snapshot_id = '',"
        " snapshot_chunk_count = 0",
    /* 1 the peer whose it stays */
    [REPLICA_CURSORS_DROP] = "DELETE FROM cursor WHERE peer <> ?1",
    /* 1 peer, 2 snapshot, 3 chunks */
    [REPLICA_STAGED_SET] = "INSERT INTO cursor (peer, snapshot_id, snapshot_chunk_count)"
                           " VALUES (?1, ?2, ?3) ON CONFLICT (peer) DO UPDATE SET"
                           " snapshot_id = ?2, snapshot_chunk_count = ?3",
    /* 1..12 the columns; one that is there, however it was marked, stays alone */
    [REPLICA_ENTRY_PUT] = "INSERT OR IGNORE INTO entry SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                          " ?10, ?11, ?12 WHERE NOT EXISTS (SELECT 1 FROM entry WHERE"
                          " origin_node = ?1 AND origin_position = ?2 AND hash = ?10)",
    /* 1 staged, 2 kind, 3 id → version, epoch, parked */
    [REPLICA_AGGREGATE] = "SELECT version, epoch, parked FROM aggregate WHERE staged = ?1"
                          " AND kind = ?2 AND id = ?3",
    /* 1 staged, 2 kind, 3 id, 4 version, 5 epoch, 6 owner, 7 region, 8 public */
    [REPLICA_AGGREGATE_PUT] = "INSERT OR REPLACE INTO aggregate VALUES (?1, ?2, ?3, ?4, ?5, ?6,"
                              " ?7, ?8, '')",
    /* 1 staged, 2 kind, 3 id */
    [REPLICA_AGGREGATE_DROP] = "DELETE FROM aggregate WHERE staged = ?1 AND kind = ?2 AND id = ?3",
    /* 1 staged, 2 kind, 3 id, 4 epoch, 5 owner, 6 region, 7 why */
    [REPLICA_PARK] = "INSERT INTO aggregate VALUES (?1, ?2, ?3, 0, ?4, ?5, ?6, 1, ?7)"
                     " ON CONFLICT (staged, kind, id) DO UPDATE SET parked = ?7",
    [REPLICA_PARKED_COUNT] = "SELECT count(*) FROM aggregate WHERE staged = 0 AND parked <> ''",
    /* 1 staged, 2 aggregate, 3 kind, 4 key, 5 body, 6 from, 7 to */
    [REPLICA_RECORD_PUT] = "INSERT OR REPLACE INTO record VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    /* 1 staged, 2 aggregate, 3 kind */
    [REPLICA_RECORDS_DROP_KIND] = "DELETE FROM record WHERE staged = ?1 AND aggregate_id = ?2"
                                  " AND kind = ?3",
    /* 1 which are dropped: 0 active, 1 staged */
    [REPLICA_ACTIVATE_DROP] = "DELETE FROM aggregate WHERE staged = ?1",
    [REPLICA_ACTIVATE_RECORDS_DROP] = "DELETE FROM record WHERE staged = ?1",
    [REPLICA_ACTIVATE] = "UPDATE aggregate SET staged = 0 WHERE staged = 1",
    [REPLICA_ACTIVATE_RECORDS] = "UPDATE record SET staged = 0 WHERE staged = 1",
    /* 1 kind, 2 aggregate, 3 detail, 4 now */
    [REPLICA_ALARM] = "INSERT INTO alarm VALUES (?1, ?2, ?3, 1, ?4, ?4) ON CONFLICT (kind,"
                      " aggregate_id) DO UPDATE SET detail = ?3, count = count + 1, last_at = ?4",
    /* 1 node, 2 position, 3 hash, 4 signed at, 5 signature */
    [REPLICA_CHECKPOINT] = "INSERT OR REPLACE INTO checkpoint VALUES (?1, ?2, ?3, ?4, ?5)",
    /* 1 node, or empty: all */
    [REPLICA_CHECKPOINTS_DROP] = "DELETE FROM checkpoint WHERE ?1 IN ('', node)",
    /* 1 kind, or empty: all → kind, id, version, owner, region, public, parked */
    [REPLICA_AGGREGATES] = "SELECT kind, id, version, owner_node, lead_region, public_only, parked"
                           " FROM aggregate WHERE staged = 0 AND ?1 IN ('', kind)"
                           " ORDER BY kind, id",
    /* 1 aggregate → kind, body, from, to */
    [REPLICA_RECORDS] = "SELECT kind, body, recorded_from, recorded_to FROM record"
                        " WHERE staged = 0 AND aggregate_id = ?1 ORDER BY kind, key",
    [REPLICA_STATUS] =
        "SELECT s.node, coalesce(c.peer, ''), coalesce(c.position, 0),"
        " coalesce(c.head, 0), coalesce(c.stored_at, 0),"
        " (SELECT count(*) FROM aggregate WHERE staged = 0),"
        " (SELECT count(*) FROM aggregate WHERE staged = 0 AND parked <> ''),"
        " (SELECT count(*) FROM alarm), coalesce(c.origin_position, 0),"
        " coalesce((SELECT k.position FROM checkpoint k WHERE k.node = c.peer"
        " AND k.position <= c.origin_position), 0),"
        " c.peer IS NOT NULL AND " IS_KEY_OF("c.peer") " FROM self s LEFT JOIN cursor c ON true",
};

static const struct sqlite_schema REPLICA = {
    .name = "replica",
    .application_id = APPLICATION_ID,
    .version = 2,
    .sql = SCHEMA,
    .statements = STATEMENTS,
    .statement_count = REPLICA_STATEMENT_COUNT,
};

static cpts_status another(const struct sqlite_file *file, const char *node, struct cpts_error *err)
{
    cpts_status status = error_set(err, REASON_LOCAL_FILE_INVALID,
                                   "%.160s: the replica is of %.64s", file->path, node);
    if (err != NULL)
        strncpy(err->detail, file->path, sizeof err->detail - 1);
    return status;
}

/* Whose the replica is, and the key that it verifies with. */
struct self {
    char node[CPTS_SYNC_NODE_BYTES];
    /* As the column has it. */
    uint8_t key[CPTS_SYNC_HASH_BYTES + CPTS_SYNC_NODE_BYTES];
    size_t key_bytes;
};

static cpts_status read_self(struct sqlite_file *file, struct self *ret_self,
                             struct cpts_error *err)
{
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_SELF, err);
    if (statement == NULL)
        return err->status;
    if (cpts_sqlite__next(file, statement, err)) {
        size_t key_bytes = (size_t)sqlite3_column_bytes(statement, 1);
        cpts_sqlite__read_text(statement, 0, ret_self->node, sizeof ret_self->node);
        if (key_bytes >= CPTS_SYNC_HASH_BYTES && key_bytes <= sizeof ret_self->key)
            memcpy(ret_self->key, sqlite3_column_blob(statement, 1),
                   ret_self->key_bytes = key_bytes);
    }
    sqlite3_reset(statement);
    return err->status;
}

/* Takes the key that is told. What was verified with another one counts no longer: the node
 * signs it again. */
static cpts_status change_key(struct sqlite_file *file, const struct cpts_replica_options *options,
                              struct self *self, struct cpts_error *err)
{
    struct self before = *self;
    const char *node = options->checkpoint_node == NULL ? "" : options->checkpoint_node;
    if (options->checkpoint_key == NULL)
        return CPTS_OK;
    memcpy(self->key, options->checkpoint_key, CPTS_SYNC_HASH_BYTES);
    memcpy(self->key + CPTS_SYNC_HASH_BYTES, node, strlen(node));
    self->key_bytes = CPTS_SYNC_HASH_BYTES + strlen(node);
    if (before.key_bytes == self->key_bytes && memcmp(before.key, self->key, self->key_bytes) == 0)
        return CPTS_OK;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_CHECKPOINTS_DROP, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, node);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* Whose it is: said by the file, or by the options when it is new. */
static cpts_status settle_self(struct sqlite_file *file, const struct cpts_replica_options *options,
                               struct cpts_error *err)
{
    struct self self = {.node = ""};
    cpts_status status = read_self(file, &self, err);
    if (status != CPTS_OK)
        return status;
    if (self.node[0] != '\0' && options->node != NULL && strcmp(self.node, options->node) != 0)
        return another(file, self.node, err);
    if (self.node[0] == '\0' && options->node == NULL)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "node",
                               "a new replica has to know whose it is");
    status = change_key(file, options, &self, err);
    if (status != CPTS_OK)
        return status;
    sqlite3_stmt *statement = cpts_sqlite__use(file, REPLICA_SELF_SET, err);
    if (statement == NULL)
        return err->status;
    cpts_sqlite__bind_text(statement, 1, self.node[0] != '\0' ? self.node : options->node);
    cpts_sqlite__bind_bytes(statement, 2, self.key, self.key_bytes);
    return cpts_sqlite__run(file, statement, NULL, err);
}

/* What can be judged before there is a file. */
static cpts_status check(const struct cpts_replica_options *options, struct cpts_error *err)
{
    const char *whose = options->checkpoint_node;
    if (options->path == NULL || options->path[0] == '\0')
        return error_set_field(err, REASON_ARGUMENT_INVALID, "path", "there is no path");
    if (options->node != NULL && strlen(options->node) >= CPTS_SYNC_NODE_BYTES)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "node", "the name is too long");
    if (whose != NULL && strlen(whose) >= CPTS_SYNC_NODE_BYTES)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "checkpoint_node",
                               "the name is too long");
    return CPTS_OK;
}

cpts_status cpts_replica_open(const struct cpts_replica_options *options,
                              cpts_replica **ret_replica, struct cpts_error *err)
{
    struct cpts_replica_options own;
    struct cpts_error ignored;
    struct cpts_error *why = err == NULL ? &ignored : err;
    error_clear(why);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, why);
    if (status == CPTS_OK)
        status = check(&own, why);
    if (status != CPTS_OK)
        return status;
    cpts_replica *replica = calloc(1, sizeof *replica);
    if (replica == NULL)
        return error_set(why, REASON_OUT_OF_MEMORY, "no memory for a replica");
    pthread_mutex_init(&replica->lock, NULL);
    status = cpts_sqlite__open(own.path, &REPLICA, &replica->file, why);
    if (status == CPTS_OK)
        status = settle_self(&replica->file, &own, why);
    if (status == CPTS_OK)
        *ret_replica = replica;
    else
        cpts_replica_close(replica);
    return status;
}

void cpts_replica_close(cpts_replica *replica)
{
    if (replica == NULL)
        return;
    cpts_sqlite__close(&replica->file);
    pthread_mutex_destroy(&replica->lock);
    free(replica);
}
