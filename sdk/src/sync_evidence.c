/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer stands for: its chain, its signatures, whose things it tells. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sync_convert.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/checkpoint.h"
#include "wire/error.h"

#define DETAIL_BYTES 96
#define US_PER_MS INT64_C(1000)
#define REGION_SCOPE "region:"

/* NULL when it is good, else what is wrong with it. */
static const char *judge(const struct sync_session *session,
                         const struct cpts_sync_checkpoint *checkpoint, const uint8_t key[32])
{
    const struct sync_chain *chain = &session->sink.chain;
    const struct checkpoint_point point = {.node = checkpoint->node,
                                           .position = checkpoint->position,
                                           .hash = checkpoint->hash,
                                           .signed_at_us = checkpoint->signed_at_us};
    uint8_t key_id[CHECKPOINT_KEY_ID_BYTES];
    checkpoint_key_id(key, key_id);
    if (strcmp(checkpoint->node, session->peer_node) != 0)
        return "another node";
    if (memcmp(checkpoint->key_id, key_id, sizeof key_id) != 0)
        return "another key";
    if (!checkpoint_verify(&point, checkpoint->signature, key))
        return "a signature that is none";
    if (checkpoint->position != chain->position)
        return "another position";
    if (memcmp(checkpoint->hash, chain->hash, sizeof chain->hash) != 0)
        return "another hash";
    return NULL;
}

static cpts_status tell_bad(struct sync_session *session, int64_t position, const char *what,
                            struct cpts_error *err)
{
    char detail[DETAIL_BYTES];
    snprintf(detail, sizeof detail, "%" PRId64 ": %s", position, what);
    return cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_CHECKPOINT_BAD, NULL, detail, err);
}

cpts_status cpts_sync_evidence__take(struct sync_session *session,
                                     const Cpts__V1__SyncCheckpoint *message,
                                     struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    struct cpts_sync_checkpoint checkpoint;
    uint8_t key[32];
    if (sink->state != SYNC_SINK_STREAMS)
        return CPTS_OK;
    if (!cpts_sync_convert__read_checkpoint(message, &checkpoint))
        return tell_bad(session, message->position, "not what it may be", err);
    cpts_status status =
        session->store.checkpoint_key(session->store.store, session->peer_node, key, err);
    /* A copy that was given no key checks no signatures. */
    bool is_unchecked = status == CPTS_NOT_FOUND && session->options.is_replica;
    if (status == CPTS_NOT_FOUND && !is_unchecked)
        return tell_bad(session, checkpoint.position, "no key", err);
    if (status != CPTS_OK && !is_unchecked)
        return status;
    const char *fault = is_unchecked ? NULL : judge(session, &checkpoint, key);
    if (fault != NULL)
        return tell_bad(session, checkpoint.position, fault, err);
    sink->checkpoint_position = checkpoint.position;
    sink->unsigned_since_ms = 0;
    sink->unsigned_since_us = 0;
    sink->is_late_told = false;
    return is_unchecked ? CPTS_OK
                        : session->store.keep_checkpoint(session->store.store, &checkpoint, err);
}

void cpts_sync_evidence__begin(struct sync_session *session)
{
    const int64_t age_max_ms = SYNC_CHECKPOINT_LATE_MS - SYNC_CHECKPOINT_GRACE_MS;
    struct sync_sink *sink = &session->sink;
    const struct cpts_sync_cursor *cursor = &sink->cursor;
    bool is_signed = cursor->signed_position >= sink->chain.position;
    int64_t age_ms = cursor->unsigned_since_us <= 0
                         ? 0
                         : (cpts_ticks__wall_us() - cursor->unsigned_since_us) / US_PER_MS;
    age_ms = age_ms < 0 ? 0 : age_ms > age_max_ms ? age_max_ms : age_ms;
    sink->checkpoint_position = is_signed ? sink->chain.position : cursor->signed_position;
    sink->unsigned_since_ms = is_signed ? 0 : cpts_ticks__ms() - age_ms;
    sink->unsigned_since_us = is_signed ? 0 : cursor->unsigned_since_us;
    sink->begun_position = sink->chain.position;
    sink->is_late_told = false;
}

int64_t cpts_sync_evidence__due_ms(const struct sync_session *session)
{
    const struct sync_sink *sink = &session->sink;
    /* Whom this side fenced gets its own back first, and tells nothing in this session. */
    bool waits = sink->state == SYNC_SINK_STREAMS && sink->unsigned_since_ms != 0 &&
                 session->source.resume.kind != CPTS_SYNC_FENCED;
    return waits && !sink->is_late_told ? sink->unsigned_since_ms + SYNC_CHECKPOINT_LATE_MS
                                        : INT64_MAX;
}

