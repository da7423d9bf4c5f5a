/* SPDX-License-Identifier: Apache-2.0 */
#include "app/dispatch.h"

#include <protobuf-c/protobuf-c.h>

#include "base/call.h"
#include "base/method.h"
#include "federation/federation_face.h"
#include "handler/service.h"
#include "store/lane.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/unpack.h"

static struct lane *lane_of(const struct dispatcher *dispatcher, enum lane_kind kind)
{
    switch (kind) {
    case LANE_READ:
        return dispatcher->read_lane;
    case LANE_WRITE:
        return dispatcher->write_lane;
    case LANE_SLOW:
        return dispatcher->slow_lane;
    case LANE_TRACE:
        return dispatcher->trace_lane;
    case LANE_NONE:
        break;
    }
    return NULL;
}

/* What another node owns goes on to it. @return whether the call was taken over. */
static bool hand_on(struct call *call)
{
    struct federation *federation = call->service->federation;
    return federation != NULL && federation_forward(federation, call);
}

static void finish(struct call *call, cpts_status status, const struct rows *rows)
{
    if (status == CPTS_OK)
        status = call->method->finish(call, rows, &call->error);
    if (status == CPTS_OK || !hand_on(call))
        call->reply(call, status);
}

/* The first of two statements is over: its rows decide the second. */
static void go_on(struct call *call, cpts_status status, const struct rows *rows)
{
    call->query = NULL;
    call->done = finish;
    if (status == CPTS_OK)
        status = call->method->then(call, rows, &call->error);
    if (status == CPTS_OK)
        lane_submit(call->dispatcher->write_lane, call);
    else if (!hand_on(call))
        call->reply(call, status);
}

static cpts_status begin(struct call *call)
{
    const struct method *method = call->method;
    if ((call->principal.roles & method->roles) == 0)
        return error_set(&call->error, REASON_ROLE_NOT_ALLOWED,
                         "none of your roles may call this method");
    if (method->lane == LANE_WRITE && call->service->federation != NULL &&
        federation_is_read_only(call->service->federation))
        return error_set(&call->error, REASON_NODE_READ_ONLY,
                         "this node came back from an old backup; it takes commands again when "
                         "what was lost is back");
    ProtobufCMessage *request = NULL;
    cpts_status status = wire_unpack(method->request, call->request_bytes, call->request_byte_count,
                                     call->arena, &request, &call->error);
    if (status != CPTS_OK)
        return status;
    return method->begin(call, request, &call->error);
}

void dispatch_call(struct call *call, const struct dispatcher *dispatcher)
{
    call->service = dispatcher->service;
    call->dispatcher = dispatcher;
    call->done = call->method->then == NULL ? finish : go_on;
    cpts_status status = begin(call);
    struct lane *lane = lane_of(dispatcher, call->method->lane);
    if (status != CPTS_OK || lane == NULL)
        call->reply(call, status);
    else
        lane_submit(lane, call);
}
