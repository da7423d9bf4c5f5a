/* SPDX-License-Identifier: Apache-2.0 */
/* GetReferralStatistics and ListUnmetDemand. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/referral.pb-c.h"
#include "domain/calendar.h"
#include "domain/suppression.h"
#include "handler/enum_word.h"
#include "handler/filter.h"
#include "handler/listing.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define DAYS_USUAL 365
#define DAYS_MAX 1830
#define YEAR_CHARACTERS 4

/* Columns of referral_statistics.sql. */
enum figure_column {
    CPTS_KNOWN,
    OWN,
    KEY,
    NAME,
    SUBMITTED,
    OPEN,
    TO_REASSIGN,
    FULFILLED,
    ABANDONED,
    PURGED,
    UNROUTABLE,
    ATTEMPTS,
    ACCEPTED,
    DECLINED,
    DECLINED_CAPACITY,
    DECIDED,
    ACCEPT_P50,
    ACCEPT_P90,
    REPORTED,
    REPORT_P50,
    REPORT_P90,
    OVERDUE,
    DEBT_DAYS,
    SYNTHETIC,
    NEWEST,
};

/* Columns of unmet_demand.sql. */
enum unmet_column {
    UNIT_CODE,
    UNIT_NAME,
    DEPARTMENT,
    REGION,
    POPULATION,
    UNMET_UNROUTABLE,
    UNMET_CAPACITY,
    UNMET_SYNTHETIC,
};

/* All of them are shown at once, and paged here: what is small is hidden together. */
static const struct listing_rule BY_COUNT = {
    .place = LISTING_BY_RANK, .page_size_default = 100, .page_size_max = 500};

/* The days of a request, in the arena. */
struct period {
    const char *from;
    const char *to;
    /** Why only the caller's own figures are told; CPTS_OK: no reason. */
    struct cpts_error for_own;
};

static cpts_status read_period(struct call *call, const char *from, const char *to,
                               struct period *ret_period, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES], first[CALENDAR_DATE_BYTES];
    clock_today(today);
    if (to[0] == '\0')
        to = today;
    if (!calendar_is_date(to))
        return error_set_field(err, REASON_FIELD_INVALID, "to", "not a date: YYYY-MM-DD");
    calendar_text(calendar_day(to) - DAYS_USUAL, first);
    if (from[0] == '\0')
        from = first;
    if (!calendar_is_date(from) || strcmp(from, to) > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "from",
                               "a date, YYYY-MM-DD, not after the last one");
    if (calendar_day(to) - calendar_day(from) > DAYS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "from", "at most 5 years");
    *ret_period = (struct period){.from = arena_printf(call->arena, "%s", from),
                                  .to = arena_printf(call->arena, "%s", to)};
    if (ret_period->from == NULL || ret_period->to == NULL)
        return request_no_memory(err);
    return CPTS_OK;
}

/* Figures of others, and of communes, are told of all use cases together and of one whole calendar
 * year: two tables that overlap, taken from each other, would tell what neither of them does. */
static cpts_status check_slice(const char *from, const char *to, Cpts__V1__UseCase use_case,
                               struct cpts_error *err)
{
    if (use_case != 0)
        return error_set_field(err, REASON_FIELD_INVALID, "use_case",
                               "figures of others are told of all use cases together");
    bool is_usual = from[0] == '\0' && to[0] == '\0';
    bool is_year = calendar_is_date(from) && calendar_is_date(to) &&
                   strncmp(from, to, YEAR_CHARACTERS) == 0 &&
                   strcmp(from + YEAR_CHARACTERS, "-01-01") == 0 &&
                   strcmp(to + YEAR_CHARACTERS, "-12-31") == 0;
    if (!is_usual && !is_year)
        return error_set_field(err, REASON_FIELD_INVALID, "from",
                               "figures of others are told of whole calendar years");
    return CPTS_OK;
}

