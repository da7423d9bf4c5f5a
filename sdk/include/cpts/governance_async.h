/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_GOVERNANCE_ASYNC_H
#define CPTS_GOVERNANCE_ASYNC_H

/**
 * @file
 * The calls of cpts/governance.h and cpts/composition.h without waiting, as
 * cpts/async.h says: X_start() is X() with a callback.
 *
 * Threads: as cpts/async.h.
 */

#include <cpts/async.h>
#include <cpts/composition.h>
#include <cpts/governance.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The callbacks: on CPTS_OK the result is theirs to release, else it is NULL. */
typedef void cpts_members_outcome_callback(cpts_status status, struct cpts_members_outcome *outcome,
                                           const struct cpts_error *err, void *data);
typedef void cpts_members_callback(cpts_status status, struct cpts_members *members,
                                   const struct cpts_error *err, void *data);
typedef void cpts_representatives_callback(cpts_status status,
                                           struct cpts_representatives *representatives,
                                           const struct cpts_error *err, void *data);
typedef void cpts_composition_callback(cpts_status status, struct cpts_composition *composition,
                                       const struct cpts_error *err, void *data);
typedef void cpts_member_categories_callback(cpts_status status,
                                             struct cpts_member_categories *categories,
                                             const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_members_record(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_members_record_start(
    cpts_client *client, const struct cpts_members_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_members_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_membership_end(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_membership_end_start(
    cpts_client *client, const struct cpts_membership_end *end, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_representative_record(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_representative_record_start(
    cpts_client *client, const struct cpts_representative_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_adhesion_record(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_adhesion_record_start(
    cpts_client *client, const struct cpts_adhesion_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_members_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_members_list_start(
    cpts_client *client, const struct cpts_members_query *query, const struct cpts_async *async,
    cpts_members_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_representatives_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_representatives_list_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_representatives_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_composition_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_composition_get_start(
    cpts_client *client, const struct cpts_composition_query *query,
    const struct cpts_async *async, cpts_composition_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_member_categories_list(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_member_categories_list_start(
    cpts_client *client, const struct cpts_async *async,
    cpts_member_categories_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
