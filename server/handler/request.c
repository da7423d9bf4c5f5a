/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/request.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/call.h"
#include "base/clock.h"
#include "base/method.h"
#include "cpts/v1/change.pb-c.h"
#include "domain/calendar.h"
#include "handler/service.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"
#include "wire/uuid.h"

/* 1 January 1900 to 31 December 9998: what timestamptz and RFC 3339 both hold. */
#define SECONDS_MIN (-2208988800LL)
#define SECONDS_MAX 253370764799LL
#define US_PER_SECOND 1000000
/* How far a caller's clock may be ahead of ours. */
#define KNOWN_AT_AHEAD_US_MAX (INT64_C(60) * US_PER_SECOND)

cpts_status request_no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "the call needs more memory than one may have");
}

void *request_message(struct call *call, const ProtobufCMessageDescriptor *type)
{
    void *message = arena_alloc(call->arena, type->sizeof_message);
    if (message != NULL)
        protobuf_c_message_init(type, message);
    return message;
}

bool request_bytes(struct call *call, const char *text, ProtobufCBinaryData *ret_bytes)
{
    size_t byte_count = strlen(text) / 2;
    uint8_t *bytes = arena_alloc(call->arena, byte_count + 1);
    if (bytes == NULL || !hexadecimal_read(text, bytes, byte_count))
        return false;
    *ret_bytes = (ProtobufCBinaryData){byte_count, bytes};
    return true;
}

bool request_copy(struct call *call, const uint8_t *bytes, size_t byte_count,
                  ProtobufCBinaryData *ret_bytes)
{
    uint8_t *copy = arena_alloc(call->arena, byte_count + 1);
    if (copy == NULL)
        return false;
    memcpy(copy, bytes, byte_count);
    *ret_bytes = (ProtobufCBinaryData){byte_count, copy};
    return true;
}

cpts_status request_known(const ProtobufCMessage *message, const char *field,
                          struct cpts_error *err)
{
    return message->n_unknown_fields == 0 ? CPTS_OK
                                          : error_set_field(err, REASON_FIELD_INVALID, field,
                                                            "it has fields that nobody here knows");
}

cpts_status request_uuid(const char *text, const char *field, uint8_t ret_uuid[16],
                         struct cpts_error *err)
{
    if (text[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "a UUID is needed");
    if (!uuid_parse(text, ret_uuid))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not a UUID");
    return CPTS_OK;
}

cpts_status request_target(const char *id, int32_t expected_version, uint8_t ret_id[16],
                           struct cpts_error *err)
{
    cpts_status status = request_uuid(id, "id", ret_id, err);
    if (status != CPTS_OK)
        return status;
    if (expected_version < 1)
        return error_set_field(err, REASON_FIELD_REQUIRED, "expected_version",
                               "say which version you have seen, from 1");
    return CPTS_OK;
}

cpts_status request_as_of(struct call *call, const char *text, const char **ret_date,
                          struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES];
    if (text[0] == '\0') {
        clock_today(today);
        text = today;
    }
    if (!calendar_is_date(text))
        return error_set_field(err, REASON_FIELD_INVALID, "as_of", "not a date: YYYY-MM-DD");
    const char *date = arena_printf(call->arena, "%s", text);
    if (date == NULL)
        return request_no_memory(err);
    *ret_date = date;
    return CPTS_OK;
}

const char *request_instant_text(struct call *call, int64_t unix_us)
{
    time_t seconds = unix_us / US_PER_SECOND;
    int microseconds = (int)(unix_us % US_PER_SECOND);
    if (microseconds < 0) {
        seconds--;
        microseconds += US_PER_SECOND;
    }
    struct tm utc;
    gmtime_r(&seconds, &utc);
    return arena_printf(call->arena, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900,
                        utc.tm_mon + 1, utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                        microseconds);
}

cpts_status request_known_at(struct call *call, const Google__Protobuf__Timestamp *instant,
                             const char **ret_instant, struct cpts_error *err)
{
    if (instant == NULL) {
        *ret_instant = NULL;
        return CPTS_OK;
    }
    if (instant->seconds < SECONDS_MIN || instant->seconds > SECONDS_MAX || instant->nanos < 0 ||
        instant->nanos > 999999999)
        return error_set_field(err, REASON_FIELD_INVALID, "known_at", "not an instant");
    int64_t instant_us = instant->seconds * US_PER_SECOND + instant->nanos / 1000;
    if (instant_us > clock_realtime_us() + KNOWN_AT_AHEAD_US_MAX)
        return error_set_field(err, REASON_KNOWN_AT_IN_FUTURE, "known_at",
                               "nobody knows yet what will be known then");
    const char *text = request_instant_text(call, instant_us);
    if (text == NULL)
        return request_no_memory(err);
    *ret_instant = text;
    return CPTS_OK;
}

Google__Protobuf__Timestamp *request_timestamp(struct call *call, int64_t unix_us)
{
    Google__Protobuf__Timestamp *timestamp =
        request_message(call, &google__protobuf__timestamp__descriptor);
    if (timestamp == NULL)
        return NULL;
    timestamp->seconds = unix_us / US_PER_SECOND;
    timestamp->nanos = (int32_t)(unix_us % US_PER_SECOND) * 1000;
    if (timestamp->nanos < 0) {
        timestamp->seconds--;
        timestamp->nanos += 1000000000;
    }
    return timestamp;
}

void request_aggregate_id(const char *kind, const char *name, uint8_t ret_id[16])
{
    uint8_t digest[DIGEST_BYTES];
    digest_command(kind, (const uint8_t *)name, strlen(name), digest);
    memcpy(ret_id, digest, 16);
}

/* Packs @p message into the call's arena; NULL when the arena is full. */
static uint8_t *pack(struct call *call, const ProtobufCMessage *message, size_t *ret_bytes)
{
    *ret_bytes = protobuf_c_message_get_packed_size(message);
    uint8_t *bytes = arena_alloc(call->arena, *ret_bytes + 1);
    if (bytes != NULL)
        protobuf_c_message_pack(message, bytes);
    return bytes;
}

static bool bind_command(struct call *call, const struct command *command,
                         const uint8_t command_id[16])
{
    char cpts_text[UUID_TEXT_BYTES];
    char command_text[UUID_TEXT_BYTES];
    uuid_format(command->cpts_id, cpts_text);
    uuid_format(command_id, command_text);
    command->change->schema_version = 1;
    command->change->aggregate_id = cpts_text;
    command->change->actor = call->principal.uri;
    command->change->command_id = command_text;

    size_t change_bytes = 0;
    size_t content_bytes = 0;
    uint8_t *change = pack(call, &command->change->base, &change_bytes);
    uint8_t *content = pack(call, command->content, &content_bytes);
    call->query = query_new(call->arena, command->statement);
    if (change == NULL || content == NULL || call->query == NULL)
        return false;
    uint8_t hash[DIGEST_BYTES];
    digest_command(call->method->name, content, content_bytes, hash);
    query_text(call->query, call->principal.uri);
    query_uuid(call->query, command_id);
    query_bytes(call->query, hash, sizeof hash);
    query_uuid(call->query, command->cpts_id);
    query_text(call->query, call->service->node);
    query_bytes(call->query, change, change_bytes);
    return true;
}

cpts_status request_command(struct call *call, const struct command *command,
                            struct cpts_error *err)
{
    uint8_t command_id[16];
    cpts_status status = request_uuid(command->command_id, "command_id", command_id, err);
    if (status != CPTS_OK)
        return status;
    return bind_command(call, command, command_id) ? CPTS_OK : request_no_memory(err);
}
