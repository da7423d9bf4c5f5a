/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/recipient.h>
#include <cpts/v1/referral.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define LENGTH(names) ((int)(sizeof(names) / sizeof(names)[0]))
#define NOT_KNOWN (-1)

const char *cpts_recipient_reason_name(enum cpts_recipient_reason reason)
{
    static const char *const NAMES[] = {"", "USUAL", "TERRITORY", "TERRITORY_SHARED", "NEIGHBOUR"};
    return (int)reason >= 0 && (int)reason < LENGTH(NAMES) ? NAMES[reason] : "";
}

const char *cpts_recipient_obstacle_name(enum cpts_recipient_obstacle obstacle)
{
    static const char *const NAMES[] = {"",       "STAGE",  "NOT_OPTED_IN",
                                        "NO_KEY", "ORIGIN", "PROFESSION"};
    return (int)obstacle >= 0 && (int)obstacle < LENGTH(NAMES) ? NAMES[obstacle] : "";
}

static struct cpts_recipient recipient_of(const Cpts__V1__RecipientCandidate *from)
{
    bool has_slots =
        from->_snp_slot_count_case == CPTS__V1__RECIPIENT_CANDIDATE___SNP_SLOT_COUNT_SNP_SLOT_COUNT;
    bool has_places =
        from->_place_count_case == CPTS__V1__RECIPIENT_CANDIDATE___PLACE_COUNT_PLACE_COUNT;
    return (struct cpts_recipient){.cpts_id = from->cpts_id,
                                   .name = from->name,
                                   .stage = (enum cpts_stage)from->stage,
                                   .lead_region = from->lead_region,
                                   .reason = (enum cpts_recipient_reason)from->reason,
                                   .reason_label = from->reason_label,
                                   .share = from->share,
                                   .share_sum = from->share_sum,
                                   .distance_km = from->distance_km,
                                   .position_quality =
                                       (enum cpts_position_quality)from->position_quality,
                                   .eligible = from->eligible,
                                   .obstacle = (enum cpts_recipient_obstacle)from->obstacle,
                                   .obstacle_label = from->obstacle_label,
                                   .snp_slot_count = has_slots ? from->snp_slot_count : NOT_KNOWN,
                                   .place_count = has_places ? from->place_count : NOT_KNOWN,
                                   .capacity_week = from->capacity_week,
                                   .key_serial = from->key_serial,
                                   .profession_member_count = from->profession_member_count,
                                   .synthetic = from->synthetic};
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__FindRecipientsResponse *from =
        (const Cpts__V1__FindRecipientsResponse *)answer->message;
    struct cpts_recipients *own = answer->result;
    struct cpts_recipient *list =
        arena_alloc(answer->arena, (from->n_candidates + 1) * sizeof *list);
    if (list == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (size_t i = 0; i < from->n_candidates; i++)
        list[i] = recipient_of(from->candidates[i]);
    *own = (struct cpts_recipients){.recipients = list,
                                    .recipient_count = from->n_candidates,
                                    .unroutable = from->unroutable,
                                    .unit_code = from->unit_code,
                                    .unit_name = from->unit_name,
                                    .department = from->department,
                                    .message = from};
    return CPTS_OK;
}

static void deliver(const struct completion *completion)
{
    ((cpts_recipients_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const struct cpts_recipients_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_recipients_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__FindRecipientsRequest request = CPTS__V1__FIND_RECIPIENTS_REQUEST__INIT;
    request.unit_code = cpts_convert__text(own.unit_code);
    request.use_case = (Cpts__V1__UseCase)own.use_case;
    request.profession = cpts_convert__text(own.profession);
    request.usual_cpts_id = cpts_convert__text(own.usual_cpts_id);
    request.origin_id = cpts_convert__text(own.origin_id);
    request.limit = own.limit;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_FIND,
                                .request = &request.base,
                                .response = &cpts__v1__find_recipients_response__descriptor,
                                .result_bytes = sizeof(struct cpts_recipients),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_recipients_find(cpts_client *client, const struct cpts_recipients_query *query,
                                 int32_t timeout_ms, struct cpts_recipients **ret_recipients,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_recipients = result;
    return status;
}

cpts_status cpts_recipients_find_start(cpts_client *client,
                                       const struct cpts_recipients_query *query,
                                       const struct cpts_async *async,
                                       cpts_recipients_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, query, &launch, err);
}

char *cpts_recipients_json(const struct cpts_recipients *recipients, int indent_spaces)
{
    return cpts_convert__json(recipients->message, indent_spaces);
}

void cpts_recipients_free(struct cpts_recipients *recipients)
{
    cpts_exchange__release(recipients);
}
