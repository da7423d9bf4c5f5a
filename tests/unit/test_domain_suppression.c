/* SPDX-License-Identifier: Apache-2.0 */
#include "domain/suppression.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/unit.h"

#define CELLS_MAX 60
#define TABLES_MAX 3
#define UNKNOWNS_MAX (TABLES_MAX * CELLS_MAX)
#define EQUATIONS_MAX (UNKNOWNS_MAX + CELLS_MAX)
#define PRIME ((uint64_t)2147483647)

/* The hidden cells as a text, one mark a cell: `#` hidden, `.` shown. */
static void check(struct suppression_cell *cells, size_t count, const char *expected)
{
    char marks[CELLS_MAX + 1] = "";
    suppression_apply(cells, count, SUPPRESSION_THRESHOLD);
    for (size_t i = 0; i < count; i++)
        marks[i] = cells[i].hidden ? '#' : '.';
    CU_ASSERT_STRING_EQUAL(marks, expected);
}

#define CHECK(cells, expected) check(cells, sizeof(cells) / sizeof(cells)[0], expected)

static void test_suppression__nothing_small(void)
{
    struct suppression_cell cells[] = {{-1, 33, false, false, false, false},
                                       {0, 11, false, false, false, false},
                                       {0, 22, false, false, false, false}};
    CHECK(cells, "...");
}

static void test_suppression__one_small_takes_the_next_smallest(void)
{
    struct suppression_cell cells[] = {{-1, 103, false, false, false, false},
                                       {0, 3, false, false, false, false},
                                       {0, 60, false, false, false, false},
                                       {0, 40, false, false, false, false}};
    CHECK(cells, ".#.#");
}

static void test_suppression__small_ones_that_add_up_to_little(void)
{
    /* 4 + 5 = 9 would still be known: a third goes with them. */
    struct suppression_cell few[] = {{-1, 59, false, false, false, false},
                                     {0, 4, false, false, false, false},
                                     {0, 5, false, false, false, false},
                                     {0, 20, false, false, false, false},
                                     {0, 30, false, false, false, false}};
    CHECK(few, ".###.");
    struct suppression_cell enough[] = {{-1, 66, false, false, false, false},
                                        {0, 8, false, false, false, false},
                                        {0, 8, false, false, false, false},
                                        {0, 20, false, false, false, false},
                                        {0, 30, false, false, false, false}};
    CHECK(enough, ".##..");
}

static void test_suppression__zero_is_small(void)
{
    struct suppression_cell cells[] = {{-1, 40, false, false, false, false},
                                       {0, 0, false, false, false, false},
                                       {0, 40, false, false, false, false}};
    CHECK(cells, ".##");
}

static void test_suppression__total_of_one_part(void)
{
    struct suppression_cell cells[] = {
        {-1, 100, false, false, false, false}, {0, 5, false, false, false, false},
        {0, 95, false, false, false, false},   {1, 5, false, false, false, false},
        {2, 45, false, false, false, false},   {2, 50, false, false, false, false}};
    /* Region 1 is its one CPTS; region 2 goes with it, and a part of region 2. */
    CHECK(cells, ".####.");
}

static void test_suppression__withheld(void)
{
    struct suppression_cell cells[] = {{-1, 600, false, false, false, false},
                                       {0, 100, true, false, false, false},
                                       {0, 200, false, false, false, false},
                                       {0, 300, false, false, false, false}};
    CHECK(cells, ".##.");
}

static void test_suppression__parts_kept(void)
{
    struct suppression_cell cells[] = {{-1, 103, false, true, false, false},
                                       {0, 3, false, false, false, false},
                                       {0, 60, false, false, false, false},
                                       {0, 40, false, false, false, false}};
    CHECK(cells, "##..");
}

static void test_suppression__everything_small(void)
{
    struct suppression_cell cells[] = {{-1, 9, false, false, false, false},
                                       {0, 4, false, false, false, false},
                                       {0, 5, false, false, false, false}};
    CHECK(cells, "###");
    struct suppression_cell alone[] = {{-1, 5, false, false, false, false}};
    CHECK(alone, "#");
}

/* --- Can a reader of the table work a hidden cell out? ---------------------- */

