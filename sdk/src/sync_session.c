/* SPDX-License-Identifier: Apache-2.0 */
#include "sync_session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "exchange.h"
#include "sync_convert.h"
#include "sync_frame.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/failpoint.h"

#define SCRATCH_BYTES_MAX ((size_t)16 * 1024 * 1024)
/* Frames in a row, one way, before the other way is looked at. */
#define FRAMES_IN_A_ROW 16
#define ATTEND_MS 1000
/* First byte of a packed SyncEnd. */
#define END_KIND 0x52
#define STORE_TRIES_MAX 5
#define STORE_PAUSE_MS 50
#define US_PER_SECOND INT64_C(1000000)

#define BATCH_CHANGES_DEFAULT 16384
#define CREDIT_CHANGES_DEFAULT 65536
#define CREDIT_BYTES_DEFAULT (INT64_C(16) * 1024 * 1024)
#define POLL_MS_DEFAULT 1000
#define BOOKMARK_MS_DEFAULT 5000
#define SILENCE_MAX_MS_DEFAULT 30000
#define DIGEST_EVERY_S_DEFAULT 86400
#define PEER_NODE_DEFAULT "national"
#define PEER_SCOPE_DEFAULT "*"
#define REPLICA_SCOPE "cpts:"

static cpts_status push(struct sync_session *session, enum sync_lane lane,
                        const Cpts__V1__SyncFrame *frame, struct sync_parcel *parcel,
                        struct cpts_error *err)
{
    cpts_status status = cpts_sync_frame__pack(frame, &parcel->bytes, &parcel->byte_count, err);
    if (status != CPTS_OK)
        return status;
    if (!cpts_sync_sender__push(&session->sender, lane, parcel))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    return CPTS_OK;
}

cpts_status cpts_sync_session__push(struct sync_session *session, enum sync_lane lane,
                                    const Cpts__V1__SyncFrame *frame, struct cpts_error *err)
{
    struct sync_parcel parcel = {0};
    cpts_status status = push(session, lane, frame, &parcel, err);
    arena_reset(session->scratch);
    return status;
}

cpts_status cpts_sync_session__push_data(struct sync_session *session, enum sync_lane lane,
                                         const Cpts__V1__SyncFrame *frame, int32_t change_count,
                                         struct cpts_error *err)
{
    struct sync_parcel parcel = {.has_data = true, .change_count = change_count};
    return push(session, lane, frame, &parcel, err);
}

cpts_status cpts_sync_session__alarm(struct sync_session *session, enum cpts_sync_alarm alarm,
                                     const char *aggregate_id, const char *detail,
                                     struct cpts_error *err)
{
    return session->store.alarm(session->store.store, &session->peer, alarm,
                                aggregate_id == NULL ? "" : aggregate_id,
                                detail == NULL ? "" : detail, err);
}

bool cpts_sync_session__waits(struct sync_session *session, cpts_status status, int32_t *tries)
{
    struct timespec pause = {.tv_nsec = (long)STORE_PAUSE_MS * 1000000 << *tries};
    bool is_passing = status == CPTS_UNAVAILABLE || status == CPTS_RESOURCE_EXHAUSTED;
    if (!is_passing || ++*tries >= STORE_TRIES_MAX)
        return false;
    pause.tv_sec = pause.tv_nsec / 1000000000;
    pause.tv_nsec %= 1000000000;
    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    session->heard_ms = cpts_ticks__ms();
    return true;
}

/* Whether a text may stand where a reason does, of a version newer than this too. */
static bool is_word(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length < CPTS_REASON_BYTES &&
           strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length;
}

/* How the peer says the session ends. */
static cpts_status take_end(struct sync_session *session, const Cpts__V1__SyncEnd *end,
                            struct cpts_error *err)
{
    enum reason reason = reason_find(end->reason);
    session->was_ended_by_peer = true;
    cpts_status status = error_set(err, reason == REASON_COUNT ? REASON_CONNECTION_FAILED : reason,
                                   "%s", end->detail);
    if (err == NULL)
        return status;
    if (is_word(end->reason))
        snprintf(err->reason, sizeof err->reason, "%s", end->reason);
    if (end->retry_after_ms > 0)
        err->retry_after_ms =
            end->retry_after_ms > INT32_MAX ? INT32_MAX : (int32_t)end->retry_after_ms;
    return status;
}

