/* SPDX-License-Identifier: Apache-2.0 */
/* GetCapacity. */
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/capacity.pb-c.h"
#include "domain/calendar.h"
#include "domain/week.h"
#include "handler/capacity_message.h"
#include "handler/method_table.h"
#include "handler/request.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define WEEKS_MAX 200
/* Weeks shown unless told otherwise, before the last and after today's. */
#define BEFORE_WEEKS 15
#define AHEAD_WEEKS 4

/* Columns of capacity_of_cpts.sql. */
enum week_column {
    IN_SCOPE,
    SYNTHETIC,
    VERSION,
    LATEST,
    OBJECTIVE,
    MONDAY = 7,
    KIND,
    AREA,
    COUNTED,
    RECORDED,
};

static cpts_status read_week(const char *text, const char *field, int32_t *monday,
                             struct cpts_error *err)
{
    if (text[0] != '\0' && !week_parse(text, monday))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not an ISO week: 2024-W07");
    return CPTS_OK;
}

static cpts_status read_range(const Cpts__V1__GetCapacityRequest *request, int32_t today,
                              int32_t *ret_first, int32_t *ret_last, struct cpts_error *err)
{
    *ret_last = week_monday(today) + AHEAD_WEEKS * DAYS_PER_WEEK;
    cpts_status status = read_week(request->to_week, "to_week", ret_last, err);
    *ret_first = *ret_last - BEFORE_WEEKS * DAYS_PER_WEEK;
    if (status == CPTS_OK)
        status = read_week(request->from_week, "from_week", ret_first, err);
    if (status != CPTS_OK)
        return status;
    if (*ret_first > *ret_last)
        return error_set_field(err, REASON_FIELD_INVALID, "from_week", "it is after the last week");
    if (*ret_last - *ret_first >= WEEKS_MAX * DAYS_PER_WEEK)
        return error_set_field(err, REASON_FIELD_INVALID, "from_week", "at most %d weeks a call",
                               WEEKS_MAX);
    return CPTS_OK;
}

cpts_status capacity_of_cpts_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__GetCapacityRequest *request = message;
    char today[CLOCK_DATE_BYTES], first[CALENDAR_DATE_BYTES], last[CALENDAR_DATE_BYTES];
    const char *known_at = NULL;
    int32_t first_monday = 0, last_monday = 0;
    uint8_t id[16];
    clock_today(today);
    cpts_status status = request_uuid(request->id, "id", id, err);
    if (status == CPTS_OK)
        status = read_range(request, calendar_day(today), &first_monday, &last_monday, err);
    if (status == CPTS_OK)
        status = request_known_at(call, request->known_at, &known_at, err);
    if (status != CPTS_OK)
        return status;
    call->query = query_new(call->arena, STATEMENT_CAPACITY_OF_CPTS);
    if (call->query == NULL)
        return request_no_memory(err);
    calendar_text(first_monday, first);
    calendar_text(last_monday, last);
    query_uuid(call->query, id);
    query_text(call->query, arena_printf(call->arena, "%s", first));
    query_text(call->query, arena_printf(call->arena, "%s", last));
    query_text(call->query, known_at);
    query_text(call->query, arena_printf(call->arena, "%s", today));
    return CPTS_OK;
}

/* Adds the seekers of a row to its week. */
static bool add_seekers(struct call *call, const struct rows *rows, int row,
                        Cpts__V1__CapacityWeek *week)
{
    Cpts__V1__SeekerCount *seekers = request_message(call, &cpts__v1__seeker_count__descriptor);
    if (seekers == NULL)
        return false;
    seekers->area = (char *)rows_text(rows, row, AREA);
    seekers->patient_count = (int32_t)rows_int(rows, row, COUNTED);
    week->seekers[week->n_seekers++] = seekers;
    return true;
}

