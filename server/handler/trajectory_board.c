/* SPDX-License-Identifier: Apache-2.0 */
/* GetTrajectory: the question, and what the answer says about itself. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "domain/units.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "handler/trajectory_parts.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define TARGET_COUNT_MAX 100000
#define HORIZON_MONTHS 60
#define HORIZON_MONTHS_MAX 600
#define NOTES_MAX 3

/* What each published measure counts, as stages 1 to 4. */
static const struct {
    const char *measure;
    bool has[STAGE_LIVE_COUNT + 1];
} MEASURES[] = {
    {"all_projects", {false, true, true, true, true}},
    {"atlas_total_without_pre_projects", {false, false, true, true, true}},
    {"pre_project", {false, true, false, false, false}},
    {"intent_letter_validated", {false, false, true, false, false}},
    {"project_validated", {false, false, false, true, false}},
    {"aci_signed", {false, false, false, false, true}},
};

static const struct {
    int months;
    const char *interval;
    const char *unit;
} STEPS[] = {
    [CPTS__V1__TRAJECTORY_STEP__TRAJECTORY_STEP_UNSPECIFIED] = {1, "1 month", "month"},
    [CPTS__V1__TRAJECTORY_STEP__TRAJECTORY_STEP_MONTH] = {1, "1 month", "month"},
    [CPTS__V1__TRAJECTORY_STEP__TRAJECTORY_STEP_QUARTER] = {3, "3 months", "quarter"},
    [CPTS__V1__TRAJECTORY_STEP__TRAJECTORY_STEP_YEAR] = {12, "1 year", "year"},
};

double trajectory_rounded(double figure)
{
    return round(figure * 1e4) / 1e4;
}

static const char *find_measure(const struct counted_stages *set)
{
    for (size_t i = 0; i < sizeof MEASURES / sizeof MEASURES[0]; i++) {
        if (memcmp(MEASURES[i].has, set->has, sizeof set->has) == 0)
            return MEASURES[i].measure;
    }
    return NULL;
}

static cpts_status read_source(const Cpts__V1__GetTrajectoryRequest *request,
                               struct trajectory_question *question, struct cpts_error *err)
{
    if ((unsigned)request->source > CPTS__V1__TRAJECTORY_SOURCE__TRAJECTORY_SOURCE_PUBLISHED)
        return error_set_field(err, REASON_FIELD_INVALID, "source", "REGISTRY or PUBLISHED");
    question->is_published =
        request->source != CPTS__V1__TRAJECTORY_SOURCE__TRAJECTORY_SOURCE_REGISTRY;
    if (question->is_published && request->known_at != NULL)
        return error_set_field(err, REASON_FIELD_INVALID, "known_at",
                               "published counts carry no instant: ask for source REGISTRY");
    if (question->is_published && find_measure(&question->set) == NULL)
        return error_set_field(err, REASON_FIELD_INVALID, "stages",
                               "nobody publishes that set: all four, LETTRE_INTENTION to "
                               "ACI_SIGNE, or one");
    return CPTS_OK;
}

/* A date of the future of the series: after @p as_of. */
static cpts_status read_later(const char *text, const char *field, const char *fallback,
                              struct trajectory_question *question, const char **ret_date,
                              struct cpts_error *err)
{
    if (text[0] != '\0' && !calendar_is_date(text))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not a date: YYYY-MM-DD");
    if (text[0] != '\0' && strcmp(text, question->as_of) <= 0)
        return error_set_field(err, REASON_FIELD_INVALID, field, "%s is not after %s", text,
                               question->as_of);
    *ret_date = text[0] == '\0' ? fallback : text;
    return CPTS_OK;
}

/* Where the projections end unless asked: in five years, or at the target. */
static cpts_status read_horizon(struct call *call, const Cpts__V1__GetTrajectoryRequest *request,
                                struct trajectory_question *question, struct cpts_error *err)
{
    int year = 0;
    char horizon[CALENDAR_DATE_BYTES];
    char farthest[CALENDAR_DATE_BYTES];
    calendar_add_months(question->as_of, HORIZON_MONTHS, horizon);
    calendar_add_months(question->as_of, HORIZON_MONTHS_MAX, farthest);
    for (int i = 0; i < 4; i++)
        year = year * 10 + (question->as_of[i] - '0');
    const char *next_year = arena_printf(call->arena, "%04d-12-31", year + 1);
    const char *five_years = arena_printf(call->arena, "%s", horizon);
    if (next_year == NULL || five_years == NULL)
        return request_no_memory(err);
    cpts_status status =
        read_later(request->target_on, "target_on", next_year, question, &question->target_on, err);
    if (status == CPTS_OK)
        status = read_later(request->until, "until",
                            strcmp(question->target_on, five_years) > 0 ? question->target_on
                                                                        : five_years,
                            question, &question->until, err);
    if (status == CPTS_OK && strcmp(question->until, farthest) > 0)
        return error_set_field(err, REASON_FIELD_INVALID,
                               request->until[0] == '\0' ? "target_on" : "until",
                               "at most %d years are projected", HORIZON_MONTHS_MAX / 12);
    return status;
}

