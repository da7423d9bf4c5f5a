/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_ENGINE_H
#define SDK_ENGINE_H

/**
 * @file
 * Started calls: a bounded set of them, one event thread that carries each
 * through its attempts, and a queue of those that are over.
 *
 * A call takes its place when it is started and gives it back when its callback
 * is run, so that the queue always has room for an end. The event thread begins
 * with the first start.
 *
 * Threads: any thread.
 */

#include "exchange.h"

struct engine;

/** How much there is of what. */
struct engine_depths {
    /** Places: all, and those taken by calls on their way and by calls that
     * wait for their callback. */
    int32_t limit;
    int32_t in_flight;
    int32_t undelivered;
    /** Starts refused for want of a place. */
    uint64_t refused;
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

void cpts_engine__depths(struct engine *engine, struct engine_depths *ret_depths);

#endif
