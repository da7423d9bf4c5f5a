/* SPDX-License-Identifier: Apache-2.0 */
#include "engine.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "flight.h"
#include "handle.h"
#include "places.h"
#include "ticks.h"
#include "watch_handle.h"
#include "wire/error.h"

#define ASYNC_DEFAULT 1024
#define NS_PER_MS 1000000
#define FOR_EVER (-1)

struct engine {
    cpts_client *client;
    enum cpts_delivery delivery;
    struct transport_queue *queue;
    pthread_t thread;
    pthread_mutex_t lock;
    /** Something was put into `turns`, or nothing is left. */
    pthread_cond_t changed;
    /* Behind the lock. */
    bool is_running;
    bool is_closing;
    struct places places;
    uint32_t undelivered_count;
    uint32_t delivering_count;
    uint64_t refused_count;
    /** With a descriptor unless the event thread runs callbacks. */
    struct turns turns;
    /** Those that are not over; only the event thread takes one out. */
    struct cpts_watch *watches;
    /** These, and those whose last callback has not run. */
    uint32_t watch_count;
    /** A paused call was cancelled. */
    atomic_bool is_disturbed;
    /* The event thread's own. */
    struct flight *paused;
    int64_t next_due_ms;
};

static void push_end(struct engine *engine, struct flight *flight)
{
    pthread_mutex_lock(&engine->lock);
    flight->is_over = true;
    cpts_turns__push(&engine->turns, &flight->turn);
    engine->undelivered_count++;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
}

void cpts_engine__take_turn(struct engine *engine, struct turn *turn)
{
    pthread_mutex_lock(&engine->lock);
    cpts_turns__push(&engine->turns, turn);
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
}

/* Takes the oldest turn; a call's place is free from then on, so that its
 * callback can start another call. NULL when there is none. */
static struct turn *pop_turn(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    struct turn *turn = cpts_turns__pop(&engine->turns);
    engine->delivering_count += turn != NULL;
    if (turn != NULL && turn->flight != NULL) {
        engine->undelivered_count--;
        cpts_places__give_back(&engine->places, turn->flight);
    }
    pthread_mutex_unlock(&engine->lock);
    return turn;
}

/* Runs what has its turn; a watch with more to say queues up again. */
static void run_turn(struct engine *engine, struct turn *turn)
{
    enum watch_delivery delivery = WATCH_DELIVERED;
    if (turn->watch != NULL)
        delivery = cpts_watch__deliver(turn->watch);
    else
        cpts_flight__deliver(turn->flight);
    pthread_mutex_lock(&engine->lock);
    if (delivery == WATCH_DELIVERED_AND_MORE)
        cpts_turns__push(&engine->turns, turn);
    engine->watch_count -= delivery == WATCH_DELIVERED_LAST;
    engine->delivering_count--;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
}

static int32_t run_turns(struct engine *engine, int32_t max)
{
    int32_t count = 0;
    while (count < max) {
        struct turn *turn = pop_turn(engine);
        if (turn == NULL)
            break;
        run_turn(engine, turn);
        count++;
    }
    return count;
}

static void end_flight(struct engine *engine, struct flight *flight, cpts_status status,
                       const struct transport_reply *reply)
{
    cpts_flight__end(flight, status, reply);
    push_end(engine, flight);
}

static void end_cancelled(struct engine *engine, struct flight *flight)
{
    end_flight(engine, flight, cpts_course__cancel(&flight->course, &flight->completion.err), NULL);
}

/* Makes the next attempt of a call that paused. */
static void resume(struct engine *engine, struct flight *flight)
{
    struct transport_call call = cpts_flight__call(flight);
    struct transport_attempt *attempt = cpts_transport__attempt_new(engine->queue, &call, flight);
    pthread_mutex_lock(&engine->lock);
    bool is_cancelled = flight->is_cancelled;
    if (!is_cancelled)
        flight->attempt = attempt;
    pthread_mutex_unlock(&engine->lock);
    if (attempt != NULL && !is_cancelled && cpts_transport__attempt_start(attempt))
        return;
    pthread_mutex_lock(&engine->lock);
    flight->attempt = NULL;
    pthread_mutex_unlock(&engine->lock);
    if (attempt != NULL)
        cpts_transport__attempt_discard(attempt);
    if (is_cancelled)
        end_cancelled(engine, flight);
    else
        end_flight(engine, flight, cpts_course__give_up(&flight->course, &flight->completion.err),
                   NULL);
}