struct system {
    uint64_t row[EQUATIONS_MAX][UNKNOWNS_MAX];
    size_t row_count;
    size_t column_count;
};

static uint64_t power(uint64_t base, uint64_t exponent)
{
    uint64_t result = 1;
    for (; exponent > 0; exponent /= 2, base = base * base % PRIME) {
        if (exponent % 2 == 1)
            result = result * base % PRIME;
    }
    return result;
}

/* One equation a total over the hidden cells: total - parts = what is shown.
 * Unknowns of the table are the columns from `column_count` on. */
static void add_table(const struct suppression_cell *cells, size_t count, struct system *system)
{
    for (size_t total = 0; total < count; total++) {
        uint64_t *row = system->row[system->row_count] + system->column_count;
        bool used = false;
        for (size_t i = total + 1; i < count; i++) {
            if (cells[i].parent != (int32_t)total)
                continue;
            used = true;
            row[i] = cells[i].hidden ? PRIME - 1 : 0;
        }
        if (!used)
            continue;
        row[total] = cells[total].hidden ? 1 : 0;
        system->row_count++;
    }
    system->column_count += count;
}

static void clear_column(struct system *system, size_t pivot, size_t column)
{
    uint64_t inverse = power(system->row[pivot][column], PRIME - 2);
    for (size_t i = 0; i < system->column_count; i++)
        system->row[pivot][i] = system->row[pivot][i] * inverse % PRIME;
    for (size_t r = 0; r < system->row_count; r++) {
        uint64_t factor = system->row[r][column];
        if (r == pivot || factor == 0)
            continue;
        for (size_t i = 0; i < system->column_count; i++)
            system->row[r][i] =
                (system->row[r][i] + (PRIME - factor) * system->row[pivot][i]) % PRIME;
    }
}

static void eliminate(struct system *system)
{
    size_t pivot = 0;
    for (size_t column = 0; column < system->column_count && pivot < system->row_count; column++) {
        size_t found = pivot;
        while (found < system->row_count && system->row[found][column] == 0)
            found++;
        if (found == system->row_count)
            continue;
        uint64_t swap[UNKNOWNS_MAX];
        memcpy(swap, system->row[pivot], sizeof swap);
        memcpy(system->row[pivot], system->row[found], sizeof swap);
        memcpy(system->row[found], swap, sizeof swap);
        clear_column(system, pivot++, column);
    }
}

/* Unknowns that follow: rows with a single one left. */
static size_t solved(struct system *system)
{
    size_t found = 0;
    eliminate(system);
    for (size_t r = 0; r < system->row_count; r++) {
        size_t unknowns = 0;
        for (size_t i = 0; i < system->column_count; i++)
            unknowns += system->row[r][i] != 0;
        found += unknowns == 1;
    }
    return found;
}

/* Cells that follow from the shown ones. */
static size_t determined(const struct suppression_cell *cells, size_t count)
{
    static struct system system;
    memset(&system, 0, sizeof system);
    add_table(cells, count, &system);
    return solved(&system);
}

/* A nation, regions, and CPTS with counts that are often small. */
static size_t draw(struct suppression_cell *cells, unsigned *seed)
{
    size_t regions = 1 + (size_t)rand_r(seed) % 6;
    size_t count = 1 + regions;
    cells[0] =
        (struct suppression_cell){SUPPRESSION_ROOT, 0, false, rand_r(seed) % 2 == 0, false, false};
    for (size_t region = 1; region <= regions; region++)
        cells[region] = (struct suppression_cell){0, 0, false, false, false, false};
    for (size_t region = 1; region <= regions; region++) {
        size_t parts = 1 + (size_t)rand_r(seed) % 7;
        for (size_t i = 0; i < parts; i++) {
            int64_t people = rand_r(seed) % (rand_r(seed) % 3 == 0 ? 300 : 20);
            cells[count++] = (struct suppression_cell){
                (int32_t)region, people, rand_r(seed) % 10 == 0, false, false, false};
            cells[region].count += people;
            cells[0].count += people;
        }
    }
    return count;
}

