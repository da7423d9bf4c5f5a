/* SPDX-License-Identifier: Apache-2.0 */
#include "outbox_file.h"

#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "wire/error.h"

/* 'CPTO' */
#define APPLICATION_ID 0x4350544F

/* state: numbers of enum cpts_outbox_state. The request is emptied when it is
 * accepted; its hash stays, so that a repetition with other bytes is known. */
static const char SCHEMA[] = "CREATE TABLE command (\n"
                             "  place INTEGER PRIMARY KEY AUTOINCREMENT,\n"
                             "  command_id TEXT NOT NULL UNIQUE,\n"
                             "  method TEXT NOT NULL,\n"
                             "  request BLOB NOT NULL,\n"
                             "  request_hash BLOB NOT NULL CHECK (length(request_hash) = 32),\n"
                             "  state INTEGER NOT NULL CHECK (state BETWEEN 1 AND 4),\n"
                             "  kept_at INTEGER NOT NULL,\n"
                             "  attempted_at INTEGER NOT NULL DEFAULT 0,\n"
                             "  settled_at INTEGER NOT NULL DEFAULT 0,\n"
                             "  attempt_count INTEGER NOT NULL DEFAULT 0,\n"
                             "  status INTEGER NOT NULL DEFAULT 0,\n"
                             "  reason TEXT NOT NULL DEFAULT '',\n"
                             "  message TEXT NOT NULL DEFAULT '',\n"
                             "  field TEXT NOT NULL DEFAULT '',\n"
                             "  detail TEXT NOT NULL DEFAULT ''\n"
                             ") STRICT;\n"
                             "CREATE INDEX command_state_idx ON command (state, place);\n";

/* Commands in the hands of this process; nobody else's business, nor for ever. */
static const char FLIGHTS[] = "PRAGMA temp_store=MEMORY;"
                              "CREATE TEMP TABLE flight ("
                              "  place INTEGER PRIMARY KEY, is_call INTEGER NOT NULL)";

#define COLUMNS                                                                                    \
    "place, command_id, method, state, length(request), kept_at, attempted_at, settled_at, "       \
    "attempt_count, status, reason, message, field, detail"

static const char *const STATEMENTS[OUTBOX_STATEMENT_COUNT] = {
    /* 1 command_id → place, state, hash, method */
    [OUTBOX_FIND] = "SELECT place, state, request_hash, method FROM command WHERE command_id = ?1",
    /* → per state its number, bytes, oldest */
    [OUTBOX_ROOM] = "SELECT state, count(*), sum(length(request)), min(kept_at) FROM command"
                    " GROUP BY state",
    /* 1 command_id, 2 method, 3 request, 4 hash, 5 now */
    [OUTBOX_PUT] = "INSERT INTO command (command_id, method, request, request_hash, state, kept_at)"
                   " VALUES (?1, ?2, ?3, ?4, 1, ?5)",
    /* 1 place, 2 now → attempt_count */
    [OUTBOX_BEGIN] = "UPDATE command SET state = 2, attempted_at = ?2,"
                     " attempt_count = attempt_count + 1 WHERE place = ?1 AND state <> 3"
                     " RETURNING attempt_count",
    /* 1 after place → place, state, method, request */
    [OUTBOX_OLDEST] = "SELECT place, state, method, request FROM command WHERE state IN (1, 2)"
                      " AND place > ?1 AND place NOT IN (SELECT place FROM temp.flight)"
                      " ORDER BY place LIMIT 1",
    /* 1 place; calls of one moment may pass one another, nothing passes what had waited */
    [OUTBOX_WAITS_BEFORE] = "SELECT 1 FROM command WHERE state IN (1, 2) AND place < ?1"
                            " AND place NOT IN (SELECT place FROM temp.flight WHERE is_call)"
                            " LIMIT 1",
    /* 1 place, 2 state, 3 now when settled, 4 status, 5 reason, 6 message, 7 field, 8 detail,
     * 9 attempt: another process may have the command in hand, too. What it was told stays;
     * what it may have been told leaves a doubt. */
    [OUTBOX_SETTLE] = "UPDATE command SET state = iif(?2 = 1 AND attempt_count <> ?9, 2, ?2),"
                      " settled_at = ?3, status = ?4, reason = ?5,"
                      " message = ?6, field = ?7, detail = ?8,"
                      " request = iif(?2 = 3, x'', request)"
                      " WHERE place = ?1 AND (state <> 3 OR ?2 = 3)",
    /* 1 place; what another process has in hand, too, stays */
    [OUTBOX_DROP] = "DELETE FROM command WHERE place = ?1 AND attempt_count < 2",
    /* 1 how many of the accepted stay */
    [OUTBOX_TRIM] = "DELETE FROM command WHERE state = 3 AND place <= (SELECT place FROM command"
                    " WHERE state = 3 ORDER BY place DESC LIMIT 1 OFFSET ?1)",
    /* 1 place, 2 whether a call has it, not a sending of what waited */
    [OUTBOX_HOLD] = "INSERT OR IGNORE INTO temp.flight VALUES (?1, ?2)",
    /* 1 place */
    [OUTBOX_RELEASE] = "DELETE FROM temp.flight WHERE place = ?1",
    /* 1 after place, 2 state or 0, 3 how many → COLUMNS */
    [OUTBOX_LIST] = "SELECT " COLUMNS " FROM command WHERE place > ?1 AND ?2 IN (0, state)"
                    " ORDER BY place LIMIT ?3",
    /* 1 command_id → COLUMNS */
    [OUTBOX_GET] = "SELECT " COLUMNS " FROM command WHERE command_id = ?1",
    /* 1 command_id */
    [OUTBOX_RETRY] = "UPDATE command SET state = 1, settled_at = 0 WHERE command_id = ?1"
                     " AND state = 4",
    /* 1 command_id */
    [OUTBOX_FORGET] = "DELETE FROM command WHERE command_id = ?1 AND state <> 2",
};