static void pause_until(struct engine *engine, struct flight *flight, int64_t resume_ms)
{
    if (engine->paused == NULL || resume_ms < engine->next_due_ms)
        engine->next_due_ms = resume_ms;
    flight->resume_ms = resume_ms;
    flight->next = engine->paused;
    engine->paused = flight;
}

static void attempt_over(struct engine *engine, struct flight *flight)
{
    struct transport_reply reply;
    struct cpts_error *err = &flight->completion.err;
    pthread_mutex_lock(&engine->lock);
    struct transport_attempt *attempt = flight->attempt;
    flight->attempt = NULL;
    bool is_cancelled = flight->is_cancelled;
    pthread_mutex_unlock(&engine->lock);
    error_clear(err);
    struct transport_call call = cpts_flight__call(flight);
    cpts_status status = cpts_transport__attempt_end(attempt, &reply, err);
    int32_t pause_ms =
        cpts_exchange__step(flight->client, &call, &reply, &flight->course, &status, err);
    if (pause_ms != COURSE_OVER && is_cancelled) {
        end_cancelled(engine, flight);
    } else if (pause_ms != COURSE_OVER) {
        pause_until(engine, flight, cpts_ticks__ms() + pause_ms);
    } else {
        end_flight(engine, flight, status, &reply);
    }
    free(reply.bytes);
}

static bool is_due(struct engine *engine, const struct flight *flight, int64_t now_ms)
{
    pthread_mutex_lock(&engine->lock);
    bool is_cancelled = flight->is_cancelled;
    pthread_mutex_unlock(&engine->lock);
    return is_cancelled || flight->resume_ms <= now_ms;
}

/* Lets go on what has paused enough. @return time to the end of the next pause,
 * or FOR_EVER. */
static int64_t resume_due(struct engine *engine)
{
    int64_t now_ms = cpts_ticks__ms();
    bool is_disturbed = atomic_exchange(&engine->is_disturbed, false);
    if (engine->paused != NULL && (is_disturbed || engine->next_due_ms <= now_ms)) {
        struct flight *list = engine->paused;
        engine->paused = NULL;
        while (list != NULL) {
            struct flight *flight = list;
            list = flight->next;
            if (is_due(engine, flight, now_ms))
                resume(engine, flight);
            else
                pause_until(engine, flight, flight->resume_ms);
        }
    }
    if (engine->paused == NULL)
        return FOR_EVER;
    return engine->next_due_ms > now_ms ? engine->next_due_ms - now_ms : 0;
}

static void unlink_watch(struct engine *engine, struct cpts_watch *watch)
{
    pthread_mutex_lock(&engine->lock);
    struct cpts_watch **link = &engine->watches;
    while (*link != watch)
        link = &(*link)->next;
    *link = watch->next;
    pthread_mutex_unlock(&engine->lock);
}

/* Looks after every watch that is due. @return as resume_due(). */
static int64_t tend_watches(struct engine *engine)
{
    int64_t wait_ms = FOR_EVER;
    pthread_mutex_lock(&engine->lock);
    struct cpts_watch *watch = engine->watches;
    pthread_mutex_unlock(&engine->lock);
    int64_t now_ms = watch == NULL ? 0 : cpts_ticks__ms();
    while (watch != NULL) {
        struct cpts_watch *next = watch->next;
        int64_t own_ms = cpts_watch__tend(watch, now_ms);
        if (own_ms == WATCH_LEFT) {
            unlink_watch(engine, watch);
            cpts_watch__finish(watch);
        } else if (wait_ms == FOR_EVER || own_ms < wait_ms) {
            wait_ms = own_ms;
        }
        watch = next;
    }
    return wait_ms;
}

static int64_t earlier(int64_t one_ms, int64_t other_ms)
{
    if (one_ms == FOR_EVER || other_ms == FOR_EVER)
        return one_ms == FOR_EVER ? other_ms : one_ms;
    return one_ms < other_ms ? one_ms : other_ms;
}

