/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_DIGEST_H
#define CPTS_SYNC_DIGEST_H

/**
 * @file
 * Digests as nodes compare them (cpts.v1.SyncDigest), for stores whose database does not
 * make them itself.
 *
 * Threads: pure functions, any thread.
 */

#include <cpts/sync_value.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Digest of an aggregate's rows, in any order: SHA-256 over each `kind`, a tab, the row,
 * a tab, `1` when it is believed no more (recorded_to_us is neither 0 nor INT64_MAX) else
 * `0`, a line feed; in byte order.
 * @return RESOURCE_EXHAUSTED / OUT_OF_MEMORY. */
CPTS_API CPTS_MUST_CHECK cpts_status cpts_sync_digest_rows(const struct cpts_sync_row *rows,
                                                           size_t row_count,
                                                           uint8_t ret_digest[CPTS_SYNC_HASH_BYTES],
                                                           struct cpts_error *err);

/** Bucket of an aggregate, 0..CPTS_SYNC_BUCKETS - 1: the first byte of SHA-256 of its id. */
CPTS_API int32_t cpts_sync_digest_bucket(const char *aggregate_id);

/** Digests of all buckets.
 * @param aggregates  In order of kind and id.
 * @param ret_digests  CPTS_SYNC_BUCKETS of them; 32 zero bytes for an empty bucket. */
CPTS_API void cpts_sync_digest_buckets(const struct cpts_sync_aggregate *aggregates,
                                       size_t aggregate_count,
                                       uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES]);

#ifdef __cplusplus
}
#endif

#endif
