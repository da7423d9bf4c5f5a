/* SPDX-License-Identifier: Apache-2.0 */
/* RecordCapacity. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/call.h"
#include "base/clock.h"
#include "cpts/v1/capacity.pb-c.h"
#include "cpts/v1/change.pb-c.h"
#include "domain/calendar.h"
#include "domain/units.h"
#include "domain/week.h"
#include "handler/method_table.h"
#include "handler/outcome.h"
#include "handler/request.h"
#include "handler/service.h"
#include "store/query.h"
#include "wire/arena.h"
#include "wire/error.h"

#define ENTRIES_MAX 200
#define FIGURES_MAX 5000
#define SLOTS_MAX 1000000
#define PEOPLE_MAX 10000000
/* How far ahead a week may begin. */
#define AHEAD_DAYS 28

/* One figure of a week. */
struct figure {
    int32_t monday;
    const char *kind;
    const char *area;
    int32_t counted;
};

/* The figures of a request. */
struct figures {
    struct call *call;
    struct figure *figures;
    size_t count;
    int32_t last_monday;
};

static cpts_status add(struct figures *figures, struct figure figure, int32_t most,
                       const char *field, struct cpts_error *err)
{
    if (figure.counted < 0 || figure.counted > most)
        return error_set_field(err, REASON_FIELD_INVALID, field, "0 to %d", most);
    if (figures->count == FIGURES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "weeks", "at most %d figures a command",
                               FIGURES_MAX);
    figures->figures[figures->count++] = figure;
    return CPTS_OK;
}

static cpts_status read_week(struct figures *figures, const char *text, size_t index,
                             int32_t *ret_monday, struct cpts_error *err)
{
    char field[CPTS_FIELD_BYTES];
    snprintf(field, sizeof field, "weeks[%zu].week", index);
    if (text[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, field, "which week?");
    if (!week_parse(text, ret_monday))
        return error_set_field(err, REASON_FIELD_INVALID, field, "not an ISO week: 2024-W07");
    if (*ret_monday > figures->last_monday)
        return error_set_field(err, REASON_DATE_IN_FUTURE, field,
                               "%s begins in more than four weeks", text);
    return CPTS_OK;
}

static cpts_status read_slots(struct figures *figures, const Cpts__V1__CapacityWeek *week,
                              size_t index, int32_t monday, struct cpts_error *err)
{
    const struct {
        bool is_given;
        int32_t counted;
        const char *kind;
        const char *field;
    } slots[] = {
        {week->_snp_slot_count_case != 0, week->snp_slot_count, "SNP_SLOTS", "snp_slot_count"},
        {week->_doctor_slot_count_case != 0, week->doctor_slot_count, "DOCTOR_SLOTS",
         "doctor_slot_count"},
        {week->_place_count_case != 0, week->place_count, "PLACES", "place_count"},
    };
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        char field[CPTS_FIELD_BYTES];
        snprintf(field, sizeof field, "weeks[%zu].%s", index, slots[i].field);
        struct figure figure = {monday, slots[i].kind, "", slots[i].counted};
        cpts_status status =
            slots[i].is_given ? add(figures, figure, SLOTS_MAX, field, err) : CPTS_OK;
        if (status != CPTS_OK)
            return status;
    }
    if (slots[0].is_given && slots[1].is_given && slots[0].counted > slots[1].counted) {
        char field[CPTS_FIELD_BYTES];
        snprintf(field, sizeof field, "weeks[%zu].snp_slot_count", index);
        return error_set_field(err, REASON_FIELD_INVALID, field,
                               "SNP slots are among all slots: at most %d", slots[1].counted);
    }
    return CPTS_OK;
}

