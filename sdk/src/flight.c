/* SPDX-License-Identifier: Apache-2.0 */
#include "flight.h"

#include <stdlib.h>
#include <string.h>

#include "handle.h"
#include "ticks.h"

static _Thread_local const struct delivery *innermost;

struct flight *cpts_flight__new(cpts_client *client, const struct exchange *exchange,
                                const struct launch *launch, const struct cpts_async *async)
{
    /* The context stands right behind it. */
    struct flight *flight = calloc(1, sizeof *flight + exchange->context_bytes);
    if (flight == NULL)
        return NULL;
    flight->body = cpts_transport__pack(exchange->request);
    if (flight->body == NULL) {
        free(flight);
        return NULL;
    }
    flight->turn.flight = flight;
    flight->client = client;
    flight->exchange = *exchange;
    flight->exchange.request = NULL;
    if (exchange->context_bytes > 0)
        flight->exchange.context = memcpy(flight + 1, exchange->context, exchange->context_bytes);
    flight->begun_us = cpts_ticks__us();
    flight->completion.callback = launch->callback;
    flight->completion.data = async->data;
    flight->deliver = launch->deliver;
    flight->release = async->release;
    return flight;
}

void cpts_flight__free(struct flight *flight)
{
    if (flight == NULL)
        return;
    cpts_transport__body_free(flight->body);
    free(flight);
}

struct transport_call cpts_flight__call(const struct flight *flight)
{
    return (struct transport_call){
        .operation = flight->exchange.operation,
        .body = flight->body,
        .timeout_ms = cpts_course__left_ms(&flight->course, cpts_ticks__ms()),
    };
}

void cpts_flight__end(struct flight *flight, cpts_status status,
                      const struct transport_reply *reply)
{
    struct completion *completion = &flight->completion;
    if (flight->ticket.outbox != NULL)
        status = cpts_outbox__settle(&flight->ticket, status, NULL, &completion->err);
    if (status == CPTS_OK)
        status =
            cpts_exchange__take(&flight->exchange, reply, &completion->result, &completion->err);
    completion->status = status;
    cpts_statistics__call(&flight->client->statistics, flight->exchange.operation, status,
                          cpts_ticks__us() - flight->begun_us, flight->course.attempt_count);
}

void cpts_delivery__begin(struct delivery *delivery, const cpts_client *client)
{
    *delivery = (struct delivery){.client = client, .outer = innermost};
    innermost = delivery;
}

void cpts_delivery__end(const struct delivery *delivery)
{
    innermost = delivery->outer;
}

void cpts_flight__deliver(struct flight *flight)
{
    struct delivery delivery;
    cpts_delivery__begin(&delivery, flight->client);
    flight->deliver(&flight->completion);
    if (flight->release != NULL)
        flight->release(flight->completion.data);
    cpts_delivery__end(&delivery);
    cpts_flight__free(flight);
}

bool cpts_delivery__is_inside(const cpts_client *client)
{
    for (const struct delivery *one = innermost; one != NULL; one = one->outer) {
        if (one->client == client)
            return true;
    }
    return false;
}
