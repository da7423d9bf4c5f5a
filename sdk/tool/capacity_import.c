/* SPDX-License-Identifier: Apache-2.0 */
/* capacity import: what its lines mean. */
#include <cpts/capacity.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fact_import.h"
#include "figure_wording.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define AREA_BYTES 8
#define FIGURE_MAX 10000000

enum { WEEK = TARGET_FIELD_COUNT, SNP, SLOTS, PLACES, AREA, SEEKERS, FIELDS };

/* The figures of a week, and the people of one area. */
struct week_fact {
    char week[FIGURE_WEEK_BYTES];
    int32_t snp, slots, places, seekers;
    char area[AREA_BYTES];
};

static const char *const NAMES[FIELDS] = {
    [TARGET_CPTS] = "cpts",
    [TARGET_CPTS_FINESS] = "cpts_finess",
    [TARGET_CPTS_NAME] = "cpts_name",
    [TARGET_REGION] = "region",
    [WEEK] = "week",
    [SNP] = "snp",
    [SLOTS] = "slots",
    [PLACES] = "places",
    [AREA] = "area",
    [SEEKERS] = "seekers",
};

/* Headings, folded (name_fold_words). */
static const struct import_heading HEADINGS[] = {
    IMPORT_TARGET_HEADINGS,
    {"finess", TARGET_CPTS_FINESS, VAGUE},
    {"week", WEEK, SURE},
    {"semaine", WEEK, SURE},
    {"snp", SNP, SURE},
    {"creneaux snp", SNP, SURE},
    {"slots", SLOTS, SURE},
    {"creneaux", SLOTS, LIKELY},
    {"creneaux medecins", SLOTS, SURE},
    {"tous creneaux", SLOTS, SURE},
    {"places", PLACES, SURE},
    {"places medecin traitant", PLACES, SURE},
    {"places mt", PLACES, SURE},
    {"area", AREA, SURE},
    {"commune", AREA, LIKELY},
    {"code commune", AREA, SURE},
    {"departement", AREA, LIKELY},
    {"code departement", AREA, SURE},
    {"seekers", SEEKERS, SURE},
    {"patients", SEEKERS, LIKELY},
    {"patients sans medecin traitant", SEEKERS, SURE},
    {"patients en recherche", SEEKERS, SURE},
    {"patients sans mt", SEEKERS, SURE},
};

static const char *find_missing(const int *column)
{
    if (column[WEEK] < 0)
        return "no column is the week: say which, --map week=COLUMN";
    if (column[SNP] < 0 && column[SLOTS] < 0 && column[PLACES] < 0 && column[SEEKERS] < 0)
        return "no column is a figure: say which, --map snp=COLUMN";
    if ((column[SEEKERS] < 0) != (column[AREA] < 0))
        return "people need an area and a count: say which, --map area=COLUMN, "
               "--map seekers=COLUMN";
    return NULL;
}

static const struct import_field_set FIELD_SET = {
    .names = NAMES,
    .count = FIELDS,
    .headings = HEADINGS,
    .heading_count = COUNT(HEADINGS),
    .find_missing = find_missing,
};

static int32_t read_count(const struct fact_reading *reading, int field)
{
    char decimal[FIGURE_DECIMAL_BYTES];
    const char *cell = fact_cell(reading, field);
    if (cell[0] == '\0')
        return CPTS_FIGURE_UNKNOWN;
    if (figure_decimal(cell, decimal) && strspn(decimal, "0123456789") == strlen(decimal)) {
        long counted = strtol(decimal, NULL, 10);
        if (counted <= FIGURE_MAX)
            return (int32_t)counted;
    }
    fact_refuse(reading, field, "VALUE_INVALID", NULL, "\"%.40s\" is no count", cell);
    return CPTS_FIGURE_UNKNOWN;
}

static void read_area(const struct fact_reading *reading, struct week_fact *fact)
{
    const char *cell = fact_cell(reading, AREA);
    if (fact->seekers == CPTS_FIGURE_UNKNOWN)
        return;
    if (cell[0] == '\0' || strlen(cell) >= sizeof fact->area)
        fact_refuse(reading, AREA, "AREA_INVALID", NULL,
                    "\"%.40s\" is no INSEE code of a commune or a département", cell);
    else
        snprintf(fact->area, sizeof fact->area, "%s", cell);
}

