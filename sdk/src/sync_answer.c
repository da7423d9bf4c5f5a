/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer asks a source for: digests, images, its own back. */
#include <string.h>

#include "sync_convert.h"
#include "sync_parts.h"
#include "sync_session.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Digests are of one position: times that the log may grow between reading its end and
 * making them, before the answer is "not now". */
#define DIGEST_TRIES_MAX 4
/* Aggregates in one frame of digests. */
#define DIGEST_PART_MAX 2048

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an answer");
}

static cpts_status malformed(struct cpts_error *err)
{
    return error_set(err, REASON_MALFORMED_MESSAGE, "a request that asks for too much");
}

static cpts_status keep_buckets(struct sync_source *source, const Cpts__V1__SyncRequest *request,
                                struct cpts_error *err)
{
    cpts_sync_list__empty(&source->buckets);
    if (request->n_buckets > CPTS_SYNC_BUCKETS)
        return malformed(err);
    for (size_t i = 0; i < request->n_buckets; i++) {
        int32_t *bucket = cpts_sync_list__add(&source->buckets, sizeof *bucket);
        if (bucket == NULL)
            return no_memory(err);
        *bucket = request->buckets[i];
        if (*bucket < 0 || *bucket >= CPTS_SYNC_BUCKETS)
            return malformed(err);
    }
    source->owes_digests = source->owes_digests || request->n_buckets > 0;
    return CPTS_OK;
}

static cpts_status keep_slice(struct sync_source *source, const Cpts__V1__SyncRequest *request,
                              struct cpts_error *err)
{
    const struct sync_slice slice = {request->digest_bucket_first, request->digest_bucket_count};
    if (slice.first < 0 || slice.first >= CPTS_SYNC_BUCKETS || slice.count < 0 ||
        slice.count > CPTS_SYNC_BUCKETS - slice.first)
        return malformed(err);
    source->owes_digests = true;
    source->slice = slice.count == 0 ? (struct sync_slice){0, CPTS_SYNC_BUCKETS} : slice;
    return CPTS_OK;
}

static cpts_status keep_aggregates(struct sync_source *source, const Cpts__V1__SyncRequest *request,
                                   struct cpts_error *err)
{
    if (request->n_aggregates + source->aggregates.count > SYNC_REQUEST_AGGREGATES_MAX)
        return malformed(err);
    for (size_t i = 0; i < request->n_aggregates; i++) {
        struct cpts_sync_aggregate *aggregate =
            cpts_sync_list__add(&source->aggregates, sizeof *aggregate);
        if (aggregate == NULL)
            return no_memory(err);
        if (!cpts_sync_convert__read_aggregate(request->aggregates[i], aggregate))
            return malformed(err);
    }
    return CPTS_OK;
}

cpts_status cpts_sync_answer__take_request(struct sync_session *session,
                                           const Cpts__V1__SyncRequest *request,
                                           struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    if (request->restore && !cpts_sync_convert__is_place(request->own_entries_after))
        return malformed(err);
    if (request->restore) {
        source->owes_own = true;
        source->own_after = request->own_entries_after;
    }
    if (request->bookmark) {
        source->owes_bookmark = true;
        cpts_sync_source__wake(session);
    }
    source->digest_tries = 0;
    cpts_status status = keep_buckets(source, request, err);
    if (status == CPTS_OK && request->digests)
        status = keep_slice(source, request, err);
    return status == CPTS_OK ? keep_aggregates(source, request, err) : status;
}

/* Digests are true of the end of the log only. */
bool cpts_sync_answer__is_due(const struct sync_session *session)
{
    const struct sync_source *source = &session->source;
    bool has_room = session->sender.queued_bytes < SYNC_QUEUE_BYTES;
    bool can_digest = source->is_at_head || session->options.is_replica;
    return has_room && ((source->owes_digests && can_digest) || source->aggregates.count > 0 ||
                        source->owes_own);
}

static cpts_status push_digest(struct sync_session *session, Cpts__V1__SyncDigest *digest,
                               struct cpts_error *err)
{
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_DIGEST;
    frame.digest = digest;
    return cpts_sync_session__push(session, SYNC_LANE_ORDERED, &frame, err);
}

