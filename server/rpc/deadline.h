/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RPC_DEADLINE_H
#define RPC_DEADLINE_H

/**
 * @file
 * The client's deadline on our clock.
 *
 * Threads: any thread.
 */

#include <cpts/status.h>
#include <grpc/support/time.h>
#include <stdint.h>

/**
 * Turns the core's deadline into the CLOCK_MONOTONIC nanoseconds until which
 * the server may work: an eighth of the time left, at most 100 ms, before it,
 * so that an answer given then still arrives; at most RPC_DEADLINE_MAX_NS after
 * @p now_ns.
 *
 * @param ret_deadline_ns  Set on CPTS_OK only.
 * @return CPTS_OK · INVALID_ARGUMENT / DEADLINE_REQUIRED (the client gave none)
 *         · DEADLINE_EXCEEDED / DEADLINE_PASSED.
 */
CPTS_MUST_CHECK cpts_status deadline_read(gpr_timespec deadline, int64_t now_ns,
                                          int64_t *ret_deadline_ns, struct cpts_error *err);

#endif
