/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/mission_status.h"

#include <stdio.h>
#include <string.h>

#include "domain/calendar.h"
#include "domain/identity_card.h"
#include "wire/error.h"

static const struct {
    const char *code;
    const char *sources[MISSION_STATUS_COUNT];
    size_t source_count;
    const char *clocks[2];
    size_t clock_count;
} STATUSES[MISSION_STATUS_COUNT + 1] = {
    [MISSION_NONE] = {"", {NULL}, 0, {NULL}, 0},
    [MISSION_PLANNED] = {"PLANNED", {"", "STOPPED"}, 2, {NULL}, 0},
    [MISSION_STARTED] = {"STARTED", {"", "PLANNED", "STOPPED"}, 3, {"MISSION_START"}, 1},
    [MISSION_DEPLOYED] = {"DEPLOYED", {"STARTED"}, 1, {"MISSION_START", "MISSION_DEPLOYED"}, 2},
    [MISSION_STOPPED] = {"STOPPED", {"PLANNED", "STARTED", "DEPLOYED"}, 3, {NULL}, 0},
};

static bool is_known(int status)
{
    return status > MISSION_NONE && status <= MISSION_STATUS_COUNT;
}

const char *mission_status_code(int status)
{
    return is_known(status) ? STATUSES[status].code : "";
}

enum mission_status mission_status_find(const char *code)
{
    for (int status = MISSION_PLANNED; status <= MISSION_STATUS_COUNT; status++) {
        if (strcmp(STATUSES[status].code, code) == 0)
            return (enum mission_status)status;
    }
    return MISSION_NONE;
}

size_t mission_status_sources(int status, const char *const **ret_sources)
{
    if (!is_known(status))
        status = MISSION_NONE;
    *ret_sources = STATUSES[status].sources;
    return STATUSES[status].source_count;
}

size_t mission_status_clocks(int status, const char *const **ret_kinds)
{
    if (!is_known(status))
        status = MISSION_NONE;
    *ret_kinds = STATUSES[status].clocks;
    return STATUSES[status].clock_count;
}

bool mission_is_carried(enum mission_status status)
{
    return status == MISSION_STARTED || status == MISSION_DEPLOYED;
}

cpts_status mission_code_check(const char *code, struct cpts_error *err)
{
    if (code[0] == '\0')
        return error_set_field(err, REASON_FIELD_REQUIRED, "mission", "which mission?");
    if (strlen(code) >= MISSION_CODE_BYTES ||
        strspn(code, "abcdefghijklmnopqrstuvwxyz_") != strlen(code))
        return error_set_field(err, REASON_FIELD_INVALID, "mission",
                               "a mission's code is at most %d small letters and _",
                               MISSION_CODE_BYTES - 1);
    return CPTS_OK;
}

cpts_status mission_texts_check(char *const *texts, size_t count, size_t max, const char *field,
                                struct cpts_error *err)
{
    if (count > max)
        return error_set_field(err, REASON_FIELD_INVALID, field, "at most %zu texts", max);
    for (size_t i = 0; i < count; i++) {
        char at[CPTS_FIELD_BYTES];
        snprintf(at, sizeof at, "%s[%zu]", field, i);
        cpts_status status = cpts_text_check(texts[i], MISSION_TEXT_CHARACTERS_MAX, true, at, err);
        if (status != CPTS_OK)
            return status;
    }
    return CPTS_OK;
}

/* The later of two dates, the earlier. */
static const char *later(const char *one, const char *other)
{
    return strcmp(one, other) >= 0 ? one : other;
}

static const char *earlier(const char *one, const char *other)
{
    return strcmp(one, other) <= 0 ? one : other;
}

int mission_days(const struct mission_step *steps, size_t step_count, const char *mission,
                 const char *from, const char *to)
{
    const struct mission_step *last = NULL;
    int days = 0;
    for (size_t i = 0; i <= step_count; i++) {
        if (i < step_count && strcmp(steps[i].mission, mission) != 0)
            continue;
        /* What held since `last` ends here, or at the end of the period. */
        const char *end = i < step_count ? earlier(steps[i].on, to) : to;
        const char *start = last == NULL ? to : later(last->on, from);
        if (last != NULL && mission_is_carried(last->status) && strcmp(start, end) < 0)
            days += calendar_day(end) - calendar_day(start);
        last = i < step_count ? &steps[i] : NULL;
    }
    return days;
}

enum mission_status mission_status_at(const struct mission_step *steps, size_t step_count,
                                      const char *mission, const char *date, bool is_before)
{
    enum mission_status status = MISSION_NONE;
    for (size_t i = 0; i < step_count; i++) {
        int order = strcmp(steps[i].on, date);
        if (strcmp(steps[i].mission, mission) == 0 && (order < 0 || (order == 0 && !is_before)))
            status = steps[i].status;
    }
    return status;
}
