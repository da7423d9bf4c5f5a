/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SDK_TURNS_H
#define SDK_TURNS_H

/**
 * @file
 * Those whose callback waits to be run, oldest first, and the descriptor that
 * tells of them.
 *
 * Threads: behind the engine's lock.
 */

#include <cpts/status.h>

struct flight;
struct cpts_watch;

/** Of a call that is over, or of a watch that has an event. */
struct turn {
    struct turn *next;
    /** One of the two. */
    struct flight *flight;
    struct cpts_watch *watch;
};

struct turns {
    struct turn *first;
    struct turn **last;
    /** Readable while there is one; -1 when nobody asked for it. */
    int event_fd;
};

/** @return false when there is no descriptor left. */
CPTS_MUST_CHECK bool cpts_turns__init(struct turns *turns, bool with_descriptor);
void cpts_turns__done(struct turns *turns);
void cpts_turns__push(struct turns *turns, struct turn *turn);
/** NULL when there is none. */
struct turn *cpts_turns__pop(struct turns *turns);

#endif
