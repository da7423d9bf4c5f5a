/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DOMAIN_FAILURE_LIMIT_H
#define DOMAIN_FAILURE_LIMIT_H

/**
 * @file
 * How often somebody may fail: FAILURE_LIMIT_COUNT times at once, then one time every
 * FAILURE_LIMIT_PERIOD_NS. Those who fail are told apart by a text, for example the address they
 * call from; the least guilty of them are forgotten when there are too many.
 *
 * Threads: any thread. Time is an argument: CLOCK_MONOTONIC nanoseconds.
 */

#include <stdint.h>

#define FAILURE_LIMIT_COUNT 10
#define FAILURE_LIMIT_PERIOD_NS (30LL * 1000 * 1000 * 1000)

struct failure_limit;

/** NULL when memory is out. */
struct failure_limit *failure_limit_new(void);

/** NULL is fine. */
void failure_limit_free(struct failure_limit *limit);

/** How long @p who must wait before trying again, nanoseconds; 0 = not at all. */
int64_t failure_limit_wait_ns(struct failure_limit *limit, const char *who, int64_t now_ns);

/** @p who failed. */
void failure_limit_count(struct failure_limit *limit, const char *who, int64_t now_ns);

#endif
