/* SPDX-License-Identifier: Apache-2.0 */
/* The half that tells: what happened, in order, and what it stands for. */
#include <string.h>

#include "sync_convert.h"
#include "sync_parts.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/failpoint.h"

/* A batch as it is read. */
struct reading {
    struct sync_session *session;
    enum sync_lane lane;
};

static cpts_status emit(void *data, const Cpts__V1__SyncFrame *frame, int32_t change_count,
                        struct cpts_error *err)
{
    const struct reading *reading = data;
    return cpts_sync_session__push_data(reading->session, reading->lane, frame, change_count, err);
}

cpts_status cpts_sync_source__push_batch(struct sync_session *session, enum sync_lane lane,
                                         const struct cpts_sync_batch *batch,
                                         struct cpts_error *err)
{
    struct reading reading = {.session = session, .lane = lane};
    struct sync_parts parts = {.emit = emit, .data = &reading};
    return cpts_sync_parts__batch(&parts, batch, err);
}

static void set_mark(struct sync_session *session, const struct cpts_sync_batch *batch)
{
    struct sync_source *source = &session->source;
    int64_t at_us =
        batch->entry_count == 0 ? cpts_ticks__wall_us() : batch->entries[0].recorded_at_us;
    if (source->mark_count < SYNC_MARKS)
        source->marks[source->mark_count++].recorded_at_us = at_us;
    source->marks[source->mark_count - 1].position = batch->upto;
    session->status.sent.oldest_age_us = cpts_ticks__wall_us() - source->marks[0].recorded_at_us;
}

/* How far the peer is, when everything that it was told is acknowledged. */
static void note_reached(struct sync_session *session, int64_t acknowledged)
{
    const struct sync_source *source = &session->source;
    session->status.sent.acknowledged_position =
        acknowledged >= source->told_position ? source->position : acknowledged;
}

static cpts_status tell(struct sync_session *session, const struct cpts_sync_batch *batch,
                        struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_batch own = *batch;
    own.after = source->told_position;
    cpts_status status = cpts_sync_source__push_batch(session, SYNC_LANE_ORDERED, &own, err);
    if (status != CPTS_OK)
        return status;
    source->position = batch->upto;
    source->told_position = batch->upto;
    session->status.sent.change_count += (int64_t)batch->entry_count;
    cpts_sync_signing__follow(session, batch);
    set_mark(session, batch);
    return CPTS_OK;
}

static cpts_status take_read(const struct cpts_sync_batch *batch, void *data,
                             struct cpts_error *err)
{
    struct sync_session *session = data;
    struct sync_source *source = &session->source;
    bool is_empty =
        batch->entry_count == 0 && batch->withheld_count == 0 && batch->image_count == 0;
    session->status.sent.head_position = batch->head;
    source->is_at_head = batch->upto >= batch->head;
    session->has_looked = session->has_looked || source->is_at_head;
    if (batch->upto > batch->after && !is_empty)
        return tell(session, batch, err);
    source->position = batch->upto;
    note_reached(session, session->peer.cursor.position);
    return CPTS_OK;
}

cpts_status cpts_sync_source__catch_up(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_batch nothing = {.after = source->told_position,
                                      .upto = source->position,
                                      .head = session->status.sent.head_position};
    return source->told_position == source->position ? CPTS_OK : tell(session, &nothing, err);
}

static cpts_status take_urgent(const struct cpts_sync_batch *batch, void *data,
                               struct cpts_error *err)
{
    struct sync_session *session = data;
    struct cpts_sync_batch own = *batch;
    own.after = 0;
    own.upto = 0;
    own.urgent = true;
    if (batch->head > session->source.urgent_position)
        session->source.urgent_position = batch->head;
    if (batch->image_count == 0)
        return CPTS_OK;
    return cpts_sync_source__push_batch(session, SYNC_LANE_URGENT, &own, err);
}

