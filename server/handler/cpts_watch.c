/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/cpts_watch.h"

#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/log.h"
#include "base/method.h"
#include "base/packet.h"
#include "cpts/v1/change.pb-c.h"
#include "cpts/v1/registry.pb-c.h"
#include "domain/units.h"
#include "feed/feed.h"
#include "handler/method_table.h"
#include "handler/service.h"
#include "store/log_reader.h"
#include "store/rows.h"
#include "wire/error.h"
#include "wire/unpack.h"

#define US_PER_SECOND 1000000
#define NS_PER_US 1000
/* The only aggregate so far that everybody who reads may know of. */
#define AGGREGATE_CPTS "CPTS"

static cpts_status read_start(const Cpts__V1__WatchCptsRequest *request,
                              struct feed_subscription *subscription, struct cpts_error *err)
{
    if (request->start_case == CPTS__V1__WATCH_CPTS_REQUEST__START_FROM_NOW)
        subscription->from_now = request->from_now;
    if (request->start_case == CPTS__V1__WATCH_CPTS_REQUEST__START_AFTER_POSITION)
        subscription->after_position = request->after_position;
    if (subscription->after_position < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "after_position", "0 or a log position");
    return CPTS_OK;
}

cpts_status cpts_watch_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__WatchCptsRequest *request = message;
    struct feed_subscription subscription = {.region = request->region};
    cpts_status status = read_start(request, &subscription, err);
    if (status != CPTS_OK)
        return status;
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region", "no region has this code");
    call->state = feed_subscribe(call->service->feed, &subscription);
    if (call->state == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for another subscriber");
    return CPTS_OK;
}

static Google__Protobuf__Timestamp timestamp_of(int64_t unix_us)
{
    Google__Protobuf__Timestamp timestamp = GOOGLE__PROTOBUF__TIMESTAMP__INIT;
    timestamp.seconds = unix_us / US_PER_SECOND;
    timestamp.nanos = (int32_t)(unix_us % US_PER_SECOND) * NS_PER_US;
    return timestamp;
}

static struct packet *pack(const ProtobufCMessage *message)
{
    struct packet *packet = packet_new(protobuf_c_message_get_packed_size(message));
    if (packet != NULL)
        protobuf_c_message_pack(message, packet->bytes);
    return packet;
}

/* What is not for everybody who watches is taken out: titles, hashes, references
 * and notes of a CPTS's dossier, and drafts. @return false: no event at all. */
static bool strip(Cpts__V1__Change *stored)
{
    switch (stored->event_case) {
    case CPTS__V1__CHANGE__EVENT_CPTS_DOCUMENT_RECORDED:
        stored->cpts_document_recorded->title = (char *)protobuf_c_empty_string;
        stored->cpts_document_recorded->sha256.len = 0;
        stored->cpts_document_recorded->reference = (char *)protobuf_c_empty_string;
        return true;
    case CPTS__V1__CHANGE__EVENT_CPTS_MILESTONE_RECORDED:
        stored->cpts_milestone_recorded->note = (char *)protobuf_c_empty_string;
        return true;
    case CPTS__V1__CHANGE__EVENT_CPTS_FILING_RECORDED:
        return stored->cpts_filing_recorded->state != CPTS__V1__FILING_STATE__FILING_STATE_DRAFT;
    default:
        return true;
    }
}

/* What happened, of a change that another program may have written: the events
 * that CptsChange declares, each under its number in Change; what it does not
 * declare is not for everybody, nor are actor and command_id. */
static void take_event(Cpts__V1__Change *stored, Cpts__V1__CptsChange *change)
{
    unsigned number = (unsigned)stored->event_case;
    const ProtobufCFieldDescriptor *from =
        protobuf_c_message_descriptor_get_field(&cpts__v1__change__descriptor, number);
    const ProtobufCFieldDescriptor *to =
        protobuf_c_message_descriptor_get_field(&cpts__v1__cpts_change__descriptor, number);
    if (from == NULL || to == NULL || from->descriptor != to->descriptor || !strip(stored))
        return;
    memcpy((char *)change + to->offset, (const char *)stored + from->offset,
           sizeof(ProtobufCMessage *));
    change->event_case = (Cpts__V1__CptsChange__EventCase)number;
}

/* Reads the stored bytes. A change that cannot be read is told without its
 * event rather than not at all. */
static void read_event(const struct rows *rows, int row, struct arena *arena,
                       Cpts__V1__CptsChange *change)
{
    struct cpts_error error = {0};
    ProtobufCMessage *stored = NULL;
    size_t byte_count = 0;
    uint8_t *bytes = rows_bytes(rows, row, LOG_BYTES, arena, &byte_count);
    if (bytes != NULL && wire_unpack(&cpts__v1__change__descriptor, bytes, byte_count, arena,
                                     &stored, &error) == CPTS_OK)
        take_event((Cpts__V1__Change *)stored, change);
    else
        log_write(LOG_ERROR, "handler", "the change at position %s cannot be read: %s",
                  rows_text(rows, row, LOG_POSITION), error.message);
}

bool cpts_watch_pack_change(const struct rows *rows, int row, struct arena *arena,
                            struct packet **ret_packet)
{
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__CptsChange change = CPTS__V1__CPTS_CHANGE__INIT;
    Google__Protobuf__Timestamp recorded_at =
        timestamp_of(rows_time_us(rows, row, LOG_RECORDED_US));
    if (strcmp(rows_text(rows, row, LOG_AGGREGATE_KIND), AGGREGATE_CPTS) != 0) {
        *ret_packet = NULL;
        return true;
    }
    change.log_position = rows_int(rows, row, LOG_POSITION);
    change.cpts_id = (char *)rows_text(rows, row, LOG_AGGREGATE_ID);
    change.version = (int32_t)rows_int(rows, row, LOG_VERSION);
    change.kind = (char *)rows_text(rows, row, LOG_KIND);
    change.lead_region = (char *)rows_text(rows, row, LOG_LEAD_REGION);
    change.recorded_at = &recorded_at;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE;
    response.change = &change;
    read_event(rows, row, arena, &change);
    struct packet *packet = pack(&response.base);
    if (packet == NULL)
        return false;
    *ret_packet = packet;
    return true;
}

struct packet *cpts_watch_pack_bookmark(int64_t log_position, int64_t observed_us)
{
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__WatchBookmark bookmark = CPTS__V1__WATCH_BOOKMARK__INIT;
    Google__Protobuf__Timestamp observed_at = timestamp_of(observed_us);
    bookmark.log_position = log_position;
    bookmark.observed_at = &observed_at;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_BOOKMARK;
    response.bookmark = &bookmark;
    return pack(&response.base);
}
