/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/lifecycle_async.h>
#include <cpts/v1/lifecycle.pb-c.h>
#include <string.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/digest.h"
#include "wire/error.h"

/* A list of results in the arena, filled one by one from a list of messages:
 * NULL when the arena is full. */
#define FILL(arena, to_type, from, from_count, fill)                                               \
    fill_list((arena), sizeof(to_type), (void *const *)(from), (from_count), (fill))

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
}

static void *fill_list(struct arena *arena, size_t size_bytes, void *const *from, size_t count,
                       bool (*fill)(void *to, const void *from, struct arena *arena))
{
    char *list = arena_alloc(arena, (count + 1) * size_bytes);
    for (size_t i = 0; list != NULL && i < count; i++) {
        if (!fill(list + i * size_bytes, from[i], arena))
            return NULL;
    }
    return list;
}

static struct cpts_texts texts_of(char *const *texts, size_t count)
{
    return (struct cpts_texts){.texts = (const char *const *)texts, .count = count};
}

static bool fill_stage(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__StageEvidence *stage = from;
    (void)arena;
    *(struct cpts_stage_evidence *)to = (struct cpts_stage_evidence){
        .stage = (enum cpts_stage)stage->stage,
        .effective_on = stage->effective_on,
        .basis = (enum cpts_stage_basis)stage->basis,
        .document_ids = texts_of(stage->document_ids, stage->n_document_ids),
        .missing_kinds = texts_of(stage->missing_kinds, stage->n_missing_kinds)};
    return true;
}

static bool fill_filing(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__Filing *filing = from;
    (void)arena;
    *(struct cpts_filing *)to = (struct cpts_filing){
        .id = filing->id,
        .target = (enum cpts_stage)filing->target,
        .state = (enum cpts_filing_state)filing->state,
        .state_on = filing->state_on,
        .decision = filing->decision,
        .document_ids = texts_of(filing->document_ids, filing->n_document_ids),
        .missing_kinds = texts_of(filing->missing_kinds, filing->n_missing_kinds)};
    return true;
}

static bool fill_document(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__Document *document = from;
    struct cpts_document *own = to;
    (void)arena;
    *own =
        (struct cpts_document){.id = document->id,
                               .kind = document->kind,
                               .label = document->label,
                               .title = document->title,
                               .reference = document->reference,
                               .dated_on = document->dated_on,
                               .recorded_at_us = cpts_convert__instant_us(document->recorded_at)};
    if (document->sha256.len == DIGEST_BYTES)
        memcpy(own->sha256, document->sha256.data, DIGEST_BYTES);
    return true;
}

static bool fill_milestone(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__Milestone *milestone = from;
    (void)arena;
    *(struct cpts_milestone *)to = (struct cpts_milestone){
        .kind = milestone->kind,
        .label = milestone->label,
        .effective_on = milestone->effective_on,
        .note = milestone->note,
        .document_ids = texts_of(milestone->document_ids, milestone->n_document_ids)};
    return true;
}

static bool fill_clock(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__Clock *clock = from;
    (void)arena;
    *(struct cpts_clock *)to =
        (struct cpts_clock){.id = clock->id,
                            .kind = clock->kind,
                            .label = clock->label,
                            .mission = clock->mission,
                            .started_on = clock->started_on,
                            .due_on = clock->due_on,
                            .state = clock->state,
                            .stopped_on = clock->stopped_on,
                            .raised_at_us = cpts_convert__instant_us(clock->raised_at),
                            .source = clock->source,
                            .confidence = clock->confidence};
    return true;
}

static struct cpts_identity identity_of(const Cpts__V1__Identity *from)
{
    static const Cpts__V1__Identity NOTHING = CPTS__V1__IDENTITY__INIT;
    const Cpts__V1__Identity *identity = from == NULL ? &NOTHING : from;
    return (struct cpts_identity){.legal_form = identity->legal_form,
                                  .statuts_on = identity->statuts_on,
                                  .rna = identity->rna,
                                  .siret = identity->siret,
                                  .nature = identity->nature,
                                  .origin = identity->origin,
                                  .ambition = identity->ambition};
}

