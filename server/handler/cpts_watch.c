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
#include "handler/told.h"
#include "store/log_reader.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"
#include "wire/uuid.h"

/* The only aggregate so far that everybody who reads may know of. */
#define AGGREGATE_CPTS "CPTS"
/* State of a plan that its ARS has not adopted, as changes name it. */
#define PLAN_PROPOSED "PROPOSED"

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

/* What is not for everybody who watches is taken out: titles, hashes, references
 * and notes of a CPTS's dossier, drafts, and plans not yet adopted. Each gives false: no event at
 * all. */

static bool strip_document(ProtobufCMessage *event)
{
    Cpts__V1__CptsDocumentRecorded *document = (Cpts__V1__CptsDocumentRecorded *)event;
    document->title = (char *)protobuf_c_empty_string;
    document->sha256.len = 0;
    document->reference = (char *)protobuf_c_empty_string;
    return true;
}

static bool strip_milestone(ProtobufCMessage *event)
{
    ((Cpts__V1__CptsMilestoneRecorded *)event)->note = (char *)protobuf_c_empty_string;
    return true;
}

static bool strip_filing(ProtobufCMessage *event)
{
    return ((Cpts__V1__CptsFilingRecorded *)event)->state !=
           CPTS__V1__FILING_STATE__FILING_STATE_DRAFT;
}

static bool strip_plan(ProtobufCMessage *event)
{
    return strcmp(((Cpts__V1__CptsMissionPlanSet *)event)->state, PLAN_PROPOSED) != 0;
}

static const struct stripping {
    unsigned number;
    bool (*strip)(ProtobufCMessage *event);
} STRIPPINGS[] = {
    {CPTS__V1__CHANGE__EVENT_CPTS_DOCUMENT_RECORDED, strip_document},
    {CPTS__V1__CHANGE__EVENT_CPTS_MILESTONE_RECORDED, strip_milestone},
    {CPTS__V1__CHANGE__EVENT_CPTS_FILING_RECORDED, strip_filing},
    {CPTS__V1__CHANGE__EVENT_CPTS_MISSION_PLAN_SET, strip_plan},
};

static const struct stripping *find_stripping(unsigned number)
{
    for (size_t i = 0; i < sizeof STRIPPINGS / sizeof STRIPPINGS[0]; i++) {
        if (STRIPPINGS[i].number == number)
            return &STRIPPINGS[i];
    }
    return NULL;
}

/* An event that has to be looked into: unpacked, and packed again with the
 * change. */
static cpts_status take_stripped(const struct wire_part *part, const struct stripping *stripping,
                                 struct arena *arena, Cpts__V1__CptsChange *change,
                                 struct cpts_error *err)
{
    const ProtobufCFieldDescriptor *to = protobuf_c_message_descriptor_get_field(
        &cpts__v1__cpts_change__descriptor, part->field->id);
    ProtobufCMessage *event = NULL;
    cpts_status status =
        wire_unpack(to->descriptor, part->bytes, part->byte_count, arena, &event, err);
    if (status != CPTS_OK || !stripping->strip(event))
        return status;
    memcpy((char *)change + to->offset, &event, sizeof event);
    change->event_case = (Cpts__V1__CptsChange__EventCase)part->field->id;
    return CPTS_OK;
}

/* Any other event is passed on as its owner packed it: to the packing it is a
 * field that the change does not know, which follows those it does. */
static cpts_status take_as_it_is(const struct wire_part *part, struct arena *arena,
                                 Cpts__V1__CptsChange *change, struct cpts_error *err)
{
    ProtobufCMessageUnknownField *event = arena_alloc(arena, sizeof *event);
    if (event == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for an event");
    *event = (ProtobufCMessageUnknownField){
        .tag = part->field->id,
        .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED,
        .len = part->prefix_byte_count + part->byte_count,
        .data = (uint8_t *)part->bytes - part->prefix_byte_count,
    };
    change->base.n_unknown_fields = 1;
    change->base.unknown_fields = event;
    return CPTS_OK;
}

/* What happened, of a change that another program may have written: the events
 * that CptsChange declares, each under its number in Change; what it does not
 * declare is not for everybody, nor are actor and command_id. */
static cpts_status take_event(const uint8_t *bytes, size_t byte_count, struct arena *arena,
                              Cpts__V1__CptsChange *change, struct cpts_error *err)
{
    struct wire_part part;
    cpts_status status =
        wire_find_oneof(&cpts__v1__change__descriptor, bytes, byte_count, &part, err);
    if (status != CPTS_OK || part.field == NULL)
        return status;
    const ProtobufCFieldDescriptor *to =
        protobuf_c_message_descriptor_get_field(&cpts__v1__cpts_change__descriptor, part.field->id);
    if (to == NULL || to->descriptor != part.field->descriptor)
        return CPTS_OK;
    const struct stripping *stripping = find_stripping(part.field->id);
    return stripping == NULL ? take_as_it_is(&part, arena, change, err)
                             : take_stripped(&part, stripping, arena, change, err);
}

/* Reads the stored bytes. A change that cannot be read is told without its
 * event rather than not at all. */
static void read_event(const struct rows *rows, int row, struct arena *arena,
                       Cpts__V1__CptsChange *change)
{
    struct cpts_error error = {0};
    size_t byte_count = 0;
    const uint8_t *bytes = rows_bytes(rows, row, LOG_BYTES, &byte_count);
    if (bytes == NULL || take_event(bytes, byte_count, arena, change, &error) != CPTS_OK)
        log_write(LOG_ERROR, "handler", "the change at position %lld cannot be read: %s",
                  (long long)change->log_position, error.message);
}

bool cpts_watch_pack_change(const struct rows *rows, int row, struct arena *arena,
                            struct packet **ret_packet)
{
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__CptsChange change = CPTS__V1__CPTS_CHANGE__INIT;
    Google__Protobuf__Timestamp recorded_at =
        told_timestamp(rows_time_us(rows, row, LOG_RECORDED_AT));
    char cpts_id[UUID_TEXT_BYTES];
    if (strcmp(rows_text(rows, row, LOG_AGGREGATE_KIND), AGGREGATE_CPTS) != 0) {
        *ret_packet = NULL;
        return true;
    }
    change.log_position = rows_int(rows, row, LOG_POSITION);
    rows_uuid(rows, row, LOG_AGGREGATE_ID, cpts_id);
    change.cpts_id = cpts_id;
    change.version = (int32_t)rows_int(rows, row, LOG_VERSION);
    change.kind = (char *)rows_text(rows, row, LOG_KIND);
    change.lead_region = (char *)rows_text(rows, row, LOG_LEAD_REGION);
    change.recorded_at = &recorded_at;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_CHANGE;
    response.change = &change;
    read_event(rows, row, arena, &change);
    struct packet *packet = told_pack(&response.base);
    if (packet == NULL)
        return false;
    *ret_packet = packet;
    return true;
}

struct packet *cpts_watch_pack_bookmark(int64_t log_position, int64_t observed_us)
{
    Cpts__V1__WatchCptsResponse response = CPTS__V1__WATCH_CPTS_RESPONSE__INIT;
    Cpts__V1__WatchBookmark bookmark = CPTS__V1__WATCH_BOOKMARK__INIT;
    Google__Protobuf__Timestamp observed_at = told_timestamp(observed_us);
    bookmark.log_position = log_position;
    bookmark.observed_at = &observed_at;
    response.message_case = CPTS__V1__WATCH_CPTS_RESPONSE__MESSAGE_BOOKMARK;
    response.bookmark = &bookmark;
    return told_pack(&response.base);
}
