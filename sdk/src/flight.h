/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_FLIGHT_H
#define SDK_FLIGHT_H

/**
 * @file
 * One started call.
 *
 * Threads: the starting thread until it is on its way, then the event thread,
 * then whoever runs its callback; members marked so are behind the engine's
 * lock.
 */

#include "exchange.h"

struct flight {
    /** In the list that it is in: pauses, or ends. */
    struct flight *next;
    cpts_client *client;
    /** `request` is unset: `body` has it. */
    struct exchange exchange;
    struct transport_body *body;
    struct course course;
    int64_t begun_us;
    /** End of a pause, on the monotonic clock. */
    int64_t resume_ms;
    /** Locked: the attempt on its way; NULL in a pause and after the end. */
    struct transport_attempt *attempt;
    /** Locked. */
    bool is_cancelled;
    /** Locked: it waits for its callback. */
    bool is_over;
    /** Place among the engine's. */
    uint32_t place;
    struct completion completion;
    exchange_deliver *deliver;
    void (*release)(void *data);
};

/** A call that has not been sent; NULL when memory is out. */
struct flight *cpts_flight__new(cpts_client *client, const struct exchange *exchange,
                                const struct launch *launch, const struct cpts_async *async);

/** Neither runs the callback nor `release`; NULL is fine. */
void cpts_flight__free(struct flight *flight);

/** What an attempt needs, at this moment. */
struct transport_call cpts_flight__call(const struct flight *flight);

/** Sets the completion and counts the call. @p reply is used on CPTS_OK. */
void cpts_flight__end(struct flight *flight, cpts_status status,
                      const struct transport_reply *reply);

/** Runs the callback and `release`, and frees the flight. No lock is held. */
void cpts_flight__deliver(struct flight *flight);

/** Whether this thread is inside a callback of @p client. */
bool cpts_flight__is_delivering(const cpts_client *client);

#endif
