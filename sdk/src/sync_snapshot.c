/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot, chunk by chunk, as fast as it is taken. */
#include <stdio.h>
#include <string.h>

#include "sync_parts.h"
#include "sync_session.h"
#include "wire/error.h"
#include "wire/failpoint.h"

static void mint(char ret_id[CPTS_UUID_TEXT_BYTES])
{
    uint8_t id[CPTS_UUID_BYTES];
    cpts_uuid_mint(id);
    cpts_uuid_format(id, ret_id);
}

cpts_status cpts_sync_snapshot__begin(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    const struct cpts_sync_cursor *cursor = &session->peer.cursor;
    bool goes_on = source->resume.kind == CPTS_SYNC_MUST_SNAPSHOT &&
                   cursor->snapshot_id[0] != '\0' &&
                   (session->features & CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_SNAPSHOT_RESUME) != 0;
    (void)err;
    source->in_snapshot = true;
    source->next_chunk = goes_on ? cursor->snapshot_chunk_count : 0;
    if (goes_on)
        snprintf(source->snapshot_id, sizeof source->snapshot_id, "%s", cursor->snapshot_id);
    else
        mint(source->snapshot_id);
    return CPTS_OK;
}

static cpts_status emit(void *data, const Cpts__V1__SyncFrame *frame, int32_t change_count,
                        struct cpts_error *err)
{
    return cpts_sync_session__push_data(data, SYNC_LANE_ORDERED, frame, change_count, err);
}

static cpts_status take_chunk(const struct cpts_sync_chunk *chunk, void *data,
                              struct cpts_error *err)
{
    struct sync_session *session = data;
    struct sync_source *source = &session->source;
    struct cpts_sync_chunk own = *chunk;
    struct sync_parts parts = {.emit = emit, .data = session};
    if (session->sender.queued_bytes >= SYNC_QUEUE_BYTES)
        return error_set(err, REASON_SYNC_ENOUGH, "no more chunks for now");
    memcpy(own.snapshot_id, source->snapshot_id, sizeof own.snapshot_id);
    own.chunk = source->next_chunk;
    cpts_status status = cpts_sync_parts__chunk(&parts, &own, err);
    if (status != CPTS_OK)
        return status;
    FAILPOINT("snapshot/after_chunk");
    source->next_chunk++;
    source->awaits_activation = chunk->last;
    if (chunk->position > source->snapshot_position)
        source->snapshot_position = chunk->position;
    session->status.sent.head_position = chunk->position;
    cpts_sync_signing__begin(session, chunk->origin_position, chunk->origin_hash, 0);
    return CPTS_OK;
}

cpts_status cpts_sync_snapshot__step(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    if (source->awaits_activation || session->sender.queued_bytes >= SYNC_QUEUE_BYTES)
        return CPTS_OK;
    cpts_status status =
        session->store.snapshot(session->store.store, &session->peer, source->snapshot_id,
                                source->next_chunk, take_chunk, session, err);
    if (status == CPTS_ABORTED && strcmp(err->reason, reason_name(REASON_SYNC_ENOUGH)) == 0)
        return CPTS_OK;
    if (status == CPTS_OK && !source->awaits_activation)
        return error_set(err, REASON_INTERNAL_ERROR, "a snapshot without a last chunk");
    return status;
}