static cpts_status check_use_case(Cpts__V1__UseCase use_case, struct cpts_error *err)
{
    if (use_case != 0 && enum_word(&cpts__v1__use_case__descriptor, (int)use_case)[0] == '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "use_case", "no such use case");
    return CPTS_OK;
}

/* "" for one row. */
static cpts_status read_grouping(Cpts__V1__ReferralGrouping grouping, const char **ret_word,
                                 struct cpts_error *err)
{
    *ret_word = enum_word(&cpts__v1__referral_grouping__descriptor, (int)grouping);
    if (grouping == CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_TOTAL)
        *ret_word = "";
    else if (grouping != 0 && (*ret_word)[0] == '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "group_by", "no such grouping");
    return CPTS_OK;
}

cpts_status referral_statistics_begin(struct call *call, const void *message,
                                      struct cpts_error *err)
{
    const Cpts__V1__GetReferralStatisticsRequest *request = message;
    struct period *period = arena_alloc(call->arena, sizeof *period);
    const char *grouping = NULL;
    uint8_t id[16];
    if (period == NULL)
        return request_no_memory(err);
    cpts_status status = filter_area_check(call, request->region, "", err);
    if (status == CPTS_OK)
        status = read_period(call, request->from, request->to, period, err);
    if (status == CPTS_OK)
        status = check_use_case(request->use_case, err);
    if (status == CPTS_OK)
        status = read_grouping(request->group_by, &grouping, err);
    if (status == CPTS_OK &&
        check_slice(request->from, request->to, request->use_case, &period->for_own) == CPTS_OK &&
        request->group_by == CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_DAY)
        (void)error_set_field(&period->for_own, REASON_FIELD_INVALID, "group_by",
                              "figures of others are not told by day");
    if (status == CPTS_OK && request->cpts_id[0] != '\0')
        status = request_uuid(request->cpts_id, "cpts_id", id, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_REFERRAL_STATISTICS);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = period;
    query_text(call->query, grouping);
    if (request->cpts_id[0] == '\0')
        query_text(call->query, NULL);
    else
        query_uuid(call->query, id);
    query_text(call->query, request->region);
    query_text(call->query, period->from);
    query_text(call->query, period->to);
    query_text(call->query, enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case));
    return CPTS_OK;
}

/* Three columns: how many, and both delays. NULL when the arena is full. */
static Cpts__V1__ReferralDelay *read_delay(struct call *call, const struct rows *rows, int row,
                                           int count_column, int p50_column)
{
    Cpts__V1__ReferralDelay *delay = request_message(call, &cpts__v1__referral_delay__descriptor);
    if (delay == NULL)
        return NULL;
    delay->count = (int32_t)rows_int(rows, row, count_column);
    delay->p50_seconds = (int64_t)rows_double(rows, row, p50_column);
    delay->p90_seconds = (int64_t)rows_double(rows, row, p50_column + 1);
    return delay;
}

static bool fill_figures(struct call *call, const struct rows *rows, int row,
                         Cpts__V1__ReferralFigures *figures)
{
    static const struct {
        int column;
        size_t offset;
    } COUNTS[] = {
        {SUBMITTED, offsetof(Cpts__V1__ReferralFigures, submitted_count)},
        {OPEN, offsetof(Cpts__V1__ReferralFigures, open_count)},
        {TO_REASSIGN, offsetof(Cpts__V1__ReferralFigures, to_reassign_count)},
        {FULFILLED, offsetof(Cpts__V1__ReferralFigures, fulfilled_count)},
        {ABANDONED, offsetof(Cpts__V1__ReferralFigures, abandoned_count)},
        {PURGED, offsetof(Cpts__V1__ReferralFigures, purged_count)},
        {UNROUTABLE, offsetof(Cpts__V1__ReferralFigures, unroutable_count)},
        {ATTEMPTS, offsetof(Cpts__V1__ReferralFigures, attempt_count)},
        {ACCEPTED, offsetof(Cpts__V1__ReferralFigures, accepted_count)},
        {DECLINED, offsetof(Cpts__V1__ReferralFigures, declined_count)},
        {DECLINED_CAPACITY, offsetof(Cpts__V1__ReferralFigures, declined_capacity_count)},
        {OVERDUE, offsetof(Cpts__V1__ReferralFigures, overdue_count)},
    };
    for (size_t i = 0; i < sizeof COUNTS / sizeof COUNTS[0]; i++) {
        int32_t count = (int32_t)rows_int(rows, row, COUNTS[i].column);
        memcpy((char *)figures + COUNTS[i].offset, &count, sizeof count);
    }
    int64_t decided = rows_int(rows, row, DECIDED);
    if (decided > 0)
        figures->acceptance_share = (double)rows_int(rows, row, ACCEPTED) / (double)decided;
    figures->debt_days = rows_double(rows, row, DEBT_DAYS);
    figures->accept_delay = read_delay(call, rows, row, ACCEPTED, ACCEPT_P50);
    figures->report_delay = read_delay(call, rows, row, REPORTED, REPORT_P50);
    return figures->accept_delay != NULL && figures->report_delay != NULL;
}

/* Which rows are hidden: as many as it takes. The total of the rows is a cell of its own. */
static struct suppression_cell *hide(struct call *call, const int64_t *counts, int count)
{
    struct suppression_cell *cells = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *cells);
    if (cells == NULL)
        return NULL;
    cells[0] = (struct suppression_cell){.parent = SUPPRESSION_ROOT};
    for (int i = 0; i < count; i++) {
        cells[i + 1] = (struct suppression_cell){.parent = 0, .count = counts[i]};
        cells[0].count += counts[i];
    }
    suppression_apply(cells, (size_t)count + 1, call->service->disclosure_threshold_count);
    return cells;
}

