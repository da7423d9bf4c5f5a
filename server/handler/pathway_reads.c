/* SPDX-License-Identifier: Apache-2.0 */
/* GetPathway, ListPathways, ListPathwayTemplates. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/pathway.pb-c.h"
#include "handler/actor.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/pathway_message.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"
#include "wire/hexadecimal.h"

#define PSEUDONYM_BYTES 16

/* Columns of a pathway in pathway_get.sql and pathway_list.sql. */
enum pathway_column {
    ID,
    TEMPLATE,
    TEMPLATE_VERSION,
    TEMPLATE_LABEL,
    ORIGIN_ID,
    ORIGIN_NAME,
    FINESS,
    PSEUDONYM,
    STARTED,
    SYNTHETIC,
    STEP,
};

/* Of a step in pathway_get.sql, behind those of the template's. */
enum step_column { STATE = STEP + 8, PROPOSED_ON, REFERRALS, STATUSES };

/* Of pathway_list.sql. */
enum list_column { PROPOSED_COUNT = STEP, UNDER_WAY_COUNT, FULFILLED_COUNT, STEP_COUNT };

/* Of pathway_templates.sql. */
enum template_column { CODE, VERSION, LABEL, USE, REQUESTER, VALID_FROM, SOURCE, CONFIDENCE, OWN };

/* How many steps of a pathway are where. */
struct counts {
    int64_t proposed;
    int64_t under_way;
    int64_t fulfilled;
    int64_t all;
};

static Cpts__V1__PathwayStatus status_of(const struct counts *counts)
{
    if (counts->fulfilled == counts->all)
        return CPTS__V1__PATHWAY_STATUS__PATHWAY_STATUS_COMPLETED;
    return counts->fulfilled + counts->under_way > 0
               ? CPTS__V1__PATHWAY_STATUS__PATHWAY_STATUS_ACTIVE
               : CPTS__V1__PATHWAY_STATUS__PATHWAY_STATUS_STARTED;
}

/* @return false when the arena is full, or the database gave no bytes. */
static bool read_pseudonym(struct call *call, const char *text, Cpts__V1__Pathway *pathway)
{
    if (text[0] == '\0')
        return true;
    pathway->pseudonym.data = arena_alloc(call->arena, PSEUDONYM_BYTES);
    pathway->pseudonym.len = PSEUDONYM_BYTES;
    return pathway->pseudonym.data != NULL &&
           hexadecimal_read(text, pathway->pseudonym.data, PSEUDONYM_BYTES);
}

static Cpts__V1__Pathway *read_pathway(struct call *call, const struct rows *rows, int row,
                                       const struct counts *counts)
{
    Cpts__V1__Pathway *pathway = request_message(call, &cpts__v1__pathway__descriptor);
    if (pathway == NULL)
        return NULL;
    pathway->id = (char *)rows_text(rows, row, ID);
    pathway->template_ = (char *)rows_text(rows, row, TEMPLATE);
    pathway->template_version = (int32_t)rows_int(rows, row, TEMPLATE_VERSION);
    pathway->label = (char *)rows_text(rows, row, TEMPLATE_LABEL);
    pathway->origin_id = (char *)rows_text(rows, row, ORIGIN_ID);
    pathway->origin_name = (char *)rows_text(rows, row, ORIGIN_NAME);
    pathway->requester_finess = (char *)rows_text(rows, row, FINESS);
    pathway->started_at = request_timestamp(call, rows_int(rows, row, STARTED));
    pathway->synthetic = rows_bool(rows, row, SYNTHETIC);
    pathway->status = status_of(counts);
    pathway->proposed_count = (int32_t)counts->proposed;
    bool is_fine = pathway->started_at != NULL &&
                   read_pseudonym(call, rows_text(rows, row, PSEUDONYM), pathway);
    return is_fine ? pathway : NULL;
}