static void read_fact(const struct fact_reading *reading, void *data)
{
    struct week_fact *fact = data;
    const char *week = fact_cell(reading, WEEK);
    if (!figure_week(week, fact->week))
        fact_refuse(reading, WEEK, "WEEK_INVALID", NULL, "\"%.40s\" is no ISO week", week);
    fact->snp = read_count(reading, SNP);
    fact->slots = read_count(reading, SLOTS);
    fact->places = read_count(reading, PLACES);
    fact->seekers = read_count(reading, SEEKERS);
    read_area(reading, fact);
    if (fact->snp == CPTS_FIGURE_UNKNOWN && fact->slots == CPTS_FIGURE_UNKNOWN &&
        fact->places == CPTS_FIGURE_UNKNOWN && fact->seekers == CPTS_FIGURE_UNKNOWN)
        fact_refuse(reading, SNP, "VALUE_INVALID", NULL, "the line says no figure");
}

static int compare(const void *one, const void *other)
{
    const struct week_fact *left = one, *right = other;
    int order = strcmp(left->week, right->week);
    return order != 0 ? order : strcmp(left->area, right->area);
}

/* @return false when both say a figure, and not the same. */
static bool inherit(int32_t before, int32_t *figure)
{
    if (*figure == CPTS_FIGURE_UNKNOWN)
        *figure = before;
    return before == CPTS_FIGURE_UNKNOWN || *figure == before;
}

/* Lines of one week, an area each, share its slots and places. */
static enum fact_relation relate(const void *one, void *other)
{
    const struct week_fact *before = one;
    struct week_fact *fact = other;
    if (strcmp(before->week, fact->week) != 0)
        return FACT_IS_APART;
    if (strcmp(before->area, fact->area) == 0)
        return before->snp == fact->snp && before->slots == fact->slots &&
                       before->places == fact->places && before->seekers == fact->seekers
                   ? FACT_IS_AGAIN
                   : FACT_IS_CONTRARY;
    bool is_fine = inherit(before->snp, &fact->snp);
    is_fine = inherit(before->slots, &fact->slots) && is_fine;
    is_fine = inherit(before->places, &fact->places) && is_fine;
    return is_fine ? FACT_IS_APART : FACT_IS_CONTRARY;
}

static void describe(const void *data, char ret_text[FACT_TEXT_BYTES])
{
    const struct week_fact *fact = data;
    const struct {
        const char *name;
        int32_t counted;
    } figures[] = {{"snp", fact->snp},
                   {"slots", fact->slots},
                   {"places", fact->places},
                   {"seekers", fact->seekers}};
    size_t length = (size_t)snprintf(ret_text, FACT_TEXT_BYTES, "%s", fact->week);
    for (size_t i = 0; i < COUNT(figures); i++) {
        if (figures[i].counted != CPTS_FIGURE_UNKNOWN)
            length += (size_t)snprintf(ret_text + length, FACT_TEXT_BYTES - length, " %s %d",
                                       figures[i].name, figures[i].counted);
    }
    if (fact->area[0] != '\0')
        snprintf(ret_text + length, FACT_TEXT_BYTES - length, " in %s", fact->area);
}

/* --- the node's weeks ------------------------------------------------------------ */

/* Lines outside the weeks that the node shows unasked are sent as new ones. */
static cpts_status fetch(cpts_client *client, const char *cpts_id, void **ret_own,
                         struct cpts_error *err)
{
    const struct cpts_capacity_query query = {.size = sizeof query, .id = cpts_id};
    struct cpts_capacity *own = NULL;
    cpts_status status = cpts_capacity_get(client, &query, 0, &own, err);
    if (status == CPTS_OK)
        *ret_own = own;
    return status;
}

static void drop(void *own)
{
    cpts_capacity_free(own);
}

static int32_t seekers_of(const struct cpts_capacity_week *week, const char *area)
{
    for (size_t i = 0; i < week->seeker_count; i++) {
        if (strcmp(week->seekers[i].area, area) == 0)
            return week->seekers[i].patient_count;
    }
    return CPTS_FIGURE_UNKNOWN;
}

