/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HANDLER_CLOCK_MESSAGE_H
#define HANDLER_CLOCK_MESSAGE_H

/**
 * @file
 * A legal clock as the contract's message.
 *
 * Threads: the lane's thread.
 */

#include <stdint.h>

#include "cpts/v1/lifecycle.pb-c.h"

struct call;

/** What a row says of a clock; texts are borrowed by the message. */
struct clock_facts {
    const char *id;
    const char *kind;
    const char *mission;
    const char *started_on;
    const char *due_on;
    const char *stopped_on; /**< "" while it runs */
    int64_t raised_at_us;   /**< 0 = not yet */
    int32_t months;
    const char *source;
    const char *confidence;
};

/** The message, in the arena, with the state on @p as_of; NULL when it is full. */
Cpts__V1__Clock *clock_message(struct call *call, const struct clock_facts *facts,
                               const char *as_of);

#endif