static void *event_thread(void *data)
{
    struct engine *engine = data;
    for (;;) {
        void *owner = NULL;
        int64_t wait_ms = resume_due(engine);
        wait_ms = earlier(wait_ms, tend_watches(engine));
        if (engine->delivery == CPTS_DELIVERY_THREAD && run_turns(engine, INT32_MAX) > 0)
            continue;
        enum transport_event event = cpts_transport__queue_next(engine->queue, wait_ms, &owner);
        if (event == TRANSPORT_SHUT_DOWN)
            return NULL;
        if (event == TRANSPORT_ATTEMPT_OVER)
            attempt_over(engine, owner);
        if (event == TRANSPORT_STREAM_MOVED)
            cpts_watch__moved(owner);
    }
}

/* Begins the event thread if that was not done; locked. */
static bool is_started(struct engine *engine)
{
    if (engine->is_running)
        return true;
    sigset_t all, before;
    engine->queue = cpts_transport__queue_open(engine->client->transport);
    if (engine->queue == NULL)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    engine->is_running = pthread_create(&engine->thread, NULL, event_thread, engine) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!engine->is_running) {
        cpts_transport__queue_shutdown(engine->queue);
        cpts_transport__queue_close(engine->queue);
        engine->queue = NULL;
    }
    return engine->is_running;
}

