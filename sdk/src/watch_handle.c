/* SPDX-License-Identifier: Apache-2.0 */
#include "watch_handle.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine.h"
#include "exchange.h"
#include "flight.h"
#include "handle.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"

#define SILENCE_DEFAULT_MS 60000
#define NS_PER_MS 1000000

static const char CLOSED[] = "the watch was closed";

void cpts_watch__signal(cpts_watch *watch)
{
    pthread_cond_broadcast(&watch->changed);
    if (watch->event_fd >= 0)
        (void)!eventfd_write(watch->event_fd, 1);
}

/* Locked: after something was taken. */
static void unsignal(const cpts_watch *watch)
{
    eventfd_t ignored;
    if (watch->event_fd >= 0 && watch->queue.first == NULL && !watch->is_over)
        (void)!eventfd_read(watch->event_fd, &ignored);
}

void cpts_watch__read_on(cpts_watch *watch)
{
    if (watch->is_stopping || !cpts_watch_queue__has_room(&watch->queue))
        return;
    if (watch->waits_for_room) {
        watch->waits_for_room = false;
        cpts_engine__wake(watch->client->engine);
    }
    if (watch->stream != NULL && !watch->is_reading) {
        watch->is_reading = true;
        cpts_transport__stream_read(watch->stream);
    }
}

bool cpts_watch__stop(cpts_watch *watch, const struct cpts_error *why, bool is_dropped)
{
    pthread_mutex_lock(&watch->lock);
    bool leaves_out = is_dropped && watch->queue.count > 0;
    if (is_dropped) {
        watch->is_dropped = true;
        cpts_watch_queue__clear(&watch->queue);
        unsignal(watch);
    }
    if (!watch->is_stopping) {
        watch->is_stopping = true;
        watch->end = *why;
        if (watch->stream != NULL)
            cpts_transport__stream_cancel(watch->stream);
        /* As long as it is not over the client and its queue are there. */
        if (!watch->is_over)
            cpts_engine__wake(watch->client->engine);
    }
    pthread_mutex_unlock(&watch->lock);
    return leaves_out;
}

void cpts_watch__unref(cpts_watch *watch)
{
    if (atomic_fetch_sub(&watch->reference_count, 1) > 1)
        return;
    cpts_watch_queue__clear(&watch->queue);
    if (watch->event_fd >= 0)
        close(watch->event_fd);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    arena_free(watch->scratch);
    free(watch->filter);
    free(watch);
}

/* Locked: makes the oldest event and takes it out of the queue. */
static cpts_status take(cpts_watch *watch, void **ret_event, struct cpts_error *err)
{
    struct watch_entry *entry = watch->queue.first;
    cpts_status status = cpts_watch_subject__make(watch->subject, entry, ret_event, err);
    if (status != CPTS_OK)
        return status;
    if (entry->failure == NULL)
        watch->handed_position = entry->log_position;
    cpts_watch_queue__entry_free(cpts_watch_queue__pop(&watch->queue));
    unsignal(watch);
    cpts_watch__read_on(watch);
    return CPTS_OK;
}

enum watch_delivery cpts_watch__deliver(cpts_watch *watch)
{
    struct cpts_error err = {0};
    void *event = NULL;
    struct delivery delivery;
    pthread_mutex_lock(&watch->lock);
    bool has_event = watch->queue.first != NULL;
    bool is_last = !has_event && watch->is_over;
    cpts_status status = has_event ? take(watch, &event, &err) : CPTS_OK;
    pthread_mutex_unlock(&watch->lock);
    cpts_delivery__begin(&delivery, watch->client);
    if (status != CPTS_OK)
        cpts_watch__stop(watch, &err, true);
    else if (event != NULL)
        watch->subject->call(watch, watch->callback, event, &err, watch->data);
    else if (is_last)
        watch->subject->call(watch, watch->callback, NULL, &watch->end, watch->data);
    if (is_last && watch->release != NULL)
        watch->release(watch->data);
    cpts_delivery__end(&delivery);
    if (is_last) {
        cpts_watch__unref(watch);
        return WATCH_DELIVERED_LAST;
    }
    pthread_mutex_lock(&watch->lock);
    watch->has_turn = watch->queue.first != NULL || watch->is_over;
    bool is_more = watch->has_turn;
    pthread_mutex_unlock(&watch->lock);
    return is_more ? WATCH_DELIVERED_AND_MORE : WATCH_DELIVERED;
}

static cpts_status check(const struct cpts_watch_options *options, struct cpts_error *err)
{
    if (options->after_position < 0 || (options->from_now && options->after_position != 0))
        return error_set_field(err, REASON_ARGUMENT_INVALID, "after_position",
                               "the place is not 0 or one of a log, or goes with from_now");
    if (options->events_max < 0 || options->events_max > CPTS_WATCH_EVENTS_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "events_max",
                               "the events are not in 0..%d", CPTS_WATCH_EVENTS_MAX);
    if (options->bytes_max < 0 || options->bytes_max > CPTS_WATCH_BYTES_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "bytes_max",
                               "the bytes are not in 0..%d", CPTS_WATCH_BYTES_MAX);
    if (options->silence_max_ms < 0)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "silence_max_ms",
                               "the silence is negative");
    if (options->give_up_ms < 0)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "give_up_ms",
                               "the time to give up is negative");
    return CPTS_OK;
}

