/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "exchange.h"
#include "replica_file.h"
#include "wire/error.h"

cpts_status cpts_replica_read_status(cpts_replica *replica, struct cpts_replica_status *ret_status,
                                     struct cpts_error *err)
{
    struct cpts_error own = {0};
    struct cpts_replica_status status = {0};
    pthread_mutex_lock(&replica->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_STATUS, &own);
    if (statement != NULL && cpts_sqlite__next(&replica->file, statement, &own)) {
        cpts_sqlite__read_text(statement, 0, status.node, sizeof status.node);
        cpts_sqlite__read_text(statement, 1, status.peer, sizeof status.peer);
        status.position = sqlite3_column_int64(statement, 2);
        status.head = sqlite3_column_int64(statement, 3);
        status.stored_at_us = sqlite3_column_int64(statement, 4);
        status.aggregate_count = sqlite3_column_int64(statement, 5);
        status.parked_count = sqlite3_column_int64(statement, 6);
        status.alarm_count = sqlite3_column_int64(statement, 7);
        status.origin_position = sqlite3_column_int64(statement, 8);
        status.signed_position = sqlite3_column_int64(statement, 9);
        status.has_checkpoint_key = sqlite3_column_int(statement, 10) != 0;
    }
    sqlite3_reset(statement);
    pthread_mutex_unlock(&replica->lock);
    if (err != NULL)
        *err = own;
    if (own.status != CPTS_OK)
        return own.status;
    cpts_exchange__give(ret_status, &status, sizeof status);
    return CPTS_OK;
}

static void read_aggregate(sqlite3_stmt *statement, struct cpts_replica_aggregate *ret_aggregate)
{
    struct cpts_replica_aggregate *one = ret_aggregate;
    *one = (struct cpts_replica_aggregate){.version = sqlite3_column_int(statement, 2),
                                           .public_only = sqlite3_column_int(statement, 5) != 0};
    cpts_sqlite__read_text(statement, 0, one->aggregate_kind, sizeof one->aggregate_kind);
    cpts_sqlite__read_text(statement, 1, one->aggregate_id, sizeof one->aggregate_id);
    cpts_sqlite__read_text(statement, 3, one->owner_node, sizeof one->owner_node);
    cpts_sqlite__read_text(statement, 4, one->lead_region, sizeof one->lead_region);
    cpts_sqlite__read_text(statement, 6, one->parked, sizeof one->parked);
}

cpts_status cpts_replica_list(cpts_replica *replica, const char *aggregate_kind,
                              cpts_replica_take_aggregate *take, void *data, struct cpts_error *err)
{
    struct cpts_error own = {0};
    bool goes_on = true;
    pthread_mutex_lock(&replica->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_AGGREGATES, &own);
    if (statement != NULL)
        cpts_sqlite__bind_text(statement, 1, aggregate_kind);
    while (statement != NULL && goes_on && cpts_sqlite__next(&replica->file, statement, &own)) {
        struct cpts_replica_aggregate aggregate;
        read_aggregate(statement, &aggregate);
        goes_on = take(&aggregate, data);
    }
    sqlite3_reset(statement);
    pthread_mutex_unlock(&replica->lock);
    if (err != NULL)
        *err = own;
    return own.status;
}

cpts_status cpts_replica_read(cpts_replica *replica, const char *aggregate_id,
                              cpts_replica_take_row *take, void *data, struct cpts_error *err)
{
    struct cpts_error own = {0};
    bool goes_on = true;
    pthread_mutex_lock(&replica->lock);
    sqlite3_stmt *statement = cpts_sqlite__use(&replica->file, REPLICA_RECORDS, &own);
    if (statement != NULL)
        cpts_sqlite__bind_text(statement, 1, aggregate_id);
    while (statement != NULL && goes_on && cpts_sqlite__next(&replica->file, statement, &own)) {
        struct cpts_sync_row row = {.kind = (const char *)sqlite3_column_text(statement, 0),
                                    .recorded_from_us = sqlite3_column_int64(statement, 2),
                                    .recorded_to_us = sqlite3_column_int64(statement, 3)};
        row.body.bytes = sqlite3_column_text(statement, 1);
        row.body.byte_count = (size_t)sqlite3_column_bytes(statement, 1);
        goes_on = take(&row, data);
    }
    sqlite3_reset(statement);
    pthread_mutex_unlock(&replica->lock);
    if (err != NULL)
        *err = own;
    return own.status;
}
