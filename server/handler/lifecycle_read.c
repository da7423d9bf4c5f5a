/* SPDX-License-Identifier: Apache-2.0 */
/* GetLifecycle. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "handler/clock_message.h"
#include "handler/dossier_parts.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/stage_basis.h"
#include "handler/stage_message.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/filing_step.h"

/* Columns of lifecycle_get.sql, and what its column `part` says. */
enum column { PART, CODE, OF, ID, FROM, TO, TEXT, MORE, IDS, RECORDED, RAISED, NAMES };
enum part { CPTS = 1, IDENTITY, STAGE, FILING, DOCUMENT, MILESTONE, CLOCK, PART_COUNT };
/* Names of the row of the CPTS. */
enum { PUBLICATION_SET, LEAD_REGION, MAY_WRITE, SYNTHETIC, FINESS, OWNER, SIZE, SIZE_LABEL, FACTS };
#define DIGEST_BYTES 32

/* An answer being put together from the rows. */
struct assembly {
    struct call *call;
    const struct rows *rows;
    const char *as_of;
    Cpts__V1__GetLifecycleResponse *response;
    /** The open filing that the row belongs to. */
    Cpts__V1__Filing *filing;
    bool is_full;
};

static const char *cell(const struct assembly *work, int row, int column)
{
    return rows_text(work->rows, row, column);
}

static char **list(struct assembly *work, int row, int column, size_t *ret_count)
{
    char **texts = NULL;
    int count = rows_array(work->rows, row, column, work->call->arena, &texts);
    work->is_full = work->is_full || count < 0;
    *ret_count = count < 0 ? 0 : (size_t)count;
    return texts;
}

static void *message(struct assembly *work, const ProtobufCMessageDescriptor *type)
{
    void *made = request_message(work->call, type);
    work->is_full = work->is_full || made == NULL;
    return made;
}

static void take_cpts(struct assembly *work, int row)
{
    Cpts__V1__GetLifecycleResponse *response = work->response;
    size_t count = 0;
    char **facts = list(work, row, NAMES, &count);
    if (count != FACTS)
        return;
    response->id = (char *)cell(work, row, ID);
    response->version = (int32_t)strtol(cell(work, row, TEXT), NULL, 10);
    response->name = (char *)cell(work, row, OF);
    response->lead_region = facts[LEAD_REGION];
    response->stage = (Cpts__V1__Stage)stage_find(cell(work, row, CODE));
    response->stage_on = (char *)cell(work, row, FROM);
    response->published = strcmp(cell(work, row, MORE), "true") == 0;
    response->publication_set = strcmp(facts[PUBLICATION_SET], "true") == 0;
    response->synthetic = strcmp(facts[SYNTHETIC], "true") == 0;
    response->finess = facts[FINESS];
    response->population_count = (int32_t)rows_int(work->rows, row, RECORDED);
    response->size_class = facts[SIZE];
    response->size_label = facts[SIZE_LABEL];
    response->documents_withheld = strcmp(facts[MAY_WRITE], "true") != 0;
}

static void take_identity(struct assembly *work, int row)
{
    size_t count = 0;
    char **names = list(work, row, NAMES, &count);
    Cpts__V1__Identity *identity = message(work, &cpts__v1__identity__descriptor);
    if (identity == NULL || count != 4)
        return;
    identity->legal_form = (char *)cell(work, row, OF);
    identity->statuts_on = (char *)cell(work, row, TO);
    identity->rna = names[0];
    identity->siret = names[1];
    identity->nature = (char *)cell(work, row, CODE);
    identity->origin = names[2];
    identity->ambition = names[3];
    work->response->identity = identity;
    work->response->identity_on = (char *)cell(work, row, FROM);
}

