/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_STATISTICS_H
#define SDK_STATISTICS_H

/**
 * @file
 * What a client counts. Counters only grow.
 *
 * Threads: any thread; a reader sees each counter right, and all of them
 * together roughly.
 */

#include <cpts/status.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "address.h"
#include "latency.h"
#include "operation.h"

#define STATISTICS_STATUS_COUNT (CPTS_UNAUTHENTICATED + 1)
/** Bytes of an address with the final NUL. */
#define STATISTICS_PEER_BYTES 80

/** Calls of one operation. */
struct statistics_calls {
    atomic_uint_fast64_t by_status[STATISTICS_STATUS_COUNT];
    atomic_uint_fast64_t attempts;
    atomic_uint_fast64_t retries;
    /** Of messages, before compression and framing. */
    atomic_uint_fast64_t bytes_sent;
    atomic_uint_fast64_t bytes_received;
    struct latency latency;
};

/** Attempts that went to one address. */
struct statistics_peer {
    char address[STATISTICS_PEER_BYTES];
    uint64_t attempts;
    /** Those that ended with UNAVAILABLE. */
    uint64_t unavailable;
};

struct statistics {
    struct statistics_calls calls[OPERATION_COUNT];
    /** Calls that a thread waits for right now. */
    atomic_int_fast64_t waiting_threads;
    /** Behind the lock. */
    pthread_mutex_t lock;
    struct statistics_peer peers[ADDRESS_COUNT_MAX];
    size_t peer_count;
};

/** An attempt that ended. */
struct statistics_attempt {
    enum operation operation;
    cpts_status status;
    size_t bytes_sent;
    size_t bytes_received;
    /** May be empty. */
    const char *peer;
};

/** Zeroed memory becomes a set of counters. */
void cpts_statistics__init(struct statistics *statistics);
void cpts_statistics__done(struct statistics *statistics);

void cpts_statistics__attempt(struct statistics *statistics,
                              const struct statistics_attempt *attempt);
/** A call that is over, after @p attempt_count attempts. */
void cpts_statistics__call(struct statistics *statistics, enum operation operation,
                           cpts_status status, int64_t latency_us, int32_t attempt_count);

/** Copies the addresses. @return how many. */
size_t cpts_statistics__peers(struct statistics *statistics,
                              struct statistics_peer ret_peers[ADDRESS_COUNT_MAX]);

#endif
