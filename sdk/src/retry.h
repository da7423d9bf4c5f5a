/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_RETRY_H
#define SDK_RETRY_H

/**
 * @file
 * Whether and when a failed call is made again, and what its failures leave
 * unknown: pure rules.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>

/** Longest random pause, milliseconds. */
#define RETRY_PAUSE_MAX_MS 2000
/** Most repetitions that options may ask for. */
#define RETRY_COUNT_MAX 100

struct retry_policy {
    /** Repetitions after the first attempt, 0..RETRY_COUNT_MAX. */
    int32_t retry_max;
    /** Ceiling of the first pause, milliseconds, > 0; doubles each time. */
    int32_t pause_ms;
};

/** Whether the call may be made again after its attempt number @p attempt
 * (from 0) failed with @p err. UNAVAILABLE always; CANCELLED when it is not the
 * server's word but that of a connection that ended (our own wish is another's
 * to know); RESOURCE_EXHAUSTED only when the server said how long to wait.
 * Commands too: their command_id makes the repetition harmless. */
bool cpts_retry__is_wanted(const struct retry_policy *policy, int32_t attempt,
                           const struct cpts_error *err, bool is_verdict);

/** The pause before the next attempt, milliseconds: the server's delay, and at
 * random up to the ceiling of this attempt (full jitter).
 * @param random  Any 32 random bits. */
int32_t cpts_retry__pause_ms(const struct retry_policy *policy, int32_t attempt,
                             const struct cpts_error *err, uint32_t random);

/** Whether the command behind a failed attempt may nevertheless have been
 * carried out: it left this machine and the server gave no word on it, or gave
 * UNKNOWN as its word. */
bool cpts_retry__is_doubtful(cpts_status status, bool is_sent, bool is_verdict);

/** Whether @p status, the server's last word on a command, settles what
 * happened to the attempts before it. "Not now" settles nothing. */
bool cpts_retry__settles(cpts_status status, bool is_verdict);

#endif