static const struct cpts_capacity_week *find_week(const struct cpts_capacity *own, const char *week)
{
    for (size_t i = 0; i < own->week_count; i++) {
        if (strcmp(own->weeks[i].week, week) == 0)
            return &own->weeks[i];
    }
    return NULL;
}

/* What is asked of one figure; the hardest of all is the line's. */
static enum fact_match compare_figure(int32_t asked, int32_t known)
{
    if (asked == CPTS_FIGURE_UNKNOWN || asked == known)
        return FACT_IS_SAME;
    return known == CPTS_FIGURE_UNKNOWN ? FACT_IS_NEW : FACT_IS_CHANGE;
}

static enum fact_match match(const struct fact_import *import, const void *own, const void *data,
                             char ret_text[FACT_TEXT_BYTES])
{
    const struct week_fact *fact = data;
    const struct cpts_capacity_week *week = find_week(own, fact->week);
    (void)import;
    if (week == NULL)
        return FACT_IS_NEW;
    const struct week_fact known = {.snp = week->snp_slot_count,
                                    .slots = week->doctor_slot_count,
                                    .places = week->place_count,
                                    .seekers = seekers_of(week, fact->area)};
    const enum fact_match matches[] = {
        compare_figure(fact->snp, known.snp), compare_figure(fact->slots, known.slots),
        compare_figure(fact->places, known.places), compare_figure(fact->seekers, known.seekers)};
    enum fact_match worst = FACT_IS_SAME;
    for (size_t i = 0; i < COUNT(matches); i++) {
        if (matches[i] == FACT_IS_CHANGE || (matches[i] == FACT_IS_NEW && worst == FACT_IS_SAME))
            worst = matches[i];
    }
    if (worst == FACT_IS_CHANGE)
        describe(&known, ret_text);
    return worst;
}

static cpts_status send_weeks(const struct fact_import *import, cpts_client *client,
                              struct fact_batch *batch, struct fact_outcome *ret_outcome,
                              struct cpts_error *err)
{
    struct cpts_outcome *outcome = NULL;
    struct cpts_capacity_week weeks[CPTS_CAPACITY_WEEKS_MAX];
    struct cpts_seekers seekers[CPTS_CAPACITY_WEEKS_MAX];
    (void)import;
    for (size_t i = 0; i < batch->count; i++) {
        const struct week_fact *fact = batch->facts[i];
        const struct week_fact *before = i == 0 ? NULL : batch->facts[i - 1];
        seekers[i] = (struct cpts_seekers){.area = fact->area, .patient_count = fact->seekers};
        weeks[i] =
            (struct cpts_capacity_week){.week = fact->week,
                                        .snp_slot_count = fact->snp,
                                        .doctor_slot_count = fact->slots,
                                        .place_count = fact->places,
                                        .seekers = &seekers[i],
                                        .seeker_count = fact->seekers != CPTS_FIGURE_UNKNOWN};
        /* The slots and places of a week are said once. */
        if (before != NULL && strcmp(before->week, fact->week) == 0)
            weeks[i].snp_slot_count = weeks[i].doctor_slot_count = weeks[i].place_count =
                CPTS_FIGURE_UNKNOWN;
    }
    const struct cpts_capacity_change change = {.size = sizeof change,
                                                .id = batch->cpts_id,
                                                .expected_version = batch->version,
                                                .weeks = weeks,
                                                .week_count = batch->count};
    cpts_status status = cpts_capacity_record(client, &change, batch->command_id, 0, &outcome, err);
    return fact_outcome_take(status, outcome, ret_outcome);
}

static const struct fact_kind WEEKS = {
    .fields = &FIELD_SET,
    .command_space = "cpts capacity import",
    .noun = "lines",
    .fact_bytes = sizeof(struct week_fact),
    .batch_max = CPTS_CAPACITY_WEEKS_MAX,
    .list = "weeks",
    .is_compared = true,
    .read = read_fact,
    .compare = compare,
    .relate = relate,
    .contrary_reason = "LINES_DIFFER",
    .describe = describe,
    .fetch = fetch,
    .drop = drop,
    .match = match,
    .change_reason = "VALUE_DIFFERS",
    .barred_reason = "",
    .send = send_weeks,
};

int verb_capacity_import(struct session *session, const struct arguments *arguments)
{
    return fact_import_run(session, arguments, &WEEKS);
}
