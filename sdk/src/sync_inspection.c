/* SPDX-License-Identifier: Apache-2.0 */
/* Comparing what a sink has with what its source says it should have, at the same
 * position: buckets, then aggregates, then their images. What takes longer than the log
 * stands still is compared in slices, half as large each time that it was too late. */
#include <cpts/sync_digest.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "sync_convert.h"
#include "sync_session.h"
#include "ticks.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Times that what was repaired is compared again. */
#define ROUNDS_MAX 3
/* Until it is asked again what cannot be less: twice as long each time. */
#define AGAIN_MS 1000
#define AGAIN_DOUBLINGS_MAX 6
/* Into a session, when nobody knows of a comparison; and the part of digest_every_s within
 * which it is then, at random: a node that starts again has all its peers at once. */
#define SOON_MS (INT64_C(60) * 1000)
#define SOON_SHARE 24
#define US_PER_MS INT64_C(1000)
/* Alarms of what differs, one an aggregate; what is beyond is one together. */
#define MISMATCH_ALARMS_MAX 256
#define DETAIL_BYTES 64
/* Aggregates in all answers to one question. */
#define THEIRS_MAX ((size_t)1000 * 1000)

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for digests");
}

static int64_t time_left_ms(const struct sync_session *session)
{
    int64_t every_ms = (int64_t)session->options.digest_every_s * 1000;
    int64_t age_ms = (cpts_ticks__wall_us() - session->side.verified_us) / US_PER_MS;
    uint32_t share_s = (uint32_t)session->options.digest_every_s / SOON_SHARE;
    int64_t soon_ms = SOON_MS + (int64_t)randombytes_uniform(share_s) * 1000;
    if (session->side.verified_us <= 0 || age_ms < 0)
        return every_ms < soon_ms ? every_ms : soon_ms;
    return age_ms < every_ms ? every_ms - age_ms : 0;
}

void cpts_sync_inspection__begin(struct sync_session *session)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    inspection->due_ms = inspection->is_wanted ? 0 : cpts_ticks__ms() + time_left_ms(session);
    inspection->slice = (struct sync_slice){0, CPTS_SYNC_BUCKETS};
}

void cpts_sync_inspection__want(struct sync_session *session, bool repairs)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    inspection->is_wanted = true;
    inspection->repairs = inspection->repairs || repairs;
    if (inspection->phase == SYNC_INSPECTION_IDLE)
        inspection->due_ms = 0;
}

static cpts_status push_request(struct sync_session *session, Cpts__V1__SyncRequest *request,
                                struct cpts_error *err)
{
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_REQUEST;
    frame.request = request;
    return cpts_sync_session__push(session, SYNC_LANE_CONTROL, &frame, err);
}

static cpts_status ask_buckets(struct sync_session *session, struct cpts_error *err)
{
    const struct sync_slice *slice = &session->sink.inspection.slice;
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    request.digests = true;
    if (slice->count < CPTS_SYNC_BUCKETS) {
        request.digest_bucket_first = slice->first;
        request.digest_bucket_count = slice->count;
    }
    session->sink.inspection.phase = SYNC_INSPECTION_BUCKETS;
    session->sink.inspection.due_ms = INT64_MAX; /* the answer wakes, not the clock */
    return push_request(session, &request, err);
}

static void pause(struct sync_session *session, int64_t wait_ms)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    inspection->phase = SYNC_INSPECTION_IDLE;
    inspection->due_ms = cpts_ticks__ms() + wait_ms;
    cpts_sync_list__empty(&inspection->buckets);
    cpts_sync_list__empty(&inspection->theirs);
    cpts_sync_list__empty(&inspection->ours);
    cpts_sync_list__empty(&inspection->differing);
    inspection->asked_count = 0;
}

static void finish(struct sync_session *session)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    session->status.received.digest_mismatch_count = (int32_t)inspection->mismatch_count;
    session->status.received.verified_us = cpts_ticks__wall_us();
    inspection->is_wanted = false;
    inspection->repairs = false;
    inspection->mismatch_count = 0;
    inspection->noted_count = 0;
    inspection->slice.first = 0;
    pause(session, (int64_t)session->options.digest_every_s * 1000);
}

/* On to the next slice. */
static void end_slice(struct sync_session *session, size_t mismatch_count)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    struct sync_slice *slice = &inspection->slice;
    inspection->rounds = 0;
    inspection->late_count = 0;
    inspection->mismatch_count += mismatch_count;
    slice->first += slice->count;
    if (slice->first >= CPTS_SYNC_BUCKETS)
        finish(session);
    else
        pause(session, 0);
}

/* What could not be compared is asked once more: less of it, or else later. */
static void ask_again(struct sync_session *session)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    bool has_slices = (session->features & CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_DIGEST_SLICES) != 0;
    if (has_slices && inspection->slice.count > 1) {
        inspection->slice.count /= 2;
        pause(session, 0);
        return;
    }
    pause(session, AGAIN_MS << inspection->late_count);
    if (inspection->late_count < AGAIN_DOUBLINGS_MAX)
        inspection->late_count++;
}

