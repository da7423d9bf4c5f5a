/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_INTEGRATION_RPC_COUNTER_H
#define TESTS_INTEGRATION_RPC_COUNTER_H

/**
 * @file
 * A streaming method for the fixture of rpc_fixture.h.
 *
 *   Count   the request's text is a number and a letter: so many messages
 *           (HealthCheckRequest), then `e` ends with OK, `f` with
 *           SUBSCRIBER_TOO_SLOW and the last number as its detail, `w` waits
 *   CountLater  the same, begun by another thread, as by a lane
 *
 * Threads: one thread at a time.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/method.h"
#include "base/stream.h"

#define METHOD_COUNT "/cpts.test.Service/Count"
#define METHOD_COUNT_LATER "/cpts.test.Service/CountLater"

/** Source and `begin` of Count. */
extern const struct stream_handler counter_stream;
cpts_status counter_begin(struct call *call, const void *request, struct cpts_error *err);

/** Bytes of padding in every message, from now on. */
void counter_pad(int byte_count);

/** Waits until so many streams have begun and not been released; false when that never came. */
bool counter_await_open(int count);
/** Messages that streams have been given so far, all together. */
int64_t counter_sent_count(void);
/** Waits until a stream waits, and has it send @p count more. */
void counter_add(int count);
/** Cuts every stream. */
void counter_cut_all(void);

#endif
