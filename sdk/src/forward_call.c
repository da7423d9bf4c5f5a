/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/forward.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "handle.h"
#include "transport.h"
#include "wire/error.h"

#define HEADERS 3

static cpts_status check(const struct cpts_forward *forward, int32_t timeout_ms,
                         struct cpts_error *err)
{
    if (forward->method == NULL || forward->method[0] != '/' || forward->identity == NULL ||
        forward->roles == NULL || forward->scope == NULL)
        return error_set(err, REASON_ARGUMENT_INVALID, "a method and somebody are needed");
    if (timeout_ms < 0 || timeout_ms > CPTS_TIMEOUT_MAX_MS)
        return error_set_field(err, REASON_ARGUMENT_INVALID, "timeout_ms",
                               "the deadline is not in 0..%d ms", CPTS_TIMEOUT_MAX_MS);
    return CPTS_OK;
}

/* What the node itself said stays as it is; else what is known is whether it was sent. */
static cpts_status settle(cpts_status status, const struct transport_reply *reply,
                          struct cpts_error *err)
{
    if (status == CPTS_OK || reply->is_verdict)
        return status;
    if (reply->is_sent)
        return error_set(err, REASON_OUTCOME_UNKNOWN,
                         "the node above did not answer; repeat with the same command_id");
    return error_set(err, REASON_UPSTREAM_UNREACHABLE, "the node above cannot be reached");
}

static cpts_status call(cpts_client *client, const struct cpts_forward *forward, int32_t timeout_ms,
                        struct transport_reply *ret_reply, struct cpts_error *err)
{
    const struct transport_header headers[HEADERS] = {{CPTS_FORWARD_IDENTITY, forward->identity},
                                                      {CPTS_FORWARD_ROLES, forward->roles},
                                                      {CPTS_FORWARD_SCOPE, forward->scope}};
    struct transport_body *body = cpts_transport__body_of(forward->request);
    const struct transport_call transport_call = {
        .path = forward->method,
        .body = body,
        .timeout_ms = timeout_ms == 0 ? client->timeout_ms : timeout_ms,
        .headers = headers,
        .header_count = HEADERS,
    };
    if (body == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for a request");
    cpts_status status = cpts_transport__call(client->transport, &transport_call, ret_reply, err);
    cpts_transport__body_free(body);
    return settle(status, ret_reply, err);
}

cpts_status cpts_forward_call(cpts_client *client, const struct cpts_forward *forward,
                              int32_t timeout_ms, struct cpts_bytes *ret_response,
                              struct cpts_error *err)
{
    struct cpts_forward own;
    struct transport_reply reply = {0};
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, forward, err);
    if (status == CPTS_OK)
        status = check(&own, timeout_ms, err);
    if (status == CPTS_OK)
        status = call(client, &own, timeout_ms, &reply, err);
    if (status == CPTS_OK)
        *ret_response = (struct cpts_bytes){reply.bytes, reply.byte_count};
    else
        free(reply.bytes);
    return status;
}

void cpts_forward_free(struct cpts_bytes *response)
{
    free((uint8_t *)(uintptr_t)response->bytes);
    *response = (struct cpts_bytes){0};
}
