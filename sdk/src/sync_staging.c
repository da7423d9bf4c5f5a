/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot that comes: each chunk staged durably, all activated with the last. */
#include <inttypes.h>
#include <string.h>

#include "sync_session.h"
#include "ticks.h"
#include "wire/error.h"
#include "wire/failpoint.h"

/* The chunk that is to come next; one of another snapshot begins it again. */
static int32_t expected(const struct sync_sink *sink, const struct cpts_sync_chunk *chunk)
{
    bool is_same = strcmp(sink->cursor.snapshot_id, chunk->snapshot_id) == 0;
    return is_same ? sink->cursor.snapshot_chunk_count : 0;
}

static cpts_status stage(struct sync_session *session, const struct cpts_sync_chunk *chunk,
                         struct cpts_error *err)
{
    int32_t tries = 0;
    cpts_status status;
    FAILPOINT("staging/before_chunk");
    do {
        status = session->store.stage(session->store.store, &session->peer, chunk, err);
    } while (status != CPTS_OK && cpts_sync_session__waits(session, status, &tries));
    return status;
}

static cpts_status activate(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    cpts_status status = cpts_sync_sink__read_cursor(session, err);
    if (status != CPTS_OK)
        return status;
    sink->state = SYNC_SINK_STREAMS;
    session->status.received.acknowledged_position = sink->cursor.position;
    session->status.received.last_success_us = cpts_ticks__wall_us();
    return CPTS_OK;
}

static cpts_status take_chunk(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    const struct cpts_sync_chunk *chunk = &sink->chunk.chunk;
    int32_t next = expected(sink, chunk);
    sink->owes_ack = true;
    if (chunk->chunk < next)
        return CPTS_OK;
    if (chunk->chunk > next)
        return error_set(err, REASON_GAP, "chunk %" PRId32 " is missing", next);
    cpts_status status = cpts_sync_evidence__check_images(session, &sink->chunk, err);
    if (status == CPTS_OK)
        status = stage(session, chunk, err);
    if (status != CPTS_OK)
        return status;
    FAILPOINT("staging/after_chunk");
    sink->staged_count = chunk->chunk + 1;
    session->status.received.snapshot_chunk_count = sink->staged_count;
    if (chunk->last)
        return activate(session, err);
    memcpy(sink->cursor.snapshot_id, chunk->snapshot_id, sizeof sink->cursor.snapshot_id);
    sink->cursor.snapshot_chunk_count = sink->staged_count;
    return CPTS_OK;
}

cpts_status cpts_sync_staging__take(struct sync_session *session,
                                    const Cpts__V1__SyncSnapshot *message,
                                    struct sync_arrival *arrival, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    struct sync_part part = {.arena = arrival->arena, .byte_count = arrival->byte_count};
    bool is_whole = false;
    if (sink->state != SYNC_SINK_STAGES)
        return error_set(err, REASON_FRAME_UNEXPECTED, "a snapshot before its time");
    cpts_status status = cpts_sync_sink__charge(session, 0, arrival->byte_count, err);
    if (status != CPTS_OK)
        return status;
    arrival->arena = NULL;
    status = cpts_sync_assembly__add_chunk(&sink->chunk, &part, message, &is_whole, err);
    if (status != CPTS_OK || !is_whole)
        return status;
    status = take_chunk(session, err);
    cpts_sync_assembly__reset(&sink->chunk);
    return status;
}