/* A delay that rests on fewer than delay_min is absent. */
static Cpts__V1__ReferralFigures *figures_message(struct call *call, const struct rows *rows,
                                                  int row, bool hidden, int64_t delay_min)
{
    Cpts__V1__ReferralFigures *figures =
        request_message(call, &cpts__v1__referral_figures__descriptor);
    if (figures == NULL)
        return NULL;
    figures->key = (char *)rows_text(rows, row, KEY);
    figures->name = (char *)rows_text(rows, row, NAME);
    figures->suppressed = hidden;
    if (hidden)
        return figures;
    if (!fill_figures(call, rows, row, figures))
        return NULL;
    if (rows_int(rows, row, ACCEPTED) < delay_min)
        figures->accept_delay = NULL;
    if (rows_int(rows, row, REPORTED) < delay_min)
        figures->report_delay = NULL;
    return figures;
}

static bool add_figures(struct call *call, const struct rows *rows, bool own,
                        Cpts__V1__GetReferralStatisticsResponse *response)
{
    int count = rows_is_null(rows, 0, KEY) ? 0 : rows_count(rows);
    int64_t newest_us = 0;
    int64_t *counts = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *counts);
    response->rows = arena_alloc(call->arena, ((size_t)count + 1) * sizeof(*response->rows));
    if (counts == NULL || response->rows == NULL)
        return false;
    for (int row = 0; row < count; row++)
        counts[row] = rows_int(rows, row, SUBMITTED);
    struct suppression_cell *cells = hide(call, counts, count);
    for (int row = 0; cells != NULL && row < count; row++) {
        response->rows[row] = figures_message(call, rows, row, !own && cells[row + 1].hidden,
                                              own ? 0 : call->service->disclosure_threshold_count);
        if (response->rows[row] == NULL)
            return false;
        response->n_rows++;
        response->synthetic = response->synthetic || rows_bool(rows, row, SYNTHETIC);
        if (rows_time_us(rows, row, NEWEST) > newest_us)
            newest_us = rows_time_us(rows, row, NEWEST);
    }
    if (newest_us != 0)
        response->known_at = request_timestamp(call, newest_us);
    return cells != NULL && (newest_us == 0 || response->known_at != NULL);
}

cpts_status referral_statistics_finish(struct call *call, const struct rows *rows,
                                       struct cpts_error *err)
{
    const struct period *period = call->state;
    if (!rows_bool(rows, 0, CPTS_KNOWN))
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "cpts_id", "no CPTS has this id");
    bool own = rows_bool(rows, 0, OWN);
    if (!own && period->for_own.status != CPTS_OK) {
        *err = period->for_own;
        return err->status;
    }
    Cpts__V1__GetReferralStatisticsResponse *response =
        request_message(call, &cpts__v1__get_referral_statistics_response__descriptor);
    if (response == NULL || !add_figures(call, rows, own, response))
        return request_no_memory(err);
    response->from = (char *)period->from;
    response->to = (char *)period->to;
    response->threshold_count = own ? 0 : call->service->disclosure_threshold_count;
    call->response = &response->base;
    return CPTS_OK;
}

cpts_status unmet_demand_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__ListUnmetDemandRequest *request = message;
    struct period period = {0};
    struct listing *listing = NULL;
    cpts_status status = filter_area_check(call, request->region, request->department, err);
    if (status == CPTS_OK)
        status = read_period(call, request->from, request->to, &period, err);
    if (status == CPTS_OK)
        status = check_use_case(request->use_case, err);
    if (status == CPTS_OK)
        status = check_slice(request->from, request->to, request->use_case, err);
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
    query_text(call->query, period.from);
    query_text(call->query, period.to);
    query_text(call->query, enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case));
    return CPTS_OK;
}