static cpts_status unexpected(struct cpts_error *err)
{
    return error_set(err, REASON_FRAME_UNEXPECTED, "not that frame, not now");
}

/* What only a node tells: facts, evidence, digests. */
static bool is_of_a_source(const Cpts__V1__SyncFrame *frame)
{
    return frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_BATCH ||
           frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_SNAPSHOT ||
           frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_CHECKPOINT ||
           frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_DIGEST;
}

/* Frames that need the other side's word on our cursor first. */
static cpts_status take_later(struct sync_session *session, const Cpts__V1__SyncFrame *frame,
                              struct sync_arrival *arrival, struct cpts_error *err)
{
    if (session->peer_only_takes && is_of_a_source(frame))
        return unexpected(err);
    switch (frame->frame_case) {
    case CPTS__V1__SYNC_FRAME__FRAME_BATCH:
        return cpts_sync_sink__take_batch(session, frame->batch, arrival, err);
    case CPTS__V1__SYNC_FRAME__FRAME_SNAPSHOT:
        return cpts_sync_staging__take(session, frame->snapshot, arrival, err);
    case CPTS__V1__SYNC_FRAME__FRAME_ACK:
        return cpts_sync_source__take_ack(session, frame->ack, err);
    case CPTS__V1__SYNC_FRAME__FRAME_BOOKMARK:
        return cpts_sync_sink__take_bookmark(session, frame->bookmark, err);
    case CPTS__V1__SYNC_FRAME__FRAME_CHECKPOINT:
        return cpts_sync_evidence__take(session, frame->checkpoint, err);
    case CPTS__V1__SYNC_FRAME__FRAME_REQUEST:
        return cpts_sync_answer__take_request(session, frame->request, err);
    case CPTS__V1__SYNC_FRAME__FRAME_DIGEST:
        return cpts_sync_inspection__take_digest(session, frame->digest, err);
    default:
        return unexpected(err);
    }
}

static cpts_status take(struct sync_session *session, const Cpts__V1__SyncFrame *frame,
                        struct sync_arrival *arrival, struct cpts_error *err)
{
    switch (frame->frame_case) {
    case CPTS__V1__SYNC_FRAME__FRAME__NOT_SET:
        return CPTS_OK; /* of a kind that is newer than this */
    case CPTS__V1__SYNC_FRAME__FRAME_END:
        return take_end(session, frame->end, err);
    case CPTS__V1__SYNC_FRAME__FRAME_HELLO:
        return session->has_hello ? unexpected(err)
                                  : cpts_sync_greeting__take_hello(session, frame->hello, err);
    case CPTS__V1__SYNC_FRAME__FRAME_RESUME:
        return !session->has_hello || session->has_resume
                   ? unexpected(err)
                   : cpts_sync_greeting__take_resume(session, frame->resume, err);
    default:
        return session->has_resume ? take_later(session, frame, arrival, err) : unexpected(err);
    }
}

static cpts_status take_bytes(struct sync_session *session, const uint8_t *bytes, size_t byte_count,
                              struct cpts_error *err)
{
    struct sync_arrival arrival = {.byte_count = byte_count};
    const Cpts__V1__SyncFrame *frame = NULL;
    FAILPOINT("session/before_take");
    cpts_status status = cpts_sync_frame__read(bytes, byte_count, &arrival.arena, &frame, err);
    if (status == CPTS_OK)
        status = take(session, frame, &arrival, err);
    arena_free(arrival.arena);
    session->status.received.byte_count += (int64_t)byte_count;
    return status;
}

