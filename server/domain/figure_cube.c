/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/figure_cube.h"

#include <stdlib.h>
#include <string.h>

#include "domain/suppression.h"

#define NO_SPLIT (-1)
#define HALVES 2
#define BIT(figure) (UINT32_C(1) << (figure))
#define NOT_FULFILLED                                                                              \
    (BIT(FIGURE_OPEN) | BIT(FIGURE_TO_REASSIGN) | BIT(FIGURE_ABANDONED) | BIT(FIGURE_PURGED))

/* A count that is parted in two: each half is a sum of figures less others. The
 * first of each kind is a whole, whose other half is itself. */
static const struct split {
    int parent;
    bool of_attempts;
    uint32_t plus[HALVES];
    uint32_t minus[HALVES];
    uint32_t told; /* figures that are told with it */
} SPLITS[] = {
    {NO_SPLIT, false, {BIT(FIGURE_SUBMITTED), BIT(FIGURE_SUBMITTED)}, {0}, BIT(FIGURE_SUBMITTED)},
    {0, false, {BIT(FIGURE_FULFILLED), NOT_FULFILLED}, {0}, BIT(FIGURE_FULFILLED)},
    {1,
     false,
     {BIT(FIGURE_OVERDUE), NOT_FULFILLED},
     {0, BIT(FIGURE_OVERDUE)},
     BIT(FIGURE_OVERDUE) | BIT(FIGURE_DEBT_DAYS)},
    {1, false, {BIT(FIGURE_OPEN), NOT_FULFILLED}, {0, BIT(FIGURE_OPEN)}, BIT(FIGURE_OPEN)},
    {3,
     false,
     {BIT(FIGURE_TO_REASSIGN), BIT(FIGURE_ABANDONED) | BIT(FIGURE_PURGED)},
     {0},
     BIT(FIGURE_TO_REASSIGN)},
    {4,
     false,
     {BIT(FIGURE_ABANDONED), BIT(FIGURE_PURGED)},
     {0},
     BIT(FIGURE_ABANDONED) | BIT(FIGURE_PURGED)},
    {0, true, {BIT(FIGURE_ATTEMPT), BIT(FIGURE_ATTEMPT)}, {0}, BIT(FIGURE_ATTEMPT)},
    {6,
     true,
     {BIT(FIGURE_ACCEPTED), BIT(FIGURE_ATTEMPT)},
     {0, BIT(FIGURE_ACCEPTED)},
     BIT(FIGURE_ACCEPTED) | BIT(FIGURE_ACCEPT_P50) | BIT(FIGURE_ACCEPT_P90)},
    {7,
     true,
     {BIT(FIGURE_DECLINED), BIT(FIGURE_ATTEMPT)},
     {0, BIT(FIGURE_ACCEPTED) | BIT(FIGURE_DECLINED)},
     BIT(FIGURE_DECLINED)},
    {8,
     true,
     {BIT(FIGURE_DECLINED_CAPACITY), BIT(FIGURE_DECLINED)},
     {0, BIT(FIGURE_DECLINED_CAPACITY)},
     BIT(FIGURE_DECLINED_CAPACITY)},
    {7,
     true,
     {BIT(FIGURE_GIVEN_BACK), BIT(FIGURE_ACCEPTED)},
     {0, BIT(FIGURE_GIVEN_BACK)},
     BIT(FIGURE_GIVEN_BACK)},
    {7,
     true,
     {BIT(FIGURE_REPORTED), BIT(FIGURE_ACCEPTED)},
     {0, BIT(FIGURE_REPORTED)},
     BIT(FIGURE_REPORTED) | BIT(FIGURE_REPORT_P50) | BIT(FIGURE_REPORT_P90)},
};

#define SPLIT_COUNT ((int)(sizeof SPLITS / sizeof SPLITS[0]))
/* What is not added up, and not split either. */
#define RIDERS                                                                                     \
    (BIT(FIGURE_ACCEPT_P50) | BIT(FIGURE_ACCEPT_P90) | BIT(FIGURE_REPORT_P50) |                    \
     BIT(FIGURE_REPORT_P90) | BIT(FIGURE_DEBT_DAYS))

/* Room for the largest cube. */
struct room {
    struct suppression_cell *cells;
    int64_t *counts; /* of both halves, one after the other */
};

