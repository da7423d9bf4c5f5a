/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_REPLICA_FILE_H
#define SDK_REPLICA_FILE_H

/**
 * @file
 * What a replica is: its file, its statements, its lock.
 *
 * Threads: the members behind the lock.
 */

#include <cpts/replica.h>
#include <pthread.h>

#include "sqlite_file.h"

/** Statements of the file; their parameters are in replica_file.c. */
enum replica_statement {
    REPLICA_SELF,
    REPLICA_SELF_SET,
    REPLICA_KEY,
    REPLICA_CURSOR,
    REPLICA_CURSOR_SET,
    REPLICA_CURSORS_DROP,
    REPLICA_STAGED_SET,
    REPLICA_ENTRY_PUT,
    REPLICA_AGGREGATE,
    REPLICA_AGGREGATE_PUT,
    REPLICA_AGGREGATE_DROP,
    REPLICA_PARK,
    REPLICA_PARKED_COUNT,
    REPLICA_RECORD_PUT,
    REPLICA_RECORDS_DROP_KIND,
    REPLICA_ACTIVATE_DROP,
    REPLICA_ACTIVATE_RECORDS_DROP,
    REPLICA_ACTIVATE,
    REPLICA_ACTIVATE_RECORDS,
    REPLICA_ALARM,
    REPLICA_CHECKPOINT,
    REPLICA_CHECKPOINTS_DROP,
    REPLICA_AGGREGATES,
    REPLICA_RECORDS,
    REPLICA_STATUS,
    REPLICA_STATEMENT_COUNT
};

struct cpts_replica {
    pthread_mutex_t lock;
    struct sqlite_file file;
};

/** Stores images, locked and in a transaction: beside what is active when @p is_staged.
 * What cannot be stored parks its aggregate.
 * @param is_repair  They replace what is there, whatever its version. */
CPTS_MUST_CHECK cpts_status cpts_replica__put_images(
    struct sqlite_file *file, const struct cpts_sync_image *images, size_t image_count,
    bool is_staged, bool is_repair, struct cpts_sync_applied *ret_applied, struct cpts_error *err);

/** As struct cpts_sync_store's. @p store is a cpts_replica. */
cpts_status cpts_replica__digest(void *store, const struct cpts_sync_peer *peer,
                                 const struct cpts_sync_digest_query *query, int64_t *ret_position,
                                 cpts_sync_take_aggregate *take, void *data,
                                 struct cpts_error *err);

#endif
