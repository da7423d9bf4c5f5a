/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_COMMAND_LOAD_H
#define TESTS_FAULT_COMMAND_LOAD_H

/**
 * @file
 * Many commands on few records, given to a lane by a thread of its own, and
 * the invariants that must hold afterwards whatever happened meanwhile.
 *
 * Threads: a load belongs to its thread from load_start() to load_join().
 */

#include <pthread.h>
#include <stdatomic.h>

#include "fault/probe.h"

/** Records that all loads of a test fight for. */
#define LOAD_RECORDS 24
/** Commands that all loads of a test send, under the same ids. */
#define LOAD_SHARED 400
#define LOAD_IN_FLIGHT 64

/** What all loads of a test have in common. */
struct load_ground {
    uint8_t records[LOAD_RECORDS][16];
    uint8_t shared_ids[LOAD_SHARED][16];
};

struct load_reply {
    uint8_t command_id[16];
    cpts_status status;
    char outcome[CPTS_REASON_BYTES];
    int64_t version;
    int64_t position;
};

struct load {
    struct lane *lane;
    const struct load_ground *ground;
    int command_count;
    unsigned seed;
    pthread_t thread;
    struct load_reply *replies;
    int reply_count;
    /** Replies with outcome OK so far. */
    atomic_int ok_count;
    atomic_bool is_over;
    /* The thread's own: */
    struct probe probes[LOAD_IN_FLIGHT];
    int64_t versions[LOAD_RECORDS];
    int shared_next;
};

/** Makes the records, through @p lane. */
void load_ground_make(struct load_ground *ground, struct lane *lane);

/** Starts @p command_count commands; `lane`, `ground` and `seed` are set. */
void load_start(struct load *load, int command_count);

void load_join(struct load *load);

/** Releases the replies. */
void load_end(struct load *load);

/** Asserts that every acknowledged command is there exactly once, as it was
 * acknowledged; that nothing else is there but what was answered
 * OUTCOME_UNKNOWN; that the chains of versions and hashes are unbroken; and
 * that positions have no gap. */
void load_assert_kept(struct database *database, struct load *loads, int load_count);

#endif
