/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_LATENCY_H
#define SDK_LATENCY_H

/**
 * @file
 * A histogram of durations: eight steps for each doubling, so that a quantile
 * is at most an eighth too high.
 *
 * Threads: any thread.
 */

#include <stdatomic.h>
#include <stdint.h>

#define LATENCY_STEP_BITS 3
#define LATENCY_STEPS (1 << LATENCY_STEP_BITS)
/** Durations from 2^31 us, 36 minutes, are in the last step. */
#define LATENCY_DOUBLINGS 31
#define LATENCY_BUCKETS ((LATENCY_DOUBLINGS - LATENCY_STEP_BITS + 1) * LATENCY_STEPS)

struct latency {
    atomic_uint_fast64_t buckets[LATENCY_BUCKETS];
    atomic_uint_fast64_t max_us;
};

/** Counts a duration; a negative one is 0. */
void cpts_latency__record(struct latency *latency, int64_t duration_us);

/** The duration that @p percent per cent (1..100) of those counted do not
 * exceed; 0 when none was. */
uint64_t cpts_latency__quantile_us(const struct latency *latency, int percent);

/** The longest. */
uint64_t cpts_latency__max_us(const struct latency *latency);

#endif