static Cpts__V1__UnmetDemand *unmet_message(struct call *call, const struct rows *rows, int row,
                                            bool hidden)
{
    Cpts__V1__UnmetDemand *unmet = request_message(call, &cpts__v1__unmet_demand__descriptor);
    if (unmet == NULL)
        return NULL;
    unmet->unit_code = (char *)rows_text(rows, row, UNIT_CODE);
    unmet->name = (char *)rows_text(rows, row, UNIT_NAME);
    unmet->department = (char *)rows_text(rows, row, DEPARTMENT);
    unmet->region = (char *)rows_text(rows, row, REGION);
    unmet->population_count = (int32_t)rows_int(rows, row, POPULATION);
    unmet->suppressed = hidden;
    if (hidden)
        return unmet;
    unmet->unroutable_count = (int32_t)rows_int(rows, row, UNMET_UNROUTABLE);
    unmet->declined_capacity_count = (int32_t)rows_int(rows, row, UNMET_CAPACITY);
    unmet->unmet_count = unmet->unroutable_count + unmet->declined_capacity_count;
    return unmet;
}

/* The order in which rows are shown: those that are hidden last, by code, so that their place
 * tells nothing either. */
static int *order_rows(struct call *call, const struct rows *rows,
                       const struct suppression_cell *cells)
{
    int count = rows_count(rows), placed = 0;
    int *order = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *order);
    for (int row = 0; order != NULL && row < count; row++) {
        if (!cells[row + 1].hidden)
            order[placed++] = row;
    }
    int shown = placed;
    for (int row = 0; order != NULL && row < count; row++) {
        if (!cells[row + 1].hidden)
            continue;
        int at = placed++;
        for (; at > shown && strcmp(rows_text(rows, order[at - 1], UNIT_CODE),
                                    rows_text(rows, row, UNIT_CODE)) > 0;
             at--)
            order[at] = order[at - 1];
        order[at] = row;
    }
    return order;
}

static bool add_unmet(struct call *call, const struct rows *rows, const struct listing *listing,
                      Cpts__V1__ListUnmetDemandResponse *response)
{
    int count = rows_count(rows);
    int64_t *counts = arena_alloc(call->arena, ((size_t)count + 1) * sizeof *counts);
    response->rows = arena_alloc(call->arena, ((size_t)count + 1) * sizeof(*response->rows));
    if (counts == NULL || response->rows == NULL)
        return false;
    for (int row = 0; row < count; row++)
        counts[row] = rows_int(rows, row, UNMET_UNROUTABLE) + rows_int(rows, row, UNMET_CAPACITY);
    struct suppression_cell *cells = hide(call, counts, count);
    int *order = cells == NULL ? NULL : order_rows(call, rows, cells);
    if (order == NULL)
        return false;
    for (int i = (int)listing->rank; i < count && i < listing->rank + listing->page_size; i++) {
        Cpts__V1__UnmetDemand *unmet =
            unmet_message(call, rows, order[i], cells[order[i] + 1].hidden);
        if (unmet == NULL)
            return false;
        response->rows[response->n_rows++] = unmet;
        response->synthetic = response->synthetic || rows_bool(rows, order[i], UNMET_SYNTHETIC);
    }
    response->unit_count = count;
    bool is_whole = !cells[0].hidden; /* a total beside rows that are hidden tells of them */
    for (int row = 0; row < count; row++)
        is_whole = is_whole && !cells[row + 1].hidden;
    response->unmet_count = is_whole ? (int32_t)cells[0].count : 0;
    return true;
}

cpts_status unmet_demand_finish(struct call *call, const struct rows *rows, struct cpts_error *err)
{
    struct listing *listing = call->state;
    Cpts__V1__ListUnmetDemandResponse *response =
        request_message(call, &cpts__v1__list_unmet_demand_response__descriptor);
    if (response == NULL || !add_unmet(call, rows, listing, response))
        return request_no_memory(err);
    response->threshold_count = call->service->disclosure_threshold_count;
    call->response = &response->base;
    int left = rows_count(rows) - (int)listing->rank;
    int found = left > listing->page_size ? listing->page_size + 1 : left;
    return listing_next(call, listing, found, NULL, &response->next_page_token, err);
}
