/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/history.h>
#include <cpts/v1/history.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
}

static struct cpts_change_note note_of(const Cpts__V1__ChangeNote *from)
{
    static const Cpts__V1__ChangeNote NONE = CPTS__V1__CHANGE_NOTE__INIT;
    if (from == NULL)
        from = &NONE;
    return (struct cpts_change_note){
        .version = from->version,
        .kind = from->kind,
        .recorded_at_us = cpts_convert__instant_us(from->recorded_at),
        .actor = from->actor,
        .reason = from->reason,
        .evidence = from->evidence,
    };
}

/* @return false without memory; NULL in @p ret_belief for none. */
static bool belief_of(const Cpts__V1__Belief *from, struct arena *arena,
                      const struct cpts_belief **ret_belief)
{
    if (from == NULL)
        return true;
    struct cpts_belief *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_belief){.stage = (enum cpts_stage)from->stage,
                                .stage_on = from->stage_on,
                                .lead_region = from->lead_region,
                                .population_count = from->population_count};
    *ret_belief = own;
    return true;
}

static bool take_change(const Cpts__V1__BeliefChange *from, struct arena *arena,
                        struct cpts_belief_change *own)
{
    struct cpts_change_note *notes = arena_alloc(arena, (from->n_changes + 1) * sizeof *notes);
    if (notes == NULL)
        return false;
    for (size_t i = 0; i < from->n_changes; i++)
        notes[i] = note_of(from->changes[i]);
    *own = (struct cpts_belief_change){
        .id = from->id,
        .name = from->name,
        .synthetic = from->synthetic,
        .changes = notes,
        .change_count = from->n_changes,
    };
    return belief_of(from->before, arena, &own->before) &&
           belief_of(from->after, arena, &own->after);
}

