/* SPDX-License-Identifier: Apache-2.0 */
/* Digests of all buckets, or of some that stand together. */
#include <cpts/sync_digest.h>

#include "sync_session.h"
#include "wire/error.h"

cpts_status cpts_sync_slice__collect(const struct cpts_sync_aggregate *aggregate, void *data,
                                     struct cpts_error *err)
{
    struct cpts_sync_aggregate *own = cpts_sync_list__add(data, sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for digests");
    *own = *aggregate;
    return CPTS_OK;
}

/* A store tells digests of buckets of all of them; of some, the aggregates. */
cpts_status cpts_sync_slice__read(struct sync_session *session, const struct sync_slice *slice,
                                  bool as_source, int64_t *ret_position,
                                  uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES],
                                  struct cpts_error *err)
{
    int32_t buckets[CPTS_SYNC_BUCKETS];
    struct cpts_sync_digest_query query = {.as_source = as_source, .ret_digests = ret_digests};
    struct sync_list found = {0};
    if (slice->count < CPTS_SYNC_BUCKETS) {
        for (int32_t i = 0; i < slice->count; i++)
            buckets[i] = slice->first + i;
        query.buckets = buckets;
        query.bucket_count = (size_t)slice->count;
    }
    cpts_status status = session->store.digest(session->store.store, &session->peer, &query,
                                               ret_position, cpts_sync_slice__collect, &found, err);
    if (status == CPTS_OK && query.buckets != NULL)
        cpts_sync_digest_buckets(found.items, found.count, ret_digests);
    cpts_sync_list__done(&found);
    return status;
}
