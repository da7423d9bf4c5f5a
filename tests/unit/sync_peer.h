/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SYNC_PEER_H
#define TESTS_UNIT_SYNC_PEER_H

/* A peer of a session that says what it was told to say, whatever the rules are. */
#include <cpts/sync.h>
#include <cpts/sync_digest.h>
#include <cpts/v1/federation.pb-c.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"
#include "sync_frame.h"
#include "testing_store.h"
#include "wire/error.h"

#define FRAMES_MAX 8

/* Frames that the peer sends, one after the other; NULL = it is silent. */
static uint8_t *frames[FRAMES_MAX];
static size_t frame_bytes[FRAMES_MAX];
static size_t frame_count, received_count;
/* How often it is silent before it leaves. */
static int silence_count;
/* What is wanted of the session; digests that it found to differ. */
static unsigned wish;
static size_t mismatch_count;
/* The reason that it was told; the signed point. */
static char told[64];
/* Digests that it was told; what it may see. */
static int digest_count;
static const char *scope;
static int64_t signed_position;
static uint8_t signed_hash[CPTS_SYNC_HASH_BYTES];
static struct testing_store store;
static Cpts__V1__SyncHello hello;
static struct cpts_sync_options options;
static struct cpts_error err;

static void add(Cpts__V1__SyncFrame *frame)
{
    CU_ASSERT_EQUAL(
        cpts_sync_frame__pack(frame, &frames[frame_count], &frame_bytes[frame_count], NULL),
        CPTS_OK);
    frame_count++;
}

static void add_hello(void)
{
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_HELLO;
    frame.hello = &hello;
    add(&frame);
}

static void add_resume(void)
{
    Cpts__V1__SyncResume resume = CPTS__V1__SYNC_RESUME__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    resume.kind = CPTS__V1__SYNC_RESUME_KIND__SYNC_RESUME_KIND_RESUMED;
    resume.epoch = 1;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_RESUME;
    frame.resume = &resume;
    add(&frame);
}

static void add_this(Cpts__V1__SyncBatch *batch)
{
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_BATCH;
    frame.batch = batch;
    add(&frame);
}

static void add_batch(int64_t after, int64_t upto, bool repair)
{
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    batch.after = after;
    batch.upto = upto;
    batch.head = upto;
    batch.repair = repair;
    add_this(&batch);
}

/* An entry ahead of its turn, where only images may be. */
static void add_urgent_entry(void)
{
    uint8_t zeros[CPTS_SYNC_HASH_BYTES] = {0};
    Cpts__V1__SyncEntry entry = CPTS__V1__SYNC_ENTRY__INIT;
    Cpts__V1__SyncEntry *entries[] = {&entry};
    Cpts__V1__SyncBatch batch = CPTS__V1__SYNC_BATCH__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    entry.position = 1;
    entry.origin_node = (char *)"region/11";
    entry.origin_position = 1;
    entry.epoch = 1;
    entry.aggregate_kind = (char *)"REFERENCE";
    entry.aggregate_id = (char *)"00000000-0000-7000-8000-000000000009";
    entry.version = 1;
    entry.kind = (char *)"CHANGED";
    entry.prev_hash = (ProtobufCBinaryData){.len = sizeof zeros, .data = zeros};
    entry.hash = entry.prev_hash;
    batch.entries = entries;
    batch.n_entries = 1;
    batch.urgent = true;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_BATCH;
    frame.batch = &batch;
    add(&frame);
}

/* For digests of a slice of the buckets; all zero = of all. */
static void add_request(int32_t first, int32_t count)
{
    Cpts__V1__SyncRequest request = CPTS__V1__SYNC_REQUEST__INIT;
    Cpts__V1__SyncFrame frame = CPTS__V1__SYNC_FRAME__INIT;
    request.digests = true;
    request.digest_bucket_first = first;
    request.digest_bucket_count = count;
    frame.frame_case = CPTS__V1__SYNC_FRAME__FRAME_REQUEST;
    frame.request = &request;
    add(&frame);
}

static cpts_status hear(void *link, const uint8_t *bytes, size_t byte_count,
                        struct cpts_error *ret_err)
{
    Cpts__V1__SyncFrame *frame = cpts__v1__sync_frame__unpack(NULL, byte_count, bytes);
    (void)link;
    (void)ret_err;
    if (frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_END)
        strncpy(told, frame->end->reason, sizeof told - 1);
    digest_count += frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_DIGEST;
    if (frame->frame_case == CPTS__V1__SYNC_FRAME__FRAME_CHECKPOINT) {
        signed_position = frame->checkpoint->position;
        memcpy(signed_hash, frame->checkpoint->hash.data, sizeof signed_hash);
    }
    cpts__v1__sync_frame__free_unpacked(frame, NULL);
    return CPTS_OK;
}

static cpts_status say(void *link, int32_t timeout_ms, uint8_t **ret_bytes, size_t *ret_byte_count,
                       struct cpts_error *ret_err)
{
    (void)link;
    (void)timeout_ms;
    *ret_bytes = NULL;
    if (received_count == frame_count && silence_count-- > 0)
        return CPTS_OK;
    if (received_count == frame_count)
        return error_set(ret_err, REASON_CONNECTION_FAILED, "it has said everything");
    if (frames[received_count] == NULL) {
        received_count++;
        return CPTS_OK;
    }
    *ret_byte_count = frame_bytes[received_count];
    *ret_bytes = malloc(*ret_byte_count + 1);
    memcpy(*ret_bytes, frames[received_count++], *ret_byte_count);
    return CPTS_OK;
}

static void leave(void *link, const struct cpts_error *why)
{
    (void)link;
    (void)why;
}

static void a_peer(void)
{
    frame_count = received_count = 0;
    digest_count = 0;
    scope = "region:11";
    silence_count = 0;
    wish = CPTS_SYNC_GO_ON;
    signed_position = 0;
    told[0] = '\0';
    cpts_testing_store__init(&store, "national");
    options = (struct cpts_sync_options){.size = sizeof options};
    cpts__v1__sync_hello__init(&hello);
    hello.node = (char *)"region/11";
    hello.epoch = 1;
    hello.protocol_min = 1;
    hello.protocol_max = 3;
    hello.credit_changes = 10;
    hello.credit_bytes = CPTS_SYNC_FRAME_BYTES_MAX;
}

static unsigned attend(void *data, const struct cpts_sync_status *status)
{
    (void)data;
    return status->is_connected ? wish : CPTS_SYNC_GO_ON;
}

/* Runs the session; whether it ended for that reason, which the peer was told. */
static bool ends_with(const char *reason)
{
    const struct cpts_sync_link link = {.send = hear, .receive = say, .close = leave};
    const struct cpts_sync_side side = {
        .size = sizeof side, .peer_node = "region/11", .peer_scope = scope, .attend = attend};
    const struct cpts_sync_store table = cpts_testing_store__table(&store);
    cpts_status status = cpts_sync_session(&table, &link, &options, &side, &err);
    bool is_so = status == err.status && strcmp(err.reason, reason) == 0 &&
                 strcmp(told, reason) == 0 && store.apply_count == 0;
    mismatch_count = cpts_testing_store__count_alarms(&store, CPTS_SYNC_ALARM_DIGEST_MISMATCH);
    while (frame_count > 0)
        free(frames[--frame_count]);
    cpts_testing_store__done(&store);
    return is_so;
}

#endif
