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

static cpts_status take(const struct answer *answer, struct cpts_error *err)
{
    if (fill(answer->result, (const Cpts__V1__ListRegionsResponse *)answer->message, answer->arena))
        return CPTS_OK;
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
}

static void deliver(const struct completion *completion)
{
    ((cpts_regions_callback *)completion->callback)(completion->status, completion->result,
                                                    &completion->err, completion->data);
}

static cpts_status make(cpts_client *client, const struct launch *launch, struct cpts_error *err)
{
    Cpts__V1__ListRegionsRequest request = CPTS__V1__LIST_REGIONS_REQUEST__INIT;
    struct exchange exchange = {.operation = OPERATION_REFERENCE_REGIONS,
                                .request = &request.base,
                                .response = &cpts__v1__list_regions_response__descriptor,
                                .result_bytes = sizeof(struct cpts_regions),
                                .take = take};
    return cpts_exchange__make(client, &exchange, launch, err);
}

cpts_status cpts_reference_regions(cpts_client *client, int32_t timeout_ms,
                                   struct cpts_regions **ret_regions, struct cpts_error *err)
{
    void *result = NULL;
    struct launch launch = {.timeout_ms = timeout_ms, .ret_result = &result};
    cpts_status status = make(client, &launch, err);
    if (status == CPTS_OK)
        *ret_regions = result;
    return status;
}

cpts_status cpts_reference_regions_start(cpts_client *client, const struct cpts_async *async,
                                         cpts_regions_callback *callback, uint64_t *ret_call,
                                         struct cpts_error *err)
{
    struct launch launch =
        cpts_exchange__started(async, (exchange_callback *)callback, deliver, ret_call);
    return make(client, &launch, err);
}

char *cpts_regions_json(const struct cpts_regions *regions, int indent_spaces)
{
    return cpts_convert__json(regions->message, indent_spaces);
}

void cpts_regions_free(struct cpts_regions *regions)
{
    cpts_exchange__release(regions);
}