static void take_stage(struct assembly *work, int row)
{
    size_t shown_count = 0;
    char **shown = list(work, row, NAMES, &shown_count);
    Cpts__V1__StageEvidence *stage = message(work, &cpts__v1__stage_evidence__descriptor);
    if (stage == NULL)
        return;
    stage->stage = (Cpts__V1__Stage)stage_find(cell(work, row, CODE));
    stage->effective_on = (char *)cell(work, row, FROM);
    stage->basis = stage_basis_find(cell(work, row, TEXT));
    stage->successor_id = (char *)cell(work, row, OF);
    stage->document_ids = list(work, row, IDS, &stage->n_document_ids);
    stage->recorded_at = request_timestamp(work->call, rows_time_us(work->rows, row, RECORDED));
    if (!stage_missing_kinds(work->call, (int)stage->stage, shown, shown_count,
                             &stage->missing_kinds, &stage->n_missing_kinds))
        work->is_full = true;
    work->response->stages[work->response->n_stages++] = stage;
}

/* Rows of a filing come by date: the first one makes it, each is a step. */
static Cpts__V1__Filing *find_filing(struct assembly *work, const char *id)
{
    Cpts__V1__GetLifecycleResponse *response = work->response;
    for (size_t i = 0; i < response->n_filings; i++) {
        if (strcmp(response->filings[i]->id, id) == 0)
            return response->filings[i];
    }
    Cpts__V1__Filing *filing = message(work, &cpts__v1__filing__descriptor);
    if (filing == NULL)
        return NULL;
    filing->id = (char *)id;
    filing->steps = arena_alloc(work->call->arena,
                                (size_t)rows_count(work->rows) * sizeof(Cpts__V1__FilingStep *));
    if (filing->steps == NULL)
        work->is_full = true;
    response->filings[response->n_filings++] = filing;
    return filing;
}

static void take_filing(struct assembly *work, int row)
{
    Cpts__V1__Filing *filing = find_filing(work, cell(work, row, ID));
    Cpts__V1__FilingStep *step = message(work, &cpts__v1__filing_step__descriptor);
    if (work->is_full || filing == NULL || step == NULL)
        return;
    step->state = (Cpts__V1__FilingState)filing_state_find(cell(work, row, CODE));
    step->effective_on = (char *)cell(work, row, FROM);
    step->decision = (char *)cell(work, row, TEXT);
    step->recorded_at = request_timestamp(work->call, rows_time_us(work->rows, row, RECORDED));
    filing->steps[filing->n_steps++] = step;
    filing->target = (Cpts__V1__Stage)stage_find(cell(work, row, OF));
    filing->state = step->state;
    filing->state_on = step->effective_on;
    filing->decision = step->decision;
    filing->document_ids = list(work, row, IDS, &filing->n_document_ids);
    size_t shown_count = 0;
    char **shown = list(work, row, NAMES, &shown_count);
    filing->n_missing_kinds = 0;
    if (!work->response->documents_withheld &&
        !stage_missing_kinds(work->call, (int)filing->target, shown, shown_count,
                             &filing->missing_kinds, &filing->n_missing_kinds))
        work->is_full = true;
}

static uint8_t digit(char hex)
{
    return (uint8_t)(hex <= '9' ? hex - '0' : hex - 'a' + 10);
}

static void take_document(struct assembly *work, int row)
{
    size_t count = 0;
    char **names = list(work, row, NAMES, &count);
    uint8_t *sha256 = arena_alloc(work->call->arena, DIGEST_BYTES);
    Cpts__V1__Document *document = message(work, &cpts__v1__document__descriptor);
    if (document == NULL || sha256 == NULL || count != 1 || strlen(names[0]) != 2 * DIGEST_BYTES) {
        work->is_full = true;
        return;
    }
    for (size_t i = 0; i < DIGEST_BYTES; i++)
        sha256[i] = (uint8_t)(digit(names[0][2 * i]) << 4 | digit(names[0][2 * i + 1]));
    document->id = (char *)cell(work, row, ID);
    document->kind = (char *)cell(work, row, CODE);
    document->label = (char *)dossier_kind_label(DOSSIER_DOCUMENT, document->kind);
    document->title = (char *)cell(work, row, TEXT);
    document->sha256 = (ProtobufCBinaryData){DIGEST_BYTES, sha256};
    document->reference = (char *)cell(work, row, MORE);
    document->dated_on = (char *)cell(work, row, FROM);
    document->recorded_at = request_timestamp(work->call, rows_time_us(work->rows, row, RECORDED));
    work->response->documents[work->response->n_documents++] = document;
}

