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
#include "turns.h"

struct flight {
    /** Next among those that pause. */
    struct flight *next;
    struct turn turn;
    cpts_client *client;
    /** `request` is unset: `body` has it. */
    struct exchange exchange;
    struct transport_body *body;
    /** What the outbox keeps of it, if anything. */
    struct outbox_ticket ticket;
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
    /** Place among the engine's, and the call's number. */
    uint32_t place;
    uint64_t number;
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

/** A callback that this thread runs; they nest when one runs others. */
struct delivery {
    const cpts_client *client;
    const struct delivery *outer;
};

void cpts_delivery__begin(struct delivery *delivery, const cpts_client *client);
void cpts_delivery__end(const struct delivery *delivery);
/** Whether this thread is inside a callback of @p client. */
bool cpts_delivery__is_inside(const cpts_client *client);

#endif
