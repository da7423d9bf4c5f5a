/* SPDX-License-Identifier: Apache-2.0 */
/* The series of GetTrajectory, from rows. */
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "handler/request.h"
#include "handler/trajectory_parts.h"
#include "store/rows.h"
#include "wire/arena.h"

/* Columns of trajectory.sql. */
enum registry_column {
    REGION,
    NAME,
    POPULATION,
    DAYS,
    STAGE_FIRST,
    SYNTHETIC = STAGE_FIRST + STAGE_LIVE_COUNT,
    TARGET,
    KNOWN_AT,
};

/* Columns of trajectory_published.sql. */
enum published_column {
    COUNTED_ON,
    COUNT,
    BY_STAGE,
    PRECISION = BY_STAGE + STAGE_LIVE_COUNT,
    PUBLISHER,
    CONFIDENCE,
    SOURCE,
    PUBLISHED_TARGET,
};

/* A count that its publisher gave, not somebody's sum or difference of others. */
static const char COUNTED[] = "published";

static Cpts__V1__StageCount *new_count(struct call *call, int stage, int32_t count)
{
    Cpts__V1__StageCount *one = request_message(call, &cpts__v1__stage_count__descriptor);
    if (one != NULL) {
        one->stage = (Cpts__V1__Stage)stage;
        one->count = count;
    }
    return one;
}

/* A point of the answer with room for its stages. */
static Cpts__V1__TrajectoryPoint *add_point(struct call *call,
                                            Cpts__V1__GetTrajectoryResponse *response, char *date)
{
    const struct trajectory_question *question = call->state;
    Cpts__V1__TrajectoryPoint *point =
        request_message(call, &cpts__v1__trajectory_point__descriptor);
    if (point == NULL)
        return NULL;
    point->date = date;
    point->is_fitted = true;
    point->stages = arena_alloc(call->arena, (question->set.count + 1) * sizeof *point->stages);
    if (point->stages == NULL)
        return NULL;
    response->points[response->n_points++] = point;
    return point;
}

/* Points of the nation or region, with zero counts at each stage. */
static bool open_points(struct call *call, const struct rows *rows,
                        Cpts__V1__GetTrajectoryResponse *response)
{
    const struct trajectory_question *question = call->state;
    char **days = NULL;
    int count = rows_array(rows, 0, DAYS, call->arena, &days);
    if (count < 0)
        return false;
    response->points = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *response->points);
    for (int i = 0; response->points != NULL && i < count; i++) {
        Cpts__V1__TrajectoryPoint *point = add_point(call, response, days[i]);
        for (int stage = 1; point != NULL && stage <= STAGE_LIVE_COUNT; stage++) {
            if (!question->set.has[stage])
                continue;
            point->stages[point->n_stages] = new_count(call, stage, 0);
            if (point->stages[point->n_stages++] == NULL)
                return false;
        }
        if (point == NULL)
            return false;
    }
    return response->points != NULL;
}

/* One stage of a region's row; adds it to the points' sums, too. */
static Cpts__V1__StageSeries *read_stage(struct call *call, const struct rows *rows, int row,
                                         int stage, Cpts__V1__GetTrajectoryResponse *response)
{
    char **counts = NULL;
    Cpts__V1__StageSeries *series = request_message(call, &cpts__v1__stage_series__descriptor);
    int count = rows_array(rows, row, STAGE_FIRST + stage - 1, call->arena, &counts);
    if (series == NULL || count < 0 || (size_t)count != response->n_points)
        return NULL;
    series->stage = (Cpts__V1__Stage)stage;
    series->counts = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *series->counts);
    if (series->counts == NULL)
        return NULL;
    series->n_counts = (size_t)count;
    for (int i = 0; i < count; i++)
        series->counts[i] = (int32_t)strtol(counts[i], NULL, 10);
    return series;
}

