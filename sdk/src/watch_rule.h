/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_WATCH_RULE_H
#define SDK_WATCH_RULE_H

/**
 * @file
 * When a broken watch goes on and where, and which events are new: pure rules.
 *
 * Threads: any thread; a course, one thread at a time.
 */

#include <cpts/status.h>

#include "retry.h"

/** No event was taken, and the watch is from now on. */
#define WATCH_FROM_NOW INT64_C(-1)
/** The watch is not to go on. */
#define WATCH_OVER (-1)

struct watch_course {
    struct retry_policy policy;
    /** 0 = never. */
    int32_t give_up_ms;
    /** Place of the last event taken in. */
    int64_t position;
    /** Streams that broke since the last event. */
    int32_t failure_count;
    /** When there was the last word from the node, or the beginning. */
    int64_t heard_ms;
};

/** Whether an event at @p log_position is news; then that is the place now. A
 * bookmark may repeat the place. */
bool cpts_watch_rule__is_news(struct watch_course *course, int64_t log_position, bool is_bookmark,
                              int64_t now_ms);

/** Whether another stream may do better than one that ended with @p err (OK
 * included). RESOURCE_EXHAUSTED without a word of the server: it has cut off who
 * did not read, or a message is larger than the core takes; the latter would come
 * again at once. @param is_verdict  The server said so itself. */
bool cpts_watch_rule__goes_on(const struct watch_course *course, cpts_status status,
                              bool is_verdict, const struct cpts_error *err);

/** After a stream that broke: the pause until the next, milliseconds, or
 * WATCH_OVER. @param random  Any 32 random bits. */
int32_t cpts_watch_rule__pause_ms(struct watch_course *course, const struct cpts_error *err,
                                  int64_t now_ms, uint32_t random);

/** Whether people should hear of the break that was counted last: the first one
 * that was not mended at once. */
bool cpts_watch_rule__is_interruption(const struct watch_course *course);

#endif
