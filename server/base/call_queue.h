/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CALL_QUEUE_H
#define BASE_CALL_QUEUE_H

/**
 * @file
 * A bounded queue of calls, first in first out, with an eventfd that is
 * written only when a taker sleeps: a busy taker costs its givers no system
 * call. The queue never waits; its lock covers a few pointer moves.
 *
 * Threads: any thread gives, any thread takes.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct call_queue;

/** What became of a call given to the queue. */
enum call_queue_answer { CALL_QUEUED, CALL_QUEUE_FULL, CALL_QUEUE_CLOSED };

/** New queue for at most @p length_max calls (> 0); NULL when memory or
 * descriptors are out. */
struct call_queue *call_queue_new(int length_max);

/** Releases an empty queue; NULL is fine. */
void call_queue_free(struct call_queue *queue);

/** Appends @p call, which belongs to the queue when CALL_QUEUED is returned. */
enum call_queue_answer call_queue_give(struct call_queue *queue, struct call *call);

/** Takes calls from the front: the first one in any case, then as many as stay
 * within @p count_max and whose weights add up to at most @p weight_max.
 * @return their chain through call->next, NULL when the queue is empty. */
struct call *call_queue_take(struct call_queue *queue, int count_max,
                             size_t (*weigh)(const struct call *call), size_t weight_max);

/** Takes every call whose deadline is at or before @p now_ns, as a chain. Costs
 * nothing as long as the earliest deadline is not reached. */
struct call *call_queue_take_expired(struct call_queue *queue, int64_t now_ns);

/** A moment before which no waiting call expires; INT64_MAX when none waits. */
int64_t call_queue_earliest_ns(struct call_queue *queue);

int call_queue_length(struct call_queue *queue);

/** From now on calls are refused with CALL_QUEUE_CLOSED; every taker wakes. */
void call_queue_close(struct call_queue *queue);

/** Descriptor that polls readable when a sleeping taker should look again. */
int call_queue_event(const struct call_queue *queue);

/** Before a taker sleeps until @p length_wanted calls (> 0) are waiting.
 * @return false when it must not: they are, or the queue is closed. After true,
 * call_queue_wake_up() must follow. Takers that sleep at the same time must want
 * the same. */
bool call_queue_fall_asleep(struct call_queue *queue, int length_wanted);

/** After the sleep; @p signalled says that the descriptor was readable. */
void call_queue_wake_up(struct call_queue *queue, bool signalled);

/** For a taker that was woken and cannot take: wakes another one at need. */
void call_queue_pass_on(struct call_queue *queue);

#endif
