/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, and where each side goes on. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "sync_convert.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/table_hash.h"

#define CPTS_PREFIX "cpts/"
#define FEATURES                                                                                   \
    (CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_URGENT |                                                 \
     CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_SNAPSHOT_RESUME |                                        \
     CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_DIGEST | CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_PARTS |    \
     CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_DIGEST_SLICES)

static cpts_status malformed(struct cpts_error *err, const char *what)
{
    return error_set(err, REASON_MALFORMED_MESSAGE, "%s is not what it may be", what);
}

static cpts_status push_hello(struct sync_session *session, struct cpts_error *err)
{
    uint8_t tables[TABLE_HASH_BYTES];
    Cpts__V1__SyncHello hello = CPTS__V1__SYNC_HELLO__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    table_hash(tables);
    hello.node = session->self.node;
    hello.epoch = session->self.epoch;
    hello.protocol_min = SYNC_PROTOCOL;
    hello.protocol_max = SYNC_PROTOCOL;
    hello.features = FEATURES;
    hello.table_hash = cpts_sync_convert__bytes(tables, sizeof tables);
    hello.reference_version = session->self.reference_version;
    hello.software = (char *)cpts_version();
    hello.head_position = session->self.head_position;
    hello.head_hash = cpts_sync_convert__bytes(session->self.head_hash, CPTS_SYNC_HASH_BYTES);
    hello.cursor = cpts_sync_convert__cursor(&session->sink.cursor, session->scratch);
    hello.credit_changes = session->options.credit_changes;
    hello.credit_bytes = session->options.credit_bytes;
    hello.time = cpts_sync_convert__instant(cpts_ticks__wall_us(), session->scratch);
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_HELLO;
    frame.hello = &hello;
    if (hello.cursor == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a frame");
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

cpts_status cpts_sync_greeting__hello(struct sync_session *session, struct cpts_error *err)
{
    cpts_status status = session->store.self(session->store.store, &session->self, err);
    if (status != CPTS_OK)
        return status;
    session->peer =
        (struct cpts_sync_peer){.node = session->peer_node, .scope = session->peer_scope};
    status = cpts_sync_sink__read_cursor(session, err);
    if (status != CPTS_OK)
        return status;
    session->sink.credit_changes = session->options.credit_changes;
    session->sink.credit_bytes = session->options.credit_bytes;
    return push_hello(session, err);
}

/* What differs does not end a session: somebody is told. */
static cpts_status compare(struct sync_session *session, const Cpts__V1__SyncHello *hello,
                           struct cpts_error *err)
{
    uint8_t tables[TABLE_HASH_BYTES];
    cpts_status status = CPTS_OK;
    int64_t skew_us = cpts_convert__instant_us(hello->time) - cpts_ticks__wall_us();
    session->status.clock_skew_us = skew_us;
    table_hash(tables);
    if (hello->table_hash.len != sizeof tables ||
        memcmp(hello->table_hash.data, tables, sizeof tables) != 0)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_TABLES_DIFFER, NULL,
                                          hello->software, err);
    /* The replica of a CPTS has none. */
    if (status == CPTS_OK && strncmp(hello->node, CPTS_PREFIX, strlen(CPTS_PREFIX)) != 0 &&
        hello->reference_version < session->self.reference_version)
        status =
            cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_REFERENCE_BEHIND, NULL, NULL, err);
    if (status == CPTS_OK && llabs(skew_us) > SYNC_CLOCK_SKEW_MAX_US)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_CLOCK_SKEW, NULL, NULL, err);
    return status;
}

static cpts_status check(const struct sync_session *session, const Cpts__V1__SyncHello *hello,
                         struct cpts_error *err)
{
    if (strcmp(hello->node, session->peer_node) != 0)
        return error_set(err, REASON_NODE_UNKNOWN, "it is %.64s, not %s", hello->node,
                         session->peer_node);
    if (hello->protocol_min > SYNC_PROTOCOL || hello->protocol_max < SYNC_PROTOCOL)
        return error_set(err, REASON_PROTOCOL_UNKNOWN, "it speaks %d to %d, this side %d",
                         hello->protocol_min, hello->protocol_max, SYNC_PROTOCOL);
    if (hello->epoch < 1 || !cpts_sync_convert__is_number(hello->epoch) ||
        !cpts_sync_convert__is_place(hello->head_position) || hello->credit_changes < 1 ||
        hello->credit_bytes < CPTS_SYNC_FRAME_BYTES_MAX)
        return malformed(err, "the hello");
    return CPTS_OK;
}

