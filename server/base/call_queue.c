/* SPDX-License-Identifier: Apache-2.0 */
#include "base/call_queue.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/call.h"

struct call_queue {
    pthread_mutex_t mutex;
    struct call *first;
    struct call **last_link;
    int length;
    int length_max;
    /** Never later than the earliest deadline of a waiting call. */
    int64_t earliest_ns;
    int event;
    int sleepers;
    /** What the sleepers wait for. */
    int length_wanted;
    /** Signals written and not yet read. */
    int signals;
    bool closed;
};

struct call_queue *call_queue_new(int length_max)
{
    struct call_queue *queue = calloc(1, sizeof *queue);
    if (queue == NULL)
        return NULL;
    queue->last_link = &queue->first;
    queue->length_max = length_max;
    queue->earliest_ns = INT64_MAX;
    queue->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
    if (queue->event < 0 || pthread_mutex_init(&queue->mutex, NULL) != 0) {
        if (queue->event >= 0)
            close(queue->event);
        free(queue);
        return NULL;
    }
    return queue;
}

void call_queue_free(struct call_queue *queue)
{
    if (queue == NULL)
        return;
    close(queue->event);
    pthread_mutex_destroy(&queue->mutex);
    free(queue);
}

/** Under the lock: @p count more takers shall look. The write cannot block: the
 * counter would have to reach 2^64 - 2. */
static void signal_takers(struct call_queue *queue, int count)
{
    uint64_t increment = (uint64_t)count;
    if (count > 0 && write(queue->event, &increment, sizeof increment) == sizeof increment)
        queue->signals += count;
}

enum call_queue_answer call_queue_give(struct call_queue *queue, struct call *call)
{
    enum call_queue_answer answer = CALL_QUEUED;
    call->next = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->closed) {
        answer = CALL_QUEUE_CLOSED;
    } else if (queue->length >= queue->length_max) {
        answer = CALL_QUEUE_FULL;
    } else {
        *queue->last_link = call;
        queue->last_link = &call->next;
        queue->length++;
        if (call->deadline_ns < queue->earliest_ns)
            queue->earliest_ns = call->deadline_ns;
        if (queue->sleepers > queue->signals && queue->length >= queue->length_wanted)
            signal_takers(queue, 1);
    }
    pthread_mutex_unlock(&queue->mutex);
    return answer;
}

/** Under the lock: the calls up to the one that holds @p end leave. */
static struct call *detach_front(struct call_queue *queue, struct call **end, int count)
{
    struct call *chain = queue->first;
    queue->first = *end;
    *end = NULL;
    queue->length -= count;
    if (queue->first == NULL) {
        queue->last_link = &queue->first;
        queue->earliest_ns = INT64_MAX;
    }
    return chain;
}

struct call *call_queue_take(struct call_queue *queue, int count_max,
                             size_t (*weigh)(const struct call *call), size_t weight_max)
{
    struct call *chain = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->first != NULL) {
        struct call **end = &queue->first->next;
        size_t weight = weigh(queue->first);
        int count = 1;
        for (; *end != NULL && count < count_max; count++, end = &(*end)->next) {
            weight += weigh(*end);
            if (weight > weight_max)
                break;
        }
        chain = detach_front(queue, end, count);
    }
    pthread_mutex_unlock(&queue->mutex);
    return chain;
}

/** Under the lock: unlinks what has expired and finds the earliest of the rest. */
static struct call *detach_expired(struct call_queue *queue, int64_t now_ns)
{
    struct call *expired = NULL;
    struct call **expired_link = &expired;
    struct call **link = &queue->first;
    queue->earliest_ns = INT64_MAX;
    while (*link != NULL) {
        struct call *call = *link;
        if (call->deadline_ns <= now_ns) {
            *link = call->next;
            *expired_link = call;
            expired_link = &call->next;
            queue->length--;
            continue;
        }
        if (call->deadline_ns < queue->earliest_ns)
            queue->earliest_ns = call->deadline_ns;
        link = &call->next;
    }
    *expired_link = NULL;
    queue->last_link = link;
    return expired;
}

struct call *call_queue_take_expired(struct call_queue *queue, int64_t now_ns)
{
    struct call *expired = NULL;
    pthread_mutex_lock(&queue->mutex);
    if (queue->earliest_ns <= now_ns)
        expired = detach_expired(queue, now_ns);
    pthread_mutex_unlock(&queue->mutex);
    return expired;
}

int64_t call_queue_earliest_ns(struct call_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    int64_t earliest_ns = queue->earliest_ns;
    pthread_mutex_unlock(&queue->mutex);
    return earliest_ns;
}

int call_queue_length(struct call_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    int length = queue->length;
    pthread_mutex_unlock(&queue->mutex);
    return length;
}

void call_queue_close(struct call_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->closed = true;
    signal_takers(queue, queue->sleepers - queue->signals);
    pthread_mutex_unlock(&queue->mutex);
}

int call_queue_event(const struct call_queue *queue)
{
    return queue->event;
}

bool call_queue_fall_asleep(struct call_queue *queue, int length_wanted)
{
    pthread_mutex_lock(&queue->mutex);
    bool may_sleep = queue->length < length_wanted && !queue->closed;
    if (may_sleep) {
        queue->sleepers++;
        queue->length_wanted = length_wanted;
    }
    pthread_mutex_unlock(&queue->mutex);
    return may_sleep;
}

void call_queue_wake_up(struct call_queue *queue, bool signalled)
{
    uint64_t one;
    pthread_mutex_lock(&queue->mutex);
    queue->sleepers--;
    /* A taker that the socket woke leaves the signal to another sleeper, and
     * takes it when there is none. */
    if ((signalled || queue->signals > queue->sleepers) &&
        read(queue->event, &one, sizeof one) == sizeof one)
        queue->signals--;
    pthread_mutex_unlock(&queue->mutex);
}

void call_queue_pass_on(struct call_queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    if (queue->first != NULL && queue->sleepers > queue->signals)
        signal_takers(queue, 1);
    pthread_mutex_unlock(&queue->mutex);
}
