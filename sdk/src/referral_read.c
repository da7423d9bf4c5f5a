/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/referral.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "referral_convert.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/referral_step.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static cpts_status take_referral(const struct answer *answer, struct cpts_error *err)
{
    static const Cpts__V1__Referral NOTHING = CPTS__V1__REFERRAL__INIT;
    const Cpts__V1__GetReferralResponse *from =
        (const Cpts__V1__GetReferralResponse *)answer->message;
    struct cpts_referral *own = answer->result;
    if (!cpts_referral__take(from->referral == NULL ? &NOTHING : from->referral, answer->arena,
                             own))
        return no_memory(err);
    own->message = from;
    return CPTS_OK;
}

static void deliver_referral(const struct completion *completion)
{
    ((cpts_referral_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status make_get(cpts_client *client, const char *id, const struct cpts_actor *actor,
                            const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__Actor own;
    error_clear(err);
    cpts_status status = cpts_referral__actor(actor, &own, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__GetReferralRequest request = CPTS__V1__GET_REFERRAL_REQUEST__INIT;
    request.actor = &own;
    request.referral_id = cpts_convert__text(id);
    struct exchange exchange = {.operation = OPERATION_REFERRAL_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_referral_response__descriptor,
                                .result_bytes = sizeof(struct cpts_referral),
                                .take = take_referral};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_referral_get(cpts_client *client, const char *id, const struct cpts_actor *actor,
                              int32_t timeout_ms, struct cpts_referral **ret_referral,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, id, actor, &launch, err);
    if (status == CPTS_OK)
        *ret_referral = result;
    return status;
}

cpts_status cpts_referral_get_start(cpts_client *client, const char *id,
                                    const struct cpts_actor *actor, const struct cpts_async *async,
                                    cpts_referral_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_referral, ret_call);
    return make_get(client, id, actor, &launch, err);
}

static bool take_row(const Cpts__V1__WorklistRow *from, struct arena *arena,
                     struct cpts_worklist_row *row)
{
    static const Cpts__V1__Referral NOTHING = CPTS__V1__REFERRAL__INIT;
    if (!cpts_referral__take(from->referral == NULL ? &NOTHING : from->referral, arena,
                             &row->referral))
        return false;
    if (from->next_clock == NULL)
        return true;
    struct cpts_referral_clock *clock = arena_alloc(arena, sizeof *clock);
    if (clock == NULL)
        return false;
    *clock = cpts_referral__clock(from->next_clock);
    row->next_clock = clock;
    return true;
}

static cpts_status take_worklist(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListReferralsResponse *from =
        (const Cpts__V1__ListReferralsResponse *)answer->message;
    struct cpts_worklist *own = answer->result;
    struct cpts_worklist_row *rows = arena_alloc(answer->arena, (from->n_rows + 1) * sizeof *rows);
    bool is_fine = rows != NULL;
    for (size_t i = 0; is_fine && i < from->n_rows; i++)
        is_fine = take_row(from->rows[i], answer->arena, &rows[i]);
    *own = (struct cpts_worklist){.rows = rows,
                                  .row_count = from->n_rows,
                                  .next_page_token = from->next_page_token,
                                  .synthetic = from->synthetic,
                                  .message = from};
    return is_fine ? CPTS_OK : no_memory(err);
}

static void deliver_worklist(const struct completion *completion)
{
    ((cpts_worklist_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status make_list(cpts_client *client, const struct cpts_worklist_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_worklist_query own;
    Cpts__V1__Actor actor;
    Cpts__V1__AssignmentState states[ASSIGNMENT_STATE_COUNT];
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status == CPTS_OK && own.state_count > ASSIGNMENT_STATE_COUNT)
        status = error_set_field(err, REASON_ARGUMENT_INVALID, "states", "more than %d states",
                                 ASSIGNMENT_STATE_COUNT);
    if (status == CPTS_OK)
        status = cpts_referral__actor(own.actor, &actor, err);
    if (status != CPTS_OK)
        return status;
    for (size_t i = 0; i < own.state_count; i++)
        states[i] = (Cpts__V1__AssignmentState)own.states[i];
    Cpts__V1__ListReferralsRequest request = CPTS__V1__LIST_REFERRALS_REQUEST__INIT;
    request.actor = &actor;
    request.worklist = (Cpts__V1__Worklist)own.kind;
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.n_states = own.state_count;
    request.states = states;
    request.use_case = (Cpts__V1__UseCase)own.use_case;
    struct exchange exchange = {.operation = OPERATION_REFERRAL_LIST,
                                .request = &request.base,
                                .response = &cpts__v1__list_referrals_response__descriptor,
                                .result_bytes = sizeof(struct cpts_worklist),
                                .take = take_worklist};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_worklist_get(cpts_client *client, const struct cpts_worklist_query *query,
                              int32_t timeout_ms, struct cpts_worklist **ret_worklist,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_list(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_worklist = result;
    return status;
}

cpts_status cpts_worklist_get_start(cpts_client *client, const struct cpts_worklist_query *query,
                                    const struct cpts_async *async,
                                    cpts_worklist_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_worklist, ret_call);
    return make_list(client, query, &launch, err);
}

const struct cpts_assignment *cpts_referral_assignment(const struct cpts_referral *referral,
                                                       const char *id)
{
    const struct cpts_assignment *found = NULL;
    for (size_t i = 0; i < referral->assignment_count; i++) {
        const struct cpts_assignment *one = &referral->assignments[i];
        if (id != NULL && strcmp(one->id, id) == 0)
            return one;
        bool is_active = assignment_is_active((int)one->state);
        if (id == NULL && (is_active || found == NULL || !assignment_is_active((int)found->state)))
            found = one;
    }
    return found;
}

char *cpts_referral_json(const struct cpts_referral *referral, int indent_spaces)
{
    return cpts_convert__json(referral->message, indent_spaces);
}

char *cpts_worklist_json(const struct cpts_worklist *worklist, int indent_spaces)
{
    return cpts_convert__json(worklist->message, indent_spaces);
}

void cpts_referral_free(struct cpts_referral *referral)
{
    cpts_exchange__release(referral);
}

void cpts_worklist_free(struct cpts_worklist *worklist)
{
    cpts_exchange__release(worklist);
}
