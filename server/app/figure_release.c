/* SPDX-License-Identifier: Apache-2.0 */
#include "app/figure_release.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/ask.h"
#include "domain/calendar.h"
#include "domain/figure_cube.h"
#include "domain/suppression.h"
#include "store/query.h"
#include "store/rows.h"
#include "wire/arena.h"
#include "wire/error.h"

#define TIMEOUT_MS 120000
#define CUBES_MAX 3
#define KEY_BYTES 40
#define WORD_BYTES 16
#define PERIOD_BYTES 8
#define COUNTS_BYTES (FIGURE_COUNT * 21 + 2)
#define ASKING_BYTES ((size_t)64 * 1024)
#define RECORDING_BYTES ((size_t)1024 * 1024)
#define DELAY_STEP_S 600.0
#define LEVEL_REGION 1

/* Columns of referral_release_due.sql. */
enum due_column { PERIOD, KIND, FIRST_DAY, LAST_DAY };

/* Columns of referral_cube.sql. */
enum cube_column {
    CUBE,
    LEVEL,
    KEY,
    PARENT_KEY,
    FIRST_FIGURE,
    SYNTHETIC = FIRST_FIGURE + FIGURE_COUNT,
    NEWEST,
};

/* What names a cell. */
struct label {
    char cube[WORD_BYTES];
    int level;
    char key[KEY_BYTES];
    char parent_key[KEY_BYTES];
};

struct release {
    char period[PERIOD_BYTES];
    char kind[WORD_BYTES];
    char first_day[CALENDAR_DATE_BYTES];
    char last_day[CALENDAR_DATE_BYTES];
    int threshold_count;
    bool is_synthetic;
    int64_t newest_us;
    struct label *labels;
    struct figure_cell *cells;
    size_t cell_count;
    struct figure_cube cubes[CUBES_MAX];
    size_t cube_count;
};

static cpts_status no_memory(struct cpts_error *err)
{
    return error_set(err, REASON_OUT_OF_MEMORY, "no memory for the figures of a period");
}

static cpts_status take_due(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct release *release = context;
    (void)err;
    if (rows_count(rows) == 0)
        return CPTS_OK;
    snprintf(release->period, sizeof release->period, "%s", rows_text(rows, 0, PERIOD));
    snprintf(release->kind, sizeof release->kind, "%s", rows_text(rows, 0, KIND));
    snprintf(release->first_day, sizeof release->first_day, "%s", rows_text(rows, 0, FIRST_DAY));
    snprintf(release->last_day, sizeof release->last_day, "%s", rows_text(rows, 0, LAST_DAY));
    return CPTS_OK;
}

/* --- cells from rows ----------------------------------------------------------- */

/* Delays are told in whole steps: an exact one is somebody's. */
static int64_t read_figure(const struct rows *rows, int row, enum figure figure)
{
    int column = FIRST_FIGURE + (int)figure;
    bool is_delay = figure == FIGURE_ACCEPT_P50 || figure == FIGURE_ACCEPT_P90 ||
                    figure == FIGURE_REPORT_P50 || figure == FIGURE_REPORT_P90;
    if (is_delay)
        return (int64_t)(ceil(rows_double(rows, row, column) / DELAY_STEP_S) * DELAY_STEP_S);
    if (figure == FIGURE_DEBT_DAYS)
        return (int64_t)round(rows_double(rows, row, column));
    return rows_int(rows, row, column);
}

/* Whose own a cell is: a CPTS its own, an ARS what its region's CPTS sent. */
static bool is_held(const struct label *label)
{
    bool is_origin = strcmp(label->cube, "ORIGIN") == 0;
    return label->level > LEVEL_REGION ? is_origin || strcmp(label->cube, "DESTINATION") == 0
                                       : label->level == LEVEL_REGION && is_origin;
}

/* The cube of a row: the last one, or a new one. */
static struct figure_cube *cube_of(struct release *release, size_t index)
{
    const struct label *label = &release->labels[index];
    if (index > 0 && strcmp(label->cube, release->labels[index - 1].cube) == 0)
        return &release->cubes[release->cube_count - 1];
    if (release->cube_count == CUBES_MAX)
        return NULL;
    struct figure_cube *cube = &release->cubes[release->cube_count++];
    *cube = (struct figure_cube){.cells = &release->cells[index],
                                 .has_referrals = strcmp(label->cube, "DESTINATION") != 0,
                                 .has_attempts = strcmp(label->cube, "COMMUNE") != 0};
    return cube;
}