cpts_status cpts_sync_inspection__step(struct sync_session *session, struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    int64_t now_ms = cpts_ticks__ms();
    bool can_ask = session->sink.state == SYNC_SINK_STREAMS &&
                   (session->features & CPTS__V1__SYNC_FEATURE__SYNC_FEATURE_DIGEST) != 0;
    if (inspection->phase != SYNC_INSPECTION_IDLE || now_ms < inspection->due_ms)
        return CPTS_OK;
    if (!can_ask) {
        inspection->due_ms = now_ms + AGAIN_MS;
        return CPTS_OK;
    }
    inspection->repairs = inspection->repairs || !inspection->is_wanted;
    inspection->is_wanted = true;
    return ask_buckets(session, err);
}

static cpts_status ask_aggregates(struct sync_session *session, struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    request.buckets = inspection->buckets.items;
    request.n_buckets = inspection->buckets.count;
    inspection->phase = SYNC_INSPECTION_AGGREGATES;
    return push_request(session, &request, err);
}

static cpts_status compare_buckets(struct sync_session *session, const Cpts__V1__SyncDigest *digest,
                                   struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    const struct sync_slice *slice = &inspection->slice;
    uint8_t own[CPTS_SYNC_BUCKETS][CPTS_SYNC_HASH_BYTES] = {{0}};
    int64_t position = 0;
    if (digest->n_buckets != (size_t)slice->count)
        return error_set(err, REASON_MALFORMED_MESSAGE, "not the buckets that were asked for");
    cpts_status status = cpts_sync_slice__read(session, slice, false, &position, own, err);
    for (int32_t i = 0; i < slice->count && status == CPTS_OK; i++) {
        uint8_t theirs[CPTS_SYNC_HASH_BYTES];
        if (!cpts_sync_convert__read_hash(&digest->buckets[i], theirs))
            return error_set(err, REASON_MALFORMED_MESSAGE, "not a digest");
        if (memcmp(theirs, own[slice->first + i], sizeof theirs) == 0)
            continue;
        int32_t *bucket = cpts_sync_list__add(&inspection->buckets, sizeof *bucket);
        if (bucket == NULL)
            return no_memory(err);
        *bucket = slice->first + i;
    }
    if (status != CPTS_OK)
        return status;
    if (inspection->buckets.count > 0)
        return ask_aggregates(session, err);
    end_slice(session, 0);
    return CPTS_OK;
}

static int order(const struct cpts_sync_aggregate *one, const struct cpts_sync_aggregate *other)
{
    int kinds = strcmp(one->aggregate_kind, other->aggregate_kind);
    return kinds != 0 ? kinds : strcmp(one->aggregate_id, other->aggregate_id);
}

static cpts_status note(struct sync_session *session, const struct cpts_sync_aggregate *aggregate,
                        const char *what, struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    cpts_status status = cpts_sync_slice__collect(aggregate, &inspection->differing, err);
    if (status != CPTS_OK || ++inspection->noted_count > MISMATCH_ALARMS_MAX)
        return status;
    return cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_DIGEST_MISMATCH,
                                    aggregate->aggregate_id, what, err);
}

/* @param before  Noted before these. */
static cpts_status note_rest(struct sync_session *session, size_t before, struct cpts_error *err)
{
    char detail[DETAIL_BYTES];
    size_t told = before < MISMATCH_ALARMS_MAX ? MISMATCH_ALARMS_MAX : before;
    size_t count = session->sink.inspection.noted_count;
    if (count <= told)
        return CPTS_OK;
    snprintf(detail, sizeof detail, "and %zu more", count - told);
    return cpts_sync_session__alarm(session, CPTS_SYNC_ALARM_DIGEST_MISMATCH, NULL, detail, err);
}

/* Both are in order of kind and id. */
static cpts_status compare_aggregates(struct sync_session *session, struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    const struct cpts_sync_aggregate *theirs = inspection->theirs.items;
    const struct cpts_sync_aggregate *ours = inspection->ours.items;
    size_t i = 0, j = 0, before = inspection->noted_count;
    cpts_status status = CPTS_OK;
    while (status == CPTS_OK && (i < inspection->theirs.count || j < inspection->ours.count)) {
        int side = i == inspection->theirs.count ? 1
                   : j == inspection->ours.count ? -1
                                                 : order(&theirs[i], &ours[j]);
        if (side < 0)
            status = note(session, &theirs[i++], "missing here", err);
        else if (side > 0)
            status = note(session, &ours[j++], "not there any more", err);
        else if (memcmp(theirs[i].sha256, ours[j].sha256, CPTS_SYNC_HASH_BYTES) != 0)
            status = note(session, &theirs[i], "differs", err);
        if (side == 0) {
            i++;
            j++;
        }
    }
    return status == CPTS_OK ? note_rest(session, before, err) : status;
}

