/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_KEY_ASYNC_H
#define CPTS_KEY_ASYNC_H

/**
 * @file
 * The calls of cpts/key.h without waiting, as cpts/async.h says: X_start() is
 * X() with a callback.
 *
 * Threads: as cpts/async.h.
 */

#include <cpts/async.h>
#include <cpts/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The callbacks: on CPTS_OK the result is theirs to release, else it is NULL. */
typedef void cpts_keys_callback(cpts_status status, struct cpts_keys *keys,
                                const struct cpts_error *err, void *data);
typedef void cpts_key_changes_callback(cpts_status status, struct cpts_key_changes *changes,
                                       const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_key_publish(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_publish_start(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_key_revoke(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_revoke_start(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_key_authority_revoke(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_authority_revoke_start(
    cpts_client *client, const struct cpts_key_publication *publication, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_keys_get(), except that the chain is not followed: a head that moved
 * is followed by the next cpts_keys_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_keys_get_start(
    cpts_client *client, const struct cpts_keys_query *query, const struct cpts_async *async,
    cpts_keys_callback *callback, uint64_t *ret_call, struct cpts_error *err);

/** As cpts_key_changes(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_key_changes_start(
    cpts_client *client, const struct cpts_key_changes_query *query,
    const struct cpts_async *async, cpts_key_changes_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
