/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_LIFECYCLE_ASYNC_H
#define CPTS_LIFECYCLE_ASYNC_H

/**
 * @file
 * The calls of cpts/lifecycle.h and cpts/dossier.h without waiting for them: as
 * the starts of cpts/async.h, with the same rules.
 *
 * Threads: as cpts/async.h.
 */

#include <cpts/async.h>
#include <cpts/dossier.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The callbacks of the reads; the commands have cpts_outcome_callback. */
typedef void cpts_lifecycle_callback(cpts_status status, struct cpts_lifecycle *lifecycle,
                                     const struct cpts_error *err, void *data);
typedef void cpts_due_callback(cpts_status status, struct cpts_due_page *page,
                               const struct cpts_error *err, void *data);
typedef void cpts_gaps_callback(cpts_status status, struct cpts_gap_page *page,
                                const struct cpts_error *err, void *data);

/* clang-format off */

/** As cpts_lifecycle_get(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_get_start(
    cpts_client *client, const char *id, const struct cpts_when *when,
    const struct cpts_async *async, cpts_lifecycle_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_due(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_due_start(
    cpts_client *client, const struct cpts_due_query *query,
    const struct cpts_async *async, cpts_due_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_gaps(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_gaps_start(
    cpts_client *client, const struct cpts_due_query *query,
    const struct cpts_async *async, cpts_gaps_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_update_identity(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_update_identity_start(
    cpts_client *client, const struct cpts_identity_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_record_document(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_document_start(
    cpts_client *client, const struct cpts_document_record *record, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_record_milestone(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_milestone_start(
    cpts_client *client, const struct cpts_milestone_record *record, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_record_filing(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_filing_start(
    cpts_client *client, const struct cpts_filing_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_record_evidence(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_record_evidence_start(
    cpts_client *client, const struct cpts_evidence_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_merge(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_merge_start(
    cpts_client *client, const struct cpts_merge *merge, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/** As cpts_lifecycle_set_publication(). */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_lifecycle_set_publication_start(
    cpts_client *client, const struct cpts_publication_change *change, uint8_t *command_id,
    const struct cpts_async *async, cpts_outcome_callback *callback, uint64_t *ret_call,
    struct cpts_error *err);

/* clang-format on */

#ifdef __cplusplus
}
#endif
#endif
