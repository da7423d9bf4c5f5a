/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_CHAIN_H
#define SDK_SYNC_CHAIN_H

/**
 * @file
 * The chain of hashes of one origin, entry after entry: what is missing in it, what
 * does not belong to it. Pure.
 *
 * Threads: one thread at a time.
 */

#include <cpts/sync_value.h>

struct sync_chain {
    /** Its origin. */
    const char *node;
    /** Whoever tells it may not have all of it: what follows a hole is believed for what it
     * says of the entry before it. */
    bool has_holes;
    int64_t position;
    uint8_t hash[CPTS_SYNC_HASH_BYTES];
};

/** What a walk along a chain found. */
struct sync_chain_walk {
    /** The first position that is missing; 0 = none. */
    int64_t gap_at;
    /** The first one whose hash is not what it must be; 0 = none. */
    int64_t broken_at;
    /** An entry of another origin, or NULL. */
    const struct cpts_sync_entry *forged;
    /** Withheld runs that are of the chain: they stand first. */
    size_t withheld_count;
};

/**
 * Walks on along what a batch has of the chain, its entries and its withheld runs, each
 * in order. What is refused is marked so: an entry of another origin, one whose hashes
 * do not follow, one that the chain has passed (GAP: it is there already, or of no
 * chain). Runs that the chain has passed are left out. After a break the chain goes on
 * from what was claimed.
 */
void cpts_sync_chain__walk(struct sync_chain *chain, struct cpts_sync_entry *entries,
                           size_t entry_count, struct cpts_sync_withheld *withheld,
                           size_t withheld_count, struct sync_chain_walk *ret_walk);

#endif