const struct sqlite_schema cpts_outbox__schema = {
    .name = "outbox",
    .application_id = APPLICATION_ID,
    .version = 1,
    .sql = SCHEMA,
    .statements = STATEMENTS,
    .statement_count = OUTBOX_STATEMENT_COUNT,
};

static cpts_status check(const struct cpts_outbox_options *options, struct cpts_error *err)
{
    if (options->path == NULL || options->path[0] == '\0')
        return error_set_field(err, REASON_ARGUMENT_INVALID, "path", "there is no path");
    if (options->count_max < 0 || options->count_max > CPTS_OUTBOX_COUNT_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "count_max",
                               "the commands are not in 0..%d", CPTS_OUTBOX_COUNT_MAX);
    if (options->bytes_max < 0 || options->bytes_max > CPTS_OUTBOX_BYTES_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "bytes_max",
                               "the bytes are not in 0..%lld", (long long)CPTS_OUTBOX_BYTES_MAX);
    return CPTS_OK;
}

cpts_status cpts_outbox_open(const struct cpts_outbox_options *options, cpts_outbox **ret_outbox,
                             struct cpts_error *err)
{
    struct cpts_outbox_options own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, options, err);
    if (status == CPTS_OK)
        status = check(&own, err);
    if (status != CPTS_OK)
        return status;
    cpts_outbox *outbox = calloc(1, sizeof *outbox);
    if (outbox == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an outbox");
    outbox->count_max = own.count_max == 0 ? CPTS_OUTBOX_COUNT_DEFAULT : own.count_max;
    outbox->bytes_max = own.bytes_max == 0 ? CPTS_OUTBOX_BYTES_DEFAULT : own.bytes_max;
    pthread_mutex_init(&outbox->lock, NULL);
    pthread_mutex_init(&outbox->sending, NULL);
    status = cpts_sqlite__open(own.path, &cpts_outbox__schema, &outbox->file, err);
    if (status == CPTS_OK &&
        sqlite3_exec(outbox->file.database, FLIGHTS, NULL, NULL, NULL) != SQLITE_OK)
        status = cpts_sqlite__fail(&outbox->file, err);
    if (status == CPTS_OK)
        *ret_outbox = outbox;
    else
        cpts_outbox_close(outbox);
    return status;
}

void cpts_outbox_close(cpts_outbox *outbox)
{
    if (outbox == NULL)
        return;
    cpts_sqlite__close(&outbox->file);
    pthread_mutex_destroy(&outbox->sending);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox);
}

const char *cpts_outbox_state_name(enum cpts_outbox_state state)
{
    static const char *const NAMES[] = {
        [CPTS_OUTBOX_UNSPECIFIED] = "UNSPECIFIED",
        [CPTS_OUTBOX_NOT_SENT] = "NOT_SENT",
        [CPTS_OUTBOX_POSSIBLY_ACCEPTED] = "POSSIBLY_ACCEPTED",
        [CPTS_OUTBOX_ACCEPTED] = "ACCEPTED",
        [CPTS_OUTBOX_REJECTED] = "REJECTED",
    };
    return (size_t)state < sizeof NAMES / sizeof NAMES[0] ? NAMES[state] : "UNRECOGNISED";
}
