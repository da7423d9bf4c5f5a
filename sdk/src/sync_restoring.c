/* SPDX-License-Identifier: Apache-2.0 */
/* A side that lost what it had written takes it back from its peer. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sync_session.h"
#include "wire/error.h"
#include "wire/failpoint.h"

#define DETAIL_BYTES 96

cpts_status cpts_sync_restoring__ask(struct sync_session *session, int64_t after,
                                     const uint8_t *hash, struct cpts_error *err)
{
    struct sync_chain *chain = &session->sink.own_chain;
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    /* The peer may not have seen all of it. */
    *chain = (struct sync_chain){.node = session->self.node, .position = after, .has_holes = true};
    if (after > 0)
        memcpy(chain->hash, hash, sizeof chain->hash);
    session->sink.own_is_whole = after == 0;
    session->sink.awaits_own = true;
    request.restore = true;
    request.own_entries_after = after;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_REQUEST;
    frame.request = &request;
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

static int32_t next_epoch(const struct sync_session *session, const struct cpts_sync_resume *resume)
{
    return resume->epoch > session->self.epoch ? resume->epoch : session->self.epoch + 1;
}

cpts_status cpts_sync_restoring__begin(struct sync_session *session,
                                       const struct cpts_sync_resume *resume,
                                       struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    bool can_restore = session->side.is_dialler && session->store.restore != NULL;
    cpts_status status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_FENCED, NULL, NULL, err);
    if (status != CPTS_OK)
        return status;
    if (!can_restore)
        return error_set(err, REASON_NODE_FENCED, "the other side has more of this node's chain");
    sink->state = SYNC_SINK_RESTORES;
    sink->restored_epoch = next_epoch(session, resume);
    session->source.is_streaming = false;
    session->source.in_snapshot = false;
    status = session->store.restore(session->store.store, &session->peer, 0, err);
    if (status != CPTS_OK)
        return status;
    FAILPOINT("restoring/fenced");
    int64_t head = session->self.head_position;
    bool is_same = memcmp(session->self.head_hash, resume->known_hash, CPTS_SYNC_HASH_BYTES) == 0;
    bool is_behind = head < resume->known_position || (head == resume->known_position && is_same);
    return cpts_sync_restoring__ask(session, is_behind ? head : 0, session->self.head_hash, err);
}

/* Everything is back: the next session begins with the new epoch. */
static cpts_status finish(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    sink->awaits_own = false;
    if (sink->state != SYNC_SINK_RESTORES) {
        session->source.awaits_own = false;
        return CPTS_OK;
    }
    FAILPOINT("restoring/before_epoch");
    cpts_status status =
        session->store.restore(session->store.store, &session->peer, sink->restored_epoch, err);
    FAILPOINT("restoring/after_epoch");
    if (status == CPTS_OK)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_RESTORED, NULL, NULL, err);
    if (status != CPTS_OK)
        return status;
    return error_set(err, REASON_NODE_RESTORED, "this side has its own back");
}

/* Whoever dials learns from the node above; the other way round somebody should know that
 * a node below wrote into this one's own log. */
static cpts_status store(struct sync_session *session, const struct cpts_sync_batch *batch,
                         struct cpts_error *err)
{
    char detail[DETAIL_BYTES];
    if (batch->entry_count == 0 && batch->image_count == 0)
        return CPTS_OK;
    cpts_status status = cpts_sync_sink__apply(session, batch, err);
    if (status != CPTS_OK || session->side.is_dialler)
        return status;
    snprintf(detail, sizeof detail, "%zu entries up to %" PRId64 " given back", batch->entry_count,
             batch->origin_position);
    return cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_RESTORED, NULL, detail, err);
}

cpts_status cpts_sync_restoring__complete(struct sync_session *session,
                                          const struct cpts_sync_resume *resume,
                                          struct cpts_error *err)
{
    session->sink.state = SYNC_SINK_RESTORES;
    session->sink.restored_epoch = next_epoch(session, resume);
    return finish(session, err);
}

cpts_status cpts_sync_restoring__take(struct sync_session *session, struct sync_assembly *assembly,
                                      struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    struct cpts_sync_batch *batch = &assembly->batch;
    struct sync_chain_walk walk = {0};
    if (!sink->awaits_own)
        return error_set(err, REASON_FRAME_UNEXPECTED, "given back what nobody asked for");
    if (sink->own_is_whole && sink->own_chain.position == 0 && batch->after > 0)
        return CPTS_OK; /* of the first question, which was the wrong one */
    cpts_sync_chain__walk(&sink->own_chain, assembly->entries.items, batch->entry_count,
                          assembly->withheld.items, batch->withheld_count, &walk);
    batch->withheld_count = walk.withheld_count;
    /* Written after the backup, and again otherwise: compare from the beginning. */
    if (walk.broken_at > 0 && !sink->own_is_whole)
        return cpts_sync_restoring__ask(session, 0, NULL, err);
    batch->origin_position = sink->own_chain.position;
    memcpy(batch->origin_hash, sink->own_chain.hash, sizeof batch->origin_hash);
    cpts_status status = CPTS_OK;
    if (walk.broken_at > 0 || walk.forged != NULL)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_CHAIN_BROKEN, NULL, NULL, err);
    if (status == CPTS_OK)
        status = cpts_sync_evidence__check_images(session, assembly, err);
    if (status == CPTS_OK)
        status = store(session, batch, err);
    if (status == CPTS_OK && batch->upto >= batch->head)
        status = finish(session, err);
    return status;
}