static cpts_status read_seekers(struct figures *figures, const Cpts__V1__CapacityWeek *week,
                                size_t index, int32_t monday, struct cpts_error *err)
{
    const struct units *units = figures->call->service->units;
    for (size_t i = 0; i < week->n_seekers; i++) {
        const Cpts__V1__SeekerCount *seekers = week->seekers[i];
        char field[CPTS_FIELD_BYTES];
        snprintf(field, sizeof field, "weeks[%zu].seekers[%zu].area", index, i);
        if (units_find(units, seekers->area) == NULL && !units_has_department(units, seekers->area))
            return error_set_field(err, REASON_UNKNOWN_UNIT, field,
                                   "no commune, arrondissement or département has this code");
        snprintf(field, sizeof field, "weeks[%zu].seekers[%zu].patient_count", index, i);
        struct figure figure = {monday, "SEEKERS", seekers->area, seekers->patient_count};
        cpts_status status = add(figures, figure, PEOPLE_MAX, field, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

static int compare(const void *one, const void *other)
{
    const struct figure *left = one, *right = other;
    if (left->monday != right->monday)
        return left->monday < right->monday ? -1 : 1;
    int order = strcmp(left->kind, right->kind);
    return order != 0 ? order : strcmp(left->area, right->area);
}

/* After this they are in order. */
static cpts_status check_repeated(struct figures *figures, struct cpts_error *err)
{
    qsort(figures->figures, figures->count, sizeof *figures->figures, compare);
    for (size_t i = 1; i < figures->count; i++) {
        const struct figure *figure = &figures->figures[i];
        char week[WEEK_BYTES];
        if (compare(figure - 1, figure) != 0)
            continue;
        week_text(figure->monday, week);
        return error_set_field(err, REASON_UNIT_REPEATED, "weeks", "%s stands there twice: %s %s",
                               week, figure->kind, figure->area);
    }
    return CPTS_OK;
}

static cpts_status read_figures(struct figures *figures,
                                const Cpts__V1__RecordCapacityRequest *request,
                                struct cpts_error *err)
{
    if (request->n_weeks == 0)
        return error_set_field(err, REASON_FIELD_REQUIRED, "weeks", "name at least one week");
    if (request->n_weeks > ENTRIES_MAX)
        return error_set_field(err, REASON_FIELD_INVALID, "weeks", "at most %d a command",
                               ENTRIES_MAX);
    figures->figures = arena_alloc(figures->call->arena, FIGURES_MAX * sizeof *figures->figures);
    if (figures->figures == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < request->n_weeks; i++) {
        const Cpts__V1__CapacityWeek *week = request->weeks[i];
        size_t before = figures->count;
        int32_t monday = 0;
        cpts_status status = read_week(figures, week->week, i, &monday, err);
        if (status == CPTS_OK)
            status = read_slots(figures, week, i, monday, err);
        if (status == CPTS_OK)
            status = read_seekers(figures, week, i, monday, err);
        if (status != CPTS_OK)
            return status;
        char field[CPTS_FIELD_BYTES];
        snprintf(field, sizeof field, "weeks[%zu]", i);
        if (figures->count == before)
            return error_set_field(err, REASON_FIELD_REQUIRED, field, "it says no figure");
    }
    return check_repeated(figures, err);
}

static cpts_status bind(struct figures *figures, int32_t expected_version, struct cpts_error *err)
{
    struct call *call = figures->call;
    size_t bytes = (figures->count + 1) * sizeof(const char *);
    const char **mondays = arena_alloc(call->arena, bytes);
    const char **kinds = arena_alloc(call->arena, bytes);
    const char **areas = arena_alloc(call->arena, bytes);
    const char **counts = arena_alloc(call->arena, bytes);
    if (mondays == NULL || kinds == NULL || areas == NULL || counts == NULL)
        return request_no_memory(err);
    for (size_t i = 0; i < figures->count; i++) {
        char date[CALENDAR_DATE_BYTES];
        calendar_text(figures->figures[i].monday, date);
        mondays[i] = arena_printf(call->arena, "%s", date);
        kinds[i] = figures->figures[i].kind;
        areas[i] = figures->figures[i].area;
        counts[i] = arena_printf(call->arena, "%d", figures->figures[i].counted);
        if (mondays[i] == NULL || counts[i] == NULL)
            return request_no_memory(err);
    }
    query_int(call->query, expected_version);
    query_text_array(call->query, mondays, figures->count);
    query_text_array(call->query, kinds, figures->count);
    query_text_array(call->query, areas, figures->count);
    query_text_array(call->query, counts, figures->count);
    return CPTS_OK;
}

cpts_status capacity_record_begin(struct call *call, const void *message, struct cpts_error *err)
{
    const Cpts__V1__RecordCapacityRequest *request = message;
    char today[CLOCK_DATE_BYTES];
    uint8_t id[16];
    clock_today(today);
    struct figures figures = {.call = call, .last_monday = calendar_day(today) + AHEAD_DAYS};
    cpts_status status = request_target(request->id, request->expected_version, id, err);
    if (status == CPTS_OK)
        status = read_figures(&figures, request, err);
    if (status != CPTS_OK)
        return status;
    Cpts__V1__CptsCapacityRecorded recorded = CPTS__V1__CPTS_CAPACITY_RECORDED__INIT;
    recorded.n_weeks = request->n_weeks;
    recorded.weeks = request->weeks;
    Cpts__V1__Change change = CPTS__V1__CHANGE__INIT;
    change.event_case = CPTS__V1__CHANGE__EVENT_CPTS_CAPACITY_RECORDED;
    change.cpts_capacity_recorded = &recorded;
    struct command command = {STATEMENT_CAPACITY_RECORD, request->command_id, &request->base, id,
                              &change};
    status = request_command(call, &command, err);
    return status == CPTS_OK ? bind(&figures, request->expected_version, err) : status;
}

cpts_status capacity_record_finish(struct call *call, const struct rows *rows,
                                   struct cpts_error *err)
{
    return outcome_answer(call, rows, &cpts__v1__record_capacity_response__descriptor, err);
}
