/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_TERRITORY_ASYNC_H
#define CPTS_TERRITORY_ASYNC_H

/**
 * @file
 * The calls about territories without waiting for them; everything that
 * cpts/async.h says holds.
 *
 * Threads: any thread.
 */

#include <cpts/async.h>
#include <cpts/merger.h>
#include <cpts/neighbour.h>
#include <cpts/zoning.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The callbacks. On CPTS_OK the result is the callback's, to be released. */
typedef void cpts_territory_callback(cpts_status status, struct cpts_territory *territory,
                                     const struct cpts_error *err, void *data);
typedef void cpts_conflicts_callback(cpts_status status, struct cpts_conflicts *conflicts,
                                     const struct cpts_error *err, void *data);
typedef void cpts_gaps_callback(cpts_status status, struct cpts_gaps *gaps,
                                const struct cpts_error *err, void *data);
typedef void cpts_neighbours_callback(cpts_status status, struct cpts_neighbours *neighbours,
                                      const struct cpts_error *err, void *data);
typedef void cpts_zoning_callback(cpts_status status, struct cpts_zoning *zoning,
                                  const struct cpts_error *err, void *data);
typedef void cpts_unit_merge_callback(cpts_status status, struct cpts_unit_merge_report *report,
                                      const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_territory_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_get_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_territory_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_territory_conflicts(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_conflicts_start(
    cpts_client *client, const struct cpts_conflicts_query *query,
    const struct cpts_async *async, cpts_conflicts_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_territory_gaps(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_gaps_start(
    cpts_client *client, const struct cpts_gaps_query *query, const struct cpts_async *async,
    cpts_gaps_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_neighbours_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_neighbours_list_start(
    cpts_client *client, const struct cpts_neighbours_query *query,
    const struct cpts_async *async, cpts_neighbours_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_zoning_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_zoning_list_start(
    cpts_client *client, const struct cpts_zoning_query *query, const struct cpts_async *async,
    cpts_zoning_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_zoning_set(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_zoning_set_start(
    cpts_client *client, const struct cpts_zoning_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_territory_merge(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_territory_merge_start(
    cpts_client *client, const struct cpts_unit_merge *merge, uint8_t *command_id,
    const struct cpts_async *async, cpts_unit_merge_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