/* Gives what was collected; a log that grew meanwhile makes it worthless. */
static cpts_status push_buckets(struct sync_session *session, int64_t position,
                                uint8_t (*digests)[CPTS_SYNC_HASH_BYTES], struct cpts_error *err)
{
    const struct sync_slice *slice = &session->source.slice;
    ProtobufCBinaryData buckets[CPTS_SYNC_BUCKETS];
    Cpts__V1__SyncDigest digest = CPTS__V1__SYNC_DIGEST__INIT;
    for (int32_t i = 0; i < slice->count; i++)
        buckets[i] = cpts_sync_convert__bytes(digests[slice->first + i], CPTS_SYNC_HASH_BYTES);
    digest.position = position;
    digest.bucket_count = CPTS_SYNC_BUCKETS;
    digest.buckets = buckets;
    digest.n_buckets = (size_t)slice->count;
    return push_digest(session, &digest, err);
}

static cpts_status push_aggregates(struct sync_session *session, int64_t position,
                                   const struct sync_list *found, struct cpts_error *err)
{
    const struct cpts_sync_aggregate *aggregates = found->items;
    size_t at = 0;
    do {
        Cpts__V1__SyncDigest digest = CPTS__V1__SYNC_DIGEST__INIT;
        Cpts__V1__SyncAggregate *messages[DIGEST_PART_MAX];
        size_t count = 0;
        for (; count < DIGEST_PART_MAX && at < found->count; count++, at++) {
            messages[count] = cpts_sync_convert__aggregate(&aggregates[at], session->scratch);
            if (messages[count] == NULL)
                return no_memory(err);
        }
        digest.position = position;
        digest.bucket_count = CPTS_SYNC_BUCKETS;
        digest.aggregates = messages;
        digest.n_aggregates = count;
        digest.more = at < found->count;
        cpts_status status = push_digest(session, &digest, err);
        if (status != CPTS_OK)
            return status;
    } while (at < found->count);
    return CPTS_OK;
}

static void forget_digests(struct sync_source *source)
{
    source->owes_digests = false;
    cpts_sync_list__empty(&source->buckets);
}

static cpts_status push_not_now(struct sync_session *session, struct cpts_error *err)
{
    Cpts__V1__SyncDigest digest = CPTS__V1__SYNC_DIGEST__INIT;
    return push_digest(session, &digest, err);
}

/* Aggregates of the buckets that were asked for, or digests of a slice of them. */
static cpts_status read_digests(struct sync_session *session, int64_t *ret_position,
                                uint8_t (*ret_digests)[CPTS_SYNC_HASH_BYTES],
                                struct sync_list *found, struct cpts_error *err)
{
    const struct sync_list *buckets = &session->source.buckets;
    const struct cpts_sync_digest_query query = {
        .as_source = true, .buckets = buckets->items, .bucket_count = buckets->count};
    if (buckets->count > 0)
        return session->store.digest(session->store.store, &session->peer, &query, ret_position,
                                     cpts_sync_slice__collect, found, err);
    return cpts_sync_slice__read(session, &session->source.slice, true, ret_position, ret_digests,
                                 err);
}

static cpts_status answer_digests(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    uint8_t digests[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{0}};
    struct sync_list found = {0};
    int64_t position = 0;
    cpts_status status = cpts_sync_source__catch_up(session, err);
    if (status == CPTS_OK)
        status = read_digests(session, &position, digests, &found, err);
    bool has_grown = status == CPTS_OK && position != source->position;
    if (has_grown && ++source->digest_tries < DIGEST_TRIES_MAX) {
        source->is_at_head = false; /* read on, and once more */
        cpts_sync_list__done(&found);
        return CPTS_OK;
    }
    if (has_grown)
        status = push_not_now(session, err);
    else if (status == CPTS_OK && source->buckets.count > 0)
        status = push_aggregates(session, position, &found, err);
    else if (status == CPTS_OK)
        status = push_buckets(session, position, digests, err);
    forget_digests(source);
    cpts_sync_list__done(&found);
    return status;
}

