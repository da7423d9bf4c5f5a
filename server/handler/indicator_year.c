/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/indicator_year.h"

#include <string.h>

#include "domain/decimal.h"
#include "handler/word_list.h"
#include "store/rows.h"
#include "wire/arena.h"

/* A year, its half-years, quarters and months, without the board's own. */
#define PERIODS_MAX 18

/* Counts of the cells by table, the board's own period first. */
struct tables {
    const char *periods[PERIODS_MAX];
    size_t period_count;
    int64_t *counts;
};

int64_t indicator_people(int64_t millionths)
{
    return millionths < 0 ? 0 : millionths / DECIMAL_ONE;
}

/* The place of a period, at the end when it is new; PERIODS_MAX when it is none. */
static size_t place_of(struct tables *tables, const char *period)
{
    size_t at = 0;
    while (at < tables->period_count && strcmp(tables->periods[at], period) != 0)
        at++;
    if (at == tables->period_count && at < PERIODS_MAX)
        tables->periods[tables->period_count++] = period;
    return at;
}

/* The counts of one CPTS in the other periods. */
static bool read_leaf(const struct indicator_year *year, size_t cell, struct arena *arena,
                      struct tables *tables)
{
    const char *list = rows_text(year->rows, year->leaf_rows[cell], year->column);
    const char *elements[PERIODS_MAX + 1];
    char *text = arena_copy(arena, list, strlen(list));
    if (text == NULL)
        return false;
    size_t count = word_list_split(text, ',', elements, PERIODS_MAX + 1);
    for (size_t i = 0; i < count; i++) {
        const char *words[3];
        int64_t value = 0;
        if (word_list_split((char *)elements[i], ' ', words, 3) != 2 ||
            !decimal_parse(words[1], &value))
            return false;
        size_t place = place_of(tables, words[0]);
        if (place == PERIODS_MAX)
            return false;
        tables->counts[(place + 1) * year->cell_count + cell] = indicator_people(value);
    }
    return true;
}

/* A total is the sum of its parts, when all of them are known. */
static void add_up(const struct indicator_year *year, int64_t *counts)
{
    for (size_t i = 0; i < year->cell_count; i++)
        counts[i] = year->leaf_rows[i] < 0 ? 0 : counts[i];
    for (size_t i = year->cell_count; i-- > 1;) {
        int64_t *total = &counts[year->cells[i].parent];
        bool is_known = *total != SUPPRESSION_UNKNOWN && counts[i] != SUPPRESSION_UNKNOWN;
        *total = is_known ? *total + counts[i] : SUPPRESSION_UNKNOWN;
    }
}

static bool has_others(const struct indicator_year *year)
{
    for (size_t i = 0; i < year->cell_count; i++) {
        if (year->leaf_rows[i] >= 0 && !rows_is_null(year->rows, year->leaf_rows[i], year->column))
            return true;
    }
    return false;
}

bool indicator_year_suppress(const struct indicator_year *year, struct arena *arena,
                             int64_t threshold)
{
    struct tables tables = {.period_count = 0};
    if (!has_others(year))
        return true;
    size_t room = (PERIODS_MAX + 1) * year->cell_count;
    tables.counts = arena_alloc(arena, room * sizeof *tables.counts);
    if (tables.counts == NULL)
        return false;
    for (size_t i = 0; i < room; i++)
        tables.counts[i] = SUPPRESSION_UNKNOWN;
    for (size_t i = 0; i < year->cell_count; i++) {
        if (year->are_told[i])
            tables.counts[i] = year->cells[i].count;
        if (year->leaf_rows[i] >= 0 && !read_leaf(year, i, arena, &tables))
            return false;
    }
    for (size_t table = 0; table <= tables.period_count; table++)
        add_up(year, tables.counts + table * year->cell_count);
    suppression_apply_together(year->cells, year->cell_count, tables.counts,
                               tables.period_count + 1, threshold);
    return true;
}
