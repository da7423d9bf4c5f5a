/* SPDX-License-Identifier: Apache-2.0 */
/* ListParkedActs, ResolveParkedAct and ListReferralReasons. */
#include <string.h>

#include "base/call.h"
#include "handler/actor.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/referral_parts.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"

/* Columns of parked_act_list.sql. */
enum column {
    PARKED_ID,
    COMMAND_ID,
    REFERRAL_ID,
    ASSIGNMENT_ID,
    EVENT,
    REFUSAL,
    EXPECTED_VERSION,
    FOUND_VERSION,
    FOUND_STATE,
    FOUND_STATUS,
    REASON,
    PARKED_AT,
    ACTOR,
    RESOLUTION,
    RESOLVED_AT,
};

/* Columns of parked_act_resolve.sql and of referral_reason_list.sql. */
enum resolve_column { RESOLVE_OUTCOME, RESOLVE_ID };
enum reason_column {
    REASON_EVENT,
    REASON_CODE,
    REASON_LABEL,
    REASON_SOURCE,
    REASON_CONFIDENCE,
    REASON_FIXED
};

/* Numbers of cpts.v1.ParkedResolution. */
static const char *const RESOLUTIONS[] = {"", "DISCARDED", "REDONE"};

#define RESOLUTION_COUNT (sizeof RESOLUTIONS / sizeof RESOLUTIONS[0])

cpts_status parked_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListParkedActsRequest *request = message;
    struct listing *listing = NULL;
    call->query = query_new(call->arena, STATEMENT_PARKED_ACT_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &LISTING_PRESENT, &request->base, "", &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    actor_bind(call, request->actor);
    query_bool(call->query, request->with_resolved);
    listing_bind(call, listing);
    return CPTS_OK;
}

/* The actor as it was packed, from a cell in hexadecimal; NULL when the arena is full. */
static Cpts__V1__Actor *read_actor(struct call *call, const char *text)
{
    size_t byte_count = strlen(text) / 2;
    uint8_t *bytes = arena_alloc(call->arena, byte_count + 1);
    if (bytes == NULL || !hexadecimal_read(text, bytes, byte_count))
        return NULL;
    return cpts__v1__actor__unpack(arena_allocator(call->arena), byte_count, bytes);
}

static int find_resolution(const char *code)
{
    for (size_t number = 1; number < RESOLUTION_COUNT; number++) {
        if (strcmp(RESOLUTIONS[number], code) == 0)
            return (int)number;
    }
    return 0;
}

static Cpts__V1__ParkedAct *read_act(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__ParkedAct *act = request_message(call, &cpts__v1__parked_act__descriptor);
    if (act == NULL)
        return NULL;
    act->id = (char *)rows_text(rows, row, PARKED_ID);
    act->command_id = (char *)rows_text(rows, row, COMMAND_ID);
    act->referral_id = (char *)rows_text(rows, row, REFERRAL_ID);
    act->assignment_id = (char *)rows_text(rows, row, ASSIGNMENT_ID);
    act->event = (Cpts__V1__ReferralEvent)referral_event_find(rows_text(rows, row, EVENT));
    act->refusal = (char *)rows_text(rows, row, REFUSAL);
    act->expected_version = (int32_t)rows_int(rows, row, EXPECTED_VERSION);
    act->found_version = (int32_t)rows_int(rows, row, FOUND_VERSION);
    act->found_state =
        (Cpts__V1__AssignmentState)assignment_state_find(rows_text(rows, row, FOUND_STATE));
    act->found_status =
        (Cpts__V1__ReferralStatus)referral_status_find(rows_text(rows, row, FOUND_STATUS));
    act->reason = (char *)rows_text(rows, row, REASON);
    act->parked_at = request_timestamp(call, rows_time_us(rows, row, PARKED_AT));
    act->actor = read_actor(call, rows_text(rows, row, ACTOR));
    act->resolution = (Cpts__V1__ParkedResolution)find_resolution(rows_text(rows, row, RESOLUTION));
    if (!rows_is_null(rows, row, RESOLVED_AT))
        act->resolved_at = request_timestamp(call, rows_time_us(rows, row, RESOLVED_AT));
    return act->actor == NULL || act->parked_at == NULL ? NULL : act;
}

