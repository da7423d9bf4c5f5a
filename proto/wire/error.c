/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/error.h"

#include <google/rpc/error_details.pb-c.h>
#include <google/rpc/status.pb-c.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/arena.h"
#include "wire/reason.h"
#include "wire/unpack.h"

/* What error.h tells the analyzer is for callers. */
#undef error_set
#undef error_set_field

#define DOMAIN "cpts.fr"
#define DETAIL_KEY "detail"
#define TYPE_URL_PREFIX "type.googleapis.com/"
#define DETAILS_MAX 3
/* A peer's status that needs more memory is not worth reading. */
#define UNPACK_ARENA_BYTES ((size_t)64 * 1024)

/* Other languages refuse a whole status for one byte that is not UTF-8. */
static void set_text(char *ret_text, size_t text_bytes, const char *from)
{
    snprintf(ret_text, text_bytes, "%s", from);
    wire_make_utf8(ret_text);
}

static void fill(struct cpts_error *err, enum reason reason, const char *field, const char *format,
                 va_list arguments)
{
    error_clear(err);
    err->status = reason_status(reason);
    err->retryable = reason_retryable(reason);
    set_text(err->reason, sizeof err->reason, reason_name(reason));
    set_text(err->field, sizeof err->field, field);
    vsnprintf(err->message, sizeof err->message, format, arguments);
    wire_make_utf8(err->message);
}

cpts_status error_set(struct cpts_error *err, enum reason reason, const char *format, ...)
{
    if (err != NULL) {
        va_list arguments;
        va_start(arguments, format);
        fill(err, reason, "", format, arguments);
        va_end(arguments);
    }
    return reason_status(reason);
}

cpts_status error_set_field(struct cpts_error *err, enum reason reason, const char *field,
                            const char *format, ...)
{
    if (err != NULL) {
        va_list arguments;
        va_start(arguments, format);
        fill(err, reason, field, format, arguments);
        va_end(arguments);
    }
    return reason_status(reason);
}

void error_clear(struct cpts_error *err)
{
    if (err != NULL)
        memset(err, 0, sizeof *err);
}

/* Packs a detail and appends it to the status; false when the arena is full. */
static bool add_detail(Google__Rpc__Status *status, const ProtobufCMessage *detail,
                       struct arena *arena)
{
    size_t size_bytes = protobuf_c_message_get_packed_size(detail);
    Google__Protobuf__Any *any = arena_alloc(arena, sizeof *any);
    uint8_t *bytes = arena_alloc(arena, size_bytes);
    char *url = arena_printf(arena, TYPE_URL_PREFIX "%s", detail->descriptor->name);
    if (any == NULL || bytes == NULL || url == NULL)
        return false;
    google__protobuf__any__init(any);
    any->type_url = url;
    any->value.data = bytes;
    any->value.len = protobuf_c_message_pack(detail, bytes);
    status->details[status->n_details++] = any;
    return true;
}

static bool add_error_info(Google__Rpc__Status *status, const struct cpts_error *err,
                           struct arena *arena)
{
    Google__Rpc__ErrorInfo__MetadataEntry entry = GOOGLE__RPC__ERROR_INFO__METADATA_ENTRY__INIT;
    Google__Rpc__ErrorInfo__MetadataEntry *entries[] = {&entry};
    entry.key = (char *)DETAIL_KEY;
    entry.value = (char *)err->detail;
    Google__Rpc__ErrorInfo info = GOOGLE__RPC__ERROR_INFO__INIT;
    info.reason = (char *)err->reason;
    info.domain = (char *)DOMAIN;
    info.n_metadata = err->detail[0] == '\0' ? 0 : 1;
    info.metadata = entries;
    return add_detail(status, &info.base, arena);
}

static bool add_bad_request(Google__Rpc__Status *status, const struct cpts_error *err,
                            struct arena *arena)
{
    if (err->field[0] == '\0')
        return true;
    Google__Rpc__BadRequest__FieldViolation violation =
        GOOGLE__RPC__BAD_REQUEST__FIELD_VIOLATION__INIT;
    Google__Rpc__BadRequest__FieldViolation *violations[] = {&violation};
    violation.field = (char *)err->field;
    violation.description = (char *)err->message;
    Google__Rpc__BadRequest bad_request = GOOGLE__RPC__BAD_REQUEST__INIT;
    bad_request.n_field_violations = 1;
    bad_request.field_violations = violations;
    return add_detail(status, &bad_request.base, arena);
}

