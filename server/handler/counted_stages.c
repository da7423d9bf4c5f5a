/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/counted_stages.h"

#include "base/call.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

cpts_status counted_stages_read(const Cpts__V1__Stage *stages, size_t stage_count,
                                struct counted_stages *ret_set, struct cpts_error *err)
{
    struct counted_stages set = {.count = 0};
    for (size_t i = 0; i < stage_count; i++) {
        if (!stage_is_live((int)stages[i]))
            return error_set_field(err, REASON_FIELD_INVALID, "stages",
                                   "only live stages are counted");
        set.has[stages[i]] = true;
    }
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (stage_count == 0)
            set.has[stage] = true;
        set.count += set.has[stage];
    }
    *ret_set = set;
    return CPTS_OK;
}

void counted_stages_bind(struct call *call, const struct counted_stages *set)
{
    const char *codes[STAGE_LIVE_COUNT];
    size_t count = 0;
    for (int stage = 1; stage <= STAGE_LIVE_COUNT; stage++) {
        if (set->has[stage])
            codes[count++] = stage_code(stage);
    }
    query_text_array(call->query, codes, count);
}

Cpts__V1__Stage *counted_stages_list(struct call *call, const struct counted_stages *set)
{
    Cpts__V1__Stage *stages = arena_alloc(call->arena, (set->count + 1) * sizeof *stages);
    size_t count = 0;
    for (int stage = 1; stages != NULL && stage <= STAGE_LIVE_COUNT; stage++) {
        if (set->has[stage])
            stages[count++] = (Cpts__V1__Stage)stage;
    }
    return stages;
}

Cpts__V1__CoverageDefinition counted_stages_definition(const struct counted_stages *set)
{
    if (set->count == STAGE_LIVE_COUNT)
        return CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_ALL_LIVE;
    if (set->count == 1 && set->has[STAGE_ACI_SIGNE])
        return CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_ACI_SIGNED;
    return CPTS__V1__COVERAGE_DEFINITION__COVERAGE_DEFINITION_CUSTOM;
}
