/* SPDX-License-Identifier: Apache-2.0 */
/* GetReferralStatistics: one's own figures, or what was released of a period. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/referral.pb-c.h"
#include "domain/calendar.h"
#include "domain/period.h"
#include "handler/enum_word.h"
#include "handler/filter.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define DAYS_USUAL 365
#define DAYS_MAX 1830
#define QUARTER_MARK 'T'
#define YEAR_CHARACTERS 4
#define CPTS_LEVEL 2
#define REGION_LEVEL 1

/* Columns of referral_statistics.sql. */
enum figure_column {
    CPTS_KNOWN,
    OWN,
    IS_RELEASED,
    PERIOD,
    RELEASED,
    FIRST_DAY,
    LAST_DAY,
    THRESHOLD,
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
    GIVEN_BACK,
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

/* What was asked, for the second half. */
struct question {
    const char *from;
    const char *to;
    /** Why only one's own figures are told; CPTS_OK: no reason. */
    struct cpts_error for_own;
    /** The cells of a release. */
    const char *cube;
    int level;
};

/* Only the caller's own figures are told of this, if they are. */
static void keep_for_own(struct question *question, const char *field, const char *why)
{
    if (question->for_own.status == CPTS_OK)
        (void)error_set_field(&question->for_own, REASON_FIELD_INVALID, field, "%s", why);
}

/* Refuses what is no quarter and no year; sets their first and last days. */
static cpts_status read_period(const Cpts__V1__GetReferralStatisticsRequest *request,
                               struct period *ret_period, struct cpts_error *err)
{
    const char *text = request->period;
    if (request->from[0] != '\0' || request->to[0] != '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "period", "not beside from and to");
    if (!period_parse(text, ret_period) ||
        (strlen(text) > YEAR_CHARACTERS && text[YEAR_CHARACTERS + 1] != QUARTER_MARK))
        return error_set_field(err, REASON_FIELD_INVALID, "period",
                               "not a quarter or a year: 2026-T3 or 2026");
    return CPTS_OK;
}

/* The days of a request: of a period, else from one to another. */
static cpts_status read_days(struct call *call,
                             const Cpts__V1__GetReferralStatisticsRequest *request,
                             struct question *question, struct cpts_error *err)
{
    char today[CLOCK_DATE_BYTES], first[CALENDAR_DATE_BYTES];
    struct period period;
    const char *from = request->from, *to = request->to;
    if (request->period[0] != '\0') {
        cpts_status status = read_period(request, &period, err);
        if (status != CPTS_OK)
            return status;
        from = period.first_on;
        to = period.last_on;
    } else if (from[0] != '\0' || to[0] != '\0')
        keep_for_own(question, from[0] != '\0' ? "from" : "to",
                     "figures of others are told of a period: a quarter 2026-T3, a year 2026");
    clock_today(today);
    to = to[0] == '\0' ? today : to;
    if (!calendar_is_date(to))
        return error_set_field(err, REASON_FIELD_INVALID, "to", "not a date: YYYY-MM-DD");
    calendar_text(calendar_day(to) - DAYS_USUAL, first);
    from = from[0] == '\0' ? first : from;
    if (!calendar_is_date(from) || strcmp(from, to) > 0)
        return error_set_field(err, REASON_FIELD_INVALID, "from",
                               "a date, YYYY-MM-DD, not after the last one");
    if (calendar_day(to) - calendar_day(from) > DAYS_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "from", "at most 5 years");
    question->from = arena_printf(call->arena, "%s", from);
    question->to = arena_printf(call->arena, "%s", to);
    return question->from == NULL || question->to == NULL ? request_no_memory(err) : CPTS_OK;
}

/* How rows are grouped: the word for one's own ("" for one row), and where they stand in a
 * release, which knows no days, and no use case of an area. */
static const struct {
    const char *word;
    const char *cube;
    int level;
    bool has_area;
    bool has_cpts;
} GROUPINGS[] = {
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_UNSPECIFIED] = {"", "ORIGIN", 0, true, true},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_TOTAL] = {"", "ORIGIN", 0, true, true},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_REGION] = {"REGION", "ORIGIN", REGION_LEVEL,
                                                               true, false},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_ORIGIN] = {"ORIGIN", "ORIGIN", CPTS_LEVEL, true,
                                                               true},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_DESTINATION] = {"DESTINATION", "DESTINATION",
                                                                    CPTS_LEVEL, false, true},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_USE_CASE] = {"USE_CASE", "USE_CASE",
                                                                 REGION_LEVEL, false, false},
    [CPTS__V1__REFERRAL_GROUPING__REFERRAL_GROUPING_DAY] = {"DAY", NULL, 0, false, false},
};

