/* SPDX-License-Identifier: Apache-2.0 */
/* The half that takes: batches in order, each stored with its cursor before it is
 * acknowledged. */
#include <inttypes.h>
#include <string.h>

#include "convert.h"
#include "sync_convert.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/failpoint.h"

/* The credit is given back once this part of it was used, so that the other side is
 * never kept waiting by a batch that is not whole yet. */
#define CREDIT_RETURN_PARTS 4

cpts_status cpts_sync_sink__read_cursor(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    cpts_status status =
        session->store.cursor(session->store.store, session->peer_node, &sink->cursor, err);
    if (status != CPTS_OK)
        return status;
    sink->chain =
        (struct sync_chain){.node = session->peer_node, .position = sink->cursor.origin_position};
    memcpy(sink->chain.hash, sink->cursor.origin_hash, sizeof sink->chain.hash);
    cpts_sync_evidence__begin(session);
    return CPTS_OK;
}

cpts_status cpts_sync_sink__begin(struct sync_session *session,
                                  const struct cpts_sync_resume *resume, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    if (resume->kind != CPTS_SYNC_RESUMED) {
        sink->state = SYNC_SINK_STAGES;
        return CPTS_OK;
    }
    /* In another epoch of the same chain local positions are others, and may be lower. */
    bool goes_back = resume->epoch != sink->cursor.epoch && resume->position >= 0;
    if (resume->position != sink->cursor.position && !goes_back)
        return error_set(err, REASON_FRAME_UNEXPECTED,
                         "it goes on after %" PRId64 ", this side has %" PRId64, resume->position,
                         sink->cursor.position);
    sink->cursor.position = resume->position;
    sink->state = SYNC_SINK_STREAMS;
    session->status.received.acknowledged_position = sink->cursor.position;
    return CPTS_OK;
}

cpts_status cpts_sync_sink__charge(struct sync_session *session, int64_t changes, size_t byte_count,
                                   struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    sink->credit_changes -= changes;
    sink->credit_bytes -= (int64_t)byte_count;
    if (sink->credit_changes < 0 || sink->credit_bytes < 0)
        return error_set(err, REASON_CREDIT_EXCEEDED, "more was sent than was asked for");
    sink->return_changes += changes;
    sink->return_bytes += (int64_t)byte_count;
    if (sink->return_bytes >= session->options.credit_bytes / CREDIT_RETURN_PARTS)
        sink->owes_ack = true;
    return CPTS_OK;
}

cpts_status cpts_sync_sink__apply(struct sync_session *session, const struct cpts_sync_batch *batch,
                                  struct cpts_error *err)
{
    struct cpts_sync_direction *received = &session->status.received;
    struct cpts_sync_applied applied;
    int32_t tries = 0;
    cpts_status status;
    FAILPOINT("sink/before_apply");
    do {
        applied = (struct cpts_sync_applied){0};
        status = session->store.apply(session->store.store, &session->peer, batch, &applied, err);
    } while (status != CPTS_OK && cpts_sync_session__waits(session, status, &tries));
    if (status != CPTS_OK)
        return status;
    FAILPOINT("sink/after_apply");
    received->absorbed_count += applied.absorbed_count;
    received->parked_count = applied.parked_count;
    received->change_count += (int64_t)batch->entry_count;
    received->last_success_us = cpts_ticks__wall_us();
    session->sink.owes_ack = true;
    return CPTS_OK;
}

static cpts_status tell_gap(struct sync_session *session, const struct cpts_sync_batch *batch,
                            struct cpts_error *err)
{
    cpts_status status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_GAP, NULL, NULL, err);
    if (status != CPTS_OK)
        return status;
    return error_set(err, REASON_GAP, "a batch after %" PRId64 ", this side has %" PRId64,
                     batch->after, session->sink.cursor.position);
}

static cpts_status push_ack(struct sync_session *session, struct cpts_error *err);

/* The defect that tests of the federation must see: an ack that is not durable. */
static cpts_status acknowledge_early(struct sync_session *session, int64_t position,
                                     struct cpts_error *err)
{
    session->sink.cursor.position = position;
    cpts_status status = push_ack(session, err);
    struct sync_parcel *parcel = status == CPTS_OK ? cpts_sync_sender__pop(&session->sender) : NULL;
    if (parcel != NULL)
        status = session->link->send(session->link->link, parcel->bytes, parcel->byte_count, err);
    cpts_sync_sender__parcel_free(parcel);
    return status;
}

static cpts_status take_stream(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    const struct cpts_sync_batch *batch = &sink->stream.batch;
    if (batch->upto <= sink->cursor.position) {
        session->status.received.absorbed_count += (int64_t)batch->entry_count;
        sink->owes_ack = true;
        return CPTS_OK;
    }
    if (batch->after != sink->cursor.position && !MUTANT("sink/gap_ignored"))
        return tell_gap(session, batch, err);
    cpts_status status = cpts_sync_evidence__check(session, &sink->stream, err);
    if (status == CPTS_OK && MUTANT("sink/ack_before_commit"))
        status = acknowledge_early(session, batch->upto, err);
    if (status == CPTS_OK)
        status = cpts_sync_sink__apply(session, batch, err);
    if (status != CPTS_OK)
        return status;
    sink->cursor.position = batch->upto;
    sink->cursor.origin_position = sink->chain.position;
    memcpy(sink->cursor.origin_hash, sink->chain.hash, sizeof sink->cursor.origin_hash);
    session->status.received.acknowledged_position = batch->upto;
    session->status.received.head_position = batch->head;
    return CPTS_OK;
}

