/* SPDX-License-Identifier: Apache-2.0 */
/* Alarms of the federation: listed, taken down. */
#include <cpts/federation_desk.h>
#include <cpts/v1/federation_desk.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static struct cpts_federation_alarm alarm_of(const Cpts__V1__FederationAlarm *from)
{
    return (struct cpts_federation_alarm){
        .id = from->id,
        .node = from->node,
        .alarm = from->alarm,
        .aggregate_id = from->aggregate_id,
        .detail = from->detail,
        .count = from->count,
        .first_at_us = cpts_convert__instant_us(from->first_at),
        .last_at_us = cpts_convert__instant_us(from->last_at),
        .cleared_at_us = cpts_convert__instant_us(from->cleared_at),
        .cleared_by = from->cleared_by,
    };
}

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListFederationAlarmsResponse *from =
        (const Cpts__V1__ListFederationAlarmsResponse *)answer->message;
    struct cpts_federation_alarm *own =
        arena_alloc(answer->arena, (from->n_alarms + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_alarms; i++)
        own[i] = alarm_of(from->alarms[i]);
    *(struct cpts_federation_alarms *)answer->result =
        (struct cpts_federation_alarms){.alarms = own,
                                        .alarm_count = from->n_alarms,
                                        .next_before_id = from->next_before_id,
                                        .message = from};
    return CPTS_OK;
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_federation_alarms_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_alarms_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_alarms_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListFederationAlarmsRequest request = CPTS__V1__LIST_FEDERATION_ALARMS_REQUEST__INIT;
    request.page_size = own.page_size;
    request.before_id = own.before_id;
    request.node = cpts_convert__text(own.node);
    request.with_cleared = own.with_cleared;
    struct exchange exchange = {.operation = OPERATION_ALARM_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_federation_alarms_response__descriptor,
                                .result_bytes = sizeof(struct cpts_federation_alarms),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_alarm_list(cpts_client *client, const struct cpts_alarms_query *query,
                            int32_t timeout_ms, struct cpts_federation_alarms **ret_alarms,
                            struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_alarms = result;
    return status;
}

cpts_status cpts_alarm_list_start(cpts_client *client, const struct cpts_alarms_query *query,
                                  const struct cpts_async *async,
                                  cpts_federation_alarms_callback *callback, uint64_t *ret_call,
                                  struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, query, &launch, err);
}

static cpts_status take_cleared(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    *(struct cpts_parked_answer *)answer->result =
        (struct cpts_parked_answer){.node = "", .message = answer->message};
    return CPTS_OK;
}

static void deliver_cleared(const struct completion *completion)
{
    ((cpts_parked_answer_callback *)completion->callback)(completion->status, completion->result,
                                                          &completion->err, completion->data);
}

static cpts_status clear(cpts_client *client, int64_t alarm_id, const struct launch *launch,
                         struct cpts_error *err)
{
    error_clear(err);
    Cpts__V1__ClearFederationAlarmRequest request = CPTS__V1__CLEAR_FEDERATION_ALARM_REQUEST__INIT;
    request.alarm_id = alarm_id;
    struct exchange exchange = {.operation = OPERATION_ALARM_CLEAR,
                                .request = &request.base,
                                .response = &cpts__v1__clear_federation_alarm_response__descriptor,
                                .result_bytes = sizeof(struct cpts_parked_answer),
                                .take = take_cleared};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_alarm_clear(cpts_client *client, int64_t alarm_id, int32_t timeout_ms,
                             struct cpts_parked_answer **ret_answer, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = clear(client, alarm_id, &launch, err);
    if (status == CPTS_OK)
        *ret_answer = result;
    return status;
}

cpts_status cpts_alarm_clear_start(cpts_client *client, int64_t alarm_id,
                                   const struct cpts_async *async,
                                   cpts_parked_answer_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_cleared, ret_call);
    return clear(client, alarm_id, &launch, err);
}

char *cpts_federation_alarms_json(const struct cpts_federation_alarms *alarms, int indent_spaces)
{
    return cpts_convert__json(alarms->message, indent_spaces);
}

void cpts_federation_alarms_free(struct cpts_federation_alarms *alarms)
{
    cpts_exchange__release(alarms);
}
