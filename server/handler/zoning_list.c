/* SPDX-License-Identifier: Apache-2.0 */
/* ListZoning. */
#include "base/call.h"
#include "cpts/v1/territory.pb-c.h"
#include "handler/filter.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of zoning_list.sql. */
enum zoning_column {
    VERSION,
    ROW_COUNT,
    UNIT_CODE,
    NAME,
    DEPARTMENT,
    REGION,
    ZONE,
    VALID_FROM,
    VALID_TO,
    SOURCE,
    POPULATION,
    KNOWN_AT,
};

static const struct listing_rule PAGES = {LISTING_BY_RANK, 1000, 5000, "known_at"};

/* What the second half needs to know. */
struct question {
    struct listing *listing;
    const char *as_of;
    const char *commune;
};

cpts_status zoning_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListZoningRequest *request = message;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    call->query = query_new(call->arena, STATEMENT_ZONING_LIST);
    if (question == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = filter_area_check(call, request->region, request->department, err);
    if (status == CPTS_OK)
        status = filter_unit_read(call, request->commune, &question->commune, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &question->as_of, err);
    if (status == CPTS_OK)
        status =
            listing_begin(call, &PAGES, &request->base, question->as_of, &question->listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = question;
    query_text(call->query, request->region);
    query_text(call->query, request->department);
    query_text(call->query, question->commune);
    query_text(call->query, question->as_of);
    query_text(call->query, question->listing->known_at);
    listing_bind(call, question->listing);
    return CPTS_OK;
}

static Cpts__V1__ZonedUnit *read_unit(struct call *call, const struct rows *rows, int row)
{
    Cpts__V1__ZonedUnit *unit = request_message(call, &cpts__v1__zoned_unit__descriptor);
    if (unit == NULL)
        return NULL;
    unit->unit_code = (char *)rows_text(rows, row, UNIT_CODE);
    unit->name = (char *)rows_text(rows, row, NAME);
    unit->department = (char *)rows_text(rows, row, DEPARTMENT);
    unit->region = (char *)rows_text(rows, row, REGION);
    unit->zone = filter_zone(rows_text(rows, row, ZONE));
    unit->valid_from = (char *)rows_text(rows, row, VALID_FROM);
    unit->valid_to = (char *)rows_text(rows, row, VALID_TO);
    unit->source = (char *)rows_text(rows, row, SOURCE);
    unit->population_count = (int32_t)rows_int(rows, row, POPULATION);
    return unit;
}

/* A listing without units is one row without a code. */
static bool read_units(struct call *call, const struct rows *rows,
                       Cpts__V1__ListZoningResponse *response)
{
    const struct question *question = call->state;
    int count = listing_count(question->listing, rows_count(rows));
    response->units = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *response->units);
    if (response->units == NULL)
        return false;
    for (int row = 0; row < count && !rows_is_null(rows, row, UNIT_CODE); row++) {
        Cpts__V1__ZonedUnit *unit = read_unit(call, rows, row);
        if (unit == NULL)
            return false;
        response->units[response->n_units++] = unit;
    }
    return true;
}

cpts_status zoning_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct question *question = call->state;
    listing_read_instant(question->listing, rows, KNOWN_AT);
    Cpts__V1__ListZoningResponse *response =
        request_message(call, &cpts__v1__list_zoning_response__descriptor);
    if (response == NULL || !read_units(call, rows, response))
        return request_no_memory(err);
    if (rows_count(rows) > 0) {
        response->version = (int32_t)rows_int(rows, 0, VERSION);
        response->unit_count = (int32_t)rows_int(rows, 0, ROW_COUNT);
    }
    response->as_of = (char *)question->as_of;
    response->known_at = request_timestamp(call, question->listing->token.known_at_us);
    if (response->known_at == NULL)
        return request_no_memory(err);
    call->response = &response->base;
    return listing_next(call, question->listing, rows_count(rows), NULL, &response->next_page_token,
                        err);
}