static const struct cpts_belief_change *changes_of(const Cpts__V1__ListBeliefChangesResponse *from,
                                                   struct arena *arena)
{
    struct cpts_belief_change *own = arena_alloc(arena, (from->n_changes + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_changes; i++) {
        if (!take_change(from->changes[i], arena, &own[i]))
            return NULL;
    }
    return own;
}

static const struct cpts_belief_total *totals_of(const Cpts__V1__ListBeliefChangesResponse *from,
                                                 struct arena *arena)
{
    struct cpts_belief_total *own = arena_alloc(arena, (from->n_totals + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_totals; i++)
        own[i] = (struct cpts_belief_total){.stage = (enum cpts_stage)from->totals[i]->stage,
                                            .count_before = from->totals[i]->count_before,
                                            .count_after = from->totals[i]->count_after};
    return own;
}

static cpts_status take_report(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListBeliefChangesResponse *from =
        (const Cpts__V1__ListBeliefChangesResponse *)answer->message;
    struct cpts_belief_report *own = answer->result;
    *own = (struct cpts_belief_report){
        .changes = changes_of(from, answer->arena),
        .change_count = from->n_changes,
        .next_page_token = from->next_page_token,
        .totals = totals_of(from, answer->arena),
        .total_count = from->n_totals,
        .differing_count = from->differing_count,
        .as_of = from->as_of,
        .known_from_us = cpts_convert__instant_us(from->known_from),
        .known_to_us = cpts_convert__instant_us(from->known_to),
        .synthetic = from->synthetic,
        .message = from,
    };
    return own->changes == NULL || own->totals == NULL ? no_memory(err) : CPTS_OK;
}

static void deliver_report(const struct completion *completion)
{
    ((cpts_beliefs_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status make_beliefs(cpts_client *client, const struct cpts_belief_query *query,
                                const struct launch *launch, struct cpts_error *err)
{
    struct cpts_belief_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_from;
    Google__Protobuf__Timestamp known_to;
    Cpts__V1__ListBeliefChangesRequest request = CPTS__V1__LIST_BELIEF_CHANGES_REQUEST__INIT;
    request.as_of = cpts_convert__text(own.as_of);
    request.known_from = cpts_convert__timestamp(own.known_from_us, &known_from);
    request.known_to = cpts_convert__timestamp(own.known_to_us, &known_to);
    request.region = cpts_convert__text(own.region);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    struct exchange exchange = {.operation = OPERATION_HISTORY_BELIEFS,
                                .request = &request.base,
                                .response = &cpts__v1__list_belief_changes_response__descriptor,
                                .result_bytes = sizeof(struct cpts_belief_report),
                                .take = take_report};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_history_beliefs(cpts_client *client, const struct cpts_belief_query *query,
                                 int32_t timeout_ms, struct cpts_belief_report **ret_report,
                                 struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_beliefs(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_report = result;
    return status;
}

cpts_status cpts_history_beliefs_start(cpts_client *client, const struct cpts_belief_query *query,
                                       const struct cpts_async *async,
                                       cpts_beliefs_callback *callback, uint64_t *ret_call,
                                       struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_report, ret_call);
    return make_beliefs(client, query, &launch, err);
}

static struct cpts_history_entry entry_of(const Cpts__V1__HistoryEntry *from)
{
    return (struct cpts_history_entry){
        .subject = (enum cpts_history_subject)from->subject,
        .valid_from = from->valid_from,
        .valid_to = from->valid_to,
        .recorded_from_us = cpts_convert__instant_us(from->recorded_from),
        .recorded_to_us = cpts_convert__instant_us(from->recorded_to),
        .stage = (enum cpts_stage)from->stage,
        .successor_id = from->successor_id,
        .lead_region = from->lead_region,
        .unit_count = from->unit_count,
        .population_count = from->population_count,
        .name = from->name,
        .finess = from->finess,
        .website = from->website,
        .change = note_of(from->change),
    };
}

static cpts_status take_history(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetHistoryResponse *from =
        (const Cpts__V1__GetHistoryResponse *)answer->message;
    struct cpts_history *own = answer->result;
    struct cpts_history_entry *entries =
        arena_alloc(answer->arena, (from->n_entries + 1) * sizeof *entries);
    if (entries == NULL)
        return no_memory(err);
    for (size_t i = 0; i < from->n_entries; i++)
        entries[i] = entry_of(from->entries[i]);
    *own = (struct cpts_history){.entries = entries,
                                 .entry_count = from->n_entries,
                                 .is_cut = from->is_cut,
                                 .message = from};
    return CPTS_OK;
}

static void deliver_history(const struct completion *completion)
{
    ((cpts_history_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status make_get(cpts_client *client, const char *id, const struct cpts_when *when,
                            const struct launch *launch, struct cpts_error *err)
{
    struct cpts_when own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, when, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__GetHistoryRequest request = CPTS__V1__GET_HISTORY_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_HISTORY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_history_response__descriptor,
                                .result_bytes = sizeof(struct cpts_history),
                                .take = take_history};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_history_get(cpts_client *client, const char *id, const struct cpts_when *when,
                             int32_t timeout_ms, struct cpts_history **ret_history,
                             struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_history = result;
    return status;
}

cpts_status cpts_history_get_start(cpts_client *client, const char *id,
                                   const struct cpts_when *when, const struct cpts_async *async,
                                   cpts_history_callback *callback, uint64_t *ret_call,
                                   struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_history, ret_call);
    return make_get(client, id, when, &launch, err);
}

char *cpts_belief_report_json(const struct cpts_belief_report *report, int indent_spaces)
{
    return cpts_convert__json(report->message, indent_spaces);
}

char *cpts_history_json(const struct cpts_history *history, int indent_spaces)
{
    return cpts_convert__json(history->message, indent_spaces);
}

void cpts_belief_report_free(struct cpts_belief_report *report)
{
    cpts_exchange__release(report);
}

void cpts_history_free(struct cpts_history *history)
{
    cpts_exchange__release(history);
}
