/* SPDX-License-Identifier: Apache-2.0 */
/* GetCapacityBoard: one week, nation and regions; small counts suppressed. */
#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/capacity.pb-c.h"
#include "domain/calendar.h"
#include "domain/suppression.h"
#include "domain/week.h"
#include "handler/capacity_message.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

/* Days after its Monday on which a week's people are counted. */
#define CLOSING_DAYS 14

/* Columns of capacity_board.sql. */
enum board_column {
    CODE,
    NAME,
    CPTS,
    REPORTING,
    SNP,
    PLACES,
    SHARE_SNP,
    SHARE_DOCTOR,
    COUNTING,
    PEOPLE,
    SYNTHETIC,
    CLOSED,
    OBJECTIVE,
};

cpts_status capacity_board_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCapacityBoardRequest *request = message;
    char today[CLOCK_DATE_BYTES], date[CALENDAR_DATE_BYTES];
    clock_today(today);
    int32_t *monday = arena_alloc(call->arena, sizeof *monday);
    call->query = query_new(call->arena, STATEMENT_CAPACITY_BOARD);
    if (monday == NULL || call->query == NULL)
        return request_no_memory(err);
    *monday = week_monday(calendar_day(today)) - DAYS_PER_WEEK;
    if (request->week[0] != '\0' && !week_parse(request->week, monday))
        return error_set_field(err, REASON_FIELD_INVALID, "week", "not an ISO week: 2024-W07");
    calendar_text(*monday, date);
    call->state = monday;
    query_text(call->query, arena_printf(call->arena, "%s", date));
    return CPTS_OK;
}

/* The figures of one region, added to the nation's. */
static void add_region(const struct rows *rows, int row, Cpts__V1__CapacityCell *cell,
                       Cpts__V1__CapacityCell *nation)
{
    cell->key = (char *)rows_text(rows, row, CODE);
    cell->name = (char *)rows_text(rows, row, NAME);
    cell->cpts_count = (int32_t)rows_int(rows, row, CPTS);
    cell->reporting_count = (int32_t)rows_int(rows, row, REPORTING);
    cell->snp_slot_count = rows_int(rows, row, SNP);
    cell->place_count = rows_int(rows, row, PLACES);
    cell->share_snp_slot_count = rows_int(rows, row, SHARE_SNP);
    cell->share_doctor_slot_count = rows_int(rows, row, SHARE_DOCTOR);
    cell->seeker_cpts_count = (int32_t)rows_int(rows, row, COUNTING);
    nation->cpts_count += cell->cpts_count;
    nation->reporting_count += cell->reporting_count;
    nation->snp_slot_count += cell->snp_slot_count;
    nation->place_count += cell->place_count;
    nation->share_snp_slot_count += cell->share_snp_slot_count;
    nation->share_doctor_slot_count += cell->share_doctor_slot_count;
    nation->seeker_cpts_count += cell->seeker_cpts_count;
}

static bool make_cells(struct call *call, const struct rows *rows,
                       Cpts__V1__GetCapacityBoardResponse *response)
{
    size_t count = (size_t)rows_count(rows) + 1;
    response->cells = arena_alloc(call->arena, count * sizeof *response->cells);
    for (size_t i = 0; response->cells != NULL && i < count; i++) {
        response->cells[i] = request_message(call, &cpts__v1__capacity_cell__descriptor);
        if (response->cells[i] == NULL)
            return false;
        response->n_cells++;
        if (i > 0)
            add_region(rows, (int)i - 1, response->cells[i], response->cells[0]);
    }
    return response->cells != NULL;
}

static void show_people(Cpts__V1__CapacityCell *cell, const struct suppression_cell *people)
{
    cell->seekers_suppressed = people->hidden;
    if (people->hidden)
        return;
    cell->_seeker_count_case = CPTS__V1__CAPACITY_CELL___SEEKER_COUNT_SEEKER_COUNT;
    cell->seeker_count = people->count;
}

/* Counts of people: a tree of the nation and of the regions where somebody
 * counted. */
static bool add_people(struct call *call, const struct rows *rows,
                       Cpts__V1__GetCapacityBoardResponse *response)
{
    struct suppression_cell *people = arena_alloc(call->arena, response->n_cells * sizeof *people);
    size_t *cells = arena_alloc(call->arena, response->n_cells * sizeof *cells);
    size_t count = 1;
    if (people == NULL || cells == NULL)
        return false;
    people[0] = (struct suppression_cell){.parent = SUPPRESSION_ROOT};
    cells[0] = 0;
    for (size_t i = 1; i < response->n_cells; i++) {
        if (rows_is_null(rows, (int)i - 1, PEOPLE))
            continue;
        people[count] =
            (struct suppression_cell){.parent = 0, .count = rows_int(rows, (int)i - 1, PEOPLE)};
        people[0].count += people[count].count;
        cells[count++] = i;
    }
    if (count == 1)
        return true;
    suppression_apply(people, count, call->service->disclosure_threshold_count);
    for (size_t i = 0; i < count; i++)
        show_people(response->cells[cells[i]], &people[i]);
    return true;
}

static bool add_week(struct call *call, int32_t monday,
                     Cpts__V1__GetCapacityBoardResponse *response)
{
    char *week = arena_alloc(call->arena, WEEK_BYTES);
    char *closing = arena_alloc(call->arena, CALENDAR_DATE_BYTES);
    if (week == NULL || closing == NULL)
        return false;
    week_text(monday, week);
    calendar_text(monday + CLOSING_DAYS, closing);
    response->week = week;
    response->seekers_on = closing;
    return true;
}

cpts_status capacity_board_finish(struct call *call, const struct rows *rows,
                                  struct cpts_error *err)
{
    const int32_t *monday = call->state;
    Cpts__V1__GetCapacityBoardResponse *response =
        request_message(call, &cpts__v1__get_capacity_board_response__descriptor);
    if (response == NULL || !make_cells(call, rows, response) ||
        !add_people(call, rows, response) || !add_week(call, *monday, response))
        return request_no_memory(err);
    if (rows_count(rows) > 0) {
        response->seekers_closed = rows_bool(rows, 0, CLOSED);
        if (!capacity_objective_read(call, rows, OBJECTIVE, &response->objective))
            return request_no_memory(err);
    }
    for (int row = 0; row < rows_count(rows); row++)
        response->synthetic = response->synthetic || rows_bool(rows, row, SYNTHETIC);
    response->threshold_count = call->service->disclosure_threshold_count;
    call->response = &response->base;
    return CPTS_OK;
}