static cpts_status read_dates(struct call *call, const Cpts__V1__GetTrajectoryRequest *request,
                              struct trajectory_question *question, struct cpts_error *err)
{
    if ((unsigned)request->step >= sizeof STEPS / sizeof STEPS[0])
        return error_set_field(err, REASON_FIELD_INVALID, "step", "MONTH, QUARTER or YEAR");
    question->step_months = STEPS[request->step].months;
    cpts_status status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status != CPTS_OK)
        return status;
    if (request->from[0] == '\0')
        return read_horizon(call, request, question, err);
    if (!calendar_is_date(request->from))
        return error_set_field(err, REASON_FIELD_INVALID, "from", "not a date: YYYY-MM-DD");
    if (strcmp(request->from, question->as_of) > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "from", "%s is after %s, the last date",
                               request->from, question->as_of);
    char last[CALENDAR_DATE_BYTES];
    calendar_add_months(request->from, (TRAJECTORY_POINTS_MAX - 2) * question->step_months, last);
    if (!question->is_published && strcmp(last, question->as_of) < 0)
        return error_set_field(err, REASON_FIELD_INVALID, "from",
                               "more than %d points: take a longer step", TRAJECTORY_POINTS_MAX);
    question->from = request->from;
    return read_horizon(call, request, question, err);
}

static void bind(struct call *call, const Cpts__V1__GetTrajectoryRequest *request,
                 const struct trajectory_question *question, const char *known_at)
{
    query_text(call->query, question->region);
    if (question->is_published) {
        query_text(call->query, find_measure(&question->set));
        query_text(call->query, question->from);
        query_text(call->query, question->as_of);
        return;
    }
    query_text(call->query, question->from);
    query_text(call->query, question->as_of);
    query_text(call->query, STEPS[request->step].interval);
    query_text(call->query, STEPS[request->step].unit);
    query_text(call->query, known_at);
    counted_stages_bind(call, &question->set);
    query_int(call->query, TRAJECTORY_POINTS_MAX);
}

static cpts_status check(const struct call *call, const Cpts__V1__GetTrajectoryRequest *request,
                         struct cpts_error *err)
{
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region",
                               "no region with an ARS has this code");
    if (request->target_count < 0 || request->target_count > TARGET_COUNT_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "target_count", "0 to %d",
                               TARGET_COUNT_MAX);
    return CPTS_OK;
}

cpts_status trajectory_get_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetTrajectoryRequest *request = message;
    const char *known_at = NULL;
    struct trajectory_question *question = arena_alloc(call->arena, sizeof *question);
    if (question == NULL)
        return request_no_memory(err);
    question->region = request->region;
    question->target_count = request->target_count;
    cpts_status status = check(call, request, err);
    if (status == CPTS_OK)
        status = counted_stages_read(request->stages, request->n_stages, &question->set, err);
    if (status == CPTS_OK)
        status = read_source(request, question, err);
    if (status == CPTS_OK)
        status = read_dates(call, request, question, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, question->is_published ? STATEMENT_TRAJECTORY_PUBLISHED
                                                                : STATEMENT_TRAJECTORY);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = question;
    bind(call, request, question, known_at);
    return CPTS_OK;
}

/* What must be said with the figures. */
static bool add_notes(struct call *call, Cpts__V1__GetTrajectoryResponse *response)
{
    const struct trajectory_question *question = call->state;
    bool has_sum = false;
    response->notes = arena_alloc(call->arena, NOTES_MAX * sizeof *response->notes);
    if (response->notes == NULL)
        return false;
    for (size_t i = 0; i < response->n_points; i++)
        has_sum |= !response->points[i]->is_fitted;
    if (question->is_published)
        response->notes[response->n_notes++] =
            "Published counts, quoted with their source and confidence; not counted by this node.";
    else
        response->notes[response->n_notes++] =
            "Points of a register depend on those before: the intervals are narrower than the "
            "truth.";
    if (has_sum)
        response->notes[response->n_notes++] =
            "Totals that are a sum of other published counts are shown and not fitted.";
    if (response->synthetic)
        response->notes[response->n_notes++] =
            "SYNTHETIC DATA: invented CPTS on real communes, not the real register.";
    return true;
}

static bool describe(struct call *call, Cpts__V1__GetTrajectoryResponse *response)
{
    const struct trajectory_question *question = call->state;
    response->source = question->is_published
                           ? CPTS__V1__TRAJECTORY_SOURCE__TRAJECTORY_SOURCE_PUBLISHED
                           : CPTS__V1__TRAJECTORY_SOURCE__TRAJECTORY_SOURCE_REGISTRY;
    response->region = (char *)question->region;
    response->as_of = (char *)question->as_of;
    response->stage_set = counted_stages_list(call, &question->set);
    response->n_stage_set = question->set.count;
    response->definition = counted_stages_definition(&question->set);
    return response->stage_set != NULL && add_notes(call, response);
}

cpts_status trajectory_get_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    const struct trajectory_question *question = call->state;
    int32_t target_count = 0;
    if (rows_count(rows) == 0)
        return error_set(err, REASON_INTERNAL_ERROR, "the reference data is not loaded");
    Cpts__V1__GetTrajectoryResponse *response =
        request_message(call, &cpts__v1__get_trajectory_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    bool is_fine = question->is_published
                       ? trajectory_read_published(call, rows, response, &target_count)
                       : trajectory_read_registry(call, rows, response, &target_count);
    if (question->target_count > 0)
        target_count = question->target_count;
    if (!is_fine || !describe(call, response) || !trajectory_measure(call, response, target_count))
        return request_no_memory(err);
    cpts_status status = trajectory_project(call, response, target_count, err);
    if (status == CPTS_OK)
        call->response = &response->base;
    return status;
}