/* Whole images, as they are read; `sources` whose image came are marked. */
static cpts_status take_fetched(const struct cpts_sync_batch *batch, void *data,
                                struct cpts_error *err)
{
    struct sync_session *session = data;
    struct sync_list *wanted = &session->source.aggregates;
    struct cpts_sync_aggregate *aggregates = wanted->items;
    struct cpts_sync_batch own = {
        .images = batch->images, .image_count = batch->image_count, .repair = true};
    for (size_t i = 0; i < batch->image_count; i++) {
        for (size_t j = 0; j < wanted->count; j++) {
            if (strcmp(aggregates[j].aggregate_id, batch->images[i].aggregate_id) == 0 &&
                strcmp(aggregates[j].aggregate_kind, batch->images[i].aggregate_kind) == 0)
                aggregates[j].version = -1;
        }
    }
    return own.image_count == 0
               ? CPTS_OK
               : cpts_sync_source__push_batch(session, SYNC_LANE_ORDERED, &own, err);
}

/* What there is not, as images without anything; also the end of the answer. */
static cpts_status push_missing(struct sync_session *session, struct cpts_error *err)
{
    const struct sync_list *wanted = &session->source.aggregates;
    const struct cpts_sync_aggregate *aggregates = wanted->items;
    struct cpts_sync_image images[SYNC_REQUEST_AGGREGATES_MAX];
    struct cpts_sync_batch batch = {.images = images, .repair = true, .head = 1};
    for (size_t i = 0; i < wanted->count; i++) {
        if (aggregates[i].version < 0)
            continue;
        images[batch.image_count++] =
            (struct cpts_sync_image){.aggregate_kind = aggregates[i].aggregate_kind,
                                     .aggregate_id = aggregates[i].aggregate_id,
                                     .owner_node = session->self.node};
    }
    return cpts_sync_source__push_batch(session, SYNC_LANE_ORDERED, &batch, err);
}

static cpts_status answer_images(struct sync_session *session, struct cpts_error *err)
{
    struct sync_list *wanted = &session->source.aggregates;
    struct cpts_sync_aggregate *aggregates = wanted->items;
    cpts_status status = CPTS_OK;
    for (size_t i = 0; i < wanted->count; i++)
        aggregates[i].version = 0;
    if (!session->options.is_replica)
        status = session->store.fetch(session->store.store, &session->peer, aggregates,
                                      wanted->count, take_fetched, session, err);
    if (status == CPTS_OK)
        status = push_missing(session, err);
    cpts_sync_list__empty(wanted);
    return status;
}

static cpts_status take_own(const struct cpts_sync_batch *batch, void *data, struct cpts_error *err)
{
    struct sync_session *session = data;
    struct sync_source *source = &session->source;
    struct cpts_sync_batch own = *batch;
    own.after = source->own_after;
    own.repair = true;
    own.given_back = true;
    source->owes_own = batch->upto < batch->head;
    source->own_after = batch->upto;
    return cpts_sync_source__push_batch(session, SYNC_LANE_ORDERED, &own, err);
}

static cpts_status answer_own(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    struct cpts_sync_batch nothing = {
        .after = source->own_after, .upto = source->own_after, .head = source->own_after};
    if (session->options.is_replica)
        return take_own(&nothing, session, err);
    return session->store.give_back(session->store.store, &session->peer, source->own_after,
                                    take_own, session, err);
}

cpts_status cpts_sync_answer__step(struct sync_session *session, struct cpts_error *err)
{
    struct sync_source *source = &session->source;
    cpts_status status = CPTS_OK;
    if (source->owes_own)
        status = answer_own(session, err);
    if (status == CPTS_OK && source->aggregates.count > 0)
        status = answer_images(session, err);
    if (status == CPTS_OK && source->owes_digests && session->options.is_replica) {
        status = push_not_now(session, err); /* it tells nothing that could be compared */
        forget_digests(source);
    }
    if (status == CPTS_OK && source->owes_digests && source->is_at_head)
        status = answer_digests(session, err);
    return status;
}
