/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_ENGINE_H
#define SDK_ENGINE_H

/**
 * @file
 * Started calls and watches: a bounded set of each, one event thread that
 * carries each through its attempts, and a queue of those whose callback waits.
 *
 * A call takes its place when it is started and gives it back when its callback
 * is run, so that the queue always has room for an end. The event thread begins
 * with the first start.
 *
 * Threads: any thread.
 */

#include "exchange.h"

struct engine;
struct turn;
struct cpts_watch;

/** How much there is of what. */
struct engine_depths {
    /** Places: all, and those taken by calls on their way and by calls that
     * wait for their callback. */
    int32_t limit;
    int32_t in_flight;
    int32_t undelivered;
    /** Starts refused for want of a place. */
    uint64_t refused;
    /** Watches that are open, or whose last callback has not run. */
    int32_t watches;
};

/** Uses async_max and delivery. */
CPTS_MUST_CHECK cpts_status cpts_engine__open(cpts_client *client,
                                              const struct cpts_client_options *options,
                                              struct engine **ret_engine, struct cpts_error *err);

/** As cpts_client_close(); on FAILED_PRECONDITION nothing was done. NULL is
 * fine. */
cpts_status cpts_engine__close(struct engine *engine, int32_t deadline_ms);

/** Starts a call. @p err is not NULL. */
CPTS_MUST_CHECK cpts_status cpts_engine__start(cpts_client *client, const struct exchange *exchange,
                                               const struct launch *launch, struct cpts_error *err);

/** Takes over one reference of a watch, which the event thread then tends.
 * @return FAILED_PRECONDITION / CLIENT_CLOSING · RESOURCE_EXHAUSTED /
 *         TOO_MANY_CALLS, OUT_OF_MEMORY: nothing was taken over. */
CPTS_MUST_CHECK cpts_status cpts_engine__watch(struct engine *engine, struct cpts_watch *watch,
                                               struct cpts_error *err);
/** A watch is over and has no callback to run. */
void cpts_engine__watch_gone(struct engine *engine);
/** Queues up for a callback; a turn that is not in the queue. */
void cpts_engine__take_turn(struct engine *engine, struct turn *turn);
/** Has the event thread look after its watches. The next two: only once there is
 * a call or a watch. */
void cpts_engine__wake(struct engine *engine);
struct transport_queue *cpts_engine__queue(struct engine *engine);

void cpts_engine__depths(struct engine *engine, struct engine_depths *ret_depths);

#endif