#define GROUPING_COUNT (int)(sizeof GROUPINGS / sizeof GROUPINGS[0])

/* @return the word of the grouping. */
static const char *read_grouping(const Cpts__V1__GetReferralStatisticsRequest *request,
                                 struct question *question)
{
    int number = (int)request->group_by;
    bool has_region = request->region[0] != '\0', has_cpts = request->cpts_id[0] != '\0';
    question->cube = GROUPINGS[number].cube == NULL ? "" : GROUPINGS[number].cube;
    question->level = GROUPINGS[number].level;
    if (question->level == 0)
        question->level = has_cpts ? CPTS_LEVEL : has_region ? REGION_LEVEL : 0;
    if (GROUPINGS[number].cube == NULL)
        keep_for_own(question, "group_by", "figures of others are not told by day");
    if (request->use_case != 0)
        keep_for_own(question, "use_case",
                     "figures of others are told of all use cases, or by use case of the nation");
    if (has_region && !GROUPINGS[number].has_area)
        keep_for_own(question, "region", "figures of others are not told so of one region");
    if (has_cpts && !GROUPINGS[number].has_cpts)
        keep_for_own(question, "cpts_id", "figures of others are not told so of one CPTS");
    return GROUPINGS[number].word;
}

static cpts_status check(struct call *call, const Cpts__V1__GetReferralStatisticsRequest *request,
                         struct cpts_error *err)
{
    if (request->use_case != 0 &&
        enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case)[0] == '\0')
        return error_set_field(err, REASON_FIELD_INVALID, "use_case", "no such use case");
    if ((int)request->group_by < 0 || (int)request->group_by >= GROUPING_COUNT)
        return error_set_field(err, REASON_FIELD_INVALID, "group_by", "no such grouping");
    return filter_area_check(call, request->region, "", err);
}

cpts_status referral_statistics_begin(struct call *call, const void *message,
                                      struct cpts_error *err)
{
    const Cpts__V1__GetReferralStatisticsRequest *request = message;
    struct question *question = arena_alloc(call->arena, sizeof *question);
    uint8_t id[16];
    if (question == NULL)
        return request_no_memory(err);
    cpts_status status = check(call, request, err);
    if (status == CPTS_OK)
        status = read_days(call, request, question, err);
    if (status == CPTS_OK && request->cpts_id[0] != '\0')
        status = request_uuid(request->cpts_id, "cpts_id", id, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_REFERRAL_STATISTICS);
    if (call->query == NULL)
        return request_no_memory(err);
    call->state = question;
    query_text(call->query, read_grouping(request, question));
    if (request->cpts_id[0] == '\0')
        query_text(call->query, NULL);
    else
        query_uuid(call->query, id);
    query_text(call->query, request->region);
    query_text(call->query, question->from);
    query_text(call->query, question->to);
    query_text(call->query, enum_word(&cpts__v1__use_case__descriptor, (int)request->use_case));
    query_text(call->query, request->period);
    query_text(call->query, question->cube);
    query_int(call->query, question->level);
    return CPTS_OK;
}

/* --- the answer ------------------------------------------------------------------ */

#define FIGURE(name) CPTS__V1__REFERRAL_FIGURE__REFERRAL_FIGURE_##name

