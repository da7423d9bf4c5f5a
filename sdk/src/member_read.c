/* SPDX-License-Identifier: Apache-2.0 */
/* Members and seats: reading them; names of colleges and voices; numbers. */
#include <cpts/governance_async.h>
#include <cpts/v1/governance.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/identifier.h"

static const char *const COLLEGES[] = {"UNSPECIFIED", "PROFESSIONAL", "PARTNER"};
static const char *const VOICES[] = {"UNSPECIFIED", "DELIBERATIVE", "CONSULTATIVE"};

#define NAME_COUNT 3

const char *cpts_college_name(enum cpts_college college)
{
    return (unsigned)college < NAME_COUNT ? COLLEGES[college] : "UNRECOGNISED";
}

const char *cpts_voice_name(enum cpts_voice voice)
{
    return (unsigned)voice < NAME_COUNT ? VOICES[voice] : "UNRECOGNISED";
}

bool cpts_rpps_is_valid(const char *text)
{
    return text != NULL && identifier_is_rpps(text);
}

bool cpts_finess_is_valid(const char *text)
{
    return text != NULL && identifier_is_finess(text);
}

bool cpts_siret_is_valid(const char *text)
{
    return text != NULL && identifier_is_siret(text);
}

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static cpts_status take_members(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListMembersResponse *from =
        (const Cpts__V1__ListMembersResponse *)answer->message;
    struct cpts_member *own = arena_alloc(answer->arena, (from->n_members + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_members; i++) {
        const Cpts__V1__Member *one = from->members[i];
        own[i] = (struct cpts_member){.rpps = one->rpps,
                                      .finess = one->finess,
                                      .siret = one->siret,
                                      .category = one->category,
                                      .college = (enum cpts_college)one->college,
                                      .voice = (enum cpts_voice)one->voice,
                                      .joined_on = one->joined_on,
                                      .left_on = one->left_on,
                                      .recorded_at_us = cpts_convert__instant_us(one->recorded_at)};
    }
    *(struct cpts_members *)answer->result =
        (struct cpts_members){.members = own,
                              .member_count = from->n_members,
                              .next_page_token = from->next_page_token,
                              .version = from->version,
                              .message = from};
    return CPTS_OK;
}

static void deliver_members(const struct completion *completion)
{
    ((cpts_members_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status list_members(cpts_client *client, const struct cpts_members_query *query,
                                const struct launch *launch, struct cpts_error *err)
{
    struct cpts_members_query own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListMembersRequest request = CPTS__V1__LIST_MEMBERS_REQUEST__INIT;
    request.id = cpts_convert__text(own.id);
    request.college = (Cpts__V1__College)own.college;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_MEMBERS_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_members_response__descriptor,
                                .result_bytes = sizeof(struct cpts_members),
                                .take = take_members};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_members_list(cpts_client *client, const struct cpts_members_query *query,
                              int32_t timeout_ms, struct cpts_members **ret_members,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_members(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_members = result;
    return status;
}

cpts_status cpts_members_list_start(cpts_client *client, const struct cpts_members_query *query,
                                    const struct cpts_async *async, cpts_members_callback *callback,
                                    uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_members, ret_call);
    return list_members(client, query, &launch, err);
}

static cpts_status take_seats(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListRepresentativesResponse *from =
        (const Cpts__V1__ListRepresentativesResponse *)answer->message;
    struct cpts_representative *own =
        arena_alloc(answer->arena, (from->n_representatives + 1) * sizeof *own);
    if (own == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_representatives; i++) {
        const Cpts__V1__Representative *one = from->representatives[i];
        own[i] = (struct cpts_representative){.representative_id = one->representative_id,
                                              .association = one->association,
                                              .approval_reference = one->approval_reference,
                                              .designated_on = one->designated_on,
                                              .designation_reference = one->designation_reference,
                                              .trained_on = one->trained_on,
                                              .voice = (enum cpts_voice)one->voice,
                                              .seated_on = one->seated_on,
                                              .left_on = one->left_on};
    }
    *(struct cpts_representatives *)answer->result =
        (struct cpts_representatives){.seats = own,
                                      .seat_count = from->n_representatives,
                                      .version = from->version,
                                      .message = from};
    return CPTS_OK;
}

static void deliver_seats(const struct completion *completion)
{
    ((cpts_representatives_callback *)completion->callback)(completion->status, completion->result,
                                                            &completion->err, completion->data);
}

static cpts_status list_seats(cpts_client *client, const char *id, const struct cpts_when *when,
                              const struct launch *launch, struct cpts_error *err)
{
    struct cpts_when own;
    Google__Protobuf__Timestamp known_at;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, when, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__ListRepresentativesRequest request = CPTS__V1__LIST_REPRESENTATIVES_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_REPRESENTATIVES_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_representatives_response__descriptor,
                                .result_bytes = sizeof(struct cpts_representatives),
                                .take = take_seats};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_representatives_list(cpts_client *client, const char *id,
                                      const struct cpts_when *when, int32_t timeout_ms,
                                      struct cpts_representatives **ret_representatives,
                                      struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = list_seats(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_representatives = result;
    return status;
}

cpts_status cpts_representatives_list_start(cpts_client *client, const char *id,
                                            const struct cpts_when *when,
                                            const struct cpts_async *async,
                                            cpts_representatives_callback *callback,
                                            uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_seats, ret_call);
    return list_seats(client, id, when, &launch, err);
}

char *cpts_members_json(const struct cpts_members *members, int indent_spaces)
{
    return cpts_convert__json(members->message, indent_spaces);
}

char *cpts_representatives_json(const struct cpts_representatives *representatives,
                                int indent_spaces)
{
    return cpts_convert__json(representatives->message, indent_spaces);
}

void cpts_members_free(struct cpts_members *members)
{
    cpts_exchange__release(members);
}

void cpts_representatives_free(struct cpts_representatives *representatives)
{
    cpts_exchange__release(representatives);
}
