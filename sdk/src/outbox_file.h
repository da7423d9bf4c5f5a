/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_OUTBOX_FILE_H
#define SDK_OUTBOX_FILE_H

/**
 * @file
 * What an outbox is: its file, its statements, its lock.
 *
 * Threads: the members behind the lock.
 */

#include <cpts/outbox.h>
#include <pthread.h>

#include "sqlite_file.h"

/** Statements of the file; their parameters are in outbox_file.c. */
enum outbox_statement {
    OUTBOX_FIND,
    OUTBOX_ROOM,
    OUTBOX_PUT,
    OUTBOX_BEGIN,
    OUTBOX_OLDEST,
    OUTBOX_WAITS_BEFORE,
    OUTBOX_SETTLE,
    OUTBOX_DROP,
    OUTBOX_TRIM,
    OUTBOX_HOLD,
    OUTBOX_RELEASE,
    OUTBOX_LIST,
    OUTBOX_GET,
    OUTBOX_RETRY,
    OUTBOX_FORGET,
    OUTBOX_STATEMENT_COUNT
};

struct cpts_outbox {
    pthread_mutex_t lock;
    /** Held through a sending, and before `lock`. */
    pthread_mutex_t sending;
    struct sqlite_file file;
    int32_t count_max;
    int64_t bytes_max;
};

/** As cpts_outbox_read_room(), locked; @p err is cleared, @p room zero. */
CPTS_MUST_CHECK cpts_status cpts_outbox__read_room(cpts_outbox *outbox,
                                                   struct cpts_outbox_room *room,
                                                   struct cpts_error *err);
extern const struct sqlite_schema cpts_outbox__schema;

#endif