static bool fill_lists(struct cpts_lifecycle *lifecycle, const Cpts__V1__GetLifecycleResponse *from,
                       struct arena *arena)
{
    lifecycle->stages =
        FILL(arena, struct cpts_stage_evidence, from->stages, from->n_stages, fill_stage);
    lifecycle->stage_count = from->n_stages;
    lifecycle->filings =
        FILL(arena, struct cpts_filing, from->filings, from->n_filings, fill_filing);
    lifecycle->filing_count = from->n_filings;
    lifecycle->documents =
        FILL(arena, struct cpts_document, from->documents, from->n_documents, fill_document);
    lifecycle->document_count = from->n_documents;
    lifecycle->milestones =
        FILL(arena, struct cpts_milestone, from->milestones, from->n_milestones, fill_milestone);
    lifecycle->milestone_count = from->n_milestones;
    lifecycle->clocks = FILL(arena, struct cpts_clock, from->clocks, from->n_clocks, fill_clock);
    lifecycle->clock_count = from->n_clocks;
    return lifecycle->stages != NULL && lifecycle->filings != NULL &&
           lifecycle->documents != NULL && lifecycle->milestones != NULL &&
           lifecycle->clocks != NULL;
}

static cpts_status take_lifecycle(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetLifecycleResponse *from =
        (const Cpts__V1__GetLifecycleResponse *)answer->message;
    struct cpts_lifecycle *lifecycle = answer->result;
    *lifecycle = (struct cpts_lifecycle){.id = from->id,
                                         .version = from->version,
                                         .name = from->name,
                                         .lead_region = from->lead_region,
                                         .stage = (enum cpts_stage)from->stage,
                                         .stage_on = from->stage_on,
                                         .published = from->published,
                                         .publication_set = from->publication_set,
                                         .synthetic = from->synthetic,
                                         .finess = from->finess,
                                         .population_count = from->population_count,
                                         .size_class = from->size_class,
                                         .size_label = from->size_label,
                                         .identity = identity_of(from->identity),
                                         .identity_on = from->identity_on,
                                         .documents_withheld = from->documents_withheld,
                                         .message = from};
    return fill_lists(lifecycle, from, answer->arena) ? CPTS_OK : no_memory(err);
}

static bool fill_due(void *to, const void *from, struct arena *arena)
{
    static const Cpts__V1__Clock NOTHING = CPTS__V1__CLOCK__INIT;
    const Cpts__V1__DueClock *due = from;
    struct cpts_due_clock *own = to;
    *own = (struct cpts_due_clock){.cpts_id = due->cpts_id,
                                   .name = due->name,
                                   .lead_region = due->lead_region,
                                   .stage = (enum cpts_stage)due->stage,
                                   .synthetic = due->synthetic};
    return fill_clock(&own->clock, due->clock == NULL ? &NOTHING : due->clock, arena);
}

static cpts_status take_due(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListDueResponse *from = (const Cpts__V1__ListDueResponse *)answer->message;
    struct cpts_due_page *page = answer->result;
    *page = (struct cpts_due_page){.clocks = FILL(answer->arena, struct cpts_due_clock,
                                                  from->clocks, from->n_clocks, fill_due),
                                   .clock_count = from->n_clocks,
                                   .next_page_token = from->next_page_token,
                                   .message = from};
    return page->clocks == NULL ? no_memory(err) : CPTS_OK;
}

static bool fill_gap(void *to, const void *from, struct arena *arena)
{
    const Cpts__V1__EvidenceGap *gap = from;
    struct cpts_evidence_gap *own = to;
    *own = (struct cpts_evidence_gap){
        .cpts_id = gap->cpts_id,
        .name = gap->name,
        .lead_region = gap->lead_region,
        .synthetic = gap->synthetic,
        .stages = FILL(arena, struct cpts_stage_evidence, gap->stages, gap->n_stages, fill_stage),
        .stage_count = gap->n_stages};
    return own->stages != NULL;
}

static cpts_status take_gaps(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__ListEvidenceGapsResponse *from =
        (const Cpts__V1__ListEvidenceGapsResponse *)answer->message;
    struct cpts_gap_page *page = answer->result;
    *page = (struct cpts_gap_page){
        .gaps = FILL(answer->arena, struct cpts_evidence_gap, from->gaps, from->n_gaps, fill_gap),
        .gap_count = from->n_gaps,
        .next_page_token = from->next_page_token,
        .message = from};
    return page->gaps == NULL ? no_memory(err) : CPTS_OK;
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
    Cpts__V1__GetLifecycleRequest request = CPTS__V1__GET_LIFECYCLE_REQUEST__INIT;
    request.id = cpts_convert__text(id);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_LIFECYCLE_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_lifecycle_response__descriptor,
                                .result_bytes = sizeof(struct cpts_lifecycle),
                                .take = take_lifecycle};
    return cpts_exchange__make(client, &exchange, launch, err);
}

