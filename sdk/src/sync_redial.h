/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_SYNC_REDIAL_H
#define SDK_SYNC_REDIAL_H

/**
 * @file
 * When to dial again after a session: pure.
 *
 * Threads: one thread at a time.
 */

#include <cpts/status.h>

struct sync_redial {
    /** Ceiling of the first delay, and of all, milliseconds; 0 = 200 and 30,000. */
    int32_t min_ms;
    int32_t max_ms;
    /** Sessions in a row that came to nothing. */
    int32_t failure_count;
};

/**
 * The delay before the next session: at random below a ceiling that doubles with each
 * that came to nothing (full jitter), never before the other side said, ten minutes
 * at most. What a person has to mend is dialled at the last ceiling; a node that was
 * restored at once, but not again and again.
 *
 * @param err  How the last one ended.
 * @param was_useful  Something was exchanged.
 * @param random  Any 32 random bits.
 */
int32_t cpts_sync_redial__pause_ms(struct sync_redial *redial, const struct cpts_error *err,
                                   bool was_useful, uint32_t random);

#endif