/* Where a figure is read; a figure of two columns is held back with either. */
static const struct {
    Cpts__V1__ReferralFigure figure;
    int column;
    int with_column;
    size_t offset; /* of an int32_t; 0 = another kind of field */
} FIGURES[] = {
    {FIGURE(SUBMITTED), SUBMITTED, SUBMITTED, offsetof(Cpts__V1__ReferralFigures, submitted_count)},
    {FIGURE(OPEN), OPEN, OPEN, offsetof(Cpts__V1__ReferralFigures, open_count)},
    {FIGURE(TO_REASSIGN), TO_REASSIGN, TO_REASSIGN,
     offsetof(Cpts__V1__ReferralFigures, to_reassign_count)},
    {FIGURE(FULFILLED), FULFILLED, FULFILLED, offsetof(Cpts__V1__ReferralFigures, fulfilled_count)},
    {FIGURE(ABANDONED), ABANDONED, ABANDONED, offsetof(Cpts__V1__ReferralFigures, abandoned_count)},
    {FIGURE(PURGED), PURGED, PURGED, offsetof(Cpts__V1__ReferralFigures, purged_count)},
    {FIGURE(UNROUTABLE), UNROUTABLE, UNROUTABLE,
     offsetof(Cpts__V1__ReferralFigures, unroutable_count)},
    {FIGURE(ATTEMPT), ATTEMPTS, ATTEMPTS, offsetof(Cpts__V1__ReferralFigures, attempt_count)},
    {FIGURE(ACCEPTED), ACCEPTED, ACCEPTED, offsetof(Cpts__V1__ReferralFigures, accepted_count)},
    {FIGURE(DECLINED), DECLINED, DECLINED, offsetof(Cpts__V1__ReferralFigures, declined_count)},
    {FIGURE(DECLINED_CAPACITY), DECLINED_CAPACITY, DECLINED_CAPACITY,
     offsetof(Cpts__V1__ReferralFigures, declined_capacity_count)},
    {FIGURE(GIVEN_BACK), GIVEN_BACK, GIVEN_BACK,
     offsetof(Cpts__V1__ReferralFigures, given_back_count)},
    {FIGURE(ACCEPTANCE_SHARE), ACCEPTED, DECLINED, 0},
    {FIGURE(ACCEPT_DELAY), ACCEPTED, ACCEPT_P50, 0},
    {FIGURE(REPORT_DELAY), REPORTED, REPORT_P50, 0},
    {FIGURE(OVERDUE), OVERDUE, OVERDUE, offsetof(Cpts__V1__ReferralFigures, overdue_count)},
    {FIGURE(DEBT_DAYS), DEBT_DAYS, DEBT_DAYS, 0},
};

#define FIGURES_COUNT (sizeof FIGURES / sizeof FIGURES[0])

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

/* One's own figures have nothing held back: a delay of nobody is of nobody. */
static bool fill_held_back(struct call *call, const struct rows *rows, int row,
                           Cpts__V1__ReferralFigures *figures)
{
    figures->held_back = arena_alloc(call->arena, FIGURES_COUNT * sizeof *figures->held_back);
    if (figures->held_back == NULL)
        return false;
    for (size_t i = 0; i < FIGURES_COUNT; i++) {
        if (rows_is_null(rows, row, FIGURES[i].column) ||
            rows_is_null(rows, row, FIGURES[i].with_column))
            figures->held_back[figures->n_held_back++] = FIGURES[i].figure;
    }
    figures->suppressed = figures->n_held_back == FIGURES_COUNT;
    return true;
}

static bool is_held_back(const Cpts__V1__ReferralFigures *figures, Cpts__V1__ReferralFigure figure)
{
    for (size_t i = 0; i < figures->n_held_back; i++) {
        if (figures->held_back[i] == figure)
            return true;
    }
    return false;
}

/* The figures that are no counts. */
static bool fill_derived(struct call *call, const struct rows *rows, int row,
                         Cpts__V1__ReferralFigures *figures)
{
    int64_t accepted = rows_int(rows, row, ACCEPTED);
    int64_t decided = accepted + rows_int(rows, row, DECLINED);
    if (decided > 0 && !is_held_back(figures, FIGURE(ACCEPTANCE_SHARE)))
        figures->acceptance_share = (double)accepted / (double)decided;
    figures->debt_days = rows_double(rows, row, DEBT_DAYS);
    if (!is_held_back(figures, FIGURE(ACCEPT_DELAY))) {
        figures->accept_delay = read_delay(call, rows, row, ACCEPTED, ACCEPT_P50);
        if (figures->accept_delay == NULL)
            return false;
    }
    if (!is_held_back(figures, FIGURE(REPORT_DELAY))) {
        figures->report_delay = read_delay(call, rows, row, REPORTED, REPORT_P50);
        if (figures->report_delay == NULL)
            return false;
    }
    return true;
}