static void take_milestone(struct assembly *work, int row)
{
    Cpts__V1__Milestone *milestone = message(work, &cpts__v1__milestone__descriptor);
    if (milestone == NULL)
        return;
    milestone->kind = (char *)cell(work, row, CODE);
    milestone->label = (char *)dossier_kind_label(DOSSIER_MILESTONE, milestone->kind);
    milestone->effective_on = (char *)cell(work, row, FROM);
    milestone->note = (char *)cell(work, row, TEXT);
    milestone->document_ids = list(work, row, IDS, &milestone->n_document_ids);
    milestone->recorded_at = request_timestamp(work->call, rows_time_us(work->rows, row, RECORDED));
    work->response->milestones[work->response->n_milestones++] = milestone;
}

static void take_clock(struct assembly *work, int row)
{
    size_t count = 0;
    char **names = list(work, row, NAMES, &count);
    if (count != 2)
        return;
    struct clock_facts facts = {.id = cell(work, row, ID),
                                .kind = cell(work, row, CODE),
                                .mission = cell(work, row, OF),
                                .started_on = cell(work, row, FROM),
                                .due_on = cell(work, row, TO),
                                .stopped_on = names[0],
                                .raised_at_us = rows_int(work->rows, row, RAISED),
                                .months = (int32_t)strtol(names[1], NULL, 10),
                                .source = cell(work, row, TEXT),
                                .confidence = cell(work, row, MORE)};
    Cpts__V1__Clock *clock = clock_message(work->call, &facts, work->as_of);
    if (clock == NULL)
        work->is_full = true;
    else
        work->response->clocks[work->response->n_clocks++] = clock;
}

static void (*const TAKE[PART_COUNT])(struct assembly *work, int row) = {
    [CPTS] = take_cpts,     [IDENTITY] = take_identity, [STAGE] = take_stage,
    [FILING] = take_filing, [DOCUMENT] = take_document, [MILESTONE] = take_milestone,
    [CLOCK] = take_clock,
};

/* Room for as many of each as there are rows. */
static bool make_room(struct assembly *work)
{
    Cpts__V1__GetLifecycleResponse *response = work->response;
    size_t bytes = ((size_t)rows_count(work->rows) + 1) * sizeof(void *);
    response->stages = arena_alloc(work->call->arena, bytes);
    response->filings = arena_alloc(work->call->arena, bytes);
    response->documents = arena_alloc(work->call->arena, bytes);
    response->milestones = arena_alloc(work->call->arena, bytes);
    response->clocks = arena_alloc(work->call->arena, bytes);
    return response->stages != NULL && response->filings != NULL && response->documents != NULL &&
           response->milestones != NULL && response->clocks != NULL;
}

cpts_status lifecycle_get_begin(struct call *call, const void *request_bytes,
                                struct cpts_error *err)
{
    const Cpts__V1__GetLifecycleRequest *request = request_bytes;
    uint8_t id[16];
    const char *as_of = NULL;
    const char *known_at = NULL;
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_LIFECYCLE_GET);
    if (call->query == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    query_uuid(call->query, id);
    query_text(call->query, as_of);
    query_text(call->query, known_at);
    call->state = (char *)as_of;
    return CPTS_OK;
}

cpts_status lifecycle_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    struct assembly work = {.call = call, .rows = rows, .as_of = call->state};
    work.response = message(&work, &cpts__v1__get_lifecycle_response__descriptor);
    if (work.response == NULL || !make_room(&work))
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (int row = 0; row < rows_count(rows) && !work.is_full; row++) {
        int64_t part = rows_int(rows, row, PART);
        if (part >= CPTS && part < PART_COUNT)
            TAKE[part](&work, row);
    }
    if (work.is_full || !stage_next_steps(call, (int)work.response->stage,
                                          &work.response->next_steps, &work.response->n_next_steps))
        return error_set(err, REASON_OUT_OF_MEMORY,
                         "the answer needs more memory than a call may have");
    call->response = &work.response->base;
    return CPTS_OK;
}
