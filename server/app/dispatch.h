/* SPDX-License-Identifier: Apache-2.0 */
#ifndef APP_DISPATCH_H
#define APP_DISPATCH_H

/**
 * @file
 * The way of a call between a transport and a lane: unpack, roles, begin,
 * lane, finish, reply. The same for every transport.
 *
 * Threads: dispatch_call() on the completion-queue thread (or the gateway's);
 * the rest of the way on the lane's.
 */

struct call;
struct lane;
struct service;

struct dispatcher {
    const struct service *service;
    struct lane *read_lane;
    struct lane *write_lane;
    struct lane *slow_lane;
    struct lane *trace_lane;
};

/** Takes over a call. Never blocks. */
void dispatch_call(struct call *call, const struct dispatcher *dispatcher);

#endif
