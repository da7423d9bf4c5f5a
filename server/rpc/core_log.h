/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_CORE_LOG_H
#define RPC_CORE_LOG_H

/**
 * @file
 * The core's own messages in our log.
 *
 * Threads: any thread.
 */

/** Sends them there, for the whole process; again does nothing. Errors are
 * limited to one line a second: the core writes one for each handshake that
 * fails, and anybody can make those fail. */
void core_log_install(void);

#endif
