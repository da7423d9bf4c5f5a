/* SPDX-License-Identifier: Apache-2.0 */
#include "import_history.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "wording.h"

#define SECONDS_PER_DAY 86400

/* A history that is being made. */
struct making {
    struct import_row *row;
    size_t index;
    const struct import_dates *dates;
    struct findings *findings;
    struct import_pool *pool;
};

static struct finding finding_of(const struct making *making, enum finding_kind kind,
                                 const char *field, const char *reason)
{
    return (struct finding){.kind = kind,
                            .line = making->row->line,
                            .row = making->index,
                            .field = field,
                            .reason = reason};
}

/* The day before a valid date. */
static const char *day_before(struct import_pool *pool, const char *date)
{
    struct tm day = {0};
    char text[WORDING_DATE_BYTES];
    strptime(date, "%Y-%m-%d", &day);
    time_t before = timegm(&day) - SECONDS_PER_DAY;
    gmtime_r(&before, &day);
    strftime(text, sizeof text, "%Y-%m-%d", &day);
    return import_pool_copy(pool, text, strlen(text));
}

static bool refuse_step(const struct making *making, enum cpts_stage after)
{
    const struct import_row *row = making->row;
    if (row->stage == CPTS_STAGE_FUSIONNE)
        findings_add(making->findings,
                     finding_of(making, FINDING_REFUSED, "stage", "SUCCESSOR_INVALID"),
                     "a merger names the CPTS that takes over: use cptsctl cpts stage ID FUSIONNE");
    else
        findings_add(making->findings,
                     finding_of(making, FINDING_REFUSED, "stage", "STAGE_ORDER_INVALID"),
                     "%s cannot follow %s", cpts_stage_name(row->stage),
                     after == CPTS_STAGE_UNSPECIFIED ? "nothing" : cpts_stage_name(after));
    return false;
}

/* The date of the stage where the CPTS stands. */
static const char *last_date(const struct making *making)
{
    const struct import_row *row = making->row;
    if (row->stage_on[0] != '\0')
        return row->stage_on;
    if (making->dates->effective_on != NULL)
        return making->dates->effective_on;
    findings_add(making->findings,
                 finding_of(making, FINDING_REFUSED, "stage_on", "STAGE_DATE_MISSING"),
                 "the file does not say when %s was entered", cpts_stage_name(row->stage));
    return NULL;
}

/* Fills what is not known backwards from the last entry. */
static bool fill(const struct making *making, struct cpts_stage_entry *entries, size_t count,
                 bool is_new)
{
    char names[200] = "";
    size_t length = 0;
    for (size_t i = count - 1; i-- > 0;) {
        if (entries[i].effective_on[0] != '\0')
            continue;
        length += (size_t)snprintf(names + length, sizeof names - length, "%s%s",
                                   length == 0 ? "" : ", ", cpts_stage_name(entries[i].stage));
        entries[i].effective_on = day_before(making->pool, entries[i + 1].effective_on);
    }
    if (length == 0)
        return true;
    bool may_fill = making->dates->may_fill;
    const char *reason = may_fill ? "DATES_FILLED"
                         : is_new ? "EARLIER_DATES_MISSING"
                                  : "STAGE_STEPS_MISSING";
    findings_add(making->findings,
                 finding_of(making, may_fill ? FINDING_NOTE : FINDING_REFUSED, "stage_on", reason),
                 may_fill ? "dated on the days before %s, for want of a date: %s"
                          : "%s: the file does not say when these were entered: %s",
                 entries[count - 1].effective_on, names);
    return may_fill;
}

static bool check_order(const struct making *making, const struct cpts_stage_entry *entries,
                        size_t count, const char *after_on)
{
    const char *before = after_on;
    for (size_t i = 0; i < count; i++) {
        const char *date = entries[i].effective_on;
        if (strcmp(date, making->dates->today) > 0) {
            findings_add(making->findings,
                         finding_of(making, FINDING_REFUSED, "stage_on", "DATE_IN_FUTURE"),
                         "%s is in the future", date);
            return false;
        }
        if (strcmp(date, before) <= 0) {
            findings_add(making->findings,
                         finding_of(making, FINDING_REFUSED, "stage_on", "STAGE_ORDER_INVALID"),
                         "%s on %s is not after %s, the date of the stage before",
                         cpts_stage_name(entries[i].stage), date, before);
            return false;
        }
        before = date;
    }
    return true;
}

/* The live stages between, then where it stands. 0 = illegal. */
static size_t list_steps(const struct import_row *row, enum cpts_stage after,
                         struct cpts_stage_entry *entries)
{
    size_t count = 0;
    int last = cpts_stage_is_live(row->stage) ? (int)row->stage - 1 : (int)after;
    /* A new CPTS that has ended: its live stages are those with a date. */
    for (int stage = CPTS_STAGE_EMERGENCE;
         after == CPTS_STAGE_UNSPECIFIED && !cpts_stage_is_live(row->stage) &&
         stage <= CPTS_STAGE_ACI_SIGNE;
         stage++) {
        if (row->live_on[stage - 1][0] != '\0' || row->stage == CPTS_STAGE_NON_RENOUVELE)
            last = stage;
    }
    for (int stage = (int)after + 1; stage <= last; stage++)
        entries[count++] = (struct cpts_stage_entry){.stage = (enum cpts_stage)stage,
                                                     .effective_on = row->live_on[stage - 1]};
    bool has_begun = after != CPTS_STAGE_UNSPECIFIED || count > 0;
    bool is_legal = row->stage > after && row->stage != CPTS_STAGE_FUSIONNE &&
                    (row->stage == CPTS_STAGE_EMERGENCE || has_begun) &&
                    (row->stage != CPTS_STAGE_NON_RENOUVELE || last == CPTS_STAGE_ACI_SIGNE);
    entries[count] = (struct cpts_stage_entry){.stage = row->stage};
    return is_legal ? count + 1 : 0;
}

bool import_history_make(struct import_row *row, size_t index, enum cpts_stage after,
                         const char *after_on, const struct import_dates *dates,
                         struct findings *findings, struct import_pool *pool)
{
    struct making making = {
        .row = row, .index = index, .dates = dates, .findings = findings, .pool = pool};
    size_t count = list_steps(row, after, row->stages);
    if (count == 0)
        return refuse_step(&making, after);
    row->stages[count - 1].effective_on = last_date(&making);
    if (row->stages[count - 1].effective_on == NULL)
        return false;
    if (!fill(&making, row->stages, count, after == CPTS_STAGE_UNSPECIFIED) ||
        !check_order(&making, row->stages, count, after_on))
        return false;
    row->creation.stages = row->stages;
    row->creation.stage_count = count;
    return true;
}
