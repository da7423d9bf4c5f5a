/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/trajectory.h>
#include <cpts/v1/trajectory.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define REQUEST_ARENA_BYTES ((size_t)64 * 1024)

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
}

static const struct cpts_stage_total *totals(const Cpts__V1__TrajectoryPoint *from,
                                             struct arena *arena)
{
    struct cpts_stage_total *own = arena_alloc(arena, (from->n_stages + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_stages; i++)
        own[i] = (struct cpts_stage_total){.stage = (enum cpts_stage)from->stages[i]->stage,
                                           .count = from->stages[i]->count};
    return own;
}

static const struct cpts_trajectory_point *points(const Cpts__V1__GetTrajectoryResponse *from,
                                                  struct arena *arena)
{
    struct cpts_trajectory_point *own = arena_alloc(arena, (from->n_points + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_points; i++) {
        const Cpts__V1__TrajectoryPoint *one = from->points[i];
        const Cpts__V1__PublishedMark *mark = one->published;
        own[i] = (struct cpts_trajectory_point){
            .date = one->date,
            .project_count = one->project_count,
            .stages = totals(one, arena),
            .stage_count = one->n_stages,
            .is_fitted = one->is_fitted,
            .date_precision = mark == NULL ? "" : mark->date_precision,
            .publisher = mark == NULL ? "" : mark->publisher,
            .confidence = mark == NULL ? "" : mark->confidence,
            .source = mark == NULL ? "" : mark->source,
        };
        if (own[i].stages == NULL)
            return NULL;
    }
    return own;
}

static const struct cpts_region_trajectory *regions(const Cpts__V1__GetTrajectoryResponse *from,
                                                    struct arena *arena)
{
    struct cpts_region_trajectory *own = arena_alloc(arena, (from->n_regions + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_regions; i++) {
        const Cpts__V1__RegionTrajectory *one = from->regions[i];
        /* One count a point is what a caller may rely on. */
        int32_t *counts = arena_alloc(arena, (from->n_points + 1) * sizeof *counts);
        if (counts == NULL)
            return NULL;
        for (size_t at = 0; at < from->n_points && at < one->n_project_counts; at++)
            counts[at] = one->project_counts[at];
        own[i] = (struct cpts_region_trajectory){.region = one->region,
                                                 .name = one->name,
                                                 .population_total = one->population_total,
                                                 .project_counts = counts,
                                                 .per_million = one->per_million};
    }
    return own;
}

static const enum cpts_stage *stage_set(const Cpts__V1__GetTrajectoryResponse *from,
                                        struct arena *arena)
{
    enum cpts_stage *own = arena_alloc(arena, (from->n_stage_set + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_stage_set; i++)
        own[i] = (enum cpts_stage)from->stage_set[i];
    return own;
}

/* Sets the target when there is one; false without memory. */
static bool fill_target(struct cpts_trajectory *trajectory, const Cpts__V1__TargetDistance *from,
                        struct arena *arena)
{
    if (from == NULL)
        return true;
    struct cpts_target_distance *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_target_distance){
        .target_count = from->target_count,
        .project_count = from->project_count,
        .counted_on = from->counted_on,
        .missing_count = from->missing_count,
        .target_on = from->target_on,
        .needed_per_month = from->needed_per_month,
    };
    if (from->_recent_per_month_case ==
        CPTS__V1__TARGET_DISTANCE___RECENT_PER_MONTH_RECENT_PER_MONTH) {
        own->has_recent = true;
        own->recent_per_month = from->recent_per_month;
    }
    trajectory->target = own;
    return true;
}

static bool fill_heterogeneity(struct cpts_trajectory *trajectory,
                               const Cpts__V1__Heterogeneity *from, struct arena *arena)
{
    if (from == NULL)
        return true;
    struct cpts_heterogeneity *own = arena_alloc(arena, sizeof *own);
    if (own == NULL)
        return false;
    *own = (struct cpts_heterogeneity){
        .gini = from->gini,
        .gini_population = from->gini_population,
        .lowest_region = from->lowest == NULL ? "" : from->lowest->name,
        .lowest_per_million = from->lowest == NULL ? 0 : from->lowest->per_million,
        .highest_region = from->highest == NULL ? "" : from->highest->name,
        .highest_per_million = from->highest == NULL ? 0 : from->highest->per_million,
        .per_million = from->per_million,
    };
    trajectory->heterogeneity = own;
    return true;
}

static const struct cpts_projected_point *projected(Cpts__V1__ProjectedPoint *const *from,
                                                    size_t count, struct arena *arena)
{
    struct cpts_projected_point *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] = (struct cpts_projected_point){.date = from[i]->date,
                                               .count = from[i]->count,
                                               .low = from[i]->low,
                                               .high = from[i]->high};
    return own;
}

static bool fill_linear(struct cpts_projection *own, const Cpts__V1__LinearProjection *from,
                        struct arena *arena)
{
    static const Cpts__V1__LinearProjection NONE = CPTS__V1__LINEAR_PROJECTION__INIT;
    if (from == NULL)
        from = &NONE;
    *own = (struct cpts_projection){
        .is_fitted = from->_rmse_case == CPTS__V1__LINEAR_PROJECTION___RMSE_RMSE,
        .method = from->method,
        .point_count = from->point_count,
        .reason = from->reason,
        .message = from->message,
        .midpoint_on = "",
        .target_reached_on = from->target_reached_on,
        .points = projected(from->points, from->n_points, arena),
        .point_total = from->n_points,
    };
    if (own->is_fitted) {
        own->rmse = from->rmse;
        own->per_month = from->per_month;
    }
    return own->points != NULL;
}

static bool fill_logistic(struct cpts_projection *own, const Cpts__V1__LogisticProjection *from,
                          struct arena *arena)
{
    static const Cpts__V1__LogisticProjection NONE = CPTS__V1__LOGISTIC_PROJECTION__INIT;
    if (from == NULL)
        from = &NONE;
    *own = (struct cpts_projection){
        .is_fitted = from->_rmse_case == CPTS__V1__LOGISTIC_PROJECTION___RMSE_RMSE,
        .method = from->method,
        .point_count = from->point_count,
        .reason = from->reason,
        .message = from->message,
        .midpoint_on = from->midpoint_on,
        .target_reached_on = from->target_reached_on,
        .points = projected(from->points, from->n_points, arena),
        .point_total = from->n_points,
    };
    if (own->is_fitted) {
        own->rmse = from->rmse;
        own->plateau = from->plateau;
        own->plateau_low = from->plateau_low;
        own->plateau_high = from->plateau_high;
    }
    return own->points != NULL;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    const Cpts__V1__GetTrajectoryResponse *from =
        (const Cpts__V1__GetTrajectoryResponse *)answer->message;
    struct cpts_trajectory *own = answer->result;
    *own = (struct cpts_trajectory){
        .source = (enum cpts_trajectory_source)from->source,
        .region = from->region,
        .points = points(from, answer->arena),
        .point_count = from->n_points,
        .regions = regions(from, answer->arena),
        .region_count = from->n_regions,
        .stage_set = stage_set(from, answer->arena),
        .stage_set_count = from->n_stage_set,
        .definition = (enum cpts_coverage_definition)from->definition,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .synthetic = from->synthetic,
        .better_fit = (enum cpts_projection_model)from->better_fit,
        .better_fit_method = from->better_fit_method,
        .notes = (const char *const *)from->notes,
        .note_count = from->n_notes,
        .message = from,
    };
    bool is_full = own->points != NULL && own->regions != NULL && own->stage_set != NULL &&
                   fill_target(own, from->target, answer->arena) &&
                   fill_heterogeneity(own, from->heterogeneity, answer->arena) &&
                   fill_linear(&own->linear, from->linear, answer->arena) &&
                   fill_logistic(&own->logistic, from->logistic, answer->arena);
    return is_full ? CPTS_OK : no_memory(err);
}

static void deliver(const struct completion *completion)
{
    ((cpts_trajectory_callback *)completion->callback)(completion->status, completion->result,
                                                       &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const struct cpts_trajectory_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_trajectory_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__GetTrajectoryRequest request = CPTS__V1__GET_TRAJECTORY_REQUEST__INIT;
    request.source = (Cpts__V1__TrajectorySource)own.source;
    request.region = cpts_convert__text(own.region);
    request.from = cpts_convert__text(own.from);
    request.as_of = cpts_convert__text(own.as_of);
    request.step = (Cpts__V1__TrajectoryStep)own.step;
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    request.target_count = own.target_count;
    request.target_on = cpts_convert__text(own.target_on);
    request.until = cpts_convert__text(own.until);
    struct arena *arena = arena_new(REQUEST_ARENA_BYTES);
    if (arena != NULL)
        request.stages = cpts_convert__stages(own.stages, own.stage_count, arena);
    request.n_stages = own.stage_count;
    struct exchange exchange = {.operation = OPERATION_TRAJECTORY_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_trajectory_response__descriptor,
                                .result_bytes = sizeof(struct cpts_trajectory),
                                .take = take};
    status = request.stages == NULL ? no_memory(err)
                                    : cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_trajectory_get(cpts_client *client, const struct cpts_trajectory_query *query,
                                int32_t timeout_ms, struct cpts_trajectory **ret_trajectory,
                                struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_trajectory = result;
    return status;
}

cpts_status cpts_trajectory_get_start(cpts_client *client,
                                      const struct cpts_trajectory_query *query,
                                      const struct cpts_async *async,
                                      cpts_trajectory_callback *callback, uint64_t *ret_call,
                                      struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, query, &launch, err);
}

char *cpts_trajectory_json(const struct cpts_trajectory *trajectory, int indent_spaces)
{
    return cpts_convert__json(trajectory->message, indent_spaces);
}

void cpts_trajectory_free(struct cpts_trajectory *trajectory)
{
    cpts_exchange__release(trajectory);
}