/* Index in its cube of the total that a cell is a part of; SUPPRESSION_ROOT for none. */
static int32_t find_parent(const struct release *release, const struct figure_cube *cube,
                           size_t index)
{
    const struct label *label = &release->labels[index];
    size_t first = index - cube->count;
    for (size_t i = index; label->level > 0 && i-- > first;) {
        const struct label *other = &release->labels[i];
        if (other->level == label->level - 1 && strcmp(other->key, label->parent_key) == 0)
            return (int32_t)(i - first);
    }
    return SUPPRESSION_ROOT;
}

static bool take_cell(struct release *release, const struct rows *rows, size_t index)
{
    int row = (int)index;
    struct label *label = &release->labels[index];
    struct figure_cell *cell = &release->cells[index];
    snprintf(label->cube, sizeof label->cube, "%s", rows_text(rows, row, CUBE));
    snprintf(label->key, sizeof label->key, "%s", rows_text(rows, row, KEY));
    snprintf(label->parent_key, sizeof label->parent_key, "%s", rows_text(rows, row, PARENT_KEY));
    label->level = (int)rows_int(rows, row, LEVEL);
    struct figure_cube *cube = cube_of(release, index);
    if (cube == NULL)
        return false;
    cell->parent = find_parent(release, cube, index);
    cell->is_held = is_held(label);
    for (int figure = 0; figure < FIGURE_COUNT; figure++)
        cell->counts[figure] = read_figure(rows, row, (enum figure)figure);
    /* A few referrals with many attempts each are few patients. */
    cell->is_small = !cube->has_referrals && label->level > 0 &&
                     cell->counts[FIGURE_SUBMITTED] < release->threshold_count;
    cube->count++;
    release->is_synthetic = release->is_synthetic || rows_bool(rows, row, SYNTHETIC);
    int64_t newest_us = rows_time_us(rows, row, NEWEST);
    release->newest_us = newest_us > release->newest_us ? newest_us : release->newest_us;
    return true;
}

static cpts_status take_cells(const struct rows *rows, void *context, struct cpts_error *err)
{
    struct release *release = context;
    size_t count = (size_t)rows_count(rows);
    release->labels = calloc(count + 1, sizeof *release->labels);
    release->cells = calloc(count + 1, sizeof *release->cells);
    if (release->labels == NULL || release->cells == NULL)
        return no_memory(err);
    for (; release->cell_count < count; release->cell_count++) {
        if (!take_cell(release, rows, release->cell_count))
            return error_set(err, REASON_INTERNAL_ERROR, "figures of an unknown kind");
    }
    return CPTS_OK;
}

/* --- statements ------------------------------------------------------------------ */

static cpts_status find_due(struct lane *lane, struct release *release, struct cpts_error *err)
{
    struct arena *arena = arena_new(ASKING_BYTES);
    struct query *query = arena == NULL ? NULL : query_new(arena, STATEMENT_REFERRAL_RELEASE_DUE);
    cpts_status status = CPTS_RESOURCE_EXHAUSTED;
    if (query != NULL) {
        query_int(query, FIGURES_RELEASED_AFTER_DAYS);
        status = ask_bound(lane, query, TIMEOUT_MS, take_due, release, err);
    } else
        status = no_memory(err);
    arena_free(arena);
    return status;
}

static cpts_status read_cells(struct lane *lane, struct release *release, struct cpts_error *err)
{
    struct arena *arena = arena_new(ASKING_BYTES);
    struct query *query = arena == NULL ? NULL : query_new(arena, STATEMENT_REFERRAL_CUBE);
    cpts_status status = CPTS_RESOURCE_EXHAUSTED;
    if (query != NULL) {
        query_text(query, release->kind);
        query_text(query, release->first_day);
        query_text(query, release->last_day);
        status = ask_bound(lane, query, TIMEOUT_MS, take_cells, release, err);
    } else
        status = no_memory(err);
    arena_free(arena);
    return status;
}

