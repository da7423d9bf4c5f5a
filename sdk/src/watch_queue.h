/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_WATCH_QUEUE_H
#define SDK_WATCH_QUEUE_H

/**
 * @file
 * The events of a watch that wait, in number and bytes, as the bytes that came.
 *
 * Threads: behind the watch's lock.
 */

#include <cpts/status.h>
#include <stddef.h>

/** An event that waits: a message, or what broke the stream. */
struct watch_entry {
    struct watch_entry *next;
    int64_t log_position;
    /** From malloc; NULL for an interruption. */
    uint8_t *bytes;
    size_t byte_count;
    /** Of an interruption, from malloc, and when it was, microseconds since 1970
     * UTC; else NULL. */
    struct cpts_error *failure;
    int64_t instant_us;
};

struct watch_queue {
    struct watch_entry *first;
    struct watch_entry **last;
    size_t count;
    size_t byte_count;
    size_t count_max;
    size_t byte_count_max;
};

void cpts_watch_queue__init(struct watch_queue *queue, size_t count_max, size_t byte_count_max);
/** An entry of @p bytes, which it takes over; NULL when memory is out, and then
 * the bytes are released. */
struct watch_entry *cpts_watch_queue__message(uint8_t *bytes, size_t byte_count,
                                              int64_t log_position);
/** An entry of what broke the stream; NULL when memory is out. */
struct watch_entry *cpts_watch_queue__interruption(const struct cpts_error *failure,
                                                   int64_t instant_us, int64_t log_position);
void cpts_watch_queue__entry_free(struct watch_entry *entry);

/** Whether one more may be read. The last one to be put in may pass the bytes. */
bool cpts_watch_queue__has_room(const struct watch_queue *queue);
void cpts_watch_queue__push(struct watch_queue *queue, struct watch_entry *entry);
/** Takes the oldest out; there is one. */
struct watch_entry *cpts_watch_queue__pop(struct watch_queue *queue);
void cpts_watch_queue__clear(struct watch_queue *queue);

#endif
