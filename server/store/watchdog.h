/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_WATCHDOG_H
#define STORE_WATCHDOG_H

/**
 * @file
 * Ends a session that holds the log's lock and waits for its client: a server
 * that was stopped, or cut off, in the middle of a batch. No time limit of
 * PostgreSQL does it, since the session counts as active. Every server with a
 * write lane watches, with a connection of its own, so that it does not matter
 * which of them stalled.
 *
 * Threads: one thread at a time.
 */

struct lane;
struct watchdog;

/** Starts watching for @p lane; NULL when threads or memory are out. */
struct watchdog *watchdog_start(struct lane *lane);

/** Ends the watch; NULL is fine. */
void watchdog_stop(struct watchdog *watchdog);

#endif
