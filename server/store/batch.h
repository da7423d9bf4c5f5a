/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_BATCH_H
#define STORE_BATCH_H

/**
 * @file
 * A batch: what is sent with one Sync, and what came back for it.
 *
 *     writing   log_lock, log_begin, {[scope_set,] call}..., log_notify, Sync
 *     reading   {[scope_set,] call}..., Sync
 *     tracing   as reading, in a transaction that may write
 *
 * The scope is set before the first call and wherever it differs from the
 * previous call's, since a call without its own inherits that one.
 *
 * The lock is held from when its statement reaches the server until the Sync
 * does, and no time limit of the server ends a client that stalls between the
 * two. libpq sends a full 8 KiB as soon as it has it, so a batch that is
 * longer leaves in a few sends within the microseconds of batch_send(), which
 * does not wait; a socket buffer of CONNECTION_SEND_BYTES (connection.h) takes
 * the whole of it, so that the last send, with the Sync, does not wait for the
 * server either. Where the kernel allows no such buffer (net.core.wmem_max),
 * and for a call that is larger by itself (a territory of 2,000 units, which
 * travels alone), the rest leaves as fast as the server reads. What
 * is left, a process stopped or a link cut in that moment, is ended by the
 * watchdog of any server (watchdog.h); the others' lock_timeout tells their
 * callers DATABASE_BUSY in the meantime.
 *
 * Threads: the lane's thread.
 */

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/method.h"

struct call;

#define BATCH_CALLS_MAX 128
/** Parameters and their overhead, for a batch of more than one call: a hundred
 * referrals of the least size. Fewer would share a flush of the disk. */
#define BATCH_BYTES_MAX ((size_t)448 * 1024)

/** A call with what the lane knows about it. */
struct ticket {
    struct call *call;
    /** It was sent in a writing batch whose Sync was never answered: it may
     * have been carried out. Stays true until an answer settles it. */
    bool in_doubt;
    /** Sessions lost while it was under way. */
    int losses;
};

enum batch_step { STEP_LOCK, STEP_BEGIN, STEP_SCOPE, STEP_CALL, STEP_NOTIFY, STEP_SYNC };

/** How a lane sends. */
struct batch_manner {
    /** Takes the log's lock; what is not answered is in doubt. */
    bool writes;
    /** Calls add rows that need no lock and may be added again. */
    bool records;
    bool without_scope;
    const char *node;
};

struct batch {
    struct ticket tickets[BATCH_CALLS_MAX];
    /** Rows of the calls, owned, in the order of the tickets. */
    PGresult *results[BATCH_CALLS_MAX];
    int ticket_count;
    /** What was sent (enum batch_step), and how much of it was answered. */
    unsigned char steps[2 + 2 * BATCH_CALLS_MAX + 2];
    int step_count;
    int step_next;
    /** Calls answered so far: the next one's place in results. */
    int call_next;
    /** The first error, owned, and the step that it answered (STEP_SYNC: the
     * commit itself). NULL while all is well. */
    PGresult *error;
    enum batch_step error_step;
    /** The Sync is with libpq: from here on the batch may commit. */
    bool is_complete;
};

/** Bytes that a call adds to a batch, roughly. */
size_t batch_weigh(const struct call *call);

/** Hands the batch's tickets to libpq as statements and a Sync.
 * @return false when the connection is broken. */
bool batch_send(struct batch *batch, PGconn *pg, const struct batch_manner *manner);

/** Takes the next result of the batch (owned from here on).
 * @return the step it answers; STEP_SYNC means that the batch is over, unless
 * it is also batch->error. */
enum batch_step batch_receive(struct batch *batch, PGresult *result);

/** Whether the Sync was answered. */
bool batch_is_over(const struct batch *batch);

/** Releases the results and forgets everything. */
void batch_reset(struct batch *batch);

#endif