static Cpts__V1__RegionTrajectory *read_region(struct call *call, const struct rows *rows, int row,
                                               Cpts__V1__GetTrajectoryResponse *response)
{
    const struct trajectory_question *question = call->state;
    Cpts__V1__RegionTrajectory *region =
        request_message(call, &cpts__v1__region_trajectory__descriptor);
    if (region == NULL)
        return NULL;
    region->region = (char *)rows_text(rows, row, REGION);
    region->name = (char *)rows_text(rows, row, NAME);
    region->population_total = (int32_t)rows_int(rows, row, POPULATION);
    region->stages = arena_alloc(call->arena, (question->set.count + 1) * sizeof *region->stages);
    region->project_counts =
        arena_alloc(call->arena, (response->n_points + 1) * sizeof *region->project_counts);
    if (region->stages == NULL || region->project_counts == NULL)
        return NULL;
    region->n_project_counts = response->n_points;
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (!question->set.has[stage])
            continue;
        Cpts__V1__StageSeries *series = read_stage(call, rows, row, stage, response);
        if (series == NULL)
            return NULL;
        for (size_t i = 0; i < series->n_counts; i++) {
            Cpts__V1__TrajectoryPoint *point = response->points[i];
            region->project_counts[i] += series->counts[i];
            point->stages[region->n_stages]->count += series->counts[i];
            point->project_count += series->counts[i];
        }
        region->stages[region->n_stages++] = series;
    }
    return region;
}

bool trajectory_read_registry(struct call *call, const struct rows *rows,
                              Cpts__V1__GetTrajectoryResponse *response, int32_t *ret_target)
{
    const struct trajectory_question *question = call->state;
    size_t count = (size_t)rows_count(rows);
    response->regions = arena_alloc(call->arena, (count + 1) * sizeof *response->regions);
    response->known_at = request_timestamp(call, rows_time_us(rows, 0, KNOWN_AT));
    if (response->regions == NULL || response->known_at == NULL ||
        !open_points(call, rows, response))
        return false;
    for (size_t row = 0; row < count; row++) {
        Cpts__V1__RegionTrajectory *region = read_region(call, rows, (int)row, response);
        if (region == NULL)
            return false;
        int32_t last = region->project_counts[response->n_points - 1];
        if (region->population_total > 0)
            region->per_million = trajectory_rounded(last * 1e6 / region->population_total);
        response->regions[row] = region;
        response->synthetic |= rows_int(rows, (int)row, SYNTHETIC) > 0;
    }
    /* A region's own question is answered by the points. */
    response->n_regions = question->region[0] == '\0' ? count : 0;
    *ret_target = (int32_t)rows_int(rows, 0, TARGET);
    return true;
}

static Cpts__V1__PublishedMark *read_mark(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__PublishedMark *mark = request_message(call, &cpts__v1__published_mark__descriptor);
    if (mark == NULL)
        return NULL;
    mark->date_precision = (char *)rows_text(rows, row, PRECISION);
    mark->publisher = (char *)rows_text(rows, row, PUBLISHER);
    mark->confidence = (char *)rows_text(rows, row, CONFIDENCE);
    mark->source = (char *)rows_text(rows, row, SOURCE);
    return mark;
}

/* The stages of a published total: all of the set, or none. */
static bool read_stages(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__TrajectoryPoint *point)
{
    const struct trajectory_question *question = call->state;
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (question->set.has[stage] && rows_is_null(rows, row, BY_STAGE + stage - 1))
            return true;
    }
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (!question->set.has[stage])
            continue;
        int32_t count = (int32_t)rows_int(rows, row, BY_STAGE + stage - 1);
        point->stages[point->n_stages] = new_count(call, stage, count);
        if (point->stages[point->n_stages++] == NULL)
            return false;
    }
    return true;
}

bool trajectory_read_published(struct call *call, const struct rows *rows,
                               Cpts__V1__GetTrajectoryResponse *response, int32_t *ret_target)
{
    size_t count = (size_t)rows_count(rows);
    *ret_target = (int32_t)rows_int(rows, 0, PUBLISHED_TARGET);
    response->points = arena_alloc(call->arena, (count + 1) * sizeof *response->points);
    if (response->points == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        int row = (int)i;
        if (rows_is_null(rows, row, COUNTED_ON))
            continue;
        Cpts__V1__TrajectoryPoint *point =
            add_point(call, response, (char *)rows_text(rows, row, COUNTED_ON));
        if (point == NULL)
            return false;
        point->project_count = (int32_t)rows_int(rows, row, COUNT);
        point->published = read_mark(call, rows, row);
        if (point->published == NULL || !read_stages(call, rows, row, point))
            return false;
        point->is_fitted = strncmp(point->published->confidence, COUNTED, sizeof COUNTED - 1) == 0;
    }
    return true;
}
