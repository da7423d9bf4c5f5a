/* SPDX-License-Identifier: Apache-2.0 */
#include "latency.h"

#define DURATION_MAX ((UINT64_C(1) << LATENCY_DOUBLINGS) - 1)

/* Below LATENCY_STEPS each microsecond has a bucket of its own; from there on
 * the leading bits name the doubling and the next ones the step in it. */
static unsigned bucket_of(uint64_t duration_us)
{
    if (duration_us < LATENCY_STEPS)
        return (unsigned)duration_us;
    unsigned top = 63 - (unsigned)__builtin_clzll(duration_us);
    unsigned shift = top - LATENCY_STEP_BITS;
    unsigned step = (unsigned)(duration_us >> shift) & (LATENCY_STEPS - 1);
    return (shift + 1) * LATENCY_STEPS + step;
}

/* The longest duration of a bucket. */
static uint64_t upper_us(unsigned bucket)
{
    if (bucket < LATENCY_STEPS)
        return bucket;
    unsigned shift = bucket / LATENCY_STEPS - 1;
    uint64_t step = bucket % LATENCY_STEPS + LATENCY_STEPS;
    return ((step + 1) << shift) - 1;
}

void cpts_latency__record(struct latency *latency, int64_t duration_us)
{
    uint64_t duration = duration_us < 0 ? 0 : (uint64_t)duration_us;
    if (duration > DURATION_MAX)
        duration = DURATION_MAX;
    atomic_fetch_add_explicit(&latency->buckets[bucket_of(duration)], 1, memory_order_relaxed);
    uint_fast64_t seen = atomic_load_explicit(&latency->max_us, memory_order_relaxed);
    while (seen < duration &&
           !atomic_compare_exchange_weak_explicit(&latency->max_us, &seen, duration,
                                                  memory_order_relaxed, memory_order_relaxed)) {
    }
}

static uint64_t count_of(const struct latency *latency, unsigned bucket)
{
    return atomic_load_explicit(&latency->buckets[bucket], memory_order_relaxed);
}

uint64_t cpts_latency__quantile_us(const struct latency *latency, int percent)
{
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
        total += count_of(latency, i);
    uint64_t wanted = (total * (uint64_t)percent + 99) / 100;
    for (unsigned i = 0; i < LATENCY_BUCKETS && total > 0; i++) {
        seen += count_of(latency, i);
        if (seen >= wanted) {
            uint64_t max_us = cpts_latency__max_us(latency);
            return upper_us(i) < max_us ? upper_us(i) : max_us;
        }
    }
    return 0;
}

uint64_t cpts_latency__max_us(const struct latency *latency)
{
    return atomic_load_explicit(&latency->max_us, memory_order_relaxed);
}