static cpts_status take_aside(struct sync_session *session, struct sync_assembly *assembly,
                              struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    struct cpts_sync_batch *batch = &assembly->batch;
    if (batch->given_back)
        return cpts_sync_restoring__take(session, assembly, err);
    if (batch->repair &&
        !cpts_sync_inspection__has_asked(session, batch->images, batch->image_count))
        return error_set(err, REASON_FRAME_UNEXPECTED, "a repair that nobody asked for");
    /* Out of its turn no entry can be held against the chain. */
    if (batch->entry_count > 0 || batch->withheld_count > 0)
        return error_set(err, REASON_FRAME_UNEXPECTED, "entries out of their turn");
    if (batch->urgent && sink->state != SYNC_SINK_STREAMS)
        return CPTS_OK;
    bool is_end = batch->repair && batch->head > 0;
    batch->head = 0;
    cpts_status status = cpts_sync_evidence__check(session, assembly, err);
    if (status == CPTS_OK && batch->image_count > 0)
        status = cpts_sync_sink__apply(session, batch, err);
    return status == CPTS_OK && is_end ? cpts_sync_inspection__repaired(session, err) : status;
}

static struct sync_assembly *assembly_of(struct sync_sink *sink, const Cpts__V1__SyncBatch *message)
{
    if (message->urgent)
        return &sink->urgent;
    return message->repair ? &sink->aside : &sink->stream;
}

/* Whether a batch of that kind may come now. */
static cpts_status check_kind(const struct sync_sink *sink, const Cpts__V1__SyncBatch *message,
                              struct cpts_error *err)
{
    bool is_aside = message->urgent || message->repair;
    if ((message->given_back && !message->repair) || (message->urgent && message->repair))
        return error_set(err, REASON_FRAME_UNEXPECTED, "a batch of two kinds");
    if (!is_aside && sink->state != SYNC_SINK_STREAMS)
        return error_set(err, REASON_FRAME_UNEXPECTED, "a batch before its time");
    return CPTS_OK;
}

cpts_status cpts_sync_sink__take_batch(struct sync_session *session,
                                       const Cpts__V1__SyncBatch *message,
                                       struct sync_arrival *arrival, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    bool is_aside = message->urgent || message->repair;
    struct sync_assembly *assembly = assembly_of(sink, message);
    struct sync_part part = {.arena = arrival->arena, .byte_count = arrival->byte_count};
    bool is_whole = false;
    cpts_status status = check_kind(sink, message, err);
    if (status != CPTS_OK)
        return status;
    bool is_empty = !is_aside && !message->more && assembly->entries.count == 0;
    int64_t changes = (int64_t)message->n_entries + (is_empty && message->n_entries == 0 ? 1 : 0);
    status = cpts_sync_sink__charge(session, changes, arrival->byte_count, err);
    if (status != CPTS_OK)
        return status;
    arrival->arena = NULL;
    status = cpts_sync_assembly__add_batch(assembly, &part, message, &is_whole, err);
    if (status != CPTS_OK || !is_whole)
        return status;
    status = is_aside ? take_aside(session, assembly, err) : take_stream(session, err);
    cpts_sync_assembly__reset(assembly);
    return status;
}

cpts_status cpts_sync_sink__take_bookmark(struct sync_session *session,
                                          const Cpts__V1__SyncBookmark *bookmark,
                                          struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    if (sink->state != SYNC_SINK_STREAMS)
        return CPTS_OK;
    if (!cpts_sync_convert__is_place(bookmark->position))
        return error_set(err, REASON_MALFORMED_MESSAGE, "a bookmark is out of range");
    if (bookmark->position > sink->cursor.position && !MUTANT("sink/gap_ignored")) {
        struct cpts_sync_batch missing = {.after = bookmark->position};
        return tell_gap(session, &missing, err);
    }
    session->has_bookmark = true;
    session->status.received.head_position = bookmark->position;
    session->status.received.last_success_us = cpts_ticks__wall_us();
    session->status.clock_skew_us =
        cpts_convert__instant_us(bookmark->time) - cpts_ticks__wall_us();
    return CPTS_OK;
}

static cpts_status push_ack(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    Cpts__V1__SyncAck ack = CPTS__V1__SYNC_ACK__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    FAILPOINT("sink/before_ack");
    ack.position = sink->cursor.position;
    ack.credit_changes = (int32_t)sink->return_changes;
    ack.credit_bytes = sink->return_bytes;
    ack.parked_count = session->status.received.parked_count;
    ack.snapshot_chunk_count = sink->staged_count;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_ACK;
    frame.ack = &ack;
    sink->credit_changes += sink->return_changes;
    sink->credit_bytes += sink->return_bytes;
    sink->return_changes = 0;
    sink->return_bytes = 0;
    sink->owes_ack = false;
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

cpts_status cpts_sync_sink__step(struct sync_session *session, struct cpts_error *err)
{
    cpts_status status = CPTS_OK;
    if (session->sink.owes_ack)
        status = push_ack(session, err);
    if (status == CPTS_OK)
        status = cpts_sync_evidence__step(session, err);
    if (status == CPTS_OK)
        status = cpts_sync_inspection__step(session, err);
    return status;
}

int64_t cpts_sync_sink__due_ms(const struct sync_session *session)
{
    const struct sync_sink *sink = &session->sink;
    int64_t due_ms = sink->inspection.due_ms;
    if (sink->owes_ack)
        return 0;
    int64_t late_ms = cpts_sync_evidence__due_ms(session);
    return late_ms < due_ms ? late_ms : due_ms;
}

void cpts_sync_sink__done(struct sync_sink *sink)
{
    cpts_sync_assembly__done(&sink->stream);
    cpts_sync_assembly__done(&sink->urgent);
    cpts_sync_assembly__done(&sink->aside);
    cpts_sync_assembly__done(&sink->chunk);
    cpts_sync_inspection__done(&sink->inspection);
}
