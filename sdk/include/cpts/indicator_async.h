/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_INDICATOR_ASYNC_H
#define CPTS_INDICATOR_ASYNC_H

/**
 * @file
 * The calls of cpts/indicator.h and cpts/indicator_board.h without waiting, as
 * cpts/async.h says: X_start() is X() with a callback.
 *
 * Threads: as cpts/async.h.
 */

#include <cpts/async.h>
#include <cpts/indicator_board.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The callbacks: on CPTS_OK the result is theirs to release, else it is NULL. */
typedef void cpts_indicators_callback(cpts_status status, struct cpts_indicators *indicators,
                                      const struct cpts_error *err, void *data);
typedef void cpts_own_indicators_callback(cpts_status status,
                                          struct cpts_own_indicators *indicators,
                                          const struct cpts_error *err, void *data);
typedef void cpts_indicator_board_callback(cpts_status status, struct cpts_indicator_board *board,
                                           const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_indicator_target_set(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_target_set_start(
    cpts_client *client, const struct cpts_indicator_target *target, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_indicator_values_record(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_values_record_start(
    cpts_client *client, const struct cpts_indicator_values *values, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_indicator_values_decide(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_values_decide_start(
    cpts_client *client, const struct cpts_indicator_decision *decision, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_indicators_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicators_list_start(
    cpts_client *client, const char *mission, const char *as_of, const struct cpts_async *async,
    cpts_indicators_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_own_indicators_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_own_indicators_get_start(
    cpts_client *client, const struct cpts_indicator_query *query, const struct cpts_async *async,
    cpts_own_indicators_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_indicator_board_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_indicator_board_get_start(
    cpts_client *client, const struct cpts_indicator_board_query *query,
    const struct cpts_async *async, cpts_indicator_board_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