/* Takes what has come; waits for it when there is nothing else to do. */
static cpts_status receive(struct sync_session *session, int32_t timeout_ms, struct cpts_error *err)
{
    int64_t begun_ms = cpts_ticks__ms();
    for (int i = 0; i < FRAMES_IN_A_ROW && !session->is_over; i++) {
        if (i > 0 && cpts_ticks__ms() - begun_ms >= ATTEND_MS)
            break;
        uint8_t *bytes = NULL;
        size_t byte_count = 0;
        cpts_status status = session->link->receive(session->link->link, i == 0 ? timeout_ms : 0,
                                                    &bytes, &byte_count, err);
        if (status != CPTS_OK)
            return status;
        if (bytes == NULL && i == 0 && timeout_ms > 0 &&
            cpts_ticks__ms() - begun_ms < timeout_ms - 1)
            cpts_sync_source__wake(session);
        if (bytes == NULL)
            break;
        session->heard_ms = cpts_ticks__ms();
        status = take_bytes(session, bytes, byte_count, err);
        free(bytes);
        if (status != CPTS_OK)
            return status;
    }
    if (cpts_ticks__ms() - session->heard_ms <= session->options.silence_max_ms)
        return CPTS_OK;
    return error_set(err, REASON_PEER_SILENT, "the other side said nothing for %d ms",
                     session->options.silence_max_ms);
}

