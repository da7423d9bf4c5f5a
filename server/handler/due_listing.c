/* SPDX-License-Identifier: Apache-2.0 */
/* ListDue. */
#include "base/call.h"
#include "cpts/v1/lifecycle.pb-c.h"
#include "domain/calendar.h"
#include "domain/units.h"
#include "handler/clock_message.h"
#include "handler/dossier_parts.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Columns of clock_list.sql. */
enum column {
    CLOCK_ID,
    CPTS_ID,
    NAME,
    LEAD_REGION,
    STAGE,
    KIND,
    MISSION,
    STARTED_ON,
    DUE_ON,
    RAISED,
    MONTHS,
    SOURCE,
    CONFIDENCE,
    SYNTHETIC,
    KNOWN_AT,
};

/* What the second half needs to know. */
struct due_page {
    struct listing *listing;
    const char *as_of;
};

static cpts_status check_filter(const struct call *call, const Cpts__V1__ListDueRequest *request,
                                struct cpts_error *err)
{
    uint8_t id[16];
    if (request->region[0] != '\0' && !units_has_region(call->service->units, request->region))
        return error_set_field(err, REASON_UNKNOWN_REGION, "region", "no region has this code");
    if (request->until[0] != '\0' && !calendar_is_date(request->until))
        return error_set_field(err, REASON_FIELD_INVALID, "until", "not a date: YYYY-MM-DD");
    cpts_status status = dossier_code_check(DOSSIER_CLOCK, request->kind, false, "kind", err);
    if (status == CPTS_OK && request->cpts_id[0] != '\0')
        status = request_uuid(request->cpts_id, "cpts_id", id, err);
    return status;
}

static void bind_list(struct call *call, const Cpts__V1__ListDueRequest *request,
                      const struct due_page *page)
{
    query_text(call->query, request->region);
    query_text(call->query, request->kind);
    query_text(call->query, request->cpts_id[0] == '\0' ? NULL : request->cpts_id);
    query_text(call->query, request->until[0] == '\0' ? page->as_of : request->until);
    query_text(call->query, page->as_of);
    query_text(call->query, page->listing->known_at);
    listing_bind(call, page->listing);
}

cpts_status due_list_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListDueRequest *request = message;
    struct due_page *page = arena_alloc(call->arena, sizeof *page);
    call->query = query_new(call->arena, STATEMENT_CLOCK_LIST);
    if (page == NULL || call->query == NULL)
        return request_no_memory(err);
    cpts_status status = check_filter(call, request, err);
    if (status == CPTS_OK)
        status = request_as_of(call, request->as_of, &page->as_of, err);
    if (status == CPTS_OK)
        status =
            listing_begin(call, &LISTING_USUAL, &request->base, page->as_of, &page->listing, err);
    if (status != CPTS_OK)
        return status;
    call->state = page;
    bind_list(call, request, page);
    return CPTS_OK;
}

static Cpts__V1__DueClock *read_due(struct call *call, const struct rows *rows, int row,
                                    const char *as_of)
{
    struct clock_facts facts = {.id = rows_text(rows, row, CLOCK_ID),
                                .kind = rows_text(rows, row, KIND),
                                .mission = rows_text(rows, row, MISSION),
                                .started_on = rows_text(rows, row, STARTED_ON),
                                .due_on = rows_text(rows, row, DUE_ON),
                                .stopped_on = "",
                                .raised_at_us = rows_int(rows, row, RAISED),
                                .months = (int32_t)rows_int(rows, row, MONTHS),
                                .source = rows_text(rows, row, SOURCE),
                                .confidence = rows_text(rows, row, CONFIDENCE)};
    Cpts__V1__DueClock *due = request_message(call, &cpts__v1__due_clock__descriptor);
    if (due == NULL)
        return NULL;
    due->cpts_id = (char *)rows_text(rows, row, CPTS_ID);
    due->name = (char *)rows_text(rows, row, NAME);
    due->lead_region = (char *)rows_text(rows, row, LEAD_REGION);
    due->stage = (Cpts__V1__Stage)stage_find(rows_text(rows, row, STAGE));
    due->synthetic = rows_bool(rows, row, SYNTHETIC);
    due->clock = clock_message(call, &facts, as_of);
    return due->clock == NULL ? NULL : due;
}

cpts_status due_list_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    const struct due_page *page = call->state;
    listing_read_instant(page->listing, rows, KNOWN_AT);
    int count = listing_count(page->listing, rows_count(rows));
    Cpts__V1__ListDueResponse *response =
        request_message(call, &cpts__v1__list_due_response__descriptor);
    Cpts__V1__DueClock **clocks =
        arena_alloc(call->arena, (size_t)(count + 1) * sizeof(Cpts__V1__DueClock *));
    if (response == NULL || clocks == NULL)
        return request_no_memory(err);
    for (int row = 0; row < count; row++) {
        clocks[row] = read_due(call, rows, row, page->as_of);
        if (clocks[row] == NULL)
            return request_no_memory(err);
    }
    response->clocks = clocks;
    response->n_clocks = (size_t)count;
    call->response = &response->base;
    return listing_next(call, page->listing, rows_count(rows),
                        count == 0 ? NULL : clocks[count - 1]->clock->id,
                        &response->next_page_token, err);
}
