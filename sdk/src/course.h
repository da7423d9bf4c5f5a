/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_COURSE_H
#define SDK_COURSE_H

/**
 * @file
 * Where a call stands between its attempts: whether it is over, when it goes
 * on, and the honest UNKNOWN. One for calls that wait and calls that do not.
 *
 * Threads: any thread; a course, one thread at a time.
 */

#include "retry.h"

/** No further attempt. */
#define COURSE_OVER (-1)

struct course {
    struct retry_policy policy;
    /** Deadline, on the monotonic clock. */
    int64_t end_ms;
    /** The call changes something. */
    bool is_command;
    /** An attempt may have been carried out without a word of it. */
    bool is_doubtful;
    /** Attempts that ended. */
    int32_t attempt_count;
};

/** How an attempt ended. */
struct course_step {
    cpts_status status;
    bool is_sent;
    bool is_verdict;
    int64_t now_ms;
    /** Any 32 random bits. */
    uint32_t random;
};

/** Time left for an attempt that begins at @p now_ms; at least 1. */
int32_t cpts_course__left_ms(const struct course *course, int64_t now_ms);

/** Goes on after an attempt that ended with @p err.
 * @param ret_status  The call's status; set when it is over, and @p err with it.
 * @return milliseconds to pause before the next attempt, or COURSE_OVER. */
int32_t cpts_course__step(struct course *course, const struct course_step *step,
                          cpts_status *ret_status, struct cpts_error *err);

/** Ends a course after a step: the status of @p err, or UNKNOWN as there. */
cpts_status cpts_course__give_up(const struct course *course, struct cpts_error *err);

/** Ends a course by the caller's wish: CANCELLED, or UNKNOWN when a command may
 * have been carried out. */
cpts_status cpts_course__cancel(const struct course *course, struct cpts_error *err);

#endif
