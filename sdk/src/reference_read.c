/* SPDX-License-Identifier: Apache-2.0 */
#include <cpts/reference.h>
#include <cpts/v1/reference.pb-c.h>

#include "convert.h"
#include "exchange.h"
#include "wire/arena.h"
#include "wire/error.h"

static bool fill(struct cpts_regions *regions, const Cpts__V1__ListRegionsResponse *from,
                 struct arena *arena)
{
    struct cpts_region *own = arena_alloc(arena, (from->n_regions + 1) * sizeof *own);
    if (own == NULL)
        return false;
    for (size_t i = 0; i < from->n_regions; i++) {
        const Cpts__V1__Region *one = from->regions[i];
        own[i] = (struct cpts_region){.code = one->code,
                                      .name = one->name,
                                      .zone = one->zone,
                                      .department_count = one->department_count,
                                      .commune_count = one->commune_count,
                                      .population_count = one->population_count,
                                      .owner_node = one->owner_node};
    }
    *regions =
        (struct cpts_regions){.regions = own, .region_count = from->n_regions, .message = from};
    return true;
}

cpts_status cpts_reference_regions(cpts_client *client, int32_t timeout_ms,
                                   struct cpts_regions **ret_regions, struct cpts_error *err)
{
    Cpts__V1__ListRegionsRequest request = CPTS__V1__LIST_REGIONS_REQUEST__INIT;
    struct exchange exchange = {.method = "/cpts.v1.ReferenceService/ListRegions",
                                .request = &request.base,
                                .response = &cpts__v1__list_regions_response__descriptor,
                                .result_bytes = sizeof **ret_regions,
                                .timeout_ms = timeout_ms};
    struct answer answer;
    cpts_status status = cpts_exchange__run(client, &exchange, &answer, err);
    if (status != CPTS_OK)
        return status;
    if (!fill(answer.result, (const Cpts__V1__ListRegionsResponse *)answer.message, answer.arena)) {
        cpts_exchange__release(answer.result);
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    }
    *ret_regions = answer.result;
    return CPTS_OK;
}

char *cpts_regions_json(const struct cpts_regions *regions, int indent_spaces)
{
    return cpts_convert__json(regions->message, indent_spaces);
}

void cpts_regions_free(struct cpts_regions *regions)
{
    cpts_exchange__release(regions);
}
