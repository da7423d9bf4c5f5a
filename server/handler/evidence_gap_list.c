/* SPDX-License-Identifier: Apache-2.0 */
/* ListEvidenceGaps. */
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/units.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/stage_basis.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of evidence_gaps.sql. */
enum column { CPTS_ID, NAME, LEAD_REGION, STAGES, DATES, MISSING, BASES, SYNTHETIC, KNOWN_AT };
#define KINDS_TEXT_BYTES 256

/* Stages that require documents, and the kinds of each between spaces. */
static void bind_required(struct query *query)
{
    const char *stages[STAGE_COUNT];
    const char *kinds[STAGE_COUNT];
    char texts[STAGE_COUNT][KINDS_TEXT_BYTES];
    size_t count = 0;
    for (int stage = STAGE_EMERGENCE; stage <= STAGE_COUNT; stage++) {
        const struct transition *transition = transition_to(stage);
        size_t kind_count = transition_kind_count(transition->evidence);
        int length = 0;
        for (size_t i = 0; i < kind_count; i++)
            length += snprintf(texts[count] + length, KINDS_TEXT_BYTES - (size_t)length, "%s%s",
                               i == 0 ? "" : " ", transition->evidence[i]);
        stages[count] = stage_code(stage);
        kinds[count] = texts[count];
        count += kind_count > 0;
    }
    query_text_array(query, stages, count);
    query_text_array(query, kinds, count);
}

cpts_status evidence_gap_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListEvidenceGapsRequest *request = message;
    const char *as_of = NULL;
    struct listing *listing = NULL;
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region", "no region has this code");
    cpts_status status = request_as_of(call, request->as_of, &as_of, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &LISTING_USUAL, &request->base, as_of, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_EVIDENCE_GAPS);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, request->region);
    bind_required(call->query);
    query_text(call->query, as_of);
    query_text(call->query, listing->known_at);
    listing_bind(call, listing);
    call->state = listing;
    return CPTS_OK;
}

/* Words of a text, in the arena; NULL when it is full. */
static char **split(struct call *call, char *text, size_t *ret_count)
{
    char **words = arena_alloc(call->arena, TRANSITION_KINDS_MAX * sizeof *words);
    char *rest = NULL;
    size_t count = 0;
    if (words == NULL)
        return NULL;
    for (char *word = strtok_r(text, " ", &rest); word != NULL && count < TRANSITION_KINDS_MAX;
         word = strtok_r(NULL, " ", &rest))
        words[count++] = word;
    *ret_count = count;
    return words;
}

static bool read_stages(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__EvidenceGap *gap)
{
    char **stages = NULL, **dates = NULL, **missing = NULL, **bases = NULL;
    int count = rows_array(rows, row, STAGES, call->arena, &stages);
    if (count < 0 || rows_array(rows, row, DATES, call->arena, &dates) != count ||
        rows_array(rows, row, MISSING, call->arena, &missing) != count ||
        rows_array(rows, row, BASES, call->arena, &bases) != count)
        return false;
    gap->stages = arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__StageEvidence *));
    for (int i = 0; gap->stages != NULL && i < count; i++) {
        Cpts__V1__StageEvidence *stage =
            request_message(call, &cpts__v1__stage_evidence__descriptor);
        if (stage == NULL)
            return false;
        stage->stage = (Cpts__V1__Stage)stage_find(stages[i]);
        stage->effective_on = dates[i];
        stage->basis = stage_basis_find(bases[i]);
        stage->missing_kinds = split(call, missing[i], &stage->n_missing_kinds);
        if (stage->missing_kinds == NULL)
            return false;
        gap->stages[gap->n_stages++] = stage;
    }
    return gap->stages != NULL;
}

static Cpts__V1__EvidenceGap *read_gap(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__EvidenceGap *gap = request_message(call, &cpts__v1__evidence_gap__descriptor);
    if (gap == NULL)
        return NULL;
    gap->cpts_id = (char *)rows_text(rows, row, CPTS_ID);
    gap->name = (char *)rows_text(rows, row, NAME);
    gap->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    gap->synthetic = rows_bool(rows, row, SYNTHETIC);
    return read_stages(call, rows, row, gap) ? gap : NULL;
}

cpts_status evidence_gap_list_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    struct listing *listing = call->state;
    listing_read_instant(listing, rows, KNOWN_AT);
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListEvidenceGapsResponse *response =
        request_message(call, &cpts__v1__list_evidence_gaps_response__descriptor);
    Cpts__V1__EvidenceGap **gaps =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__EvidenceGap *));
    if (response == NULL || gaps == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        gaps[row] = read_gap(call, rows, row);
        if (gaps[row] == NULL)
            return request_no_memory(err);
    }
    response->gaps = gaps;
    response->n_gaps = (size_t)count;
    call->response = &response->base;
    return listing_next(call, listing, rows_count(rows),
                        count == 0 ? NULL : gaps[count - 1]->cpts_id, &response->next_page_token,
                        err);
}
