/* SPDX-License-Identifier: Apache-2.0 */
/* Parked aggregates: listed, asked for again, set aside. */
#include <cpts/federation_desk.h>
#include <cpts/v1/federation_desk.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static struct cpts_parked_aggregate parked_of(const Cpts__V1__ParkedAggregate *from)
{
    return (struct cpts_parked_aggregate){
        .id = from->id,
        .node = from->node,
        .aggregate_kind = from->aggregate_kind,
        .aggregate_id = from->aggregate_id,
        .reason = from->reason,
        .detail = from->detail,
        .version_told = from->version_told,
        .epoch_told = from->epoch_told,
        .owner_told = from->owner_told,
        .version_here = from->version_here,
        .epoch_here = from->epoch_here,
        .owner_here = from->owner_here,
        .lead_region = from->lead_region,
        .count = from->count,
        .parked_at_us = cpts_convert__instant_us(from->parked_at),
        .last_at_us = cpts_convert__instant_us(from->last_at),
        .retry_wanted = from->retry_wanted,
        .rejected_at_us = cpts_convert__instant_us(from->rejected_at),
        .rejected_by = from->rejected_by,
        .rejected_reason = from->rejected_reason,
        .told = from->told,
    };
}

static cpts_status take_list(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListParkedAggregatesResponse *from =
        (const Cpts__V1__ListParkedAggregatesResponse *)answer->message;
    struct cpts_parked_aggregate *own =
        arena_alloc(answer->arena, (from->n_aggregates + 1) * sizeof *own);
    if (own == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_aggregates; i++)
        own[i] = parked_of(from->aggregates[i]);
    *(struct cpts_parked_aggregates *)answer->result =
        (struct cpts_parked_aggregates){.aggregates = own,
                                        .aggregate_count = from->n_aggregates,
                                        .next_page_token = from->next_page_token,
                                        .message = from};
    return CPTS_OK;
}

static void deliver_list(const struct completion *completion)
{
    ((cpts_parked_aggregates_callback *)completion->callback)(
        completion->status, completion->result, &completion->err, completion->data);
}

static cpts_status list(cpts_client *client, const struct cpts_parked_aggregates_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_parked_aggregates_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListParkedAggregatesRequest request = CPTS__V1__LIST_PARKED_AGGREGATES_REQUEST__INIT;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.node = cpts_convert__text(own.node);
    request.with_rejected = own.with_rejected;
    struct exchange exchange = {.operation = OPERATION_PARKED_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_parked_aggregates_response__descriptor,
                                .result_bytes = sizeof(struct cpts_parked_aggregates),
                                .take = take_list};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_parked_aggregate_list(cpts_client *client,
                                       const struct cpts_parked_aggregates_query *query,
                                       int32_t timeout_ms,
                                       struct cpts_parked_aggregates **ret_aggregates,
                                       struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_aggregates = result;
    return status;
}

cpts_status cpts_parked_aggregate_list_start(cpts_client *client,
                                             const struct cpts_parked_aggregates_query *query,
                                             const struct cpts_async *async,
                                             cpts_parked_aggregates_callback *callback,
                                             uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_list, ret_call);
    return list(client, query, &launch, err);
}

static cpts_status take_retried(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__RetryParkedAggregateResponse *from =
        (const Cpts__V1__RetryParkedAggregateResponse *)answer->message;
    *(struct cpts_parked_answer *)answer->result = (struct cpts_parked_answer){
        .aggregate_count = from->aggregate_count, .node = "", .message = from};
    return CPTS_OK;
}

static cpts_status take_rejected(const struct answer *answer, struct cpts_error *err)
{
    (void)err;
    const Cpts__V1__RejectParkedAggregateResponse *from =
        (const Cpts__V1__RejectParkedAggregateResponse *)answer->message;
    *(struct cpts_parked_answer *)answer->result =
        (struct cpts_parked_answer){.node = from->node, .message = from};
    return CPTS_OK;
}

static void deliver_answer(const struct completion *completion)
{
    ((cpts_parked_answer_callback *)completion->callback)(completion->status, completion->result,
                                                          &completion->err, completion->data);
}

static cpts_status retry(cpts_client *client, const struct cpts_parked_retry *wanted,
                         const struct launch *launch, struct cpts_error *err)
{
    struct cpts_parked_retry own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, wanted, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RetryParkedAggregateRequest request = CPTS__V1__RETRY_PARKED_AGGREGATE_REQUEST__INIT;
    request.parked_id = cpts_convert__text(own.parked_id);
    request.node = cpts_convert__text(own.node);
    struct exchange exchange = {.operation = OPERATION_PARKED_RETRY,
                                .request = &request.base,
                                .response = &cpts__v1__retry_parked_aggregate_response__descriptor,
                                .result_bytes = sizeof(struct cpts_parked_answer),
                                .take = take_retried};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_parked_aggregate_retry(cpts_client *client, const struct cpts_parked_retry *wanted,
                                        int32_t timeout_ms, struct cpts_parked_answer **ret_answer,
                                        struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = retry(client, wanted, &launch, err);
    if (status == CPTS_OK)
        *ret_answer = result;
    return status;
}

cpts_status cpts_parked_aggregate_retry_start(cpts_client *client,
                                              const struct cpts_parked_retry *wanted,
                                              const struct cpts_async *async,
                                              cpts_parked_answer_callback *callback,
                                              uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_answer, ret_call);
    return retry(client, wanted, &launch, err);
}

static cpts_status reject(cpts_client *client, const struct cpts_parked_rejection *rejection,
                          const struct launch *launch, struct cpts_error *err)
{
    struct cpts_parked_rejection own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, rejection, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__RejectParkedAggregateRequest request =
        CPTS__V1__REJECT_PARKED_AGGREGATE_REQUEST__INIT;
    request.parked_id = cpts_convert__text(own.parked_id);
    request.reason = cpts_convert__text(own.reason);
    struct exchange exchange = {.operation = OPERATION_PARKED_REJECT,
                                .request = &request.base,
                                .response = &cpts__v1__reject_parked_aggregate_response__descriptor,
                                .result_bytes = sizeof(struct cpts_parked_answer),
                                .take = take_rejected};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_parked_aggregate_reject(cpts_client *client,
                                         const struct cpts_parked_rejection *rejection,
                                         int32_t timeout_ms, struct cpts_parked_answer **ret_answer,
                                         struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = reject(client, rejection, &launch, err);
    if (status == CPTS_OK)
        *ret_answer = result;
    return status;
}

cpts_status cpts_parked_aggregate_reject_start(cpts_client *client,
                                               const struct cpts_parked_rejection *rejection,
                                               const struct cpts_async *async,
                                               cpts_parked_answer_callback *callback,
                                               uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_answer, ret_call);
    return reject(client, rejection, &launch, err);
}

char *cpts_parked_aggregates_json(const struct cpts_parked_aggregates *aggregates,
                                  int indent_spaces)
{
    return cpts_convert__json(aggregates->message, indent_spaces);
}

void cpts_parked_aggregates_free(struct cpts_parked_aggregates *aggregates)
{
    cpts_exchange__release(aggregates);
}

void cpts_parked_answer_free(struct cpts_parked_answer *answer)
{
    cpts_exchange__release(answer);
}