static cpts_status make_due(cpts_client *client, const struct cpts_due_query *query,
                            const struct launch *launch, struct cpts_error *err)
{
    struct cpts_due_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListDueRequest request = CPTS__V1__LIST_DUE_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.kind = cpts_convert__text(own.kind);
    request.cpts_id = cpts_convert__text(own.cpts_id);
    request.until = cpts_convert__text(own.until);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_LIFECYCLE_DUE,
                                .request = &request.base,
                                .response = &cpts__v1__list_due_response__descriptor,
                                .result_bytes = sizeof(struct cpts_due_page),
                                .take = take_due};
    return cpts_exchange__make(client, &exchange, launch, err);
}

static cpts_status make_gaps(cpts_client *client, const struct cpts_due_query *query,
                             const struct launch *launch, struct cpts_error *err)
{
    struct cpts_due_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__ListEvidenceGapsRequest request = CPTS__V1__LIST_EVIDENCE_GAPS_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.page_size = own.page_size;
    request.page_token = cpts_convert__text(own.page_token);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct exchange exchange = {.operation = OPERATION_LIFECYCLE_GAPS,
                                .request = &request.base,
                                .response = &cpts__v1__list_evidence_gaps_response__descriptor,
                                .result_bytes = sizeof(struct cpts_gap_page),
                                .take = take_gaps};
    return cpts_exchange__make(client, &exchange, launch, err);
}

static void deliver_get(const struct completion *completion)
{
    ((cpts_lifecycle_callback *)completion->callback)(completion->status, completion->result,
                                                      &completion->err, completion->data);
}

cpts_status cpts_lifecycle_get(cpts_client *client, const char *id, const struct cpts_when *when,
                               int32_t timeout_ms, struct cpts_lifecycle **ret_lifecycle,
                               struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_get(client, id, when, &launch, err);
    if (status == CPTS_OK)
        *ret_lifecycle = result;
    return status;
}

cpts_status cpts_lifecycle_get_start(cpts_client *client, const char *id,
                                     const struct cpts_when *when, const struct cpts_async *async,
                                     cpts_lifecycle_callback *callback, uint64_t *ret_call,
                                     struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_get, ret_call);
    return make_get(client, id, when, &launch, err);
}

static void deliver_due(const struct completion *completion)
{
    ((cpts_due_callback *)completion->callback)(completion->status, completion->result,
                                                &completion->err, completion->data);
}

cpts_status cpts_lifecycle_due(cpts_client *client, const struct cpts_due_query *query,
                               int32_t timeout_ms, struct cpts_due_page **ret_page,
                               struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_due(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_page = result;
    return status;
}

cpts_status cpts_lifecycle_due_start(cpts_client *client, const struct cpts_due_query *query,
                                     const struct cpts_async *async, cpts_due_callback *callback,
                                     uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_due, ret_call);
    return make_due(client, query, &launch, err);
}

static void deliver_gaps(const struct completion *completion)
{
    ((cpts_gaps_callback *)completion->callback)(completion->status, completion->result,
                                                 &completion->err, completion->data);
}

cpts_status cpts_lifecycle_gaps(cpts_client *client, const struct cpts_due_query *query,
                                int32_t timeout_ms, struct cpts_gap_page **ret_page,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make_gaps(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_page = result;
    return status;
}

cpts_status cpts_lifecycle_gaps_start(cpts_client *client, const struct cpts_due_query *query,
                                      const struct cpts_async *async, cpts_gaps_callback *callback,
                                      uint64_t *ret_call, struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver_gaps, ret_call);
    return make_gaps(client, query, &launch, err);
}

char *cpts_lifecycle_json(const struct cpts_lifecycle *lifecycle, int indent_spaces)
{
    return cpts_convert__json(lifecycle->message, indent_spaces);
}

void cpts_lifecycle_free(struct cpts_lifecycle *lifecycle)
{
    cpts_exchange__release(lifecycle);
}

char *cpts_due_page_json(const struct cpts_due_page *page, int indent_spaces)
{
    return cpts_convert__json(page->message, indent_spaces);
}

void cpts_due_page_free(struct cpts_due_page *page)
{
    cpts_exchange__release(page);
}

char *cpts_gap_page_json(const struct cpts_gap_page *page, int indent_spaces)
{
    return cpts_convert__json(page->message, indent_spaces);
}

void cpts_gap_page_free(struct cpts_gap_page *page)
{
    cpts_exchange__release(page);
}
