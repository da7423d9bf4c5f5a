/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TICKS_H
#define SDK_TICKS_H

/**
 * @file
 * The monotonic clock, and the one on the wall.
 *
 * Threads: any thread.
 */

#include <stdint.h>
#include <time.h>

static inline int64_t cpts_ticks__us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Microseconds since 1970 UTC. */
static inline int64_t cpts_ticks__wall_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static inline int64_t cpts_ticks__ms(void)
{
    return cpts_ticks__us() / 1000;
}

/** The instant so much later, for waits on CLOCK_MONOTONIC. */
static inline struct timespec cpts_ticks__in_ms(int64_t duration_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += duration_ms / 1000;
    at.tv_nsec += (long)(duration_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

#endif
