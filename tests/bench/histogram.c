/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/histogram.h"

/* Each power of two is cut into this many buckets. */
#define SUBBUCKET_BITS 5
#define SUBBUCKETS (1 << SUBBUCKET_BITS)

static int bucket_of(int64_t duration_ns)
{
    uint64_t value = duration_ns < SUBBUCKETS ? SUBBUCKETS : (uint64_t)duration_ns;
    int shift = 63 - __builtin_clzll(value) - SUBBUCKET_BITS;
    return (shift << SUBBUCKET_BITS) + (int)(value >> shift) - SUBBUCKETS;
}

/* The middle of a bucket. */
static double value_of(int bucket)
{
    int shift = bucket >> SUBBUCKET_BITS;
    double first = (double)((uint64_t)((bucket & (SUBBUCKETS - 1)) + SUBBUCKETS) << shift);
    return first + (double)((uint64_t)1 << shift) / 2;
}

void histogram_add(struct histogram *histogram, int64_t duration_ns)
{
    histogram->counts[bucket_of(duration_ns)]++;
    histogram->total_count++;
    if (duration_ns > histogram->longest_ns)
        histogram->longest_ns = duration_ns;
}

double histogram_quantile_us(const struct histogram *histogram, double share)
{
    int64_t wanted = (int64_t)((double)histogram->total_count * share);
    int64_t seen = 0;
    for (int i = 0; i < HISTOGRAM_BUCKETS; i++) {
        seen += histogram->counts[i];
        if (seen > wanted)
            return value_of(i) / 1000;
    }
    return (double)histogram->longest_ns / 1000;
}