static bool add_retry_info(Google__Rpc__Status *status, const struct cpts_error *err,
                           struct arena *arena)
{
    if (err->retry_after_ms <= 0)
        return true;
    Google__Protobuf__Duration delay = GOOGLE__PROTOBUF__DURATION__INIT;
    delay.seconds = err->retry_after_ms / 1000;
    delay.nanos = err->retry_after_ms % 1000 * 1000000;
    Google__Rpc__RetryInfo retry = GOOGLE__RPC__RETRY_INFO__INIT;
    retry.retry_delay = &delay;
    return add_detail(status, &retry.base, arena);
}

uint8_t *error_pack(const struct cpts_error *err, struct arena *arena, size_t *ret_bytes)
{
    Google__Protobuf__Any *details[DETAILS_MAX];
    Google__Rpc__Status status = GOOGLE__RPC__STATUS__INIT;
    status.code = (int32_t)err->status;
    status.message = (char *)err->message;
    status.details = details;
    if (!add_error_info(&status, err, arena) || !add_bad_request(&status, err, arena) ||
        !add_retry_info(&status, err, arena))
        return NULL;
    uint8_t *bytes = arena_alloc(arena, google__rpc__status__get_packed_size(&status));
    if (bytes != NULL)
        *ret_bytes = google__rpc__status__pack(&status, bytes);
    return bytes;
}

/* The detail as a message of its type, NULL when it is another or malformed. */
static void *open_detail(const Google__Protobuf__Any *any, const ProtobufCMessageDescriptor *type,
                         struct arena *arena)
{
    size_t prefix = strlen(TYPE_URL_PREFIX);
    if (strncmp(any->type_url, TYPE_URL_PREFIX, prefix) != 0 ||
        strcmp(any->type_url + prefix, type->name) != 0)
        return NULL;
    ProtobufCMessage *message = NULL;
    if (wire_unpack(type, any->value.data, any->value.len, arena, &message, NULL) != CPTS_OK)
        return NULL;
    return message;
}

static void read_error_info(struct cpts_error *err, const Google__Rpc__ErrorInfo *info)
{
    set_text(err->reason, sizeof err->reason, info->reason);
    for (size_t i = 0; i < info->n_metadata; i++) {
        if (strcmp(info->metadata[i]->key, DETAIL_KEY) == 0)
            set_text(err->detail, sizeof err->detail, info->metadata[i]->value);
    }
    enum reason reason = reason_find(info->reason);
    if (reason != REASON_COUNT && strcmp(info->domain, DOMAIN) == 0)
        err->retryable = reason_retryable(reason);
}

static void read_retry_info(struct cpts_error *err, const Google__Rpc__RetryInfo *retry)
{
    const Google__Protobuf__Duration *delay = retry->retry_delay;
    if (delay == NULL || delay->seconds < 0 || delay->nanos < 0 || delay->nanos > 999999999)
        return;
    int64_t seconds = delay->seconds < INT32_MAX / 1000 ? delay->seconds : INT32_MAX / 1000 - 1;
    err->retry_after_ms = (int32_t)(seconds * 1000 + delay->nanos / 1000000);
}

static void read_detail(struct cpts_error *err, const Google__Protobuf__Any *any,
                        struct arena *arena)
{
    const Google__Rpc__ErrorInfo *info =
        open_detail(any, &google__rpc__error_info__descriptor, arena);
    if (info != NULL)
        read_error_info(err, info);
    const Google__Rpc__BadRequest *bad_request =
        open_detail(any, &google__rpc__bad_request__descriptor, arena);
    if (bad_request != NULL && bad_request->n_field_violations > 0)
        set_text(err->field, sizeof err->field, bad_request->field_violations[0]->field);
    const Google__Rpc__RetryInfo *retry =
        open_detail(any, &google__rpc__retry_info__descriptor, arena);
    if (retry != NULL)
        read_retry_info(err, retry);
}

void error_unpack(struct cpts_error *err, cpts_status status, const char *message,
                  const uint8_t *details, size_t details_bytes)
{
    error_clear(err);
    if (err == NULL)
        return;
    err->status = status;
    err->retryable = status == CPTS_UNAVAILABLE;
    set_text(err->message, sizeof err->message, message == NULL ? "" : message);
    struct arena *arena = arena_new(UNPACK_ARENA_BYTES);
    ProtobufCMessage *unpacked = NULL;
    if (arena != NULL && wire_unpack(&google__rpc__status__descriptor, details, details_bytes,
                                     arena, &unpacked, NULL) == CPTS_OK) {
        const Google__Rpc__Status *packed = (const Google__Rpc__Status *)unpacked;
        if (err->message[0] == '\0')
            set_text(err->message, sizeof err->message, packed->message);
        for (size_t i = 0; i < packed->n_details; i++)
            read_detail(err, packed->details[i], arena);
    }
    arena_free(arena);
}
