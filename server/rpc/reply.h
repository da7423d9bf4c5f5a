/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_REPLY_H
#define RPC_REPLY_H

/**
 * @file
 * The one batch that answers a call: response, or status with its details.
 *
 * Threads: any thread, once per call.
 */

#include <cpts/status.h>

struct call;

/** call->reply of every call of this transport. */
void reply_send(struct call *call, cpts_status status);

#endif