static bool read_referrals(struct call *call, const struct rows *rows, int row,
                           Cpts__V1__PathwayStep *step)
{
    char **ids = NULL, **statuses = NULL;
    int count = rows_array(rows, row, REFERRALS, call->arena, &ids);
    if (count < 0 || rows_array(rows, row, STATUSES, call->arena, &statuses) != count)
        return false;
    step->referrals =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__PathwayReferral *));
    for (int i = 0; step->referrals != NULL && i < count; i++) {
        Cpts__V1__PathwayReferral *referral =
            request_message(call, &cpts__v1__pathway_referral__descriptor);
        if (referral == NULL)
            return false;
        referral->referral_id = ids[i];
        referral->status = (Cpts__V1__ReferralStatus)pathway_enum_find(
            &cpts__v1__referral_status__descriptor, "REFERRAL_STATUS_", statuses[i]);
        step->referrals[step->n_referrals++] = referral;
    }
    return step->referrals != NULL;
}

static Cpts__V1__PathwayStep *read_step(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__PathwayStep *step = request_message(call, &cpts__v1__pathway_step__descriptor);
    if (step == NULL)
        return NULL;
    step->step = pathway_step_read(call, rows, row, STEP);
    step->state = (Cpts__V1__PathwayStepState)pathway_enum_find(
        &cpts__v1__pathway_step_state__descriptor, "PATHWAY_STEP_STATE_",
        rows_text(rows, row, STATE));
    step->proposed_on = (char *)rows_text(rows, row, PROPOSED_ON);
    return step->step != NULL && read_referrals(call, rows, row, step) ? step : NULL;
}

static void count_step(const Cpts__V1__PathwayStep *step, struct counts *counts)
{
    counts->all++;
    counts->proposed += step->state == CPTS__V1__PATHWAY_STEP_STATE__PATHWAY_STEP_STATE_PROPOSED;
    counts->under_way += step->state == CPTS__V1__PATHWAY_STEP_STATE__PATHWAY_STEP_STATE_UNDER_WAY;
    counts->fulfilled += step->state == CPTS__V1__PATHWAY_STEP_STATE__PATHWAY_STEP_STATE_FULFILLED;
}

cpts_status pathway_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetPathwayRequest *request = message;
    uint8_t id[16];
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = request_uuid(request->pathway_id, "pathway_id", id, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_PATHWAY_GET);
    if (call->query == NULL)
        return request_no_memory(err);
    actor_bind(call, request->actor);
    query_uuid(call->query, id);
    return CPTS_OK;
}

cpts_status pathway_get_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct counts counts = {0};
    size_t step_count = (size_t)rows_count(rows);
    if (step_count == 0)
        return error_set_field(err, REASON_PATHWAY_NOT_FOUND, "pathway_id",
                               "no pathway of yours has this id");
    Cpts__V1__GetPathwayResponse *response =
        request_message(call, &cpts__v1__get_pathway_response__descriptor);
    Cpts__V1__PathwayStep **steps =
        arena_alloc(call->arena, step_count * sizeof(Cpts__V1__PathwayStep *));
    if (response == NULL || steps == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < step_count; i++) {
        steps[i] = read_step(call, rows, (int)i);
        if (steps[i] == NULL)
            return request_no_memory(err);
        count_step(steps[i], &counts);
    }
    response->pathway = read_pathway(call, rows, 0, &counts);
    if (response->pathway == NULL)
        return request_no_memory(err);
    response->pathway->steps = steps;
    response->pathway->n_steps = step_count;
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status pathway_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListPathwaysRequest *request = message;
    struct listing *listing = NULL;
    cpts_status status = actor_check(request->actor, err);
    if (status == CPTS_OK)
        status = listing_begin(call, &LISTING_PRESENT, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = listing;
    call->query = query_new(call->arena, STATEMENT_PATHWAY_LIST);
    if (call->query == NULL)
        return request_no_memory(err);
    actor_bind(call, request->actor);
    listing_bind(call, listing);
    query_text(call->query, request->template_);
    query_bool(call->query, request->proposed_only);
    return CPTS_OK;
}