/* Recorded now, or by another server meanwhile: the same. */
static cpts_status take_recorded(const struct rows *rows, void *context, struct cpts_error *err)
{
    (void)rows, (void)context, (void)err;
    return CPTS_OK;
}

/* A cell's counts as text of an array; what is held back is nowhere in it. */
static char *counts_text(struct arena *arena, const struct figure_cube *cube, size_t cell)
{
    char text[COUNTS_BYTES] = "{";
    size_t length = 1;
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        const char *comma = figure == 0 ? "" : ",";
        char *end = text + length;
        size_t left = sizeof text - length;
        if (figure_cube_tells(cube, cell, (enum figure)figure))
            length += (size_t)snprintf(end, left, "%s%lld", comma,
                                       (long long)cube->cells[cell].counts[figure]);
        else
            length += (size_t)snprintf(end, left, "%sNULL", comma);
    }
    return arena_printf(arena, "%s}", text);
}

/* Binds the five arrays of the cells. */
static bool bind_cells(const struct release *release, struct arena *arena, struct query *query)
{
    enum { CUBES, LEVELS, KEYS, PARENTS, COUNTS, ARRAY_COUNT };
    const char **texts[ARRAY_COUNT];
    for (int i = 0; i < ARRAY_COUNT; i++) {
        texts[i] = arena_alloc(arena, (release->cell_count + 1) * sizeof **texts);
        if (texts[i] == NULL)
            return false;
    }
    size_t index = 0;
    for (size_t i = 0; i < release->cube_count; i++) {
        for (size_t cell = 0; cell < release->cubes[i].count; cell++, index++) {
            const struct label *label = &release->labels[index];
            texts[CUBES][index] = label->cube;
            texts[LEVELS][index] = arena_printf(arena, "%d", label->level);
            texts[KEYS][index] = label->key;
            texts[PARENTS][index] = label->parent_key;
            texts[COUNTS][index] = counts_text(arena, &release->cubes[i], cell);
            if (texts[LEVELS][index] == NULL || texts[COUNTS][index] == NULL)
                return false;
        }
    }
    for (int i = 0; i < ARRAY_COUNT; i++)
        query_text_array(query, texts[i], index);
    return true;
}

static cpts_status record(struct lane *lane, struct release *release, struct cpts_error *err)
{
    struct arena *arena = arena_new(RECORDING_BYTES + release->cell_count * 4 * COUNTS_BYTES);
    struct query *query =
        arena == NULL ? NULL : query_new(arena, STATEMENT_REFERRAL_RELEASE_RECORD);
    cpts_status status = CPTS_RESOURCE_EXHAUSTED;
    if (query != NULL) {
        query_text(query, release->period);
        query_text(query, release->first_day);
        query_text(query, release->last_day);
        query_int(query, release->threshold_count);
        query_bool(query, release->is_synthetic);
        query_int(query, release->newest_us);
    }
    if (query != NULL && bind_cells(release, arena, query))
        status = ask_bound(lane, query, TIMEOUT_MS, take_recorded, release, err);
    else
        status = no_memory(err);
    arena_free(arena);
    return status;
}

cpts_status figures_release(struct lane *find_lane, struct lane *record_lane, int threshold_count,
                            char ret_period[8], struct cpts_error *err)
{
    struct release release = {.threshold_count = threshold_count};
    cpts_status status = find_due(find_lane, &release, err);
    bool is_due = status == CPTS_OK && release.period[0] != '\0';
    if (is_due)
        status = read_cells(find_lane, &release, err);
    if (is_due && status == CPTS_OK) {
        for (size_t i = 0; i < release.cube_count; i++)
            figure_cube_add_up(&release.cubes[i]);
        if (figure_cubes_suppress(release.cubes, release.cube_count, threshold_count))
            status = record(record_lane, &release, err);
        else
            status = no_memory(err);
    }
    if (status == CPTS_OK)
        snprintf(ret_period, PERIOD_BYTES, "%s", release.period);
    free(release.labels);
    free(release.cells);
    return status;
}
