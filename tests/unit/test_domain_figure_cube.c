/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/figure_cube.h"

#include "domain/suppression.h"
#include "support/unit.h"

#define CELLS 4

/* A nation of three CPTS that sent as many as that, all fulfilled but `open`. */
static void fill(struct figure_cell cells[CELLS], const int64_t sent[3], const int64_t open[3])
{
    cells[0] = (struct figure_cell){.parent = SUPPRESSION_ROOT};
    for (int i = 0; i < 3; i++) {
        cells[i + 1] = (struct figure_cell){.parent = 0};
        cells[i + 1].counts[FIGURE_SUBMITTED] = sent[i];
        cells[i + 1].counts[FIGURE_OPEN] = open[i];
        cells[i + 1].counts[FIGURE_FULFILLED] = sent[i] - open[i];
    }
}

static struct figure_cube cube_of(struct figure_cell *cells)
{
    struct figure_cube cube = {.cells = cells, .count = CELLS, .has_referrals = true};
    figure_cube_add_up(&cube);
    return cube;
}

/* Marks of a figure in the cells: `#` held back, `.` told. */
static void check(const struct figure_cube *cube, enum figure figure, const char *expected)
{
    char marks[CELLS + 1] = "";
    for (size_t i = 0; i < cube->count; i++)
        marks[i] = figure_cube_tells(cube, i, figure) ? '.' : '#';
    CU_ASSERT_STRING_EQUAL(marks, expected);
}

static void test_figure_cube__counts_are_added_up_and_delays_are_not(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){50, 60, 70}, (int64_t[]){20, 20, 20});
    cells[0].counts[FIGURE_ACCEPT_P50] = 600;
    cells[1].counts[FIGURE_ACCEPT_P50] = 1200;
    (void)cube_of(cells);
    CU_ASSERT_EQUAL(cells[0].counts[FIGURE_SUBMITTED], 180);
    CU_ASSERT_EQUAL(cells[0].counts[FIGURE_OPEN], 60);
    CU_ASSERT_EQUAL(cells[0].counts[FIGURE_ACCEPT_P50], 600);
}

static void test_figure_cube__small_part_hides_its_complement_and_a_sibling(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){50, 60, 70}, (int64_t[]){20, 3, 20});
    struct figure_cube cube = cube_of(cells);
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, "....");
    check(&cube, FIGURE_FULFILLED, ".##.");
    check(&cube, FIGURE_OPEN, "####"); /* nobody is abandoned: the nation has no complement */
}

static void test_figure_cube__hidden_row_hides_all_that_splits_it(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){50, 4, 70}, (int64_t[]){20, 2, 30});
    struct figure_cube cube = cube_of(cells);
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, ".##.");
    check(&cube, FIGURE_FULFILLED, ".##.");
}

/* The third has fewer attempts than the first, and is not hidden in its place. */
static void test_figure_cube__attempts_are_hidden_where_their_referrals_are(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){50, 4, 70}, (int64_t[]){20, 2, 30});
    for (int i = 0; i < 3; i++)
        cells[i + 1].counts[FIGURE_ATTEMPT] = (int64_t[]){90, 5, 75}[i];
    struct figure_cube cube = cube_of(cells);
    cube.has_attempts = true;
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, ".##.");
    check(&cube, FIGURE_ATTEMPT, ".##.");
}

static void test_figure_cube__small_nation_is_told_to_nobody(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){1, 0, 0}, (int64_t[]){0, 0, 0});
    struct figure_cube cube = cube_of(cells);
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, "####");
}

/* A CPTS that takes its own 40 away would know that the other hidden one has 3. */
static void test_figure_cube__who_holds_a_cell_learns_nothing_small(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){40, 3, 70}, (int64_t[]){20, 1, 30});
    struct figure_cube cube = cube_of(cells);
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, ".##.");
    for (int i = 1; i < CELLS; i++)
        cells[i].is_held = true;
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_SUBMITTED, ".###");
}

static void test_figure_cube__cubes_agree_on_their_nation(void)
{
    struct figure_cell cells[CELLS], others[CELLS];
    fill(cells, (int64_t[]){40, 50, 70}, (int64_t[]){20, 20, 30});
    fill(others, (int64_t[]){60, 50, 50}, (int64_t[]){20, 20, 30});
    struct figure_cube cubes[] = {cube_of(cells), cube_of(others)};
    others[0].is_small = true;
    CU_ASSERT_TRUE(figure_cubes_suppress(cubes, 2, SUPPRESSION_THRESHOLD));
    check(&cubes[0], FIGURE_SUBMITTED, "##..");
    check(&cubes[1], FIGURE_SUBMITTED, "#.#.");
}

static void test_figure_cube__unroutable_is_never_told(void)
{
    struct figure_cell cells[CELLS];
    fill(cells, (int64_t[]){50, 60, 70}, (int64_t[]){20, 20, 20});
    struct figure_cube cube = cube_of(cells);
    CU_ASSERT_TRUE(figure_cubes_suppress(&cube, 1, SUPPRESSION_THRESHOLD));
    check(&cube, FIGURE_UNROUTABLE, "####");
    check(&cube, FIGURE_ATTEMPT, "####"); /* a cube without attempts */
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_figure_cube__counts_are_added_up_and_delays_are_not),
    UNIT_TEST(test_figure_cube__small_part_hides_its_complement_and_a_sibling),
    UNIT_TEST(test_figure_cube__hidden_row_hides_all_that_splits_it),
    UNIT_TEST(test_figure_cube__attempts_are_hidden_where_their_referrals_are),
    UNIT_TEST(test_figure_cube__small_nation_is_told_to_nobody),
    UNIT_TEST(test_figure_cube__who_holds_a_cell_learns_nothing_small),
    UNIT_TEST(test_figure_cube__cubes_agree_on_their_nation),
    UNIT_TEST(test_figure_cube__unroutable_is_never_told),
};

UNIT_MAIN("domain/figure_cube")