/* What the parts under a shown total hide together, regions looked through. */
static int64_t hidden_under(const struct suppression_cell *cells, size_t count, size_t total)
{
    int64_t sum = 0;
    for (size_t i = total + 1; i < count; i++) {
        if (cells[i].parent == (int32_t)total && cells[i].hidden)
            sum += total == 0 ? hidden_under(cells, count, i) : cells[i].count;
    }
    return sum;
}

static bool sums_are_large(const struct suppression_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int64_t sum = cells[i].parent <= 0 ? hidden_under(cells, count, i) : 0;
        if (!cells[i].hidden && sum > 0 && sum < SUPPRESSION_THRESHOLD)
            return false;
    }
    return true;
}

static bool small_are_hidden(const struct suppression_cell *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cells[i].count < SUPPRESSION_THRESHOLD && !cells[i].hidden)
            return false;
    }
    return true;
}

static void test_suppression__no_hidden_cell_can_be_recovered(void)
{
    const unsigned first_seed = 20261122;
    unsigned seed = first_seed;
    size_t recovered = 0;
    size_t wrong = 0;
    size_t shown = 0;
    for (int round = 0; round < 20000; round++) {
        struct suppression_cell cells[CELLS_MAX];
        size_t count = draw(cells, &seed);
        suppression_apply(cells, count, SUPPRESSION_THRESHOLD);
        recovered += determined(cells, count);
        wrong += !small_are_hidden(cells, count) || !sums_are_large(cells, count);
        for (size_t i = 0; i < count; i++)
            shown += !cells[i].hidden;
    }
    printf("seed=%u tables=20000 shown=%zu\n", first_seed, shown);
    CU_ASSERT_EQUAL(recovered, 0);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(shown > 20000);
}

/* --- Can a reader of three tables, two half-years and the year? -------------- */

/* What the year is: their sum, or what stood at its end. */
enum year_kind { YEAR_ADDS_UP, YEAR_ENDS };

struct year {
    struct suppression_cell tables[TABLES_MAX][CELLS_MAX]; /* two half-years, the year */
    size_t count;
};

/* Two half-years of the same CPTS, and the year that follows from them. */
static void draw_year(struct year *year, enum year_kind kind, unsigned *seed)
{
    struct suppression_cell *first = year->tables[0];
    struct suppression_cell *second = year->tables[1];
    year->count = draw(first, seed);
    for (size_t i = 0; i < year->count; i++)
        first[i].hidden = first[i].keep_parts = false;
    memcpy(second, first, sizeof year->tables[0]);
    for (size_t i = year->count; i-- > 1;) {
        bool is_region = second[i].parent == 0;
        second[i].count = is_region ? 0 : rand_r(seed) % (rand_r(seed) % 2 == 0 ? 200 : 15);
    }
    second[0].count = 0;
    for (size_t i = year->count; i-- > 1;)
        second[second[i].parent].count += second[i].count;
    memcpy(year->tables[2], second, sizeof year->tables[2]);
    for (size_t i = 0; i < year->count && kind == YEAR_ADDS_UP; i++)
        year->tables[2][i].count += first[i].count;
}

static void hide_apart(struct year *year)
{
    for (size_t table = 0; table < TABLES_MAX; table++)
        suppression_apply(year->tables[table], year->count, SUPPRESSION_THRESHOLD);
}

static void hide_together(struct year *year)
{
    int64_t counts[TABLES_MAX * CELLS_MAX];
    for (size_t table = 0; table < TABLES_MAX; table++) {
        for (size_t i = 0; i < year->count; i++)
            counts[table * year->count + i] = year->tables[table][i].count;
    }
    for (size_t table = 0; table < TABLES_MAX; table++)
        suppression_apply_together(year->tables[table], year->count, counts, TABLES_MAX,
                                   SUPPRESSION_THRESHOLD);
}

/* Cells that follow from what the three tables show. */
static size_t determined_of_year(const struct year *year, enum year_kind kind)
{
    static struct system system;
    memset(&system, 0, sizeof system);
    for (size_t table = 0; table < TABLES_MAX; table++)
        add_table(year->tables[table], year->count, &system);
    for (size_t i = 0; i < year->count; i++) {
        uint64_t *row = system.row[system.row_count++];
        row[2 * year->count + i] = year->tables[2][i].hidden ? 1 : 0;
        row[year->count + i] = year->tables[1][i].hidden ? PRIME - 1 : 0;
        row[i] = kind == YEAR_ADDS_UP && year->tables[0][i].hidden ? PRIME - 1 : 0;
    }
    return solved(&system);
}