void figure_cube_add_up(struct figure_cube *cube)
{
    for (size_t i = 0; i < cube->count; i++) {
        const struct figure_cell *cell = &cube->cells[i];
        for (int figure = 0; cell->parent != SUPPRESSION_ROOT && figure < FIGURE_COUNT; figure++) {
            if ((RIDERS & BIT(figure)) == 0)
                cube->cells[cell->parent].counts[figure] = 0;
        }
    }
    for (size_t i = cube->count; i-- > 1;) {
        const struct figure_cell *cell = &cube->cells[i];
        for (int figure = 0; figure < FIGURE_COUNT; figure++) {
            if ((RIDERS & BIT(figure)) == 0)
                cube->cells[cell->parent].counts[figure] += cell->counts[figure];
        }
    }
}

static bool has_split(const struct figure_cube *cube, int split)
{
    return SPLITS[split].of_attempts ? cube->has_attempts : cube->has_referrals;
}

static bool is_hidden(const struct figure_cell *cell, int split)
{
    return (cell->hidden_splits & BIT(split)) != 0;
}

static int64_t half_of(const struct figure_cell *cell, int split, int half)
{
    int64_t sum = 0;
    for (int figure = 0; figure < FIGURE_COUNT; figure++) {
        if ((SPLITS[split].plus[half] & BIT(figure)) != 0)
            sum += cell->counts[figure];
        if ((SPLITS[split].minus[half] & BIT(figure)) != 0)
            sum -= cell->counts[figure];
    }
    return sum;
}

/* Hides what a split must not tell within one cube, beside what is hidden already. */
static void suppress(struct figure_cube *cube, int split, const struct room *room,
                     int64_t threshold)
{
    int parent = SPLITS[split].parent;
    bool is_below = parent != NO_SPLIT && has_split(cube, parent);
    for (size_t i = 0; i < cube->count; i++) {
        const struct figure_cell *cell = &cube->cells[i];
        room->cells[i] = (struct suppression_cell){
            .parent = cell->parent,
            .is_held = cell->is_held,
            .hidden =
                cell->is_small || is_hidden(cell, split) || (is_below && is_hidden(cell, parent)),
        };
        for (size_t half = 0; half < HALVES; half++)
            room->counts[half * cube->count + i] = half_of(cell, split, (int)half);
    }
    suppression_apply_together(room->cells, cube->count, room->counts, HALVES, threshold);
    for (size_t i = 0; i < cube->count; i++) {
        if (room->cells[i].hidden)
            cube->cells[i].hidden_splits |= BIT(split);
    }
}

/* A split in all cubes, until they agree on the nation. */
static void suppress_split(struct figure_cube *cubes, size_t cube_count, int split,
                           const struct room *room, int64_t threshold)
{
    bool is_nation_hidden = false, goes_on = true;
    while (goes_on) {
        goes_on = false;
        for (size_t i = 0; i < cube_count; i++) {
            if (!has_split(&cubes[i], split) || cubes[i].count == 0)
                continue;
            struct figure_cell *nation = &cubes[i].cells[0];
            if (is_nation_hidden)
                nation->hidden_splits |= BIT(split);
            suppress(&cubes[i], split, room, threshold);
            goes_on = goes_on || (is_hidden(nation, split) && !is_nation_hidden);
            is_nation_hidden = is_nation_hidden || is_hidden(nation, split);
        }
    }
}

bool figure_cubes_suppress(struct figure_cube *cubes, size_t cube_count, int64_t threshold)
{
    size_t most = 1;
    for (size_t i = 0; i < cube_count; i++)
        most = cubes[i].count > most ? cubes[i].count : most;
    struct room room = {.cells = calloc(most, sizeof *room.cells),
                        .counts = calloc(most * HALVES, sizeof *room.counts)};
    bool is_done = room.cells != NULL && room.counts != NULL;
    for (size_t i = 0; is_done && i < cube_count; i++) {
        for (size_t cell = 0; cell < cubes[i].count; cell++)
            cubes[i].cells[cell].hidden_splits = 0;
    }
    for (int split = 0; is_done && split < SPLIT_COUNT; split++)
        suppress_split(cubes, cube_count, split, &room, threshold);
    free(room.cells);
    free(room.counts);
    return is_done;
}

bool figure_cube_tells(const struct figure_cube *cube, size_t cell, enum figure figure)
{
    for (int split = 0; split < SPLIT_COUNT; split++) {
        if ((SPLITS[split].told & BIT(figure)) != 0)
            return has_split(cube, split) && !is_hidden(&cube->cells[cell], split);
    }
    return false;
}