/* What must not wait until the rest was told. */
static cpts_status read_urgent(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    bool is_behind = !source->is_at_head || !cpts_sync_sender__is_idle(&session->sender);
    if (!is_behind || session->store.read_urgent == NULL ||
        (session->features & CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_URGENT) == 0)
        return CPTS_OK;
    int64_t after =
        source->urgent_position > source->position ? source->urgent_position : source->position;
    cpts_status status = session->store.read_urgent(session->store.store, &session->peer, after,
                                                    take_urgent, session, err);
    /* Who has none need not say how far it looked. */
    if (status == CPTS_OK && source->urgent_position < session->status.sent.head_position)
        source->urgent_position = session->status.sent.head_position;
    return status;
}

static cpts_status read_next(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    int32_t tries = 0;
    cpts_status status;
    source->next_read_ms = cpts_ticks__ms() + session->options.poll_ms;
    do {
        status = session->store.read(session->store.store, &session->peer, source->position,
                                     session->options.batch_changes, take_read, session, err);
    } while (status != CPTS_OK && cpts_sync_session__waits(session, status, &tries));
    FAILPOINT("source/after_read");
    return status == CPTS_OK ? read_urgent(session, err) : status;
}

static cpts_status push_bookmark(struct sync_session *session, int64_t now_ms,
                                 struct cpts_error *err)
{
    Cpts__V1__SyncBookmark bookmark = CPTS__V1__SYNC_BOOKMARK__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    cpts_status status = cpts_sync_source__catch_up(session, err);
    if (status != CPTS_OK)
        return status;
    bookmark.position = session->source.position;
    bookmark.time = cpts_sync_convert__instant(cpts_ticks__wall_us(), session->scratch);
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_BOOKMARK;
    frame.bookmark = &bookmark;
    session->source.owes_bookmark = false;
    session->source.next_bookmark_ms = now_ms + session->options.bookmark_ms;
    return cpts_sync_session__push(session, SYNC_LANE_ORDERED, &frame, err);
}

/* Reads on while there is room, and says what was reached. */
static cpts_status stream(struct sync_session *session, int64_t now_ms, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    bool has_room = session->sender.queued_bytes < SYNC_QUEUE_BYTES;
    cpts_status status = CPTS_OK;
    /* What is late already does not wait behind a batch. */
    if (now_ms >= cpts_sync_signing__due_ms(session))
        status = cpts_sync_signing__sign(session, err);
    if (status == CPTS_OK && has_room && (!source->is_at_head || now_ms >= source->next_read_ms))
        status = read_next(session, err);
    if (status == CPTS_OK && now_ms >= cpts_sync_signing__due_ms(session))
        status = cpts_sync_signing__sign(session, err);
    bool is_due = has_room && (source->owes_bookmark || now_ms >= source->next_bookmark_ms);
    if (status == CPTS_OK && source->is_at_head && is_due)
        status = push_bookmark(session, now_ms, err);
    return status;
}

/* Who has nothing to tell still says that it is there. */
static cpts_status keep_alive(struct sync_session *session, int64_t now_ms, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    bool tells = session->options.is_replica && source->owes_bookmark;
    if (tells)
        return push_bookmark(session, now_ms, err);
    if (now_ms < source->next_bookmark_ms)
        return CPTS_OK;
    session->sink.owes_ack = true;
    source->next_bookmark_ms = now_ms + session->options.bookmark_ms;
    return CPTS_OK;
}

cpts_status cpts_sync_source__step(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    int64_t now_ms = cpts_ticks__ms();
    cpts_status status = CPTS_OK;
    if (source->is_streaming)
        status = stream(session, now_ms, err);
    else if (source->in_snapshot && !source->awaits_own)
        status = cpts_sync_snapshot__step(session, err);
    if (status == CPTS_OK && !source->is_streaming)
        status = keep_alive(session, now_ms, err);
    if (status == CPTS_OK && cpts_sync_answer__is_due(session))
        status = cpts_sync_answer__step(session, err);
    return status;
}

