/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/coverage.h>
#include <cpts/v1/coverage.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

#define REQUEST_ARENA_BYTES ((size_t)64 * 1024)

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
}

static const struct cpts_stage_total *totals(Cpts__V1__StageCount *const *from, size_t count,
                                             struct arena *arena)
{
    struct cpts_stage_total *own = arena_alloc(arena, (count + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < count; i++)
        own[i] = (struct cpts_stage_total){.stage = (enum cpts_stage)from[i]->stage,
                                           .count = from[i]->count};
    return own;
}

static const enum cpts_stage *stage_set(const Cpts__V1__GetCoverageResponse *from,
                                        struct arena *arena)
{
    enum cpts_stage *own = arena_alloc(arena, (from->n_stage_set + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_stage_set; i++)
        own[i] = (enum cpts_stage)from->stage_set[i];
    return own;
}

static const struct cpts_definition_total *definitions(const Cpts__V1__GetCoverageResponse *from,
                                                       struct arena *arena)
{
    struct cpts_definition_total *own = arena_alloc(arena, (from->n_definitions + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_definitions; i++) {
        const Cpts__V1__DefinitionCount *one = from->definitions[i];
        own[i] = (struct cpts_definition_total){
            .definition = (enum cpts_coverage_definition)one->definition,
            .project_count = one->project_count,
            .population_covered = one->population_covered,
        };
    }
    return own;
}

static const struct cpts_region_coverage *regions(const Cpts__V1__GetCoverageResponse *from,
                                                  struct arena *arena)
{
    struct cpts_region_coverage *own = arena_alloc(arena, (from->n_regions + 1) * sizeof *own);
    for (size_t i = 0; own != NULL && i < from->n_regions; i++) {
        const Cpts__V1__RegionCoverage *one = from->regions[i];
        own[i] = (struct cpts_region_coverage){
            .region = one->region,
            .name = one->name,
            .project_count = one->project_count,
            .stages = totals(one->stages, one->n_stages, arena),
            .stage_count = one->n_stages,
            .population_covered = one->population_covered,
            .population_total = one->population_total,
        };
        if (own[i].stages == NULL)
            return NULL;
    }
    return own;
}

static bool fill(struct cpts_coverage *coverage, const Cpts__V1__GetCoverageResponse *from,
                 struct arena *arena)
{
    *coverage = (struct cpts_coverage){
        .project_count = from->project_count,
        .target_count = from->target_count,
        .stages = totals(from->stages, from->n_stages, arena),
        .stage_count = from->n_stages,
        .population_covered = from->population_covered,
        .population_total = from->population_total,
        .as_of = from->as_of,
        .known_at_us = cpts_convert__instant_us(from->known_at),
        .stage_set = stage_set(from, arena),
        .stage_set_count = from->n_stage_set,
        .definition = (enum cpts_coverage_definition)from->definition,
        .definitions = definitions(from, arena),
        .definition_count = from->n_definitions,
        .regions = regions(from, arena),
        .region_count = from->n_regions,
        .synthetic = from->synthetic,
        .population_vintage = from->population_vintage,
        .last_stage_on = from->last_stage_on,
        .message = from,
    };
    return coverage->stages != NULL && coverage->stage_set != NULL &&
           coverage->definitions != NULL && coverage->regions != NULL;
}

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    return fill(answer->result, (const Cpts__V1__GetCoverageResponse *)answer->message,
                answer->arena)
               ? CPTS_OK
               : no_memory(err);
}

static void deliver(const struct completion *completion)
{
    ((cpts_coverage_callback *)completion->callback)(completion->status, completion->result,
                                                     &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const struct cpts_coverage_query *query,
                        const struct launch *launch, struct cpts_error *err)
{
    struct cpts_coverage_query own;
    error_clear(err);
    cpts_status status = cpts_exchange__adopt(&own, sizeof own, query, err);
    if (status != CPTS_OK)
        return status;
    Google__Protobuf__Timestamp known_at;
    Cpts__V1__GetCoverageRequest request = CPTS__V1__GET_COVERAGE_REQUEST__INIT;
    request.region = cpts_convert__text(own.region);
    request.department = cpts_convert__text(own.department);
    request.as_of = cpts_convert__text(own.as_of);
    request.known_at = cpts_convert__timestamp(own.known_at_us, &known_at);
    struct arena *arena = arena_new(REQUEST_ARENA_BYTES);
    if (arena != NULL)
        request.stages = cpts_convert__stages(own.stages, own.stage_count, arena);
    request.n_stages = own.stage_count;
    struct exchange exchange = {.operation = OPERATION_COVERAGE_GET,
                                .request = &request.base,
                                .response = &cpts__v1__get_coverage_response__descriptor,
                                .result_bytes = sizeof(struct cpts_coverage),
                                .take = take};
    status = request.stages == NULL ? no_memory(err)
                                    : cpts_exchange__make(client, &exchange, launch, err);
    arena_free(arena);
    return status;
}

cpts_status cpts_coverage_get(cpts_client *client, const struct cpts_coverage_query *query,
                              int32_t timeout_ms, struct cpts_coverage **ret_coverage,
                              struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, query, &launch, err);
    if (status == CPTS_OK)
        *ret_coverage = result;
    return status;
}

cpts_status cpts_coverage_get_start(cpts_client *client, const struct cpts_coverage_query *query,
                                    const struct cpts_async *async,
                                    cpts_coverage_callback *callback, uint64_t *ret_call,
                                    struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, query, &launch, err);
}

char *cpts_coverage_json(const struct cpts_coverage *coverage, int indent_spaces)
{
    return cpts_convert__json(coverage->message, indent_spaces);
}

void cpts_coverage_free(struct cpts_coverage *coverage)
{
    cpts_exchange__release(coverage);
}
