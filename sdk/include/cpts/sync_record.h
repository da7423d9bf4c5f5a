/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CPTS_SYNC_RECORD_H
#define CPTS_SYNC_RECORD_H

/**
 * @file
 * The kinds of rows that images of aggregates have (struct cpts_sync_row): what a
 * store of one's own has to know to put them away. A node of a later version may send
 * kinds that are not here: their aggregate is parked, KIND_UNKNOWN, until the library
 * is newer.
 *
 * Threads: constants.
 */

#include <cpts/status.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CPTS_SYNC_RECORD_KEYS_MAX 5

/** One kind of row. */
struct cpts_sync_record_kind {
    /** For example `cpts_stage`. */
    const char *name;
    /** Kind of the aggregates that have it: CPTS, REFERRAL and others. */
    const char *aggregate_kind;
    /** Members of the JSON object that, together, no other row of that aggregate and
     * kind has; NULL behind the last one. */
    const char *keys[CPTS_SYNC_RECORD_KEYS_MAX + 1];
    /** An image has all rows of the aggregate or none is there: what it has not is gone,
     * in an image since a version too. */
    bool is_whole;
    /** It counts in digests (cpts.v1.SyncAggregate). */
    bool in_digest;
};

/** All kinds, those of one aggregate together. */
CPTS_API const struct cpts_sync_record_kind *cpts_sync_record_kinds(size_t *ret_count);

/** The kind of that name; NULL when this library does not know it. */
CPTS_API const struct cpts_sync_record_kind *cpts_sync_record_kind(const char *name);

#ifdef __cplusplus
}
#endif

#endif