static Cpts__V1__ReferralFigures *figures_message(struct call *call, const struct rows *rows,
                                                  int row, bool is_own)
{
    Cpts__V1__ReferralFigures *figures =
        request_message(call, &cpts__v1__referral_figures__descriptor);
    if (figures == NULL)
        return NULL;
    figures->key = (char *)rows_text(rows, row, KEY);
    figures->name = (char *)rows_text(rows, row, NAME);
    if (!is_own && !fill_held_back(call, rows, row, figures))
        return NULL;
    for (size_t i = 0; i < FIGURES_COUNT; i++) {
        int32_t count = (int32_t)rows_int(rows, row, FIGURES[i].column);
        if (FIGURES[i].offset != 0)
            memcpy((char *)figures + FIGURES[i].offset, &count, sizeof count);
    }
    return fill_derived(call, rows, row, figures) ? figures : NULL;
}

static bool add_figures(struct call *call, const struct rows *rows, bool is_own,
                        Cpts__V1__GetReferralStatisticsResponse *response)
{
    int count = rows_is_null(rows, 0, KEY) ? 0 : rows_count(rows);
    int64_t newest_us = 0;
    response->rows = arena_alloc(call->arena, ((size_t)count + 1) * sizeof(*response->rows));
    if (response->rows == NULL)
        return false;
    for (int row = 0; row < count; row++) {
        response->rows[row] = figures_message(call, rows, row, is_own);
        if (response->rows[row] == NULL)
            return false;
        response->n_rows++;
        response->synthetic = response->synthetic || rows_bool(rows, row, SYNTHETIC);
        if (rows_time_us(rows, row, NEWEST) > newest_us)
            newest_us = rows_time_us(rows, row, NEWEST);
    }
    if (newest_us != 0)
        response->known_at = request_timestamp(call, newest_us);
    return newest_us == 0 || response->known_at != NULL;
}

/* Of which release this is. */
static bool tell_release(struct call *call, const struct rows *rows,
                         Cpts__V1__GetReferralStatisticsResponse *response)
{
    int64_t released_us = rows_time_us(rows, 0, RELEASED);
    response->period = (char *)rows_text(rows, 0, PERIOD);
    response->from = (char *)rows_text(rows, 0, FIRST_DAY);
    response->to = (char *)rows_text(rows, 0, LAST_DAY);
    response->threshold_count = rows_is_null(rows, 0, THRESHOLD)
                                    ? call->service->disclosure_threshold_count
                                    : (int32_t)rows_int(rows, 0, THRESHOLD);
    if (released_us != 0)
        response->released_at = request_timestamp(call, released_us);
    return released_us == 0 || response->released_at != NULL;
}

cpts_status referral_statistics_finish(struct call *call, const struct rows *rows,
                                       struct cpts_error *err)
{
    const struct question *question = call->state;
    if (!rows_bool(rows, 0, CPTS_KNOWN))
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "cpts_id", "no CPTS has this id");
    bool is_own = rows_bool(rows, 0, OWN);
    if (!is_own && question->for_own.status != CPTS_OK) {
        *err = question->for_own;
        return err->status;
    }
    if (!is_own && !rows_bool(rows, 0, IS_RELEASED))
        return error_set_field(err, REASON_FIELD_INVALID, "period",
                               "not released: the national node releases a quarter 30 days after "
                               "its end, a year when its four quarters are");
    Cpts__V1__GetReferralStatisticsResponse *response =
        request_message(call, &cpts__v1__get_referral_statistics_response__descriptor);
    if (response == NULL || !add_figures(call, rows, is_own, response) ||
        (!is_own && !tell_release(call, rows, response)))
        return request_no_memory(err);
    if (is_own) {
        response->from = (char *)question->from;
        response->to = (char *)question->to;
    }
    call->response = &response->base;
    return CPTS_OK;
}
