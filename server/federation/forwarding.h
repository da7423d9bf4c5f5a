/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FEDERATION_FORWARDING_H
#define FEDERATION_FORWARDING_H

/**
 * @file
 * Commands of the region that are about what the node above owns: handed on to it, a
 * bounded number at a time, and answered with its words. One that is about what is still
 * on its way there is handed on again until it has arrived, for some seconds.
 *
 * Threads: any.
 */

#include <cpts/status.h>
#include <stdbool.h>

struct call;
struct federation;
struct forwarding;
struct upstream;

/** Who reaches the node above. */
struct forwarding_options {
    /** A reference to it now; NULL = there is none. */
    struct upstream *(*take)(struct federation *federation);
    struct federation *context;
    /** Name of this node; borrowed. */
    const char *node;
};

CPTS_MUST_CHECK cpts_status forwarding_open(const struct forwarding_options *options,
                                            struct forwarding **ret_forwarding,
                                            struct cpts_error *err);

/** Takes over a call whose principal is known: later, on another thread, one call->reply.
 * @return false: there is no room, the call stays the caller's. */
bool forwarding_take(struct forwarding *forwarding, struct call *call);

/** Answers those that wait with SHUTTING_DOWN, and waits for those on their way. NULL is
 * fine. */
void forwarding_close(struct forwarding *forwarding);

#endif
