/* SPDX-License-Identifier: Apache-2.0 */
/* ListUnmetDemand: what was released of a year, nothing else. */
#include <string.h>

#include "base/call.h"
#include "cpts/v1/referral.pb-c.h"
#include "domain/period.h"
#include "handler/filter.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define YEAR_CHARACTERS 4

/* Columns of unmet_demand.sql. */
enum unmet_column {
    IS_RELEASED,
    PERIOD,
    THRESHOLD,
    SYNTHETIC,
    TOTAL,
    UNIT_CODE,
    UNIT_NAME,
    DEPARTMENT,
    REGION,
    POPULATION,
    UNMET,
};

static const struct listing_rule BY_COUNT = {
    .place = LISTING_BY_RANK, .page_size_default = 100, .page_size_max = 500};

cpts_status unmet_demand_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListUnmetDemandRequest *request = message;
    struct period period;
    struct listing *listing = NULL;
    cpts_status status = filter_area_check(call, request->region, request->department, err);
    if (status == CPTS_OK && request->period[0] != '\0' &&
        (strlen(request->period) != YEAR_CHARACTERS || !period_parse(request->period, &period)))
        status = error_set_field(err, REASON_FIELD_INVALID, "period", "not a year: 2026");
    if (status == CPTS_OK)
        status = listing_begin(call, &BY_COUNT, &request->base, NULL, &listing, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_UNMET_DEMAND);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = listing;
    query_text(call->query, request->region);
    query_text(call->query, request->department);
    query_text(call->query, request->period);
    return CPTS_OK;
}

static Cpts__V1__UnmetDemand *unmet_message(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__UnmetDemand *unmet = request_message(call, &cpts__v1__unmet_demand__descriptor);
    if (unmet == NULL)
        return NULL;
    unmet->unit_code = (char *)rows_text(rows, row, UNIT_CODE);
    unmet->name = (char *)rows_text(rows, row, UNIT_NAME);
    unmet->department = (char *)rows_text(rows, row, DEPARTMENT);
    unmet->region = (char *)rows_text(rows, row, REGION);
    unmet->population_count = (int32_t)rows_int(rows, row, POPULATION);
    unmet->suppressed = rows_is_null(rows, row, UNMET);
    unmet->unmet_count = (int32_t)rows_int(rows, row, UNMET);
    return unmet;
}

cpts_status unmet_demand_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    if (!rows_bool(rows, 0, IS_RELEASED))
        return error_set_field(err, REASON_FIELD_INVALID, "period",
                               "nothing of that year was released");
    int count = rows_is_null(rows, 0, UNIT_CODE) ? 0 : rows_count(rows);
    Cpts__V1__ListUnmetDemandResponse *response =
        request_message(call, &cpts__v1__list_unmet_demand_response__descriptor);
    if (response == NULL)
        return request_no_memory(err);
    response->rows = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->rows);
    for (int row = (int)listing->rank;
         response->rows != NULL && row < count && row < listing->rank + listing->page_size; row++) {
        Cpts__V1__UnmetDemand *unmet = unmet_message(call, rows, row);
        if (unmet == NULL)
            return request_no_memory(err);
        response->rows[response->n_rows++] = unmet;
    }
    if (response->rows == NULL)
        return request_no_memory(err);
    response->unit_count = count;
    response->unmet_count = (int32_t)rows_int(rows, 0, TOTAL);
    response->suppressed = rows_is_null(rows, 0, TOTAL);
    response->synthetic = rows_bool(rows, 0, SYNTHETIC);
    response->period = (char *)rows_text(rows, 0, PERIOD);
    response->threshold_count = rows_is_null(rows, 0, THRESHOLD)
                                    ? call->service->disclosure_threshold_count
                                    : (int32_t)rows_int(rows, 0, THRESHOLD);
    call->response = &response->base;
    int left = count - (int)listing->rank;
    int found = left > listing->page_size ? listing->page_size + 1 : left;
    return listing_next(call, listing, found, NULL, &response->next_page_token, err);
}
