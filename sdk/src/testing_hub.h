/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TESTING_HUB_H
#define SDK_TESTING_HUB_H

/**
 * @file
 * What a hub is made of, for testing_*.c.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync.h>
#include <cpts/testing.h>
#include <pthread.h>
#include <stdatomic.h>

#include "testing_link.h"
#include "testing_store.h"

#define TESTING_NAME_BYTES 64

struct cpts_testing_hub {
    struct testing_store store;
    char node[TESTING_NAME_BYTES];
    char scope[TESTING_NAME_BYTES];
    bool is_replica;
    enum cpts_testing_fault fault;
    int64_t amount;
    /** Frames of the hub's that the fault lets pass first; times it strikes. */
    int32_t skip;
    int32_t times;
    /** Of the session: what both sides know. */
    struct testing_wire *wire;
    atomic_bool is_over;
    int64_t until_ms;
    /** How the store is wanted to lead its side, beside catching up. */
    unsigned wish;
    /** Changes in a batch of the hub's. */
    int32_t batch_changes;
    struct cpts_sync_status status;
    struct cpts_sync_status hub_status;
    /** How the hub's side ended. */
    cpts_status end;
    struct cpts_error end_error;
};

#endif
