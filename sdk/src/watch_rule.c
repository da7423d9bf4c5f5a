/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_rule.h"

/* The break itself, and the first try to mend it. */
#define INTERRUPTION_FAILURES 2

bool cpts_watch_rule__is_news(struct watch_course *course, int64_t log_position, bool is_bookmark,
                              int64_t now_ms)
{
    course->heard_ms = now_ms;
    course->failure_count = 0;
    if (log_position < course->position || (log_position == course->position && !is_bookmark))
        return false;
    course->position = log_position;
    return true;
}

bool cpts_watch_rule__goes_on(const struct watch_course *course, cpts_status status,
                              bool is_verdict, const struct cpts_error *err)
{
    switch (status) {
    case CPTS_OK:
    case CPTS_UNAVAILABLE:
    case CPTS_CANCELLED:
    case CPTS_DEADLINE_EXCEEDED:
        return true;
    case CPTS_RESOURCE_EXHAUSTED:
        return is_verdict ? err->retryable : course->failure_count == 0;
    case CPTS_UNKNOWN:
    case CPTS_INTERNAL:
        /* Without a word of the server's it is HTTP/2 that broke. */
        return !is_verdict;
    case CPTS_INVALID_ARGUMENT:
    case CPTS_NOT_FOUND:
    case CPTS_ALREADY_EXISTS:
    case CPTS_PERMISSION_DENIED:
    case CPTS_FAILED_PRECONDITION:
    case CPTS_ABORTED:
    case CPTS_OUT_OF_RANGE:
    case CPTS_UNIMPLEMENTED:
    case CPTS_DATA_LOSS:
    case CPTS_UNAUTHENTICATED:
        break;
    }
    return false;
}

int32_t cpts_watch_rule__pause_ms(struct watch_course *course, const struct cpts_error *err,
                                  int64_t now_ms, uint32_t random)
{
    int32_t pause_ms = cpts_retry__pause_ms(&course->policy, course->failure_count, err, random);
    if (course->failure_count < RETRY_COUNT_MAX)
        course->failure_count++;
    if (course->give_up_ms > 0 && now_ms + pause_ms - course->heard_ms >= course->give_up_ms)
        return WATCH_OVER;
    return pause_ms;
}

bool cpts_watch_rule__is_interruption(const struct watch_course *course)
{
    return course->failure_count == INTERRUPTION_FAILURES;
}