static int32_t or_default(int32_t value, int32_t otherwise)
{
    return value == 0 ? otherwise : value;
}

static void init_lock(cpts_watch *watch)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&watch->lock, NULL);
    pthread_cond_init(&watch->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void apply(cpts_watch *watch, cpts_client *client, const struct watch_wish *wish)
{
    const struct cpts_watch_options *options = wish->options;
    watch->client = client;
    watch->subject = wish->subject;
    watch->filter = wish->filter;
    watch->callback = wish->callback;
    watch->data = options->data;
    watch->release = options->release;
    watch->silence_max_ms = or_default(options->silence_max_ms, SILENCE_DEFAULT_MS);
    watch->handed_position = options->from_now ? WATCH_FROM_NOW : options->after_position;
    watch->turn.watch = watch;
    watch->begun_us = cpts_ticks__us();
    watch->due_ms = cpts_ticks__ms();
    watch->course = (struct watch_course){.policy = client->policy,
                                          .give_up_ms = options->give_up_ms,
                                          .position = watch->handed_position,
                                          .heard_ms = watch->due_ms};
    cpts_watch_queue__init(&watch->queue,
                           (size_t)or_default(options->events_max, CPTS_WATCH_EVENTS_DEFAULT),
                           (size_t)or_default(options->bytes_max, CPTS_WATCH_BYTES_DEFAULT));
}

/* A watch with one reference, which owns the filter. NULL, with the filter
 * released, when memory or a descriptor is not there. */
static cpts_watch *new_watch(cpts_client *client, const struct watch_wish *wish)
{
    cpts_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL) {
        free(wish->filter);
        return NULL;
    }
    init_lock(watch);
    atomic_init(&watch->reference_count, 1);
    apply(watch, client, wish);
    watch->event_fd = wish->callback == NULL ? eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) : -1;
    watch->scratch = arena_new(EXCHANGE_RESULT_BYTES_MAX);
    if (watch->scratch != NULL && (watch->event_fd >= 0 || wish->callback != NULL))
        return watch;
    cpts_watch__unref(watch);
    return NULL;
}

cpts_status cpts_watch__open(cpts_client *client, const struct watch_wish *wish,
                             cpts_watch **ret_watch, struct cpts_error *err)
{
    cpts_status status = check(wish->options, err);
    if (status != CPTS_OK) {
        free(wish->filter);
        return status;
    }
    cpts_watch *watch = new_watch(client, wish);
    if (watch == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory or descriptor for a watch");
    atomic_fetch_add(&watch->reference_count, 1);
    status = cpts_engine__watch(client->engine, watch, err);
    if (status == CPTS_OK) {
        *ret_watch = watch;
        return CPTS_OK;
    }
    atomic_store(&watch->reference_count, 1);
    cpts_watch__unref(watch);
    return status;
}

/* Locked: waits for an event or the end. @return false when the time was up. */
static bool await(cpts_watch *watch, int32_t timeout_ms)
{
    int64_t end_ms = cpts_ticks__ms() + (timeout_ms > 0 ? timeout_ms : 0);
    struct timespec end = {.tv_sec = (time_t)(end_ms / 1000),
                           .tv_nsec = (long)(end_ms % 1000) * NS_PER_MS};
    int failure = 0;
    while (watch->queue.first == NULL && !watch->is_over && failure == 0) {
        if (timeout_ms < 0)
            failure = pthread_cond_wait(&watch->changed, &watch->lock);
        else
            failure =
                timeout_ms == 0 ? 1 : pthread_cond_timedwait(&watch->changed, &watch->lock, &end);
    }
    return watch->queue.first != NULL || watch->is_over;
}

cpts_status cpts_watch__next(cpts_watch *watch, const struct watch_subject *subject,
                             int32_t timeout_ms, void **ret_event, struct cpts_error *err)
{
    cpts_status status;
    error_clear(err);
    if (watch->callback != NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "the watch has a callback");
    if (watch->subject != subject)
        return error_set(err, REASON_ARGUMENT_INVALID, "the watch is about something else");
    pthread_mutex_lock(&watch->lock);
    if (!await(watch, timeout_ms)) {
        status = error_set(err, REASON_DEADLINE_PASSED, "no event came in %d ms", timeout_ms);
    } else if (watch->queue.first != NULL) {
        status = take(watch, ret_event, err);
    } else {
        status = watch->end.status;
        if (err != NULL)
            *err = watch->end;
    }
    pthread_mutex_unlock(&watch->lock);
    return status;
}

int cpts_watch_event_fd(const cpts_watch *watch)
{
    return watch->event_fd;
}

int64_t cpts_watch_position(cpts_watch *watch)
{
    pthread_mutex_lock(&watch->lock);
    int64_t position = watch->handed_position;
    pthread_mutex_unlock(&watch->lock);
    return position;
}

void cpts_watch_close(cpts_watch *watch)
{
    struct cpts_error why;
    if (watch == NULL)
        return;
    (void)error_set(&why, REASON_CANCELLED, "%s", CLOSED);
    cpts_watch__stop(watch, &why, true);
    if (watch->callback == NULL && watch->release != NULL)
        watch->release(watch->data);
    cpts_watch__unref(watch);
}
