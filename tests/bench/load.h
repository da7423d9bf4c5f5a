/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

/**
 * @file
 * A load generator on the gRPC core: one completion-queue thread, a number of
 * connections, on each a fixed number of calls in flight. When one is answered,
 * the next one starts.
 *
 * Threads: one thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include "bench/endpoint.h"
#include "bench/histogram.h"
#include "bench/work.h"

#define LOAD_SECONDS_MAX 600
#define LOAD_MESSAGE_BYTES 200

struct load_options {
    struct endpoint endpoint;
    int channel_count;
    int calls_per_channel;
    double warmup_s; /**< answers of this time are not counted */
    double duration_s;
    int64_t first_number; /**< of the first request */
};

struct load_result {
    struct histogram latency;
    double duration_s;
    int64_t failed_count;
    char first_failure[LOAD_MESSAGE_BYTES];
    int64_t next_number; /**< of the request that was not made any more */
    bool ran_out;        /**< the work had no more requests */
    /** Answers in each second of the counted time. */
    int64_t per_second[LOAD_SECONDS_MAX + 1];
};

/** Runs @p work. @return false when no connection could be made. */
bool load_run(const struct load_options *options, const struct work *work,
              struct load_result *ret_result);

#endif
