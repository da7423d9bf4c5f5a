/* SPDX-License-Identifier: Apache-2.0 */
/* GetNodeStatus. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/node.pb-c.h"
#include "federation/federation_face.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define US_PER_S 1000000

enum status_column {
    DATABASE_VERSION,
    DATABASE_TIME,
    REFERENCE_VERSION,
    VINTAGE,
    LOG_POSITION,
    NEXT_FIRE_AT
};

static const struct {
    enum lane_kind kind;
    const char *name;
} LANES[] = {
    {LANE_READ, "read"}, {LANE_WRITE, "write"}, {LANE_SLOW, "slow"}, {LANE_TRACE, "trace"}};

#define LANE_COUNT (sizeof LANES / sizeof LANES[0])

cpts_status node_status_begin(struct call *call, const void *request, struct cpts_error *err)
{
    (void)request;
    call->query = query_new(call->arena, STATEMENT_NODE_STATUS);
    return call->query == NULL ? request_no_memory(err) : CPTS_OK;
}

static Cpts__V1__LaneStatus *lane_status(struct call *call, const char *name,
                                         const struct lane_statistics *figures)
{
    Cpts__V1__LaneStatus *lane = request_message(call, &cpts__v1__lane_status__descriptor);
    if (lane == NULL)
        return NULL;
    lane->name = (char *)name;
    lane->connected = figures->connected;
    lane->queue_length = figures->queue_length;
    lane->calls_done = figures->calls_done;
    lane->calls_refused = figures->calls_refused;
    lane->calls_expired = figures->calls_expired;
    lane->batches = figures->batches;
    lane->batches_retried = figures->batches_retried;
    lane->outcomes_resolved = figures->outcomes_resolved;
    lane->outcomes_unknown = figures->outcomes_unknown;
    lane->reconnects = figures->reconnects;
    lane->stalls_ended = figures->stalls_ended;
    return lane;
}

static bool add_state(struct call *call, Cpts__V1__GetNodeStatusResponse *response)
{
    struct service_state state = {0};
    call->service->state(call->service, &state);
    response->time = request_timestamp(call, clock_realtime_us());
    response->started_at = request_timestamp(call, state.started_at_us);
    if (state.certificate_end_s != 0)
        response->certificate_not_after =
            request_timestamp(call, state.certificate_end_s * US_PER_S);
    response->lanes = arena_alloc(call->arena, LANE_COUNT * sizeof *response->lanes);
    if (response->time == NULL || response->started_at == NULL || response->lanes == NULL)
        return false;
    for (size_t i = 0; i < LANE_COUNT; i++) {
        response->lanes[i] = lane_status(call, LANES[i].name, &state.lanes[LANES[i].kind]);
        if (response->lanes[i] == NULL)
            return false;
    }
    response->n_lanes = LANE_COUNT;
    return true;
}

static bool add_clocks(struct call *call, const struct rows *rows,
                       Cpts__V1__GetNodeStatusResponse *response)
{
    struct service_state state = {0};
    call->service->state(call->service, &state);
    Cpts__V1__ReferralClockStatus *clocks =
        request_message(call, &cpts__v1__referral_clock_status__descriptor);
    if (clocks == NULL)
        return false;
    clocks->fired_count = state.referral_clocks.fired_count;
    clocks->last_lateness_us = state.referral_clocks.last_lateness_us;
    clocks->worst_lateness_us = state.referral_clocks.worst_lateness_us;
    if (!rows_is_null(rows, 0, NEXT_FIRE_AT)) {
        clocks->next_fire_at = request_timestamp(call, rows_time_us(rows, 0, NEXT_FIRE_AT));
        if (clocks->next_fire_at == NULL)
            return false;
    }
    response->referral_clocks = clocks;
    return true;
}

static bool add_upstream(struct call *call, Cpts__V1__GetNodeStatusResponse *response)
{
    static const char NATIONAL[] = "national";
    const struct service *service = call->service;
    struct session_figures session = {.is_connected = false};
    bool is_national = strcmp(service->node, NATIONAL) == 0;
    response->role = (char *)(uintptr_t)(is_national ? NATIONAL : "regional");
    response->read_only =
        service->federation != NULL && federation_is_read_only(service->federation);
    if (is_national || service->session == NULL)
        return true;
    service->session(service, NATIONAL, &session);
    Cpts__V1__UpstreamStatus *upstream =
        request_message(call, &cpts__v1__upstream_status__descriptor);
    if (upstream == NULL)
        return false;
    response->upstream = upstream;
    upstream->connected = session.is_connected;
    upstream->session_count = session.session_count;
    upstream->last_reason = arena_printf(call->arena, "%s", session.failed_reason);
    if (session.sent_success_us != 0)
        upstream->last_success_at = request_timestamp(call, session.sent_success_us);
    return upstream->last_reason != NULL &&
           (session.sent_success_us == 0 || upstream->last_success_at != NULL);
}

static bool add_key(struct call *call, Cpts__V1__GetNodeStatusResponse *response)
{
    struct federation_identity self;
    if (call->service->federation == NULL)
        return true;
    federation_identify(call->service->federation, &self);
    return request_copy(call, self.checkpoint_key, self.has_key ? sizeof self.checkpoint_key : 0,
                        &response->checkpoint_key);
}

static bool add_caller(struct call *call, Cpts__V1__GetNodeStatusResponse *response)
{
    response->identity = call->principal.uri;
    response->scope = call->principal.scope;
    response->roles = arena_alloc(call->arena, 32 * sizeof *response->roles);
    if (response->roles == NULL)
        return false;
    for (uint32_t role = 1; role != 0; role <<= 1) {
        if ((call->principal.roles & role) != 0 && role_name(role) != NULL)
            response->roles[response->n_roles++] = (char *)role_name(role);
    }
    return true;
}

cpts_status node_status_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    Cpts__V1__GetNodeStatusResponse *response =
        request_message(call, &cpts__v1__get_node_status_response__descriptor);
    if (response == NULL || !add_state(call, response) || !add_caller(call, response) ||
        !add_clocks(call, rows, response) || !add_upstream(call, response) ||
        !add_key(call, response))
        return request_no_memory(err);
    response->node = (char *)call->service->node;
    response->version = (char *)call->service->version;
    response->database_version = (char *)rows_text(rows, 0, DATABASE_VERSION);
    response->database_time = request_timestamp(call, rows_time_us(rows, 0, DATABASE_TIME));
    response->reference_version = (int32_t)rows_int(rows, 0, REFERENCE_VERSION);
    response->population_vintage = (int32_t)rows_int(rows, 0, VINTAGE);
    response->log_position = rows_int(rows, 0, LOG_POSITION);
    if (response->database_time == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return CPTS_OK;
}
