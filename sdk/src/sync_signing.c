/* SPDX-License-Identifier: Apache-2.0 */
/* What the half that tells stands for: it signs points of the store's own chain. */
#include <string.h>

#include "sync_convert.h"
#include "sync_parts.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/error.h"
#include "wire/failpoint.h"

void cpts_sync_signing__begin(struct sync_session *session, int64_t position,
                              const uint8_t hash[CPTS_SYNC_HASH_BYTES], int64_t signed_position)
{
    struct sync_source *source = &session->source;
    bool is_behind = signed_position < position;
    source->own_position = position;
    source->signed_position = signed_position;
    source->unsigned_count = is_behind ? 1 : 0;
    source->unsigned_since_ms = is_behind ? cpts_ticks__ms() - SYNC_CHECKPOINT_MS : 0;
    source->unsigned_last_ms = source->unsigned_since_ms;
    memcpy(source->own_hash, hash, CPTS_SYNC_HASH_BYTES);
}

/* The last of the store's own entries in a batch; NULL = it has none. */
static const struct cpts_sync_entry *last_own(const struct sync_session *session,
                                              const struct cpts_sync_batch *batch)
{
    for (size_t i = batch->entry_count; i > 0; i--) {
        if (strcmp(batch->entries[i - 1].origin_node, session->self.node) == 0)
            return &batch->entries[i - 1];
    }
    return NULL;
}

static void reach(struct sync_source *source, int64_t position,
                  const uint8_t hash[CPTS_SYNC_HASH_BYTES])
{
    if (position <= source->own_position)
        return;
    source->own_position = position;
    memcpy(source->own_hash, hash, CPTS_SYNC_HASH_BYTES);
}

void cpts_sync_signing__follow(struct sync_session *session, const struct cpts_sync_batch *batch)
{
    struct sync_source *source = &session->source;
    const struct cpts_sync_entry *entry = last_own(session, batch);
    int64_t before = source->own_position;
    if (entry != NULL)
        reach(source, entry->origin_position, entry->hash);
    if (batch->withheld_count > 0) {
        const struct cpts_sync_withheld *run = &batch->withheld[batch->withheld_count - 1];
        reach(source, run->last, run->hash);
    }
    if (source->own_position == before)
        return;
    source->unsigned_last_ms = cpts_ticks__ms();
    if (source->unsigned_count == 0)
        source->unsigned_since_ms = source->unsigned_last_ms;
    source->unsigned_count += cpts_sync_parts__change_count(batch);
}

int64_t cpts_sync_signing__due_ms(const struct sync_session *session)
{
    const struct sync_source *source = &session->source;
    if (source->unsigned_count == 0)
        return INT64_MAX;
    if (source->unsigned_count >= SYNC_CHECKPOINT_CHANGES)
        return 0;
    int64_t full_ms = source->unsigned_since_ms + SYNC_CHECKPOINT_MS;
    int64_t quiet_ms = source->unsigned_last_ms + SYNC_CHECKPOINT_QUIET_MS;
    return quiet_ms < full_ms ? quiet_ms : full_ms;
}

static cpts_status push_checkpoint(struct sync_session *session,
                                   const struct cpts_sync_checkpoint *checkpoint,
                                   struct cpts_error *err)
{
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_CHECKPOINT;
    frame.checkpoint = cpts_sync_convert__checkpoint(checkpoint, session->scratch);
    if (frame.checkpoint == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    return cpts_sync_session__push(session, SYNC_LANE_ORDERED, &frame, err);
}

cpts_status cpts_sync_signing__sign(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_checkpoint checkpoint = {0};
    source->unsigned_count = 0;
    if (source->own_position <= source->signed_position)
        return CPTS_OK;
    cpts_status status = session->store.sign(session->store.store, source->own_position,
                                             source->own_hash, &checkpoint, err);
    FAILPOINT("source/after_sign");
    source->signed_position = source->own_position;
    if (status == CPTS_FAILED_PRECONDITION)
        return CPTS_OK; /* it has no key: the sink raises the alarm */
    return status == CPTS_OK ? push_checkpoint(session, &checkpoint, err) : status;
}