static size_t recovered_of_years(enum year_kind kind, void (*hide)(struct year *year),
                                 size_t *ret_wrong, size_t *ret_shown)
{
    unsigned seed = 20261123;
    size_t recovered = 0;
    *ret_wrong = *ret_shown = 0;
    for (int round = 0; round < 1000; round++) {
        static struct year year;
        draw_year(&year, kind, &seed);
        hide(&year);
        recovered += determined_of_year(&year, kind);
        for (size_t table = 0; table < TABLES_MAX; table++) {
            const struct suppression_cell *cells = year.tables[table];
            *ret_wrong +=
                !small_are_hidden(cells, year.count) || !sums_are_large(cells, year.count);
            for (size_t i = 0; i < year.count; i++)
                *ret_shown += !cells[i].hidden;
        }
    }
    return recovered;
}

static void test_suppression__periods_of_a_year_cannot_be_subtracted(void)
{
    size_t wrong = 0;
    size_t shown = 0;
    CU_ASSERT_EQUAL(recovered_of_years(YEAR_ADDS_UP, hide_together, &wrong, &shown), 0);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(shown > 3000);
    CU_ASSERT_EQUAL(recovered_of_years(YEAR_ENDS, hide_together, &wrong, &shown), 0);
    CU_ASSERT_EQUAL(wrong, 0);
    CU_ASSERT_TRUE(shown > 3000);
}

/* Each safe alone, they give hidden cells away together. */
static void test_suppression__periods_apart_can_be(void)
{
    size_t wrong = 0;
    size_t shown = 0;
    CU_ASSERT_TRUE(recovered_of_years(YEAR_ADDS_UP, hide_apart, &wrong, &shown) > 0);
    CU_ASSERT_EQUAL(wrong, 0);
}

/* A region that one table does not tell binds nothing there. */
static void test_suppression__unknown_counts_bind_nothing(void)
{
    struct suppression_cell cells[] = {{-1, 0, false, false, false, false},
                                       {0, 0, false, false, false, false},
                                       {0, 0, false, false, false, false},
                                       {0, 0, false, false, false, false}};
    const int64_t counts[] = {103, 20, 40, 43, SUPPRESSION_UNKNOWN, 3, SUPPRESSION_UNKNOWN, 50};
    suppression_apply_together(cells, 4, counts, 2, SUPPRESSION_THRESHOLD);
    CU_ASSERT_TRUE(cells[1].hidden);
    CU_ASSERT_TRUE(cells[2].hidden);
    CU_ASSERT_FALSE(cells[3].hidden || cells[0].hidden);
}

/* The reader above does find what primary suppression alone gives away. */
static void test_suppression__the_reader_can_subtract(void)
{
    struct suppression_cell cells[] = {{-1, 103, false, false, false, false},
                                       {0, 3, true, false, false, false},
                                       {0, 60, false, false, false, false},
                                       {0, 40, false, false, false, false}};
    CU_ASSERT_EQUAL(determined(cells, 4), 1);
}

static const struct unit_test TESTS[] = {
    UNIT_TEST(test_suppression__nothing_small),
    UNIT_TEST(test_suppression__one_small_takes_the_next_smallest),
    UNIT_TEST(test_suppression__small_ones_that_add_up_to_little),
    UNIT_TEST(test_suppression__zero_is_small),
    UNIT_TEST(test_suppression__total_of_one_part),
    UNIT_TEST(test_suppression__withheld),
    UNIT_TEST(test_suppression__parts_kept),
    UNIT_TEST(test_suppression__everything_small),
    UNIT_TEST(test_suppression__no_hidden_cell_can_be_recovered),
    UNIT_TEST(test_suppression__the_reader_can_subtract),
    UNIT_TEST(test_suppression__periods_of_a_year_cannot_be_subtracted),
    UNIT_TEST(test_suppression__periods_apart_can_be),
    UNIT_TEST(test_suppression__unknown_counts_bind_nothing),
};

UNIT_MAIN("domain/suppression")