cpts_status pathway_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    int count = listing_count(listing, rows_count(rows));
    Cpts__V1__ListPathwaysResponse *response =
        request_message(call, &cpts__v1__list_pathways_response__descriptor);
    Cpts__V1__Pathway **pathways =
        arena_alloc(call->arena, ((size_t)count + 1) * sizeof(Cpts__V1__Pathway *));
    if (response == NULL || pathways == NULL)
        return request_no_memory(err);
    response->pathways = pathways;
    for (int row = 0; row < count; row++) {
        const struct counts counts = {.proposed = rows_int(rows, row, PROPOSED_COUNT),
                                      .under_way = rows_int(rows, row, UNDER_WAY_COUNT),
                                      .fulfilled = rows_int(rows, row, FULFILLED_COUNT),
                                      .all = rows_int(rows, row, STEP_COUNT)};
        pathways[row] = read_pathway(call, rows, row, &counts);
        if (pathways[row] == NULL)
            return request_no_memory(err);
        response->n_pathways++;
    }
    call->response = &response->base;
    return listing_next(call, listing, rows_count(rows),
                        count == 0 ? NULL : pathways[count - 1]->id, &response->next_page_token,
                        err);
}

cpts_status pathway_templates_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListPathwayTemplatesRequest *request = message;
    const char *as_of = NULL;
    cpts_status status = request_as_of(call, request->as_of, &as_of, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_PATHWAY_TEMPLATES);
    if (call->query == NULL)
        return request_no_memory(err);
    query_text(call->query, as_of);
    return CPTS_OK;
}

/* Rows of the same template from there on. */
static int count_alike(const struct rows *rows, int first)
{
    int row = first + 1;
    while (row < rows_count(rows) &&
           strcmp(rows_text(rows, row, CODE), rows_text(rows, first, CODE)) == 0)
        row++;
    return row - first;
}

static Cpts__V1__PathwayTemplate *read_template(struct call *call, const struct rows *rows, int row,
                                                int step_count)
{
    Cpts__V1__PathwayTemplate *template =
        request_message(call, &cpts__v1__pathway_template__descriptor);
    Cpts__V1__PathwayTemplateStep **steps =
        arena_alloc(call->arena, (size_t)step_count * sizeof(Cpts__V1__PathwayTemplateStep *));
    if (template == NULL || steps == NULL)
        return NULL;
    template->code = (char *)rows_text(rows, row, CODE);
    template->version = (int32_t)rows_int(rows, row, VERSION);
    template->label = (char *)rows_text(rows, row, LABEL);
    template->use = (char *)rows_text(rows, row, USE);
    template->requester_wanted = rows_bool(rows, row, REQUESTER);
    template->valid_from = (char *)rows_text(rows, row, VALID_FROM);
    template->source = (char *)rows_text(rows, row, SOURCE);
    template->confidence = (char *)rows_text(rows, row, CONFIDENCE);
    template->steps = steps;
    for (int i = 0; i < step_count; i++) {
        steps[i] = pathway_step_read(call, rows, row + i, OWN);
        if (steps[i] == NULL)
            return NULL;
        template->n_steps++;
    }
    return template;
}

cpts_status pathway_templates_finish(struct call *call, const struct rows *rows,
                                     struct cpts_error *err)
{
    Cpts__V1__ListPathwayTemplatesResponse *response =
        request_message(call, &cpts__v1__list_pathway_templates_response__descriptor);
    Cpts__V1__PathwayTemplate **templates = arena_alloc(
        call->arena, ((size_t)rows_count(rows) + 1) * sizeof(Cpts__V1__PathwayTemplate *));
    if (response == NULL || templates == NULL)
        return request_no_memory(err);
    response->templates = templates;
    for (int row = 0; row < rows_count(rows);) {
        int count = count_alike(rows, row);
        templates[response->n_templates] = read_template(call, rows, row, count);
        if (templates[response->n_templates++] == NULL)
            return request_no_memory(err);
        row += count;
    }
    call->response = &response->base;
    return CPTS_OK;
}