static cpts_status send_some(struct sync_session *session, struct cpts_error *err)
{
    for (int i = 0; i < FRAMES_IN_A_ROW; i++) {
        struct sync_parcel *parcel = cpts_sync_sender__pop(&session->sender);
        if (parcel == NULL)
            return CPTS_OK;
        cpts_status status =
            session->link->send(session->link->link, parcel->bytes, parcel->byte_count, err);
        FAILPOINT("session/after_send");
        cpts_sync_sender__parcel_free(parcel);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

/* Asks for all that there is now, on both sides. */
static cpts_status catch_up(struct sync_session *session, struct cpts_error *err)
{
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    session->catches_up = true;
    session->has_looked = session->options.is_replica;
    session->has_bookmark = false;
    cpts_sync_source__wake(session);
    request.bookmark = true;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_REQUEST;
    frame.request = &request;
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

static void note_caught_up(struct sync_session *session)
{
    const struct sync_source *source = &session->source;
    const struct cpts_sync_direction *sent = &session->status.sent;
    bool is_taken = session->options.is_replica ||
                    (source->is_streaming && sent->acknowledged_position >= source->position);
    if (!session->catches_up || !session->has_looked || !session->has_bookmark || !is_taken)
        return;
    session->catches_up = false;
    session->status.caught_up_count++;
}

static unsigned attend(struct sync_session *session)
{
    note_caught_up(session);
    session->status.sent.byte_count = session->sender.sent_bytes;
    if (session->side.attend == NULL)
        return CPTS_SYNC_GO_ON;
    unsigned wish = session->side.attend(session->side.data, &session->status);
    if ((wish & (CPTS_SYNC_VERIFY | CPTS_SYNC_REPAIR)) != 0)
        cpts_sync_inspection__want(session, (wish & CPTS_SYNC_REPAIR) != 0);
    return wish;
}

static int32_t time_left_ms(const struct sync_session *session)
{
    int64_t now_ms = cpts_ticks__ms(), due_ms = now_ms + ATTEND_MS;
    if (cpts_sync_sender__has_ready(&session->sender))
        return 0;
    if (session->has_resume) {
        int64_t source_ms = cpts_sync_source__due_ms(session);
        int64_t sink_ms = cpts_sync_sink__due_ms(session);
        due_ms = source_ms < due_ms ? source_ms : due_ms;
        due_ms = sink_ms < due_ms ? sink_ms : due_ms;
    }
    return due_ms <= now_ms ? 0 : (int32_t)(due_ms - now_ms);
}

/* What could not be sent to somebody who has ended: the reason is among what came. */
static cpts_status find_end(struct sync_session *session, cpts_status status,
                            struct cpts_error *err)
{
    uint8_t *bytes = NULL;
    size_t byte_count = 0;
    bool is_found = false;
    while (!is_found &&
           session->link->receive(session->link->link, 0, &bytes, &byte_count, NULL) == CPTS_OK &&
           bytes != NULL) {
        struct arena *arena = NULL;
        const Cpts__V1__SyncFrame *frame = NULL;
        is_found = byte_count > 0 && bytes[0] == END_KIND &&
                   cpts_sync_frame__read(bytes, byte_count, &arena, &frame, NULL) == CPTS_OK &&
                   frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_END;
        if (is_found)
            status = take_end(session, frame->end, err);
        arena_free(arena);
        free(bytes);
    }
    return status;
}

static cpts_status run(struct sync_session *session, struct cpts_error *err)
{
    cpts_status status = cpts_sync_greeting__hello(session, err);
    while (status == CPTS_OK && !session->is_over) {
        unsigned wish = attend(session);
        if ((wish & CPTS_SYNC_STOP) != 0)
            return CPTS_OK;
        if ((wish & CPTS_SYNC_CATCH_UP) != 0)
            status = catch_up(session, err);
        if (status == CPTS_OK && session->has_resume) {
            status = cpts_sync_source__step(session, err);
            if (status == CPTS_OK)
                status = cpts_sync_sink__step(session, err);
        }
        if (status == CPTS_OK && (status = send_some(session, err)) != CPTS_OK)
            return find_end(session, status, err);
        if (status == CPTS_OK)
            status = receive(session, time_left_ms(session), err);
    }
    return status;
}

/* Tells the other side why, if it is there still. */
static void say_end(struct sync_session *session, cpts_status status, const struct cpts_error *err)
{
    Cpts__V1__SyncEnd end = CPTS__V1__SYNC_END__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    uint8_t *bytes = NULL;
    size_t byte_count = 0;
    if (session->was_ended_by_peer)
        return;
    end.reason = (char *)(status == CPTS_OK ? reason_name(REASON_SHUTTING_DOWN) : err->reason);
    end.detail = (char *)(status == CPTS_OK ? "" : err->message);
    end.retry_after_ms = status == CPTS_OK ? 0 : err->retry_after_ms;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_END;
    frame.end = &end;
    if (cpts_sync_frame__pack(&frame, &bytes, &byte_count, NULL) == CPTS_OK)
        (void)session->link->send(session->link->link, bytes, byte_count, NULL);
    free(bytes);
}

static int32_t or_default(int32_t value, int32_t otherwise)
{
    return value == 0 ? otherwise : value;
}

static void set_defaults(struct cpts_sync_options *options)
{
    options->batch_changes = or_default(options->batch_changes, BATCH_CHANGES_DEFAULT);
    options->credit_changes = or_default(options->credit_changes, CREDIT_CHANGES_DEFAULT);
    if (options->credit_bytes == 0)
        options->credit_bytes = CREDIT_BYTES_DEFAULT;
    options->poll_ms = or_default(options->poll_ms, POLL_MS_DEFAULT);
    options->bookmark_ms = or_default(options->bookmark_ms, BOOKMARK_MS_DEFAULT);
    options->silence_max_ms = or_default(options->silence_max_ms, SILENCE_MAX_MS_DEFAULT);
    options->digest_every_s = or_default(options->digest_every_s, DIGEST_EVERY_S_DEFAULT);
}

static bool has_sink(const struct cpts_sync_store *store)
{
    return store->self != NULL && store->cursor != NULL && store->apply != NULL &&
           store->stage != NULL && store->keep_checkpoint != NULL && store->digest != NULL &&
           store->alarm != NULL && store->checkpoint_key != NULL;
}

static bool has_source(const struct cpts_sync_store *store)
{
    return store->resume != NULL && store->read != NULL && store->snapshot != NULL &&
           store->fetch != NULL && store->give_back != NULL && store->acknowledged != NULL &&
           store->sign != NULL;
}

static bool has_times(const struct cpts_sync_options *options)
{
    return options->poll_ms >= 0 && options->bookmark_ms >= 0 && options->redial_min_ms >= 0 &&
           options->redial_max_ms >= 0 && options->silence_max_ms >= 0 &&
           options->digest_every_s >= 0;
}

cpts_status cpts_sync_session__check(const struct cpts_sync_store *store,
                                     struct cpts_sync_options *options, struct cpts_error *err)
{
    set_defaults(options);
    if (!has_sink(store) || (!options->is_replica && !has_source(store)))
        return error_set_field(err, REASON_ARGUMENT_INVALID, "store",
                               "a function of the store is missing");
    if (options->batch_changes < 1 || options->batch_changes > CPTS_SYNC_BATCH_CHANGES_MAX ||
        options->credit_changes < 1 || options->credit_changes > CPTS_SYNC_BATCH_CHANGES_MAX ||
        options->credit_bytes < CPTS_SYNC_FRAME_BYTES_MAX ||
        options->credit_bytes > CPTS_SYNC_BATCH_BYTES_MAX)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "options",
                               "the size of a batch, or the credit, is out of range");
    if (!has_times(options))
        return error_set_field(err, REASON_ARGUMENT_INVALID, "options", "a time is negative");
    return CPTS_OK;
}

static void done(struct sync_session *session)
{
    cpts_sync_sender__done(&session->sender);
    cpts_sync_source__done(&session->source);
    cpts_sync_sink__done(&session->sink);
    arena_free(session->scratch);
}

static cpts_status prepare(struct sync_session *session, const struct cpts_sync_store *store,
                           const struct cpts_sync_options *options, struct cpts_error *err)
{
    cpts_status status = cpts_exchange__adopt(&session->store, sizeof session->store, store, err);
    if (status == CPTS_OK)
        status = cpts_exchange__adopt(&session->options, sizeof session->options, options, err);
    if (status == CPTS_OK)
        status = cpts_sync_session__check(&session->store, &session->options, err);
    if (status != CPTS_OK)
        return status;
    session->peer_node = session->side.peer_node;
    session->peer_scope = session->side.peer_scope;
    if (session->peer_node == NULL)
        session->peer_node = session->options.peer_node;
    if (session->peer_node == NULL)
        session->peer_node = PEER_NODE_DEFAULT;
    if (session->peer_scope == NULL)
        session->peer_scope = PEER_SCOPE_DEFAULT;
    session->peer_only_takes =
        strncmp(session->peer_scope, REPLICA_SCOPE, sizeof REPLICA_SCOPE - 1) == 0;
    session->status.received.verified_us = session->side.verified_us;
    session->status.size = sizeof session->status;
    snprintf(session->status.peer, sizeof session->status.peer, "%s", session->peer_node);
    session->heard_ms = cpts_ticks__ms();
    session->scratch = arena_new(SCRATCH_BYTES_MAX);
    return session->scratch != NULL
               ? CPTS_OK
               : error_set(err, REASON_OUT_OF_MEMORY, "no memory for a session");
}

cpts_status cpts_sync_session(const struct cpts_sync_store *store,
                              const struct cpts_sync_link *link,
                              const struct cpts_sync_options *options,
                              const struct cpts_sync_side *side, struct cpts_error *err)
{
    struct cpts_error ignored;
    struct cpts_error *own = err == NULL ? &ignored : err;
    struct sync_session session = {.link = link};
    error_clear(own);
    cpts_status status = cpts_exchange__adopt(&session.side, sizeof session.side, side, own);
    if (status == CPTS_OK)
        status = prepare(&session, store, options, own);
    if (status == CPTS_OK) {
        session.status.session_count = 1;
        status = run(&session, own);
        session.status.is_connected = false;
        cpts_sync_evidence__end(&session);
        say_end(&session, status, own);
    }
    (void)attend(&session);
    link->close(link->link, status == CPTS_OK ? NULL : own);
    done(&session);
    return status;
}