/* Asks for the next images; when there are none left, compares once more. */
static cpts_status ask_images(struct sync_session *session, struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    const struct cpts_sync_aggregate *differing = inspection->differing.items;
    Cpts__V1__SyncAggregate *messages[SYNC_REQUEST_AGGREGATES_MAX];
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    request.aggregates = messages;
    while (request.n_aggregates < SYNC_REQUEST_AGGREGATES_MAX &&
           inspection->asked_count < inspection->differing.count) {
        Cpts__V1__SyncAggregate *message =
            cpts_sync_convert__aggregate(&differing[inspection->asked_count++], session->scratch);
        if (message == NULL)
            return no_memory(err);
        messages[request.n_aggregates++] = message;
    }
    if (request.n_aggregates > 0) {
        inspection->phase = SYNC_INSPECTION_IMAGES;
        return push_request(session, &request, err);
    }
    if (++inspection->rounds >= ROUNDS_MAX)
        end_slice(session, inspection->differing.count);
    else
        pause(session, 0);
    return CPTS_OK;
}

bool cpts_sync_inspection__has_asked(const struct sync_session *session,
                                     const struct cpts_sync_image *images, size_t image_count)
{
    const struct sync_inspection *inspection = &session->sink.inspection;
    const struct cpts_sync_aggregate *differing = inspection->differing.items;
    size_t rest = inspection->asked_count % SYNC_REQUEST_AGGREGATES_MAX;
    size_t first = inspection->asked_count - (rest == 0 ? SYNC_REQUEST_AGGREGATES_MAX : rest);
    if (inspection->phase != SYNC_INSPECTION_IMAGES)
        return false;
    for (size_t i = 0; i < image_count; i++) {
        size_t at = first;
        while (at < inspection->asked_count &&
               (strcmp(differing[at].aggregate_id, images[i].aggregate_id) != 0 ||
                strcmp(differing[at].aggregate_kind, images[i].aggregate_kind) != 0))
            at++;
        if (at == inspection->asked_count)
            return false;
    }
    return true;
}

cpts_status cpts_sync_inspection__repaired(struct sync_session *session, struct cpts_error *err)
{
    return ask_images(session, err);
}

/* Whether it is of a bucket that was asked for, and follows the one before. */
static bool is_next(const struct sync_inspection *inspection,
                    const struct cpts_sync_aggregate *aggregate)
{
    const struct cpts_sync_aggregate *theirs = inspection->theirs.items;
    const int32_t *buckets = inspection->buckets.items;
    int32_t bucket = cpts_sync_digest_bucket(aggregate->aggregate_id);
    size_t count = inspection->theirs.count;
    bool is_asked = false;
    for (size_t i = 0; i < inspection->buckets.count && !is_asked; i++)
        is_asked = buckets[i] == bucket;
    return is_asked && count < THEIRS_MAX &&
           (count == 0 || order(&theirs[count - 1], aggregate) < 0);
}

static cpts_status take_aggregates(struct sync_session *session, const Cpts__V1__SyncDigest *digest,
                                   struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    int64_t position = 0;
    for (size_t i = 0; i < digest->n_aggregates; i++) {
        struct cpts_sync_aggregate aggregate;
        if (!cpts_sync_convert__read_aggregate(digest->aggregates[i], &aggregate) ||
            !is_next(inspection, &aggregate))
            return error_set(err, REASON_MALFORMED_MESSAGE, "not a digest of an aggregate");
        cpts_status status = cpts_sync_slice__collect(&aggregate, &inspection->theirs, err);
        if (status != CPTS_OK)
            return status;
    }
    if (digest->more)
        return CPTS_OK;
    struct cpts_sync_digest_query query = {.buckets = inspection->buckets.items,
                                           .bucket_count = inspection->buckets.count};
    cpts_status status =
        session->store.digest(session->store.store, &session->peer, &query, &position,
                              cpts_sync_slice__collect, &inspection->ours, err);
    if (status == CPTS_OK)
        status = compare_aggregates(session, err);
    if (status != CPTS_OK)
        return status;
    session->status.received.digest_mismatch_count =
        (int32_t)(inspection->mismatch_count + inspection->differing.count);
    if (inspection->repairs)
        return ask_images(session, err);
    end_slice(session, inspection->differing.count);
    return CPTS_OK;
}

cpts_status cpts_sync_inspection__take_digest(struct sync_session *session,
                                              const Cpts__V1__SyncDigest *digest,
                                              struct cpts_error *err)
{
    struct sync_inspection *inspection = &session->sink.inspection;
    bool is_asked = inspection->phase == SYNC_INSPECTION_BUCKETS ||
                    inspection->phase == SYNC_INSPECTION_AGGREGATES;
    if (!is_asked)
        return error_set(err, REASON_FRAME_UNEXPECTED, "digests that nobody asked for");
    /* Not now; or of another position than this side's, which proves nothing. */
    if (digest->bucket_count != CPTS_SYNC_BUCKETS ||
        digest->position != session->sink.cursor.position) {
        ask_again(session);
        return CPTS_OK;
    }
    if (inspection->phase == SYNC_INSPECTION_BUCKETS)
        return compare_buckets(session, digest, err);
    return take_aggregates(session, digest, err);
}

void cpts_sync_inspection__done(struct sync_inspection *inspection)
{
    cpts_sync_list__done(&inspection->buckets);
    cpts_sync_list__done(&inspection->theirs);
    cpts_sync_list__done(&inspection->ours);
    cpts_sync_list__done(&inspection->differing);
}