static cpts_status push_resume(struct sync_session *session, const struct cpts_sync_resume *resume,
                               struct cpts_error *err)
{
    Cpts__V1__SyncResume message = CPTS__V1__SYNC_RESUME__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    message.kind = (Cpts__V1__SyncResumeKind)resume->kind;
    message.position = resume->position;
    message.epoch = resume->epoch;
    message.scope_hash = cpts_sync_convert__bytes(resume->scope_hash, CPTS_SYNC_HASH_BYTES);
    message.known_position = resume->known_position;
    message.known_hash = cpts_sync_convert__bytes(resume->known_hash, CPTS_SYNC_HASH_BYTES);
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_RESUME;
    frame.resume = &message;
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

/* A session may have broken before what it brought was signed. Only of its end the store's
 * chain has the hash at hand: where the peer has not all of it, the rest is signed as it
 * is sent. */
static void begin_signing(struct sync_session *session)
{
    const struct cpts_sync_cursor *cursor = &session->peer.cursor;
    bool is_at_head = cursor->origin_position == session->self.head_position;
    cpts_sync_signing__begin(session, is_at_head ? session->self.head_position : 0,
                             session->self.head_hash, is_at_head ? cursor->signed_position : 0);
}

/* A node that knew another epoch of this side may have more of its own; a copy has not. */
static cpts_status ask_own(struct sync_session *session, const struct cpts_sync_resume *resume,
                           struct cpts_error *err)
{
    if (resume->kind != CPTS_SYNC_EPOCH_CHANGED || session->peer_only_takes)
        return CPTS_OK;
    session->source.awaits_own = true;
    session->sink.awaits_own = true;
    return cpts_sync_restoring__ask(session, resume->own_after, resume->own_hash, err);
}

/* What becomes of the peer's cursor. */
static cpts_status begin_source(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_resume *resume = &source->resume;
    *resume = (struct cpts_sync_resume){.kind = CPTS_SYNC_RESUMED,
                                        .position = session->peer.cursor.position,
                                        .epoch = session->self.epoch};
    cpts_status status = CPTS_OK;
    if (!session->options.is_replica)
        status = session->store.resume(session->store.store, &session->peer, resume, err);
    if (status != CPTS_OK)
        return status;
    if (resume->kind == CPTS_SYNC_FENCED && session->side.is_dialler)
        return error_set(err, REASON_NODE_FENCED, "who dials does not fence the node above");
    source->position = resume->position;
    source->told_position = resume->position;
    begin_signing(session);
    source->is_streaming = resume->kind == CPTS_SYNC_RESUMED && !session->options.is_replica;
    if (source->is_streaming)
        session->status.sent.acknowledged_position = resume->position;
    if (resume->kind == CPTS_SYNC_FENCED)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_FENCED, NULL, NULL, err);
    if (status == CPTS_OK)
        status = push_resume(session, resume, err);
    if (status == CPTS_OK)
        status = ask_own(session, resume, err);
    if (status == CPTS_OK && !source->is_streaming && resume->kind != CPTS_SYNC_FENCED &&
        !session->options.is_replica)
        status = cpts_sync_snapshot__begin(session, err);
    return status;
}

static void note_features(struct sync_session *session, uint64_t features)
{
    struct sync_sink *sink = &session->sink;
    bool is_numbered = (features & CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_PARTS) != 0;
    session->features = features;
    sink->stream.is_numbered = is_numbered;
    sink->urgent.is_numbered = is_numbered;
    sink->aside.is_numbered = is_numbered;
    sink->chunk.is_numbered = is_numbered;
}

cpts_status cpts_sync_greeting__take_hello(struct sync_session *session,
                                           const Cpts__V1__SyncHello *hello, struct cpts_error *err)
{
    struct cpts_sync_peer *peer = &session->peer;
    cpts_status status = check(session, hello, err);
    if (status != CPTS_OK)
        return status;
    if (!cpts_sync_convert__read_cursor(hello->cursor, &peer->cursor) ||
        !cpts_sync_convert__read_hash(&hello->head_hash, peer->head_hash))
        return malformed(err, "the hello");
    peer->epoch = hello->epoch;
    peer->head_position = hello->head_position;
    note_features(session, hello->features & FEATURES);
    session->has_hello = true;
    cpts_sync_sender__grant(&session->sender, hello->credit_changes, hello->credit_bytes);
    if (hello->credit_changes < session->options.batch_changes)
        session->options.batch_changes = hello->credit_changes;
    status = compare(session, hello, err);
    return status == CPTS_OK ? begin_source(session, err) : status;
}

cpts_status cpts_sync_greeting__take_resume(struct sync_session *session,
                                            const Cpts__V1__SyncResume *message,
                                            struct cpts_error *err)
{
    struct cpts_sync_resume resume = {.kind = (enum cpts_sync_resume_kind)message->kind,
                                      .position = message->position,
                                      .epoch = message->epoch,
                                      .known_position = message->known_position};
    if (message->kind < CPTS__V1__SYNC_RESUME_KIND__SYNC_RESUME_KIND_RESUMED ||
        message->kind > CPTS__V1__SYNC_RESUME_KIND__SYNC_RESUME_KIND_FENCED ||
        !cpts_sync_convert__is_place(message->position) ||
        !cpts_sync_convert__is_place(message->known_position) ||
        !cpts_sync_convert__is_number(message->epoch) ||
        !cpts_sync_convert__read_hash(&message->scope_hash, resume.scope_hash) ||
        !cpts_sync_convert__read_hash(&message->known_hash, resume.known_hash))
        return malformed(err, "the resume");
    session->has_resume = true;
    session->status.is_connected = true;
    if (session->peer_only_takes)
        return CPTS_OK; /* the half that takes never begins */
    cpts_sync_inspection__begin(session);
    if (resume.kind == CPTS_SYNC_FENCED)
        return cpts_sync_restoring__begin(session, &resume, err);
    if (session->self.is_restoring && session->side.is_dialler && session->store.restore != NULL)
        return cpts_sync_restoring__complete(session, &resume, err);
    return cpts_sync_sink__begin(session, &resume, err);
}