static bool add_figure(struct call *call, const struct rows *rows, int row,
                       Cpts__V1__CapacityWeek *week)
{
    const char *kind = rows_text(rows, row, KIND);
    int32_t counted = (int32_t)rows_int(rows, row, COUNTED);
    if (strcmp(kind, "SEEKERS") == 0)
        return add_seekers(call, rows, row, week);
    if (strcmp(kind, "SNP_SLOTS") == 0) {
        week->_snp_slot_count_case = CPTS__V1__CAPACITY_WEEK___SNP_SLOT_COUNT_SNP_SLOT_COUNT;
        week->snp_slot_count = counted;
    } else if (strcmp(kind, "DOCTOR_SLOTS") == 0) {
        week->_doctor_slot_count_case =
            CPTS__V1__CAPACITY_WEEK___DOCTOR_SLOT_COUNT_DOCTOR_SLOT_COUNT;
        week->doctor_slot_count = counted;
    } else {
        week->_place_count_case = CPTS__V1__CAPACITY_WEEK___PLACE_COUNT_PLACE_COUNT;
        week->place_count = counted;
    }
    return true;
}

/* The week of the rows from @p first on, @p count of them. */
static Cpts__V1__CapacityWeek *week_new(struct call *call, const struct rows *rows, int first,
                                        int count)
{
    Cpts__V1__CapacityWeek *week = request_message(call, &cpts__v1__capacity_week__descriptor);
    char *text = arena_alloc(call->arena, WEEK_BYTES);
    int64_t recorded_us = 0;
    if (week == NULL || text == NULL)
        return NULL;
    week_text(calendar_day(rows_text(rows, first, MONDAY)), text);
    week->week = text;
    week->seekers = arena_alloc(call->arena, (size_t)(count + 1) * sizeof *week->seekers);
    if (week->seekers == NULL)
        return NULL;
    for (int row = first; row < first + count; row++) {
        if (!add_figure(call, rows, row, week))
            return NULL;
        if (rows_time_us(rows, row, RECORDED) > recorded_us)
            recorded_us = rows_time_us(rows, row, RECORDED);
    }
    week->recorded_at = request_timestamp(call, recorded_us);
    return week->recorded_at == NULL ? NULL : week;
}

static bool add_weeks(struct call *call, const struct rows *rows,
                      Cpts__V1__GetCapacityResponse *response)
{
    int row_count = rows_is_null(rows, 0, MONDAY) ? 0 : rows_count(rows);
    response->weeks = arena_alloc(call->arena, (size_t)(row_count + 1) * sizeof *response->weeks);
    for (int first = 0, end = 0; response->weeks != NULL && first < row_count; first = end) {
        end = first;
        while (end < row_count &&
               strcmp(rows_text(rows, end, MONDAY), rows_text(rows, first, MONDAY)) == 0)
            end++;
        Cpts__V1__CapacityWeek *week = week_new(call, rows, first, end - first);
        if (week == NULL)
            return false;
        response->weeks[response->n_weeks++] = week;
    }
    return response->weeks != NULL;
}

static bool add_latest(struct call *call, const struct rows *rows,
                       Cpts__V1__GetCapacityResponse *response)
{
    char today[CLOCK_DATE_BYTES];
    char *text = arena_alloc(call->arena, WEEK_BYTES);
    if (text == NULL || rows_is_null(rows, 0, LATEST))
        return text != NULL;
    clock_today(today);
    int32_t monday = calendar_day(rows_text(rows, 0, LATEST));
    int32_t age = calendar_day(today) - (monday + DAYS_PER_WEEK - 1);
    week_text(monday, text);
    response->latest_week = text;
    response->latest_age_days = age > 0 ? age : 0;
    return true;
}

cpts_status capacity_of_cpts_finish(struct call *call, const struct rows *rows,
                                    struct cpts_error *err)
{
    if (rows_count(rows) == 0)
        return error_set_field(err, REASON_CPTS_NOT_FOUND, "id", "no CPTS has this id");
    Cpts__V1__GetCapacityResponse *response =
        request_message(call, &cpts__v1__get_capacity_response__descriptor);
    if (response == NULL || !add_weeks(call, rows, response) || !add_latest(call, rows, response) ||
        !capacity_objective_read(call, rows, OBJECTIVE, &response->objective))
        return request_no_memory(err);
    response->version = (int32_t)rows_int(rows, 0, VERSION);
    response->synthetic = rows_bool(rows, 0, SYNTHETIC);
    response->seekers_withheld = !rows_bool(rows, 0, IN_SCOPE);
    call->response = &response->base;
    return CPTS_OK;
}
