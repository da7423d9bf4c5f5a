/* SPDX-License-Identifier: Apache-2.0 */
#include "base/call.h"
#include "cpts/v1/reference.pb-c.h"
#include "domain/units.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define PAGE_SIZE_MAX 100

enum region_column {
    CODE,
    NAME,
    ZONE,
    DEPARTMENT_COUNT,
    COMMUNE_COUNT,
    POPULATION_COUNT,
    OWNER_NODE,
};

cpts_status region_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListRegionsRequest *request = message;
    if (request->page_size < 0 || request->page_size > PAGE_SIZE_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "page_size", "0 to %d", PAGE_SIZE_MAX);
    if (request->page_token[0] != '\0' &&
        !units_has_region(call->service->units, request->page_token))
        return error_set_field(err, REASON_PAGE_TOKEN_INVALID, "page_token",
                               "not a token of this listing: begin again without one");
    int32_t *page_size = arena_alloc(call->arena, sizeof *page_size);
    call->query = query_new(call->arena, STATEMENT_REGION_LIST);
    if (page_size == NULL || call->query == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the call");
    *page_size = request->page_size == 0 ? PAGE_SIZE_MAX : request->page_size;
    call->state = page_size;
    query_text(call->query, request->page_token);
    query_int(call->query, *page_size + 1);
    return CPTS_OK;
}

static Cpts__V1__Region *read_region(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__Region *region = request_message(call, &cpts__v1__region__descriptor);
    if (region == NULL)
        return NULL;
    region->code = (char *)rows_text(rows, row, CODE);
    region->name = (char *)rows_text(rows, row, NAME);
    region->zone = (char *)rows_text(rows, row, ZONE);
    region->department_count = (int32_t)rows_int(rows, row, DEPARTMENT_COUNT);
    region->commune_count = (int32_t)rows_int(rows, row, COMMUNE_COUNT);
    region->population_count = (int32_t)rows_int(rows, row, POPULATION_COUNT);
    region->owner_node = (char *)rows_text(rows, row, OWNER_NODE);
    return region;
}

cpts_status region_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const int32_t *page_size = call->state;
    int count = rows_count(rows) > *page_size ? *page_size : rows_count(rows);
    Cpts__V1__ListRegionsResponse *response =
        request_message(call, &cpts__v1__list_regions_response__descriptor);
    Cpts__V1__Region **regions =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__Region *));
    if (response == NULL || regions == NULL)
        return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    for (int row = 0; row < count; row++) {
        regions[row] = read_region(call, rows, row);
        if (regions[row] == NULL)
            return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the answer");
    }
    response->n_regions = (size_t)count;
    response->regions = regions;
    if (rows_count(rows) > count)
        response->next_page_token = (char *)rows_text(rows, count - 1, CODE);
    call->response = &response->base;
    return CPTS_OK;
}