/* Takes a place for a flight. */
static cpts_status admit(struct engine *engine, struct flight *flight, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    pthread_mutex_lock(&engine->lock);
    if (engine->is_closing) {
        status = error_set(err, REASON_CLIENT_CLOSING, "the client is being closed");
    } else if (engine->places.taken_count == engine->places.limit) {
        engine->refused_count++;
        status =
            error_set(err, REASON_TOO_MANY_CALLS,
                      "%u calls are on their way or wait for their callback", engine->places.limit);
    } else if (!is_started(engine)) {
        status = error_set(err, REASON_OUT_OF_MEMORY, "no event thread can be started");
    } else {
        flight->number = cpts_places__take(&engine->places, flight);
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

static void give_back(struct engine *engine, const struct flight *flight)
{
    pthread_mutex_lock(&engine->lock);
    cpts_places__give_back(&engine->places, flight);
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
}

static cpts_status leave(struct engine *engine, const struct flight *flight, struct cpts_error *err)
{
    give_back(engine, flight);
    return error_set(err, REASON_OUT_OF_MEMORY, "the call could not be started");
}

/* Sends. From the start of the attempt on the flight is the event thread's. */
static cpts_status send_off(struct engine *engine, struct flight *flight, uint64_t *ret_call,
                            struct cpts_error *err)
{
    struct transport_call call = cpts_flight__call(flight);
    struct transport_attempt *attempt = cpts_transport__attempt_new(engine->queue, &call, flight);
    if (attempt == NULL)
        return leave(engine, flight, err);
    pthread_mutex_lock(&engine->lock);
    flight->attempt = attempt;
    uint64_t number = flight->number;
    if (flight->is_cancelled) /* the client is being closed, and found no attempt */
        cpts_transport__attempt_cancel(attempt);
    pthread_mutex_unlock(&engine->lock);
    if (!cpts_transport__attempt_start(attempt)) {
        cpts_status status = leave(engine, flight, err);
        cpts_transport__attempt_discard(attempt);
        return status;
    }
    if (ret_call != NULL)
        *ret_call = number;
    return CPTS_OK;
}

cpts_status cpts_engine__start(cpts_client *client, const struct exchange *exchange,
                               const struct launch *launch, struct cpts_error *err)
{
    struct cpts_async async;
    struct course course;
    if (launch->callback == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "there is no callback");
    cpts_status status = cpts_exchange__adopt(&async, sizeof async, launch->async, err);
    if (status == CPTS_OK)
        status = cpts_exchange__begin(client, exchange, async.timeout_ms, &course, err);
    if (status != CPTS_OK)
        return status;
    struct flight *flight = cpts_flight__new(client, exchange, launch, &async);
    if (flight == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    flight->course = course;
    /* A place first: what is kept may be sent by another process from then on. */
    status = admit(client->engine, flight, err);
    if (status == CPTS_OK) {
        status = cpts_exchange__keep(client, exchange, flight->body, &flight->ticket, err);
        if (status != CPTS_OK)
            give_back(client->engine, flight);
    }
    if (status == CPTS_OK)
        status = send_off(client->engine, flight, launch->ret_call, err);
    if (status != CPTS_OK) {
        cpts_outbox__discard(&flight->ticket);
        cpts_flight__free(flight);
    }
    return status;
}

/* Locked. The attempt cannot end meanwhile, and nothing of ours runs inside.
 * @return false when the call is over. */
static bool cancel(struct engine *engine, struct flight *flight)
{
    if (flight == NULL || flight->is_over)
        return false;
    flight->is_cancelled = true;
    if (flight->attempt != NULL) {
        cpts_transport__attempt_cancel(flight->attempt);
    } else {
        atomic_store(&engine->is_disturbed, true);
        cpts_transport__queue_wake(engine->queue);
    }
    return true;
}

cpts_status cpts_engine__watch(struct engine *engine, struct cpts_watch *watch,
                               struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    pthread_mutex_lock(&engine->lock);
    if (engine->is_closing) {
        status = error_set(err, REASON_CLIENT_CLOSING, "the client is being closed");
    } else if (engine->watch_count == CPTS_WATCH_COUNT_MAX) {
        status = error_set(err, REASON_TOO_MANY_CALLS, "%d watches are open", CPTS_WATCH_COUNT_MAX);
    } else if (!is_started(engine)) {
        status = error_set(err, REASON_OUT_OF_MEMORY, "no event thread can be started");
    } else {
        watch->next = engine->watches;
        engine->watches = watch;
        engine->watch_count++;
        cpts_transport__queue_wake(engine->queue);
    }
    pthread_mutex_unlock(&engine->lock);
    return status;
}

void cpts_engine__watch_gone(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    engine->watch_count--;
    pthread_cond_broadcast(&engine->changed);
    pthread_mutex_unlock(&engine->lock);
}

void cpts_engine__wake(struct engine *engine)
{
    cpts_transport__queue_wake(engine->queue);
}

struct transport_queue *cpts_engine__queue(struct engine *engine)
{
    return engine->queue;
}

bool cpts_client_cancel(cpts_client *client, uint64_t call)
{
    struct engine *engine = client->engine;
    pthread_mutex_lock(&engine->lock);
    bool is_found = cancel(engine, cpts_places__find(&engine->places, call));
    pthread_mutex_unlock(&engine->lock);
    return is_found;
}

int cpts_client_event_fd(cpts_client *client)
{
    return client->engine->turns.event_fd;
}

static struct timespec moment(int64_t at_ms)
{
    return (struct timespec){.tv_sec = (time_t)(at_ms / 1000),
                             .tv_nsec = (long)(at_ms % 1000) * NS_PER_MS};
}

int32_t cpts_client_events_run(cpts_client *client, int32_t max, int32_t timeout_ms)
{
    struct engine *engine = client->engine;
    if (engine->delivery == CPTS_DELIVERY_THREAD)
        return -1;
    struct timespec end = moment(cpts_ticks__ms() + (timeout_ms > 0 ? timeout_ms : 0));
    int failure = 0;
    pthread_mutex_lock(&engine->lock);
    while (engine->turns.first == NULL && timeout_ms != 0 && failure == 0)
        failure = timeout_ms < 0 ? pthread_cond_wait(&engine->changed, &engine->lock)
                                 : pthread_cond_timedwait(&engine->changed, &engine->lock, &end);
    pthread_mutex_unlock(&engine->lock);
    return run_turns(engine, max);
}

/* Waits until no call has a place and no callback runs, and runs what the event
 * thread does not. @param end_ms  FOR_EVER, or on the monotonic clock.
 * @return false when the time was up. */
static bool settle(struct engine *engine, int64_t end_ms)
{
    struct timespec end = moment(end_ms == FOR_EVER ? 0 : end_ms);
    int failure = 0;
    bool is_settled = false;
    while (failure == 0 && !is_settled) {
        if (engine->delivery == CPTS_DELIVERY_DESCRIPTOR)
            run_turns(engine, INT32_MAX);
        pthread_mutex_lock(&engine->lock);
        is_settled = engine->places.taken_count == 0 && engine->watch_count == 0 &&
                     engine->delivering_count == 0;
        bool is_runnable =
            engine->delivery == CPTS_DELIVERY_DESCRIPTOR && engine->turns.first != NULL;
        if (!is_settled && !is_runnable)
            failure = end_ms == FOR_EVER
                          ? pthread_cond_wait(&engine->changed, &engine->lock)
                          : pthread_cond_timedwait(&engine->changed, &engine->lock, &end);
        pthread_mutex_unlock(&engine->lock);
    }
    return is_settled;
}

/* A watch has no end of its own to wait for, but events that wait.
 * @return whether some were left out. */
static bool stop_watches(struct engine *engine, bool is_dropped)
{
    struct cpts_error why;
    bool is_any = false;
    (void)error_set(&why, REASON_CANCELLED, "the client was closed");
    for (struct cpts_watch *watch = engine->watches; watch != NULL; watch = watch->next)
        is_any = cpts_watch__stop(watch, &why, is_dropped) || is_any;
    return is_any;
}

/* @return whether there was something to cancel. */
static bool cancel_all(struct engine *engine)
{
    pthread_mutex_lock(&engine->lock);
    bool is_any = stop_watches(engine, true);
    for (uint32_t i = 0; i < engine->places.limit; i++)
        is_any = cancel(engine, cpts_places__at(&engine->places, i)) || is_any;
    pthread_mutex_unlock(&engine->lock);
    return is_any;
}

static void engine_free(struct engine *engine)
{
    cpts_turns__done(&engine->turns);
    pthread_cond_destroy(&engine->changed);
    pthread_mutex_destroy(&engine->lock);
    cpts_places__done(&engine->places);
    free(engine);
}

cpts_status cpts_engine__close(struct engine *engine, int32_t deadline_ms)
{
    if (engine == NULL)
        return CPTS_OK;
    if (cpts_delivery__is_inside(engine->client))
        return CPTS_FAILED_PRECONDITION;
    if (deadline_ms < 0 || deadline_ms > CPTS_TIMEOUT_MAX_MS)
        deadline_ms = CPTS_TIMEOUT_MAX_MS;
    pthread_mutex_lock(&engine->lock);
    engine->is_closing = true;
    bool is_running = engine->is_running;
    stop_watches(engine, false);
    pthread_mutex_unlock(&engine->lock);
    cpts_status status = CPTS_OK;
    if (is_running && !settle(engine, cpts_ticks__ms() + deadline_ms)) {
        status = cancel_all(engine) ? CPTS_CANCELLED : CPTS_OK;
        settle(engine, FOR_EVER);
    }
    if (is_running) {
        cpts_transport__queue_shutdown(engine->queue);
        pthread_join(engine->thread, NULL);
        cpts_transport__queue_close(engine->queue);
    }
    engine_free(engine);
    return status;
}

static void init_lock(struct engine *engine)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_mutex_init(&engine->lock, NULL);
    pthread_cond_init(&engine->changed, &attributes);
    pthread_condattr_destroy(&attributes);
}

cpts_status cpts_engine__open(cpts_client *client, const struct cpts_client_options *options,
                              struct engine **ret_engine, struct cpts_error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a client");
    init_lock(engine);
    engine->client = client;
    engine->delivery = options->delivery;
    uint32_t limit = options->async_max > 0 ? (uint32_t)options->async_max : ASYNC_DEFAULT;
    bool has_places = cpts_places__init(&engine->places, limit);
    bool has_turns = cpts_turns__init(&engine->turns, engine->delivery == CPTS_DELIVERY_DESCRIPTOR);
    if (!has_places || !has_turns) {
        engine_free(engine);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory or descriptor for a client");
    }
    *ret_engine = engine;
    return CPTS_OK;
}

void cpts_engine__depths(struct engine *engine, struct engine_depths *ret_depths)
{
    pthread_mutex_lock(&engine->lock);
    *ret_depths = (struct engine_depths){
        .limit = (int32_t)engine->places.limit,
        .in_flight = (int32_t)(engine->places.taken_count - engine->undelivered_count),
        .undelivered = (int32_t)engine->undelivered_count,
        .refused = engine->refused_count,
        .watches = (int32_t)engine->watch_count,
    };
    pthread_mutex_unlock(&engine->lock);
}
