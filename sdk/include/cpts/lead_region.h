/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_LEAD_REGION_H
#define CPTS_LEAD_REGION_H

/**
 * @file
 * Which region leads a CPTS: where it is counted, whose ARS decides, and whose node owns
 * its record.
 *
 * X_start() is X() without waiting, as cpts/async.h says.
 *
 * Threads: any thread.
 */

#include <cpts/async.h>

#ifdef __cplusplus
extern "C" {
#endif

struct cpts_lead_region_change {
    size_t size;
    /** Of the CPTS, and the version that was seen. */
    const char *id;
    int32_t expected_version;
    /** INSEE code of the region that leads it from now on. */
    const char *new_region;
    /** For people, 1..200 characters. */
    const char *reason;
};

/* clang-format off */

/** Has a CPTS led by another region. command_id as in cpts/command.h.
 * @return CPTS_OK · INVALID_ARGUMENT / FIELD_REQUIRED, FIELD_INVALID, UNKNOWN_REGION ·
 *         NOT_FOUND / CPTS_NOT_FOUND · PERMISSION_DENIED / OUT_OF_SCOPE · ABORTED /
 *         STALE_VERSION · FAILED_PRECONDITION / CPTS_ENDED, NOTHING_TO_CORRECT, NOT_OWNER ·
 *         what any call may end with (cpts/client.h). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lead_region_set(
    cpts_client *client, const struct cpts_lead_region_change *change, uint8_t *command_id,
    int32_t timeout_ms, struct cpts_outcome **ret_outcome, struct cpts_error *err);
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lead_region_set_start(
    cpts_client *client, const struct cpts_lead_region_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