/* Who streams tells of its end only there, and when there is room. */
static int64_t bookmark_due_ms(const struct sync_source *source, bool has_room)
{
    bool waits = source->is_streaming && (!source->is_at_head || !has_room);
    return waits ? INT64_MAX : source->next_bookmark_ms;
}

int64_t cpts_sync_source__due_ms(const struct sync_session *session)
{
    const struct sync_source *source = &session->source;
    bool has_room = session->sender.queued_bytes < SYNC_QUEUE_BYTES;
    bool reads = source->is_streaming && !source->is_at_head;
    bool stages = source->in_snapshot && !source->awaits_own && !source->awaits_activation;
    int64_t due_ms = bookmark_due_ms(source, has_room);
    int64_t sign_ms = cpts_sync_signing__due_ms(session);
    if ((has_room && (reads || stages)) || cpts_sync_answer__is_due(session))
        return 0;
    if (source->is_streaming && has_room && source->next_read_ms < due_ms)
        due_ms = source->next_read_ms;
    return source->is_streaming && sign_ms < due_ms ? sign_ms : due_ms;
}

void cpts_sync_source__wake(struct sync_session *session)
{
    session->source.next_read_ms = 0;
}

/* Forgets the marks of what is acknowledged. */
static void drop_marks(struct sync_session *session, int64_t position)
{
    struct sync_source *source = &session->source;
    int32_t count = 0;
    while (count < source->mark_count && source->marks[count].position <= position)
        count++;
    source->mark_count -= count;
    memmove(source->marks, source->marks + count,
            (size_t)source->mark_count * sizeof source->marks[0]);
    session->status.sent.oldest_age_us =
        source->mark_count == 0 ? 0 : cpts_ticks__wall_us() - source->marks[0].recorded_at_us;
}

/* The snapshot was taken: the log goes on from where the sink says it is. */
static void activate(struct sync_source *source, int64_t position)
{
    source->awaits_activation = false;
    source->in_snapshot = false;
    source->is_streaming = true;
    source->is_at_head = false;
    source->position = position;
    source->told_position = position;
}

cpts_status cpts_sync_source__take_ack(struct sync_session *session, const Cpts__V1__SyncAck *ack,
                                       struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_direction *sent = &session->status.sent;
    if (!cpts_sync_convert__is_place(ack->position) ||
        !cpts_sync_convert__is_number(ack->parked_count) ||
        !cpts_sync_convert__is_number(ack->snapshot_chunk_count))
        return error_set(err, REASON_FRAME_UNEXPECTED, "an acknowledgement is out of range");
    cpts_sync_sender__grant(&session->sender, ack->credit_changes, ack->credit_bytes);
    sent->parked_count = ack->parked_count;
    sent->snapshot_chunk_count = ack->snapshot_chunk_count;
    sent->last_success_us = cpts_ticks__wall_us();
    bool is_activated =
        source->awaits_activation && ack->snapshot_chunk_count == source->next_chunk;
    if (is_activated && (ack->position < 0 || ack->position > source->snapshot_position))
        return error_set(err, REASON_FRAME_UNEXPECTED, "a snapshot taken where it was not sent");
    if (is_activated)
        activate(source, ack->position);
    if (!source->is_streaming || (!is_activated && ack->position <= session->peer.cursor.position))
        return CPTS_OK;
    if (ack->position > source->told_position)
        return error_set(err, REASON_FRAME_UNEXPECTED, "an acknowledgement of what was not sent");
    note_reached(session, ack->position);
    session->peer.cursor.position = ack->position;
    drop_marks(session, ack->position);
    FAILPOINT("source/before_acknowledged");
    return session->store.acknowledged(session->store.store, &session->peer, ack->position, err);
}

void cpts_sync_source__done(struct sync_source *source)
{
    cpts_sync_list__done(&source->buckets);
    cpts_sync_list__done(&source->aggregates);
}
