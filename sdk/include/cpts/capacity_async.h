/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_CAPACITY_ASYNC_H
#define CPTS_CAPACITY_ASYNC_H

/**
 * @file
 * The calls of cpts/capacity.h without waiting, as cpts/async.h says: X_start()
 * is X() with a callback.
 *
 * Threads: as cpts/async.h.
 */

#include <cpts/async.h>
#include <cpts/capacity.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The callbacks: on CPTS_OK the result is theirs to release, else it is NULL. */
typedef void cpts_capacity_callback(cpts_status status, struct cpts_capacity *capacity,
                                    const struct cpts_error *err, void *data);
typedef void cpts_capacity_board_callback(cpts_status status, struct cpts_capacity_board *board,
                                          const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_capacity_record(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_record_start(
    cpts_client *client, const struct cpts_capacity_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_capacity_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_get_start(
    cpts_client *client, const struct cpts_capacity_query *query, const struct cpts_async *async,
    cpts_capacity_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_capacity_board_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_capacity_board_get_start(
    cpts_client *client, const char *week, const struct cpts_async *async,
    cpts_capacity_board_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
