/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/referral_stream.h"

#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/packet.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/referral.pb-c.h"
#include "feed/feed.h"
#include "handler/actor.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/told.h"
#include "store/log_reader.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

#define AGGREGATE_REFERRAL "REFERRAL"
/* A stream has no deadline; the statement that records its beginning has. */
#define RECORD_TIMEOUT_NS INT64_C(10000000000)

/* The part of the log that a scope is told of: behind its colon. */
static const char *filter_of(const struct principal *principal)
{
    const char *colon = strchr(principal->scope, ':');
    return colon == NULL ? "" : colon + 1;
}

static cpts_status read_start(const Cpts__V1__WatchReferralsRequest *request,
                              struct feed_subscription *subscription, struct cpts_error *err)
{
    if (request->start_case == CPTS__V1__WATCH_REFERRALS_REQUEST__START_FROM_NOW)
        subscription->from_now = request->from_now;
    if (request->start_case == CPTS__V1__WATCH_REFERRALS_REQUEST__START_AFTER_POSITION)
        subscription->after_position = request->after_position;
    if (subscription->after_position < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "after_position", "0 or a log position");
    return CPTS_OK;
}

cpts_status referral_watch_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__WatchReferralsRequest *request = message;
    struct feed_subscription *subscription = arena_alloc(call->arena, sizeof *subscription);
    if (subscription == NULL)
        return request_no_memory(err);
    *subscription = (struct feed_subscription){.region = filter_of(&call->principal)};
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = read_start(request, subscription, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_AUDIT_RECORD);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = subscription;
    call->deadline_ns = clock_monotonic_ns() + RECORD_TIMEOUT_NS;
    actor_bind(call, request->actor);
    query_text(call->query, "WatchReferrals");
    return CPTS_OK;
}

cpts_status referral_watch_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    (void)rows;
    call->state = feed_subscribe(call->service->referral_feed, call->state);
    if (call->state == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for another subscriber");
    return CPTS_OK;
}

/* What happened. A change that cannot be read, or is none of these, is told without it. */
static void read_event(const struct rows *rows, int row, struct arena *arena,
                       Cpts__V1__ReferralChange *told)
{
    size_t byte_count = 0;
    ProtobufCMessage *message = NULL;
    const uint8_t *bytes = rows_bytes(rows, row, LOG_BYTES, &byte_count);
    if (bytes == NULL || wire_unpack(&cpts__v1__change__descriptor, bytes, byte_count, arena,
                                     &message, NULL) != CPTS_OK) {
        log_write(LOG_ERROR, "handler", "the change at position %lld cannot be read",
                  (long long)rows_int(rows, row, LOG_POSITION));
        return;
    }
    const Cpts__V1__Change *change = (const Cpts__V1__Change *)message;
    if (change->event_case == CPTS__V1__CHANGE__EVENT_REFERRAL_SUBMITTED) {
        told->event = CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_SUBMIT;
    } else if (change->event_case == CPTS__V1__CHANGE__EVENT_REFERRAL_ACTED) {
        told->event = change->referral_acted->event;
        told->assignment_id = change->referral_acted->assignment_id;
        told->overdue_level = change->referral_acted->level;
    } else if (change->event_case == CPTS__V1__CHANGE__EVENT_REFERRAL_ERASED) {
        told->erased = true;
    }
}

/* Reads what every change says: which referral, which version of it. */
static struct packet *pack_change(const struct rows *rows, int row,
                                  Cpts__V1__ReferralChange *change)
{
    Cpts__V1__WatchReferralsResponse response = CPTS__V1__WATCH_REFERRALS_RESPONSE__INIT;
    Google__Protobuf__Timestamp recorded_at =
        told_timestamp(rows_time_us(rows, row, LOG_RECORDED_AT));
    char referral_id[UUID_TEXT_BYTES];
    change->log_position = rows_int(rows, row, LOG_POSITION);
    rows_uuid(rows, row, LOG_AGGREGATE_ID, referral_id);
    change->referral_id = referral_id;
    change->version = (int32_t)rows_int(rows, row, LOG_VERSION);
    change->recorded_at = &recorded_at;
    response.message_case = CPTS__V1__WATCH_REFERRALS_RESPONSE__MESSAGE_CHANGE;
    response.change = change;
    return told_pack(&response.base);
}

struct packet *referral_watch_pack_touched(const struct rows *rows, int row)
{
    Cpts__V1__ReferralChange change = CPTS__V1__REFERRAL_CHANGE__INIT;
    return pack_change(rows, row, &change);
}

bool referral_watch_pack_change(const struct rows *rows, int row, struct arena *arena,
                                struct packet **ret_packet)
{
    Cpts__V1__ReferralChange change = CPTS__V1__REFERRAL_CHANGE__INIT;
    if (strcmp(rows_text(rows, row, LOG_AGGREGATE_KIND), AGGREGATE_REFERRAL) != 0) {
        *ret_packet = NULL;
        return true;
    }
    read_event(rows, row, arena, &change);
    struct packet *packet = pack_change(rows, row, &change);
    if (packet == NULL)
        return false;
    *ret_packet = packet;
    return true;
}

struct packet *referral_watch_pack_bookmark(int64_t log_position, int64_t observed_us)
{
    Cpts__V1__WatchReferralsResponse response = CPTS__V1__WATCH_REFERRALS_RESPONSE__INIT;
    Cpts__V1__WatchBookmark bookmark = CPTS__V1__WATCH_BOOKMARK__INIT;
    Google__Protobuf__Timestamp observed_at = told_timestamp(observed_us);
    bookmark.log_position = log_position;
    bookmark.observed_at = &observed_at;
    response.message_case = CPTS__V1__WATCH_REFERRALS_RESPONSE__MESSAGE_BOOKMARK;
    response.bookmark = &bookmark;
    return told_pack(&response.base);
}