cpts_status parked_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListParkedActsResponse *response =
        request_message(call, &cpts__v1__list_parked_acts_response__descriptor);
    Cpts__V1__ParkedAct **acts =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__ParkedAct *));
    if (response == NULL || acts == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        acts[row] = read_act(call, rows, row);
        if (acts[row] == NULL)
            return request_no_memory(err);
    }
    response->acts = acts;
    response->n_acts = (size_t)count;
    call->response = &response->base;
    return listing_next(call, listing, rows_count(rows), count == 0 ? NULL : acts[count - 1]->id,
                        &response->next_page_token, err);
}

cpts_status parked_resolve_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ResolveParkedActRequest *request = message;
    uint8_t command_id[16], id[16];
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->command_id, "command_id", command_id, err);
    if (status == CPTS_OK)
        status = request_uuid(request->id, "id", id, err);
    size_t resolution = (size_t)request->resolution;
    if (status == CPTS_OK && (resolution == 0 || resolution >= RESOLUTION_COUNT))
        status = error_set_field(err, REASON_FIELD_REQUIRED, "resolution", "what became of it?");
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_PARKED_ACT_RESOLVE);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, call->principal.uri);
    query_uuid(call->query, command_id);
    query_uuid(call->query, id);
    query_text(call->query, RESOLUTIONS[resolution]);
    actor_bind(call, request->actor);
    return CPTS_OK;
}

cpts_status parked_resolve_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    const char *outcome = rows_count(rows) == 0 ? "" : rows_text(rows, 0, RESOLVE_OUTCOME);
    bool is_replayed = strcmp(outcome, "REPLAYED") == 0;
    if (!is_replayed && strcmp(outcome, "OK") != 0)
        return outcome_refuse(outcome, "", err);
    Cpts__V1__ResolveParkedActResponse *response =
        request_message(call, &cpts__v1__resolve_parked_act_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->id = (char *)rows_text(rows, 0, RESOLVE_ID);
    response->replayed = is_replayed;
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status referral_reasons_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListReferralReasonsRequest *request = message;
    const char *event = referral_event_code((int)request->event);
    if (request->event != CPTS__V1__REFERRAL_EVENT__REFERRAL_EVENT_UNSPECIFIED && event[0] == '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "event", "there is no such step");
    call->query = query_new(call->arena, STATEMENT_REFERRAL_REASON_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, event);
    return CPTS_OK;
}

cpts_status referral_reasons_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    int count = rows_count(rows);
    Cpts__V1__ListReferralReasonsResponse *response =
        request_message(call, &cpts__v1__list_referral_reasons_response__descriptor);
    Cpts__V1__ReferralReason **reasons =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__ReferralReason *));
    if (response == NULL || reasons == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        Cpts__V1__ReferralReason *reason =
            request_message(call, &cpts__v1__referral_reason__descriptor);
        if (reason == NULL)
            return request_no_memory(err);
        reason->event =
            (Cpts__V1__ReferralEvent)referral_event_find(rows_text(rows, row, REASON_EVENT));
        reason->code = (char *)rows_text(rows, row, REASON_CODE);
        reason->label = (char *)rows_text(rows, row, REASON_LABEL);
        reason->source = (char *)rows_text(rows, row, REASON_SOURCE);
        reason->confidence = (char *)rows_text(rows, row, REASON_CONFIDENCE);
        reason->fixed = rows_bool(rows, row, REASON_FIXED);
        reasons[row] = reason;
    }
    response->reasons = reasons;
    response->n_reasons = (size_t)count;
    call->response = &response->base;
    return CPTS_OK;
}
