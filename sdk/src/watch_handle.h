/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_WATCH_HANDLE_H
#define SDK_WATCH_HANDLE_H

/**
 * @file
 * A watch. Its caller holds it until cpts_watch_close(), the engine until it is
 * over and, with a callback, its last call has run.
 *
 * Threads: the event thread drives the stream, consumers take events and ask
 * for more; what they share is behind the lock, which is the innermost but for
 * that the engine's may be held around it.
 */

#include <cpts/watch.h>
#include <pthread.h>
#include <stdatomic.h>

#include "transport_stream.h"
#include "turns.h"
#include "watch_queue.h"
#include "watch_rule.h"
#include "watch_subject.h"

/** The watch has left: take it out of the list, then cpts_watch__finish() it. */
#define WATCH_LEFT INT64_C(-2)

struct arena;

struct cpts_watch {
    /* The same from its opening to its end. `client` is to be used as long as
     * the watch is not over. */
    cpts_client *client;
    const struct watch_subject *subject;
    /** What `subject` packs into each request; from malloc. */
    void *filter;
    exchange_callback *callback;
    void *data;
    void (*release)(void *data);
    int32_t silence_max_ms;
    /** Readable while next() has something to return; -1 with a callback. */
    int event_fd;
    atomic_int reference_count;
    pthread_mutex_t lock;
    /** An event came, or the watch is over. */
    pthread_cond_t changed;

    /* Behind the lock. */
    struct watch_queue queue;
    struct transport_stream *stream;
    /** A message was asked for and has not come. */
    bool is_reading;
    /** The event thread wants to be woken once something was taken. */
    bool waits_for_room;
    /** To be ended, for the reason in `end`. */
    bool is_stopping;
    struct cpts_error end;
    /** What waits, and what still comes, is not wanted. */
    bool is_dropped;
    /** Nothing more comes. */
    bool is_over;
    /** It waits among the engine's turns, or its callback runs. */
    bool has_turn;
    int64_t handed_position;

    struct turn turn;
    /* Next in the engine's list; set under the engine's lock. */
    struct cpts_watch *next;

    /* The event thread's own. */
    struct watch_course course;
    struct arena *scratch;
    /** When to look after it again, on the monotonic clock. */
    int64_t due_ms;
    /** Its stream was cancelled because nothing came. */
    bool is_silent;
    size_t stream_bytes;
    int32_t stream_count;
    int64_t begun_us;
};

/** A watch to be opened. */
struct watch_wish {
    const struct watch_subject *subject;
    /** What is common to all subjects; its own callback does not count. */
    const struct cpts_watch_options *options;
    /** Of the type that `subject` calls it by; NULL without one. */
    exchange_callback *callback;
    /** From malloc; taken over, also when opening fails. */
    void *filter;
};

/** As cpts_watch_open(). */
CPTS_MUST_CHECK cpts_status cpts_watch__open(cpts_client *client, const struct watch_wish *wish,
                                             cpts_watch **ret_watch, struct cpts_error *err);

/** As cpts_watch_next(), for a watch of that subject: INVALID_ARGUMENT /
 * ARGUMENT_INVALID for another's. */
CPTS_MUST_CHECK cpts_status cpts_watch__next(cpts_watch *watch, const struct watch_subject *subject,
                                             int32_t timeout_ms, void **ret_event,
                                             struct cpts_error *err);

/** What became of a turn. */
enum watch_delivery { WATCH_DELIVERED, WATCH_DELIVERED_AND_MORE, WATCH_DELIVERED_LAST };

/** Stops a watch, for @p why; any thread. The first reason stays.
 * @param is_dropped  What waits is not wanted any more.
 * @return whether that left something out that waited. */
bool cpts_watch__stop(cpts_watch *watch, const struct cpts_error *why, bool is_dropped);

/** Begins, resumes or ends what is due; event thread.
 * @return milliseconds until it wants to be called again, or WATCH_LEFT. */
int64_t cpts_watch__tend(cpts_watch *watch, int64_t now_ms);
/** Something happened to its stream; event thread. */
void cpts_watch__moved(cpts_watch *watch);
/** After WATCH_LEFT; event thread. Gives up the engine's hold, or has the
 * callback's last turn do so. */
void cpts_watch__finish(cpts_watch *watch);

/** Runs the callback once. After WATCH_DELIVERED_LAST the engine has no hold on
 * the watch any more. */
enum watch_delivery cpts_watch__deliver(cpts_watch *watch);

/** Locked: asks for another message, or has a stream begun, if there is room. */
void cpts_watch__read_on(cpts_watch *watch);
/** Locked: after something that next() would return. */
void cpts_watch__signal(cpts_watch *watch);
void cpts_watch__unref(cpts_watch *watch);

#endif