static cpts_status tell_late(struct sync_session *session, struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    char detail[DETAIL_BYTES];
    sink->is_late_told = true;
    /* A copy leaves when it has everything, not when all of that is signed. */
    if (session->options.is_replica)
        return CPTS_OK;
    snprintf(detail, sizeof detail, "%" PRId64 " after %" PRId64, sink->chain.position,
             sink->checkpoint_position);
    return cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_CHECKPOINT_LATE, NULL, detail, err);
}

cpts_status cpts_sync_evidence__step(struct sync_session *session, struct cpts_error *err)
{
    return cpts_ticks__ms() < cpts_sync_evidence__due_ms(session) ? CPTS_OK
                                                                  : tell_late(session, err);
}

void cpts_sync_evidence__end(struct sync_session *session)
{
    const struct sync_sink *sink = &session->sink;
    struct cpts_error ignored;
    int64_t late_us = sink->unsigned_since_us + SYNC_CHECKPOINT_LATE_MS * US_PER_MS;
    bool sent_on = sink->state == SYNC_SINK_STREAMS && sink->chain.position > sink->begun_position;
    if (sent_on && sink->unsigned_since_us != 0 && !sink->is_late_told &&
        cpts_ticks__wall_us() >= late_us)
        (void)!tell_late(session, &ignored);
}

/* Whose thing an image is, told by somebody who sees his own region only. */
static enum cpts_sync_alarm judge_image(const struct sync_session *session,
                                        const struct cpts_sync_image *image)
{
    size_t prefix = sizeof REGION_SCOPE - 1;
    if (strncmp(session->peer_scope, REGION_SCOPE, prefix) != 0)
        return CPTS_SYNC_ALARM_NONE;
    bool is_own = strcmp(image->owner_node, session->peer_node) == 0;
    bool is_released = strcmp(image->owner_node, session->self.node) == 0;
    if (!is_own && !is_released)
        return CPTS_SYNC_ALARM_ORIGIN_FORGED;
    /* One that began here may be led by another region since, until its owner gives it away:
     * the store knows what it had. */
    if (is_own && image->version == 1 && image->lead_region != NULL &&
        image->lead_region[0] != '\0' &&
        strcmp(image->lead_region, session->peer_scope + prefix) != 0)
        return CPTS_SYNC_ALARM_OUT_OF_SCOPE;
    return CPTS_SYNC_ALARM_NONE;
}

cpts_status cpts_sync_evidence__check_images(struct sync_session *session,
                                             struct sync_assembly *assembly, struct cpts_error *err)
{
    struct cpts_sync_image *images = assembly->images.items;
    cpts_status status = CPTS_OK;
    for (size_t i = 0; i < assembly->images.count && status == CPTS_OK; i++) {
        images[i].refused = judge_image(session, &images[i]);
        if (images[i].refused != CPTS_SYNC_ALARM_NONE)
            status = cpts_sync_session__alarm(session, images[i].refused, images[i].aggregate_id,
                                              images[i].owner_node, err);
    }
    return status;
}

static cpts_status tell_walk(struct sync_session *session, const struct sync_chain_walk *walk,
                             struct cpts_error *err)
{
    char detail[DETAIL_BYTES];
    cpts_status status = CPTS_OK;
    if (walk->forged != NULL)
        status =
            cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_ORIGIN_FORGED,
                                     walk->forged->aggregate_id, walk->forged->origin_node, err);
    snprintf(detail, sizeof detail, "%" PRId64, walk->broken_at);
    if (status == CPTS_OK && walk->broken_at > 0)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_CHAIN_BROKEN, NULL, detail, err);
    snprintf(detail, sizeof detail, "%" PRId64, walk->gap_at);
    if (status == CPTS_OK && walk->gap_at > 0)
        status = cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_GAP, NULL, detail, err);
    if (status == CPTS_OK && walk->gap_at > 0)
        return error_set(err, REASON_GAP, "origin position %" PRId64 " is missing", walk->gap_at);
    return status;
}

cpts_status cpts_sync_evidence__check(struct sync_session *session, struct sync_assembly *assembly,
                                      struct cpts_error *err)
{
    struct sync_sink *sink = &session->sink;
    struct cpts_sync_batch *batch = &assembly->batch;
    struct sync_chain chain = sink->chain;
    struct sync_chain_walk walk = {0};
    if (!batch->urgent && !batch->repair)
        cpts_sync_chain__walk(&chain, assembly->entries.items, batch->entry_count,
                              assembly->withheld.items, batch->withheld_count, &walk);
    batch->withheld_count = walk.withheld_count;
    cpts_status status = tell_walk(session, &walk, err);
    if (status == CPTS_OK)
        status = cpts_sync_evidence__check_images(session, assembly, err);
    if (status != CPTS_OK)
        return status;
    if (chain.position > sink->chain.position && sink->unsigned_since_ms == 0)
        sink->unsigned_since_ms = cpts_ticks__ms();
    sink->chain = chain;
    batch->origin_position = chain.position;
    memcpy(batch->origin_hash, chain.hash, sizeof batch->origin_hash);
    return CPTS_OK;
}
