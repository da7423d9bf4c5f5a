/* SPDX-License-Identifier: Apache-2.0 */
/* What a command of a referral answers: referral_answer() of referral_parts.h. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "handler/outcome.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Behind the five columns of every command. */
enum answer_column { OUTCOME, VERSION = 2, STATUS = 5, STATE, OVERDUE, PARTY, DISPUTED, PARKED_ID };

/* What the caller may do next. @return how many. */
static size_t list_allowed(const struct rows *rows,
                           enum referral_event ret_events[REFERRAL_EVENT_COUNT])
{
    enum party party = (enum party)rows_int(rows, 0, PARTY);
    int state = assignment_state_find(rows_text(rows, 0, STATE));
    int overdue = (int)rows_int(rows, 0, OVERDUE);
    if (state == 0)
        return referral_step_allowed_whole(party, referral_status_find(rows_text(rows, 0, STATUS)),
                                           overdue, ret_events);
    enum referral_event all[REFERRAL_EVENT_COUNT];
    size_t count = referral_step_allowed(party, state, overdue, all);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i] != REFERRAL_DISPUTE || !rows_bool(rows, 0, DISPUTED))
            ret_events[kept++] = all[i];
    }
    return kept;
}

/* `STATE VERSION act,act [PARKED_ID]`; `-` in place of no act. */
static void tell_state(const struct rows *rows, char *ret_detail, size_t detail_bytes)
{
    enum referral_event events[REFERRAL_EVENT_COUNT];
    size_t count = list_allowed(rows, events);
    const char *state = rows_text(rows, 0, STATE);
    int length = snprintf(ret_detail, detail_bytes, "%s %lld ",
                          state[0] == '\0' ? rows_text(rows, 0, STATUS) : state,
                          (long long)rows_int(rows, 0, VERSION));
    size_t at = length < 0 ? 0 : (size_t)length;
    for (size_t i = 0; i < count && at < detail_bytes; i++)
        at += (size_t)snprintf(ret_detail + at, detail_bytes - at, "%s%s", i == 0 ? "" : ",",
                               referral_event_code((int)events[i]));
    if (count == 0 && at < detail_bytes)
        at += (size_t)snprintf(ret_detail + at, detail_bytes - at, "-");
    if (!rows_is_null(rows, 0, PARKED_ID) && at < detail_bytes)
        snprintf(ret_detail + at, detail_bytes - at, " %s", rows_text(rows, 0, PARKED_ID));
}

static cpts_status refuse_by_state(const struct rows *rows, enum reason reason,
                                   struct cpts_error *err)
{
    char detail[CPTS_MESSAGE_BYTES];
    const char *state = rows_text(rows, 0, STATE);
    const char *found = state[0] == '\0' ? rows_text(rows, 0, STATUS) : state;
    tell_state(rows, detail, sizeof detail);
    cpts_status status =
        reason == REASON_STALE_VERSION
            ? error_set_field(err, reason, "expected_version",
                              "it is %s at version %lld now: read it again, then decide again",
                              found, (long long)rows_int(rows, 0, VERSION))
            : error_set(err, reason, "it is %s: that step is not legal now", found);
    if (err != NULL)
        snprintf(err->detail, sizeof err->detail, "%s", detail);
    return status;
}

static const void *field_of(ProtobufCMessage *message, const char *name,
                            const ProtobufCFieldDescriptor **ret_field)
{
    *ret_field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
    return *ret_field == NULL ? NULL : (char *)message + (*ret_field)->offset;
}

/* Sets status, state and allowed_events, which every response has. */
static cpts_status fill(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    ProtobufCMessage *message = call->response;
    const ProtobufCFieldDescriptor *field = NULL;
    int status = referral_status_find(rows_text(rows, 0, STATUS));
    int state = assignment_state_find(rows_text(rows, 0, STATE));
    memcpy((void *)field_of(message, "status", &field), &status, sizeof status);
    memcpy((void *)field_of(message, "state", &field), &state, sizeof state);
    enum referral_event *events = arena_alloc(call->arena, REFERRAL_EVENT_COUNT * sizeof *events);
    if (events == NULL)
        return request_no_memory(err);
    size_t count = list_allowed(rows, events);
    memcpy((void *)field_of(message, "allowed_events", &field), &events, sizeof events);
    memcpy((char *)message + field->quantifier_offset, &count, sizeof count);
    return CPTS_OK;
}

/* Fields of a referral's request for reasons that other commands share. */
static const struct {
    enum reason reason;
    const char *field;
} FIELDS[] = {
    {REASON_CPTS_NOT_FOUND, "header.origin_id"},
    {REASON_CPTS_ENDED, "header.origin_id"},
    {REASON_UNKNOWN_PROFESSION, "header.profession"},
};

static void name_field(struct cpts_error *err)
{
    for (size_t i = 0; err != NULL && i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        if (strcmp(err->reason, reason_name(FIELDS[i].reason)) == 0)
            snprintf(err->field, sizeof err->field, "%s", FIELDS[i].field);
    }
}

cpts_status referral_answer(struct call *call, const struct rows *rows,
                            const ProtobufCMessageDescriptor *type, struct cpts_error *err)
{
    if (rows_count(rows) == 1) {
        enum reason reason = reason_find(rows_text(rows, 0, OUTCOME));
        if (reason == REASON_STALE_VERSION || reason == REASON_ILLEGAL_REFERRAL_ACT)
            return refuse_by_state(rows, reason, err);
    }
    cpts_status status = outcome_answer(call, rows, type, err);
    if (status == CPTS_OK)
        return fill(call, rows, err);
    name_field(err);
    return status;
}
