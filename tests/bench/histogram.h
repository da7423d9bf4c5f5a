/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

/**
 * @file
 * Counts of durations, in buckets that are never wider than 3 % of their value.
 *
 * Threads: one thread at a time.
 */

#include <stdint.h>

#define HISTOGRAM_BUCKETS 2048

struct histogram {
    int64_t counts[HISTOGRAM_BUCKETS];
    int64_t total_count;
    int64_t longest_ns;
};

void histogram_add(struct histogram *histogram, int64_t duration_ns);

/** Duration below which @p share (0..1) of all lie, microseconds; 0 when empty. */
double histogram_quantile_us(const struct histogram *histogram, double share);

#endif
