/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/referral_desk.h>

#include "convert.h"
#include "exchange.h"
#include "referral_convert.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

const char *cpts_parked_resolution_name(enum cpts_parked_resolution resolution)
{
    return resolution == CPTS_PARKED_DISCARDED ? "DISCARDED"
           : resolution == CPTS_PARKED_REDONE  ? "REDONE"
                                               : "";
}

static struct cpts_parked_act act_of(const Cpts__V1__ParkedAct *from)
{
    return (struct cpts_parked_act){.id = from->id,
                                    .command_id = from->command_id,
                                    .referral_id = from->referral_id,
                                    .assignment_id = from->assignment_id,
                                    .event = (enum cpts_referral_event)from->event,
                                    .refusal = from->refusal,
                                    .expected_version = from->expected_version,
                                    .found_version = from->found_version,
                                    .found_state = (enum cpts_assignment_state)from->found_state,
                                    .found_status = (enum cpts_referral_status)from->found_status,
                                    .reason = from->reason,
                                    .parked_at_us = cpts_convert__instant_us(from->parked_at),
                                    .resolution = (enum cpts_parked_resolution)from->resolution,
                                    .resolved_at_us = cpts_convert__instant_us(from->resolved_at)};
}

static cpts_status take_parked(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListParkedActsResponse *from =
        (const Cpts__V1__ListParkedActsResponse *)answer->message;
    struct cpts_parked *own = answer->result;
    struct cpts_parked_act *acts = arena_alloc(answer->arena, (from->n_acts + 1) * sizeof *acts);
    if (acts == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_acts; i++)
        acts[i] = act_of(from->acts[i]);
    *own = (struct cpts_parked){.acts = acts,
                                .act_count = from->n_acts,
                                .next_page_token = from->next_page_token,
                                .message = from};
    return CPTS_OK;
}

static void deliver_parked(const struct completion *completion)
{
    ((cpts_parked_callback *)completion->callback)(completion->status, completion->result,
                                                   &completion->err, completion->data);
}

static cpts_status make_parked(cpts_client *client, const struct cpts_parked_query *query,
                               const struct launch *launch, struct cpts_error *err)
{
    struct cpts_parked_query own;
    Cpts__V1__Actor actor;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListParkedActsRequest request = CPTS__V1__LIST_PARKED_ACTS_REQUEST__INIT;
    request.with_resolved = own.with_resolved;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.actor = &actor;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_PARKED,
                                .request = &request.base,
                                .response = &cpts__v1__list_parked_acts_response__descriptor,
                                .result_bytes = sizeof(struct cpts_parked),
                                .take = take_parked};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_parked_list(cpts_client *client, const struct cpts_parked_query *query,
                             int32_t timeout_ms, struct cpts_parked **ret_parked,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_parked(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_parked = result;
    return status;
}

cpts_status cpts_parked_list_start(cpts_client *client, const struct cpts_parked_query *query,
                                   const struct cpts_async *async, cpts_parked_callback *callback,
                                   uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_parked, ret_call);
    return make_parked(client, query, &launch, err);
}

static cpts_status take_reasons(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListReferralReasonsResponse *from =
        (const Cpts__V1__ListReferralReasonsResponse *)answer->message;
    struct cpts_referral_reasons *own = answer->result;
    struct cpts_referral_reason *reasons =
        arena_alloc(answer->arena, (from->n_reasons + 1) * sizeof *reasons);
    if (reasons == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_reasons; i++)
        reasons[i] = (struct cpts_referral_reason){
            .event = (enum cpts_referral_event)from->reasons[i]->event,
            .code = from->reasons[i]->code,
            .label = from->reasons[i]->label,
            .source = from->reasons[i]->source,
            .confidence = from->reasons[i]->confidence,
            .fixed = from->reasons[i]->fixed};
    *own = (struct cpts_referral_reasons){
        .reasons = reasons, .reason_count = from->n_reasons, .message = from};
    return CPTS_OK;
}

static void deliver_reasons(const struct completion *completion)
{
    ((cpts_reasons_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status make_reasons(cpts_client *client, enum cpts_referral_event event,
                                const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__ListReferralReasonsRequest request = CPTS__V1__LIST_REFERRAL_REASONS_REQUEST__INIT;
    request.event = (Cpts__V1__ReferralEvent)event;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_REASONS,
                                .request = &request.base,
                                .response = &cpts__v1__list_referral_reasons_response__descriptor,
                                .result_bytes = sizeof(struct cpts_referral_reasons),
                                .take = take_reasons};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_referral_reasons_list(cpts_client *client, enum cpts_referral_event event,
                                       int32_t timeout_ms,
                                       struct cpts_referral_reasons **ret_reasons,
                                       struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_reasons(client, event, &launch, err);
    if (status == CPTS_OK)
        *ret_reasons = result;
    return status;
}

cpts_status cpts_referral_reasons_list_start(cpts_client *client, enum cpts_referral_event event,
                                             const struct cpts_async *async,
                                             cpts_reasons_callback *callback, uint64_t *ret_call,
                                             struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_reasons, ret_call);
    return make_reasons(client, event, &launch, err);
}

char *cpts_parked_json(const struct cpts_parked *parked, int indent_spaces)
{
    return cpts_convert__json(parked->message, indent_spaces);
}

char *cpts_referral_reasons_json(const struct cpts_referral_reasons *reasons, int indent_spaces)
{
    return cpts_convert__json(reasons->message, indent_spaces);
}

void cpts_parked_free(struct cpts_parked *parked)
{
    cpts_exchange__release(parked);
}

void cpts_referral_reasons_free(struct cpts_referral_reasons *reasons)
{
    cpts_exchange__release(reasons);
}
