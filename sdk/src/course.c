/* SPDX-License-Identifier: Apache-2.0 */
#include "course.h"

#include <string.h>

#include "wire/error.h"

int32_t cpts_course__left_ms(const struct course *course, int64_t now_ms)
{
    int64_t left_ms = course->end_ms - now_ms;
    return left_ms > 0 ? (int32_t)left_ms : 1;
}

static cpts_status own_up(struct cpts_error *err)
{
    char message[CPTS_MESSAGE_BYTES];
    memcpy(message, err->message, sizeof message);
    return error_set(err, REASON_OUTCOME_UNKNOWN,
                     "the command may have been carried out, no answer came: %s", message);
}

int32_t cpts_course__step(struct course *course, const struct course_step *step,
                          cpts_status *ret_status, struct cpts_error *err)
{
    int32_t attempt = course->attempt_count++;
    if (cpts_retry__is_doubtful(step->status, step->is_sent, step->is_verdict))
        course->is_doubtful = course->is_command;
    *ret_status = step->status;
    if (cpts_retry__settles(step->status, step->is_verdict))
        return COURSE_OVER;
    int32_t pause_ms = cpts_retry__pause_ms(&course->policy, attempt, err, step->random);
    if (cpts_retry__is_wanted(&course->policy, attempt, err, step->is_verdict) &&
        pause_ms < course->end_ms - step->now_ms)
        return pause_ms;
    *ret_status = cpts_course__give_up(course, err);
    return COURSE_OVER;
}

cpts_status cpts_course__give_up(const struct course *course, struct cpts_error *err)
{
    return course->is_doubtful ? own_up(err) : err->status;
}

cpts_status cpts_course__cancel(const struct course *course, struct cpts_error *err)
{
    error_set(err, REASON_CANCELLED, "the call was cancelled");
    return cpts_course__give_up(course, err);
}
